// A call on paper, also when the browser prints it before all of it has come.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, become, callsOf, launch, open, settled } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

test("a call that is printed before its words have come says so, and has them all afterwards", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  const [call] = await callsOf("ingrid", "status=analysed&limit=1");
  const { items } = await ask<{ items: { text: string }[] }>("ingrid", `/calls/${call?.id}/transcript?limit=200`);
  let release = () => {};
  const held = new Promise<void>((done) => {
    release = done;
  });
  await page.route("**/transcript?*", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`/calls/${call?.id}`);
  await page.getByRole("heading", { level: 1, name: call?.title ?? "" }).waitFor();
  await page.emulateMedia({ media: "print" });
  const heading = page.getByRole("heading", { level: 2, name: "What was said" });
  const missing = page.getByText(/^What was said is missing here: it had not been loaded yet/);
  await missing.waitFor();
  expect(await heading.count()).toBe(0);

  release();
  await heading.waitFor();
  expect(await missing.count()).toBe(0);
  const paper = await page.locator("main").innerText();
  for (const { text } of items) expect(paper).toContain(text);
  await page.emulateMedia({ media: "screen" });
  await settled(page);
  expect(faults).toEqual([]);
  await context.close();
});
