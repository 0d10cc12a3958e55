// What happens elsewhere comes to a page that is only looked at.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { become, enter, fresh, launch, open, settled, talk, upload } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

test("a call that somebody else brings stands in the list and in the news by itself", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  await page.goto("/calls");
  await settled(page);
  // A page that is loaded anew finds a login that is there already.
  const listening = page.waitForRequest("**/api/v1/events");
  await page.reload();
  await settled(page);
  await (await listening).response();
  const news = page.getByRole("button", { name: /^News/ });
  expect(await news.innerText()).not.toMatch(/\d/);

  await enter("felix");
  const title = `Quayside ${fresh()}`;
  const file = talk(title, "Felix Lindgren");
  await upload("felix", file.name, file.text);
  const row = page.getByRole("row").filter({ hasText: title });
  await row.waitFor();
  expect(await row.innerText()).toContain("Felix Lindgren");
  await expect.poll(() => row.getByRole("cell").last().innerText(), { timeout: 20_000 }).toMatch(/^\d+/);
  await expect.poll(() => news.innerText()).toMatch(/1\s*new/);
  await news.click();
  await page.getByRole("dialog", { name: "News" }).getByRole("link", { name: title }).click();
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});
