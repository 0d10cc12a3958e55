// Many windows of one browser: it keeps six connections to a program, and a stream takes one for as long as it is listened to.

import type { Browser, Page, Request } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { become, enter, fresh, launch, open, settled, talk, upload } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const WINDOWS = 8;

/** Which streams of events of a window are open now. */
function streamsOf(page: Page): Set<Request> {
  const streams = new Set<Request>();
  page.on("request", (request) => new URL(request.url()).pathname === "/api/v1/events" && streams.add(request));
  for (const end of ["requestfinished", "requestfailed"] as const)
    page.on(end as "requestfinished", (request) => streams.delete(request));
  return streams;
}

/** Brings a call in from elsewhere, and waits until it is in the list of each window with its score. */
async function comesTo(pages: readonly Page[], title: string): Promise<void> {
  const { name, text } = talk(title, "Felix Lindgren");
  await upload("felix", name, text);
  await Promise.all(
    pages.map(async (page) => {
      const row = page.getByRole("row").filter({ hasText: title });
      await row.waitFor();
      await expect.poll(() => row.getByRole("cell").last().innerText(), { timeout: 20_000 }).toMatch(/^\d+$/);
    }),
  );
}

test("eight windows listen by one stream, all hear of a call, and another listens when that one is closed", async () => {
  const { page: first, context, faults } = await open(browser);
  await become(context, "ingrid");
  await enter("felix");
  const pages = [first];
  while (pages.length < WINDOWS) pages.push(await context.newPage());
  const streams = new Map(pages.map((page) => [page, streamsOf(page)]));
  const listening = () =>
    [...streams].filter(([page, open]) => !page.isClosed() && open.size > 0).map(([page]) => page);
  for (const page of pages.slice(1)) {
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    page.on("pageerror", (error) => faults.push(error.message));
  }
  await Promise.all(
    pages.map(async (page) => {
      await page.goto("/calls");
      await page.getByRole("row").nth(5).waitFor();
      await settled(page);
    }),
  );
  await expect.poll(() => listening().length).toBe(1);
  await comesTo(pages, `Tidegate ${fresh()}`);
  expect(listening().length).toBe(1);

  const [holder] = listening();
  if (!holder) throw new Error("no window listens");
  await holder.close();
  const others = pages.filter((page) => page !== holder);
  // At once: what happens before another window listens is asked for by it.
  await comesTo(others, `Lockside ${fresh()}`);
  await expect.poll(() => listening().length).toBe(1);
  expect(others).toContain(listening()[0]);
  await comesTo(others, `Weirgate ${fresh()}`);
  expect(listening().length).toBe(1);
  expect(faults).toEqual([]);
  await context.close();
});
