import { expect, test } from "vitest";
import { asked, failedNotice, hasMore, type ModelUse, notAsked, took, waits, whoJudged, within } from "./judged";

const USE: ModelUse = {
  provider: "anthropic",
  model: "claude-sonnet-5-5",
  prompt_hash: "",
  transcript_hash: "",
  windows: 1,
  requests: 2,
  cached: 3,
  dropped: 0,
  input_tokens: 1_000,
  cache_write_tokens: 1_000,
  cache_read_tokens: 6_000,
  output_tokens: 1_137,
  estimated: false,
  cost_micros: 41_250,
  took_ms: 4_210,
  advice_checked: true,
  failure: null,
};
const AWAY = { kind: "overloaded", sentence: "the service is overloaded", again: true };

test("one line says who judged, what it cost and what was used again", () => {
  const by = { analyst: "claude-sonnet-5-5", model: USE };
  expect(whoJudged(by)).toBe("Judged by claude-sonnet-5-5 · US$ 0.04 · 3 of 5 answers used again");
  expect(whoJudged({ ...by, model: { ...USE, cached: 0 } })).toBe("Judged by claude-sonnet-5-5 · US$ 0.04");
  expect(whoJudged({ ...by, model: { ...USE, cached: 0, cost_micros: null } })).toBe(
    "Judged by claude-sonnet-5-5 · price not known",
  );
  expect(whoJudged({ analyst: "offline", model: null })).toBe("Judged by the offline analyst");
});

test("what a model was asked in vain is told only where it cost something", () => {
  const failed = { ...USE, failure: AWAY, cost_micros: 0 };
  expect(whoJudged({ analyst: "offline", model: failed })).toBe("Judged by the offline analyst");
  expect(whoJudged({ analyst: "offline", model: { ...failed, cost_micros: 20_000 } })).toBe(
    "Judged by the offline analyst · US$ 0.02 for the model",
  );
});

test("more about it tells tokens, time, pieces and claims that did not hold", () => {
  expect(took(USE)).toEqual([
    ["Questions", "2 sent, 3 answered before"],
    ["Tokens", "8,000 read, 75 % of them remembered; 1,137 written"],
    ["Time", "4.2 s"],
    ["The call", "Read as a whole"],
    ["Claims", "All of them stand in the call"],
    ["Advice", "Checked: what the call follows already is left out"],
  ]);
  const more = Object.fromEntries(
    took({ ...USE, windows: 4, dropped: 3, advice_checked: false, estimated: true, cached: 0 }),
  );
  expect(more["The call"]).toBe("Read in 4 pieces");
  expect(more.Claims).toBe("3 claims of the model did not stand in the call and are not shown");
  expect(more.Advice).toBe("Not checked against the call");
  expect(more.Tokens).toMatch(/ written; counted here, since the service did not tell$/);
  expect(took({ ...USE, dropped: 1 })[4]?.[1]).toBe("1 claim of the model did not stand in the call and is not shown");
  expect(took({ ...USE, failure: AWAY }).map(([name]) => name)).toEqual(["Questions", "Tokens", "Time"]);
});

test("where nothing was asked there is no more to tell", () => {
  expect([hasMore(USE), hasMore(null), hasMore({ ...USE, failure: AWAY })]).toEqual([true, false, true]);
  expect(hasMore({ ...USE, failure: AWAY, requests: 0, cached: 0 })).toBe(false);
});

test("of a dimension is told what did not go as usual", () => {
  const usual = { cached: false, repaired: false, dropped: 0, passes: 1 };
  expect(asked({ model: usual })).toBeUndefined();
  expect(asked({ model: null })).toBeUndefined();
  expect(asked({ model: { ...usual, cached: true, passes: 3 } })).toBe("Answer used again · judged three times");
  expect(asked({ model: { ...usual, dropped: 1, followed: ["agenda_set"] } })).toBe(
    "1 claim not shown: not in the call · 1 piece of advice left out: followed already",
  );
});

test("a model that judged nothing says why, what stands, and whether it is tried again", () => {
  expect(failedNotice(AWAY)).toBe(
    "The model could not judge this call: the service is overloaded. The offline analyst’s scores stand. It is tried again by itself.",
  );
  expect(failedNotice({ kind: "key", sentence: "the key is refused: set another", again: false })).toBe(
    "The model could not judge this call: the key is refused: set another. The offline analyst’s scores stand.",
  );
});

test("why a dimension was not judged is told once", () => {
  const model = { cached: false, repaired: false, dropped: 0, passes: 0, failure: AWAY };
  expect(notAsked({ model, note: null })).toBe(
    "The model did not judge this: the service is overloaded. It is tried again by itself.",
  );
  expect(notAsked({ model, note: "The service is overloaded. It is tried again." })).toBeUndefined();
  expect(asked({ model })).toBeUndefined();
});

test("a reason of the program stands after a colon", () => {
  expect(within("the key is refused.")).toBe("the key is refused.");
});

test("scores wait until a person has looked", () => {
  expect(waits({ withheld: true, confirmed_at: null })).toBe(true);
  expect(waits({ withheld: true, confirmed_at: "2026-11-22T11:00:00Z" })).toBe(false);
  expect(waits({ withheld: false })).toBe(false);
});
