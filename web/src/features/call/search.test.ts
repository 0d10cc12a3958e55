import { expect, test } from "vitest";
import { readCallSearch } from "./search";

test("what an address says is read, and what it cannot say is left out", () => {
  expect(
    readCallSearch({ at: 12, mark: "0-4", tab: "numbers", turned: ["mood", "nonsense"], follow: true, find: 400 }),
  ).toEqual({ at: 12, mark: "0-4", tab: "numbers", turned: ["mood"], follow: true, find: "400" });
  expect(
    readCallSearch({ at: -1, mark: "x", tab: "scorecard", session: "1", turned: "mood", follow: "yes", find: "" }),
  ).toEqual({});
});

test("a second is one from the start on", () => {
  expect([0, "12.5", "", "-1", "soon", undefined].map((t) => readCallSearch({ t }).t)).toEqual([
    0,
    12.5,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("the list that a call was opened from is a filter of calls and nothing else", () => {
  expect(readCallSearch({ list: { q: "acme", sort: "-score", evil: 1 } })).toEqual({
    list: { q: "acme", sort: "-score" },
  });
  expect(readCallSearch({ list: ["a"] })).toEqual({});
});
