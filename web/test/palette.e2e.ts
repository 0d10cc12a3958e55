// What the palette finds by a few words, and opens by Enter.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { become, callsOf, launch, open, settled } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** Opens the palette by keys, types, waits for what it finds first, and takes it by Enter. */
async function take(page: Page, words: string, found: string): Promise<void> {
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Find or do" });
  await palette.waitFor();
  await page.keyboard.type(words);
  const chosen = palette.locator("[role=option][aria-selected=true]");
  // From its beginning: who led a call stands in its line as well.
  const line = async () => ((await chosen.count()) === 1 ? chosen.innerText() : "nothing");
  await expect.poll(async () => (await line()).startsWith(found), { message: `${words} finds ${found}` }).toBe(true);
  await page.keyboard.press("Enter");
  await expect.poll(() => palette.count()).toBe(0);
}

test("a call, a person, a page and a deed are found by typing, and Enter opens them", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  const calls = await callsOf("ingrid", "status=analysed&limit=200");
  const call = calls.findLast(({ title }) => calls.filter((one) => one.title.includes(title)).length === 1);
  const rep = calls.find(({ rep }) => rep)?.rep;
  if (!call || !rep) throw new Error("there is nothing to look for");
  await page.goto("/rubrics");
  await settled(page);

  await take(page, call.title, call.title);
  await page.waitForURL(`**/calls/${call.id}`);
  await page.getByRole("heading", { level: 1, name: call.title }).waitFor();
  await take(page, rep.name, rep.name);
  await page.waitForURL(`**/people/${rep.id}`);
  await page.getByRole("heading", { level: 1, name: rep.name }).waitFor();
  await take(page, "compare re", "Compare reps");
  await page.waitForURL("**/people/compare");
  await page.getByRole("heading", { level: 1, name: "Two reps side by side" }).waitFor();
  await take(page, "dark th", "Dark theme");
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await paper();
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
  await take(page, "light th", "Light theme");
  expect(await paper()).not.toBe(dark);
  expect(faults).toEqual([]);
  await context.close();
});

test("Enter right after the words takes nothing that other words found", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  await page.goto("/team");
  await settled(page);
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Find or do" });
  await palette.getByRole("option").filter({ hasText: "Felix Lindgren" }).first().waitFor();
  await page.keyboard.type("Felix Lindgren");
  await page.keyboard.press("Enter");
  await page.waitForTimeout(500);
  expect(new URL(page.url()).pathname).toBe("/team");
  expect(faults).toEqual([]);
  await context.close();
});
