import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { score } from "@/components/format";
import catalogue from "../../../../crates/signals/src/figures.json";
import { fall, figure, GROUPS, type Metrics, readMeasured, type Unit, written } from "./measures";

const none = { sentiment: null, sentiment_quarters: null };
const METRICS: Metrics = {
  moments: { longest_monologue: null, longest_customer_story: null, longest_silence: null },
  sides: { internal: none, external: none },
  turns: [],
  unavailable: { talk_ratio: "The source gives no times." },
  talk_ratio: null,
  patience_ms: 422,
  questions_per_30_min: 21,
};
const measure = (id: string) => {
  const found = GROUPS.flatMap(({ figures }) => figures).find((one) => one.id === id);
  if (!found) throw new Error(id);
  return found;
};
const mooded = (sentiment: number | null, sentiment_quarters: (number | null)[] | null, unavailable = {}): Metrics => ({
  ...METRICS,
  unavailable,
  sides: { internal: none, external: { sentiment, sentiment_quarters } },
});

test("a figure that is not there says why", () => {
  expect(figure(METRICS, measure("talk_ratio"))).toEqual({ value: undefined, why: "The source gives no times." });
  expect(figure(METRICS, measure("patience_ms"))).toEqual({ value: 422, why: undefined });
  expect(figure(METRICS, measure("non_talk_ms")).why).toBe("Not measured.");
});

test("half an hour is not reckoned from a short call", () => {
  const of = (duration_ms: number) => figure({ ...METRICS, duration_ms }, measure("questions_per_30_min"));
  expect(of(599_999)).toEqual({ value: undefined, why: "The call is shorter than 10 minutes." });
  expect(of(600_000)).toEqual({ value: 21, why: undefined });
  // Why there is none at all comes first.
  const untimed = { duration_ms: 1, questions_per_30_min: null, unavailable: { questions_per_30_min: "No times." } };
  expect(figure({ ...METRICS, ...untimed }, measure("questions_per_30_min")).why).toBe("No times.");
});

test("the mood is that of a side, its change the last quarter less the first", () => {
  const metrics = mooded(0.31, [0.4, null, -1, 0.1], { sentiment: "Nobody of our side speaks." });
  expect(figure(metrics, measure("customer_mood")).value).toBe(0.31);
  expect(figure(metrics, measure("our_mood"))).toEqual({ value: undefined, why: "Nobody of our side speaks." });
  expect(figure(metrics, measure("customer_mood_change")).value).toBeCloseTo(-0.3);
});

test("a mood that cannot be compared says why", () => {
  const change = measure("customer_mood_change");
  expect(figure(mooded(0.1, [null, 0, 0, 0.1]), change).why).toContain("no turn in the first or in the last quarter");
  expect(figure(mooded(0.1, null, { sentiment_quarters: "No times." }), change).why).toBe("No times.");
  expect(figure(mooded(0.1, null), change).why).toBe("Not measured.");
});

test("bands are read by their figure, and none where the program tells none", () => {
  const band = { metric: "talk_ratio", low: null, high: 0.65, flag_above: null, aim: null, standing: "watch" };
  const answer = { bands: [band] } as unknown as Schemas["Measured"];
  expect(readMeasured(answer).bands.get("talk_ratio")).toEqual(band);
  expect(readMeasured({} as Schemas["Measured"]).bands.size).toBe(0);
  expect(readMeasured(undefined).bands.size).toBe(0);
});

test("figures are written in their unit", () => {
  expect(written(422, "pause")).toBe("0.4 s");
  expect(written(75_000, "pause")).toBe("1:15");
  expect(written(154_000, "time")).toBe("2:34");
  expect(written(0.414, "share")).toBe("41 %");
  expect(written(-0.3, "change")).toBe("−0.30");
  expect([written(-0.05, "mood"), written(0.001, "mood")]).toEqual(["−0.05", "0"]);
});

test("figures are written as the program writes them", () => {
  for (const [more, all] of [
    [0, catalogue.written],
    [1, catalogue.written_finely],
  ] as const)
    for (const [unit, value, text] of all) expect(written(value as number, unit as Unit, more)).toBe(text);
  for (const [value, text] of catalogue.scores) expect(score(value as number)).toBe(text);
});

test("a mood changes as the program says it does", () => {
  for (const [quarters, text] of catalogue.mood_changes as [(number | null)[], string | null][]) {
    const by = fall(quarters);
    expect(by === null ? null : written(by, "change")).toBe(text);
  }
});
