// Lists that are needed whole.

/** Items that a page has at most, as the program allows. */
export const PAGE = 200;
/** Pages that are asked for at a time: a browser has six lines to a program, and other questions need some. */
const AT_ONCE = 4;

type Page<T> = { items: T[]; next_cursor?: string | null };

/** All items of a list, asked for page by page until its end. */
export async function everyPage<T>(ask: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask(cursor);
    all.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}

/** All items of a list whose length the first page tells: the pages after it are asked for side by side. */
export async function everyPageAtOnce<T>(
  ask: (page: number) => Promise<{ items: T[]; total?: number | null }>,
): Promise<T[]> {
  const first = await ask(0);
  const pages = [first.items];
  const count = Math.ceil((first.total ?? first.items.length) / PAGE);
  let next = 1;
  const line = async () => {
    while (next < count) {
      const page = next;
      next += 1;
      pages[page] = (await ask(page)).items;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  return pages.flat();
}
