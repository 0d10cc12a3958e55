import { describe, expect, test } from "vitest";
import { change, clock, dollars, fixed, lasted, length, many, mood, percent, score, sentence } from "./format";

describe("times", () => {
  test("a moment has hours only where there are some", () => {
    expect([0, 7_900, 247_000, 3_847_000, 36_000_000].map(clock)).toEqual([
      "0:00",
      "0:07",
      "4:07",
      "1:04:07",
      "10:00:00",
    ]);
    expect(clock(null)).toBe("–");
  });
  test("a length is told in minutes", () => {
    expect([20_000, 60_000, 3_540_000, 3_600_000, 3_840_000].map(length)).toEqual([
      "< 1 min",
      "1 min",
      "59 min",
      "1 h 00",
      "1 h 04",
    ]);
  });
});

test("what changed has a sign, and nothing of what rounding hides", () => {
  expect([4.4, -3.2, 0.3, -0.3, null].map((value) => change(value))).toEqual(["+4", "−3", "±0", "±0", "–"]);
  expect(change(0.25, 1)).toBe("+0.3");
});

test("a mood has its sign, and none where it is written as nought", () => {
  expect([0.314, -0.05, 0.001, -0.001, null].map(mood)).toEqual(["+0.31", "−0.05", "0", "0", "–"]);
});

test("no share is no zero", () => {
  expect([0, 0.414, 1, null].map(percent)).toEqual(["0 %", "41 %", "100 %", "–"]);
});

test("an amount has its cents, and what is less than one says so", () => {
  expect([0, 1, 9_999, 10_000, 41_250, 1_200_000, 1_234_500_000].map(dollars)).toEqual([
    "US$ 0",
    "< US$ 0.01",
    "< US$ 0.01",
    "US$ 0.01",
    "US$ 0.04",
    "US$ 1.20",
    "US$ 1,234.50",
  ]);
  expect(dollars(null)).toBe("–");
});

test("what lies in the middle is rounded away from zero, also where a machine's fraction lies below it", () => {
  expect([0.5, 1.5, 2.5, 44.5].map((value) => score(value))).toEqual(["1", "2", "3", "45"]);
  expect([fixed(1.115, 2), fixed(-2.5, 0), fixed(-0.4, 0)]).toEqual(["1.12", "-3", "0"]);
});

test("thousands are set apart, and one of a thing is one", () => {
  expect([0, 1, 1_234].map((n) => many(n, "call"))).toEqual(["0 calls", "1 call", "1,234 calls"]);
  expect(many(2, "piece of advice", "pieces of advice")).toBe("2 pieces of advice");
});

test("a reason of the program becomes a sentence", () => {
  expect(sentence("the key is refused")).toBe("The key is refused.");
  expect(sentence(" Nothing came back! ")).toBe("Nothing came back!");
});

test("how long the program took is as exact as it needs to be", () => {
  expect([351, 4_210, 38_400, 125_000].map(lasted)).toEqual(["351 ms", "4.2 s", "38 s", "2 min 05 s"]);
});
