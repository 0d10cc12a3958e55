import { expect, test } from "vitest";
import { cut, find, readMark } from "./words";

test("characters are counted as the program counts them", () => {
  expect(cut("Well 👍🏽 – about four hundred", 10, 10)).toEqual(["Well 👍🏽 – ", "about four", " hundred"]);
  expect(cut("Köln", 0, 4)).toEqual(["", "Köln", ""]);
});

test("a mark is read from an address or not at all", () => {
  expect(readMark("12-30")).toEqual([12, 30]);
  for (const none of [undefined, "", "12", "a-b", "1.5-2"]) expect(readMark(none)).toBeUndefined();
});

test("words are found whatever their case, and nothing is found for none", () => {
  expect(find(["What does it Cost?", "Nothing.", "costs"], " cost ")).toEqual([0, 2]);
  expect(find(["a"], "  ")).toEqual([]);
});
