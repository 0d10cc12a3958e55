import { describe, expect, test } from "vitest";
import { canBeWorded, notWorded, type Written, whoWorded } from "./wording";

const now = new Date("2026-11-22T12:00:00Z");
const written: Written = {
  model: "claude-sonnet-5-5",
  at: "2026-11-20T09:00:00Z",
  cost_micros: 12_300,
  dropped: 0,
  replaced: 0,
  stale: false,
};

describe("who worded it", () => {
  test("is the program where nobody asked a model", () => {
    expect(whoWorded(null, now)).toBe("In the program’s own words");
  });
  test("is the model, with what it cost and what of it is not shown", () => {
    expect(whoWorded(written, now)).toMatch(/^Worded by claude-sonnet-5-5 · Fri.* · US\$ 0\.01$/);
    expect(whoWorded({ ...written, cost_micros: null }, now)).not.toContain("US$");
    expect(whoWorded({ ...written, replaced: 1 }, now)).toMatch(/ · 1 sentence is the program’s own$/);
    expect(whoWorded({ ...written, replaced: 3, dropped: 2 }, now)).toMatch(
      / · 3 sentences are the program’s own · 2 claims left out$/,
    );
  });
  test("is the program again where the calls have changed", () => {
    const line = whoWorded({ ...written, stale: true }, now);
    expect(line).toMatch(
      /^In the program’s own words: the calls have changed since claude-sonnet-5-5 worded them \(Fri/,
    );
  });
});

test("a model can be asked where it judges, there is something to word, and that is not worded", () => {
  expect(canBeWorded("model", [1], null)).toBe(true);
  expect(canBeWorded("model", [1], { ...written, stale: true })).toBe(true);
  expect(canBeWorded("model", [1], written)).toBe(false);
  expect(canBeWorded("model", [], null)).toBe(false);
  expect(canBeWorded("offline", [1], null)).toBe(false);
  expect(canBeWorded(undefined, [1], null)).toBe(false);
});

test("a failure is told in the program’s sentence, and what stands", () => {
  const failure = { kind: "budget_day", sentence: "the budget for today is spent.", again: false };
  expect(notWorded(failure)).toBe(
    "The model did not word this: the budget for today is spent. The program’s own words stand.",
  );
});
