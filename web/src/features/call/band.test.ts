import { expect, test } from "vitest";
import catalogue from "../../../../crates/signals/src/figures.json";
import { beside, inWords, placed, range, scaleEnd } from "./band";
import type { Band, Unit } from "./measures";

type Beside = [unit: Unit, value: number, ends: number[], text: string];

const band = (part: Partial<Band>): Band => ({
  metric: "some",
  low: null,
  high: null,
  flag_above: null,
  aim: null,
  standing: "inside",
  ...part,
});
const TALK = band({ high: 0.65, aim: { low: 0.35, high: 0.5, of: "discovery" } });
const MONOLOGUE = band({ high: 90_000, flag_above: 150_000 });
const STORY = band({ low: 60_000 });
const PATIENCE = band({ low: 500, high: 1500 });
const PACE = band({ low: 130, high: 180 });
const OVERTALK = band({ high: 0.1, flag_above: 0.1 });

test("a scale is round, and has room for the band and the value", () => {
  expect(scaleEnd(TALK, 0.02, "share")).toBe(1);
  expect(scaleEnd(OVERTALK, 0.02, "share")).toBe(1);
  expect(scaleEnd(MONOLOGUE, 80_000, "time")).toBe(180_000);
  expect(scaleEnd(MONOLOGUE, 540_000, "time")).toBe(600_000);
  expect(scaleEnd(PATIENCE, 440, "pause")).toBe(2000);
  expect(scaleEnd(PACE, 150, "words")).toBe(250);
  expect(scaleEnd(PACE, 260, "words")).toBe(300);
  expect(scaleEnd(PACE, 300, "words")).toBe(400);
});

test("a band that is open above is seen to go on", () => {
  expect(scaleEnd(STORY, 10_000, "time")).toBe(120_000);
  expect(scaleEnd(band({ low: 4 }), 1, "count")).toBe(8);
  expect(placed(STORY, 10_000, "time").band).toEqual([0.5, 1]);
});

test("every value stands on the scale", () => {
  for (const value of [0, 0.4, 1, 7, 49, 101, 999, 12_345, 9_999_999]) {
    const at = placed(PACE, value, "words");
    expect(at.value).toBeGreaterThanOrEqual(0);
    expect(at.value).toBeLessThan(1);
    expect(at.band[1]).toBeLessThan(1);
  }
  expect(scaleEnd(band({}), 0, "count")).toBe(1);
});

test("band, aim and value lie where they are on the scale", () => {
  expect(placed(TALK, 0.71, "share")).toEqual({ band: [0, 0.65], aim: [0.35, 0.5], value: 0.71 });
  expect(placed(PATIENCE, 500, "pause")).toEqual({ band: [0.25, 0.75], aim: undefined, value: 0.25 });
});

test("a band is told in words, by its numbers", () => {
  expect(inWords(TALK, "share")).toBe("Worth a look above 65 %. In discovery calls aim for 35–50 %.");
  expect(inWords(MONOLOGUE, "time")).toBe("Worth a look above 1:30, well outside above 2:30.");
  expect(inWords(OVERTALK, "share")).toBe("Well outside above 10 %.");
  expect(inWords(STORY, "time")).toBe("Worth a look below 1:00.");
  expect(inWords(PATIENCE, "pause")).toBe("Worth a look outside 0.5–1.5 s.");
  expect(inWords(PACE, "words")).toBe("Worth a look outside 130–180 a min.");
  expect(inWords(band({}), "count")).toBe("");
});

test("a band is told in short", () => {
  expect(range(TALK, "share")).toBe("up to 65 %");
  expect(range(STORY, "time")).toBe("from 1:00");
  expect(range(PATIENCE, "pause")).toBe("0.5–1.5 s");
  expect(range(band({ low: 30_000, high: 90_000 }), "pause")).toBe("30.0 s–1:30");
});

test("a value that is outside does not look as if it stood on the edge", () => {
  expect(beside(0.652, "share", TALK)).toBe("65.2 %");
  expect(beside(90_400, "time", MONOLOGUE)).toBe("1:30.4");
  expect(beside(0.65, "share", TALK)).toBe("65 %");
  expect(beside(0.71, "share", TALK)).toBe("71 %");
  expect(beside(0.652, "share", undefined)).toBe("65 %");
  for (const [unit, value, [low = null, high = null], text] of catalogue.beside as Beside[])
    expect(beside(value, unit, { low, high, flag_above: null })).toBe(text);
});
