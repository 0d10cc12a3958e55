import { expect, test } from "vitest";
import { PAGE } from "@/api/pages";
import { pageOf, spread } from "./said";

test("a segment stands on the page that the program counts it to", () => {
  expect([undefined, 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 1].map(pageOf)).toEqual([0, 0, 0, 1, 1, 2]);
});

test("a page lies at its place in the whole, and around it are gaps", () => {
  const items = [{ id: PAGE + 1, text: "a", estimated: false }];
  const rows = spread({ page: 1, items, total: PAGE + 3 });
  expect(rows.length).toBe(PAGE + 3);
  expect(rows.flatMap((row, n) => (row ? [n] : []))).toEqual([PAGE]);
  // A page beyond the end makes the whole no longer.
  expect(spread({ page: 2, items, total: 5 })).toEqual(new Array(5).fill(undefined));
});
