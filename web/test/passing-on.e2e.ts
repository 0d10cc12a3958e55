// What leaves a call: its report as a file, the next call of the list, and a rubric that goes and comes back.

import { readFile } from "node:fs/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, become, callsOf, fresh, launch, open, settled } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

type Judged = { session: { dimensions: { checks: { evidence: { quote: string }[] }[] }[] } };

test("the report of a call is saved as a page and as Markdown, with the words it rests on", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  const [call] = await callsOf("ingrid", "status=analysed&limit=1");
  const { session } = await ask<Judged>("ingrid", `/calls/${call?.id}/analyses`);
  const quotes = session.dimensions.flatMap(({ checks }) => checks.flatMap(({ evidence }) => evidence));
  expect(quotes.length).toBeGreaterThan(0);
  await page.goto(`/calls/${call?.id}`);
  await settled(page);
  for (const [item, ending] of [
    ["Report as a page", "html"],
    ["Report as Markdown", "md"],
  ] as const) {
    await page.getByRole("button", { name: "More to do with this call" }).click();
    const saved = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: item }).click();
    const file = await saved;
    expect(file.suggestedFilename().endsWith(`.${ending}`)).toBe(true);
    const text = await readFile(await file.path(), "utf8");
    // As a page writes them.
    const plain = text.replaceAll("&#x27;", "'").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
    for (const { quote } of quotes) expect(plain).toContain(quote);
  }
  expect(faults).toEqual([]);
  await context.close();
});

test("from call to call the order is that of the list, whatever it is sorted by", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  const list = (await callsOf("ingrid", "sort=-score&limit=6")).map(({ id }) => id);
  await page.goto("/calls?sort=-score");
  await page.locator(`a[href^="/calls/${list[0]}"]`).first().click();
  const at = () => new URL(page.url()).pathname.split("/").at(-1);
  await page.waitForURL(`**/calls/${list[0]}**`);
  await settled(page);
  for (const id of list.slice(1)) {
    await page.getByRole("button", { name: /next call|call after/i }).click();
    await expect.poll(at).toBe(id);
    await settled(page);
  }
  await page.getByRole("button", { name: /call before/i }).click();
  await expect.poll(at).toBe(list.at(-2));
  expect(faults).toEqual([]);
  await context.close();
});

test("a rubric is retired, found among the retired ones, and taken back into use", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "viktor");
  const { document } = await ask<{ document: object }>("viktor", "/rubrics/default");
  const [id, name] = [`own_${fresh()}`, `Our call ${fresh()}`];
  await ask("viktor", "/rubrics", { ...document, id, name, version: 1 });
  await page.goto(`/rubrics/${id}`);
  await page.getByRole("button", { name: "Retire", exact: true }).click();
  await page.getByRole("button", { name: "Retire the rubric" }).click();
  await page.getByRole("button", { name: "Take back into use" }).waitFor();
  await page.getByRole("link", { name: "Rubrics" }).first().click();
  const row = page.getByRole("row").filter({ hasText: name });
  await page.getByRole("link", { name: "Show retired rubrics" }).waitFor();
  expect(await row.count()).toBe(0);
  await page.getByRole("link", { name: "Show retired rubrics" }).click();
  await row.getByText("Retired").last().waitFor();
  await row.getByRole("link", { name, exact: true }).click();
  await page.getByRole("button", { name: "Take back into use" }).click();
  await page.getByRole("button", { name: "Retire", exact: true }).waitFor();
  await page.goto("/rubrics");
  await row.getByText("Offered").last().waitFor();
  expect(faults).toEqual([]);
  await context.close();
});
