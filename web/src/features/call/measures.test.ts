import { expect, test } from "vitest";
import { figure, GROUPS, type Metrics, mood, written } from "./measures";

const none = { sentiment_quarters: null };
const METRICS: Metrics = {
  moments: { longest_monologue: null, longest_customer_story: null, longest_silence: null },
  sides: { internal: none, external: none },
  turns: [],
  unavailable: { talk_ratio: "The source gives no times." },
  talk_ratio: null,
  patience_ms: 422,
  open_question_count: 4,
};
const measure = (id: string) => {
  const found = GROUPS.flatMap(({ measures }) => measures).find((one) => one.id === id);
  if (!found) throw new Error(id);
  return found;
};

test("a figure that is not there says why, and is never worth a look", () => {
  expect(figure(METRICS, measure("talk_ratio"))).toEqual({
    value: undefined,
    why: "The source gives no times.",
    look: false,
  });
});

test("bands are those of the definitions, with their edges inside", () => {
  expect(figure(METRICS, measure("patience_ms")).look).toBe(true);
  expect(figure(METRICS, measure("open_question_count")).look).toBe(false);
  expect(measure("talk_ratio").look?.at(0.65)).toBe(false);
  expect(measure("words_per_minute").look?.at(181)).toBe(true);
});

test("figures are written in their unit", () => {
  expect(written(422, "pause")).toBe("0.4 s");
  expect(written(154_000, "time")).toBe("2:34");
  expect(written(0.414, "share")).toBe("41 %");
  expect([mood(-0.05), mood(0.001), mood(undefined)]).toEqual(["−0.05", "0", "–"]);
});
