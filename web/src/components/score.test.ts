import { expect, test } from "vitest";
import { BANDS, band, rangeWords } from "./score";

const found = (score: number) =>
  BANDS.filter(({ range: { min_score = 0, max_score = 100 } }) => score >= min_score && score <= max_score).map(
    ({ id }) => id,
  );

test("a score is found in the band in whose colour it is shown, and in no other", () => {
  for (const score of [0, 44, 44.4, 44.49, 44.5, 45, 69.4, 69.49, 69.5, 69.6, 70, 100])
    expect(found(score), `${score}`).toEqual([band(score)]);
  expect([44.49, 44.5, 69.49, 69.5].map(band)).toEqual(["poor", "fair", "fair", "good"]);
});

test("the limits are short enough to stand in an address", () => {
  expect(BANDS.map(({ range }) => range)).toEqual([
    { max_score: 44.4999 },
    { min_score: 44.5, max_score: 69.4999 },
    { min_score: 69.5 },
  ]);
});

test("a range of an address that is no band is told, and a band only by its choice", () => {
  expect(rangeWords(70, undefined)).toBe("Score 70 and more");
  expect(rangeWords(undefined, 50)).toBe("Score up to 50");
  expect(rangeWords(40, 60)).toBe("Score 40 to 60");
  expect([
    rangeWords(undefined, undefined),
    ...BANDS.map(({ range }) => rangeWords(range.min_score, range.max_score)),
  ]).toEqual(Array(4).fill(undefined));
});
