import { expect, test } from "vitest";
import { everyPage } from "./pages";

test("a list is asked for until its end, each page once", async () => {
  const pages: Record<string, { items: number[]; next_cursor?: string | null }> = {
    first: { items: [1, 2], next_cursor: "b" },
    b: { items: [], next_cursor: "c" },
    c: { items: [3], next_cursor: null },
  };
  const asked: (string | undefined)[] = [];
  const ask = async (cursor: string | undefined) => {
    asked.push(cursor);
    const page = pages[cursor ?? "first"];
    if (!page) throw new Error(`there is no page ${cursor}`);
    return page;
  };
  expect(await everyPage(ask)).toEqual([1, 2, 3]);
  expect(asked).toEqual([undefined, "b", "c"]);
});
