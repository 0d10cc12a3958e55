import { expect, test } from "vitest";
import { cut, find, heightOf, readMark } from "./words";

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

test("a segment is as high as its lines, and a name makes it higher", () => {
  expect(heightOf("Yes.", false, 900)).toBe(28);
  expect(heightOf("Yes.", true, 900)).toBe(54);
  expect(heightOf("a".repeat(200), false, 900)).toBe(49);
  expect(heightOf("a".repeat(200), false, 360)).toBeGreaterThan(100);
});
