// The commonest tasks, from the start page: none needs more than three clicks.

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { become, chosen, fresh, homeOf, launch, open, seesMarked, settled, talk } from "./browser";

const MOST = 3;

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** A task of somebody, done by what it is given to click with. */
async function task(
  username: string,
  does: (page: Page, click: (place: Locator) => Promise<void>) => Promise<void>,
): Promise<void> {
  const { page, context, faults } = await open(browser);
  await become(context, username);
  await page.goto(await homeOf(username));
  await settled(page);
  let clicks = 0;
  const click = async (place: Locator) => {
    clicks += 1;
    await place.click();
  };
  await does(page, click);
  expect(clicks).toBeGreaterThan(0);
  expect(clicks).toBeLessThanOrEqual(MOST);
  expect(faults).toEqual([]);
  await context.close();
}

/** Rows of reps who have a score, on the start page. */
const reps = (page: Page) =>
  page.getByRole("row").filter({ has: page.getByRole("rowheader"), hasNot: page.getByText("calls, too few") });

test("to coach the worst moment of the week", () =>
  task("ingrid", async (page, click) => {
    const card = page
      .getByRole("listitem")
      .filter({ has: page.getByRole("blockquote") })
      .first();
    const words = await card.locator("mark").innerText();
    await click(card.getByRole("link", { name: /^Open at/ }));
    const current = page.locator("[data-current]");
    await current.waitFor();
    expect(await current.innerText()).toContain(words);
  }));

test("to find why a score is low", () =>
  task("ingrid", async (page, click) => {
    await click(reps(page).first().getByRole("link"));
    const list = page
      .locator("section, div")
      .filter({ has: page.getByRole("heading", { name: "Calls of the period" }) })
      .last();
    await click(list.getByRole("listitem").first().getByRole("link"));
    await settled(page);
    const missed = page.getByRole("button", { name: /, not met$/ }).first();
    await click(missed);
    const why = page.locator(`[id="${await missed.getAttribute("aria-controls")}"] p`).first();
    await expect.poll(async () => (await why.innerText()).length).toBeGreaterThan(10);
  }));

test("to compare two reps", () =>
  task("ingrid", async (page, click) => {
    const [one, two] = [reps(page).nth(0), reps(page).nth(1)];
    const names = await Promise.all([one, two].map((row) => row.getByRole("link").innerText()));
    await click(one.getByRole("link"));
    await click(page.getByRole("combobox", { name: "Compare with" }));
    await click(page.getByRole("option", { name: names[1] ?? "" }));
    await page.waitForURL(/\/people\/compare/);
    for (const name of names)
      await page
        .getByRole("columnheader", { name: new RegExp(name) })
        .first()
        .waitFor();
  }));

test("to upload a call and read it", () =>
  task("ingrid", async (page, click) => {
    const title = `Millrace ${fresh()}`;
    const file = talk(title, "Felix Lindgren");
    await click(page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Calls" }));
    const choosing = page.waitForEvent("filechooser");
    await click(page.getByRole("button", { name: "Upload transcripts" }));
    await (await choosing).setFiles(chosen(file));
    await click(page.getByRole("region", { name: "Uploads" }).getByRole("link", { name: file.name }));
    await page.getByRole("region", { name: "Transcript" }).getByText("What does an hour of that cost you").waitFor();
  }));

test("to come from a verdict that a rep does not believe to the words it rests on", () =>
  task("noor", async (page, click) => {
    const list = page
      .locator("section, div")
      .filter({ has: page.getByRole("heading", { name: "My latest calls" }) })
      .last();
    await click(list.getByRole("listitem").first().getByRole("link"));
    await settled(page);
    // A check of which one knows that it rests on words: what was met was said.
    await click(page.getByRole("button", { name: /, met$/ }).first());
    const evidence = page.locator("[id^=check-] button[aria-current]").first();
    const words = await evidence.locator("mark").innerText();
    await click(evidence);
    await seesMarked(page, words);
  }));
