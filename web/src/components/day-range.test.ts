import { expect, test } from "vitest";
import { inOrder, wholeDay } from "./day-range";

test("a date counts when its year is typed to the end", () => {
  const typed = ["", "0002-11-22", "0202-11-22", "1969-12-31", "20266-11-22", "2026-11-22", "1970-01-01"];
  expect(typed.map(wholeDay)).toEqual([false, false, false, false, false, true, true]);
});

test("the first day is not after the last; an open end fits any", () => {
  expect(inOrder({ since: "2026-11-22", until: "2026-11-22" })).toBe(true);
  expect(inOrder({ since: "2026-11-23", until: "2026-11-22" })).toBe(false);
  expect(inOrder({ since: "2026-11-23", until: "" })).toBe(true);
});
