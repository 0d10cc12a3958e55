import { expect, test } from "vitest";
import { everyPage, everyPageAtOnce, PAGE } from "./pages";

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

test("a long list comes side by side and is put together in its order", async () => {
  const all = Array.from({ length: 7 * PAGE + 3 }, (_, n) => n);
  const asked: number[] = [];
  let [open, most] = [0, 0];
  const ask = async (page: number) => {
    asked.push(page);
    open += 1;
    most = Math.max(most, open);
    // The later is the sooner there.
    await new Promise((done) => setTimeout(done, 20 - 2 * page));
    open -= 1;
    return { items: all.slice(page * PAGE, (page + 1) * PAGE), total: all.length };
  };
  expect(await everyPageAtOnce(ask)).toEqual(all);
  expect(asked.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBe(4);
});

test("a list of one page asks for no other", async () => {
  const asked: number[] = [];
  const items = await everyPageAtOnce(async (page) => {
    asked.push(page);
    return { items: ["a"], total: 1 };
  });
  expect([items, asked]).toEqual([["a"], [0]]);
});

test("a list of which a part does not come fails", async () => {
  const ask = async (page: number) => {
    if (page === 2) throw new Error("away");
    return { items: [page], total: 3 * PAGE };
  };
  await expect(everyPageAtOnce(ask)).rejects.toThrow("away");
});
