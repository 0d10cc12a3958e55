import { expect, test } from "vitest";
import { nextSort, wayOf } from "./sort";

test("names are first sorted from A on, numbers and days from the highest on, and then the other way", () => {
  expect(nextSort("title", "-score", "text")).toBe("title");
  expect(nextSort("title", "title", "text")).toBe("-title");
  expect(nextSort("title", "-title", "text")).toBe("title");
  for (const sorts of ["figure", "day"] as const) {
    expect(nextSort("score", "title", sorts)).toBe("-score");
    expect(nextSort("score", "-score", sorts)).toBe("score");
    expect(nextSort("score", "score", sorts)).toBe("-score");
  }
});

test("only the column that is sorted by has a direction", () => {
  expect(["score", "-score", "title", "-title"].map((sort) => wayOf("score", sort))).toEqual([
    "ascending",
    "descending",
    undefined,
    undefined,
  ]);
});
