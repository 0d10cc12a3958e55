import { describe, expect, test } from "vitest";
import { closeScale, countScale, height, labelled, moodScale, runs, SCORE_SCALE } from "./series";

const spots = (...means: (number | null | undefined)[]) => means.map((mean) => ({ week: "2026-11-16", n: 1, mean }));

describe("a line", () => {
  test("is broken by each week without a value, and nought is a value", () => {
    expect(runs(spots(null, 1, 0, undefined, 5, null))).toEqual([[1, 2], [4]]);
    expect(runs(spots(null, null))).toEqual([]);
  });
  test("stands higher the more there is, and never outside", () => {
    const at = (value: number) => height(SCORE_SCALE, value, 10, 110);
    expect([0, 45, 100, 120, -3].map(at)).toEqual([110, 65, 10, 10, 110]);
  });
});

describe("scales", () => {
  test("of counts end at a whole number that is not below the highest", () => {
    expect(countScale([6, 8, 11]).marks).toEqual([0, 10, 20]);
    expect(countScale([97]).marks).toEqual([0, 50, 100]);
    expect(countScale([]).marks).toEqual([0, 2, 4]);
    for (const most of [1, 5, 9, 10, 11, 26, 51, 130, 999]) {
      const { high, marks } = countScale([most]);
      expect(high).toBeGreaterThanOrEqual(most);
      expect(marks.every(Number.isInteger)).toBe(true);
    }
  });
  test("of moods reach as far up as down", () => {
    expect(moodScale([0.1, -0.2]).marks).toEqual([-0.5, 0, 0.5]);
    expect(moodScale([0.1, -0.6]).marks).toEqual([-1, 0, 1]);
  });
});

test("the last week is always named, the others where there is room", () => {
  expect(labelled(13, 640)).toEqual([0, 2, 4, 6, 8, 10, 12]);
  expect(labelled(5, 1000)).toEqual([0, 1, 2, 3, 4]);
  expect(labelled(52, 300).at(-1)).toBe(51);
  expect(labelled(0, 300)).toEqual([]);
});

test("a small line shows the part of the scale around it, and makes no waves of little", () => {
  expect(closeScale(spots(60, null, 70))).toMatchObject({ low: 45, high: 85 });
  expect(closeScale(spots(95, 100))).toMatchObject({ low: 60, high: 100 });
  expect(closeScale(spots(10, 80))).toMatchObject({ low: 10, high: 80 });
  expect(closeScale(spots(null))).toEqual(SCORE_SCALE);
});
