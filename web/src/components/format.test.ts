import { describe, expect, test } from "vitest";
import { change, clock, dollars, length, mood, percent } from "./format";

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
