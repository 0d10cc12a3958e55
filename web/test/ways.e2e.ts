// The main ways through the pages, as people go them.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  become,
  callsOf,
  evidenceOf,
  fresh,
  homeOf,
  launch,
  open,
  PASSWORD,
  seesMarked,
  settled,
  talk,
} from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

test("who logs in comes to where they wanted to go, and out again", async () => {
  const { page, context, faults } = await open(browser);
  await page.goto("/calls?sort=-score");
  await page.getByLabel("User name or mail address").fill("ingrid");
  await page.getByLabel("Password").fill("wrong");
  // By what is shown, not by what the console says: a wrong password is an answer of 401.
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").filter({ hasText: "wrong" }).waitFor();
  expect(faults.splice(0).every((fault) => fault.includes("401"))).toBe(true);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL("**/calls?sort=-score");
  await page.getByRole("row").nth(10).waitFor();
  await page.getByRole("button", { name: /manager/ }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await page.waitForURL("**/login*");
  expect(await page.evaluate(() => localStorage.getItem("sideline.refresh"))).toBeNull();
  expect(faults).toEqual([]);
  await context.close();
});

test("a manager opens a moment of the week at the words that were said", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  await page.goto(await homeOf("ingrid"));
  await settled(page);
  const card = page
    .getByRole("listitem")
    .filter({ has: page.getByRole("blockquote") })
    .first();
  const quote = await card.locator("mark").innerText();
  await card.getByRole("link", { name: /^Open at/ }).click();
  await page.waitForURL(/\/calls\/.*at=/);
  await settled(page);
  await seesMarked(page, quote);
  await page.reload();
  await seesMarked(page, quote);
  expect(faults).toEqual([]);
  await context.close();
});

test("evidence marks exactly the words that it rests on, and its address is that of the words", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  const [call] = await callsOf("ingrid", "status=analysed&limit=1");
  await page.goto(`/calls/${call?.id}`);
  const evidence = await evidenceOf(page);
  const words = await evidence.locator("mark").innerText();
  await evidence.click();
  await seesMarked(page, words);
  await page.reload();
  await seesMarked(page, words);
  expect(faults).toEqual([]);
  await context.close();
});

test("filters stand in the address and survive a reload", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  await page.goto("/calls");
  await settled(page);
  const all = await page.getByText(/in all$/).innerText();
  await page.getByLabel("Score", { exact: true }).selectOption("70 and more");
  await page.getByText(/found$/).waitFor();
  const found = await page.getByText(/found$/).innerText();
  expect(Number.parseInt(found, 10)).toBeLessThan(Number.parseInt(all, 10));
  await page.reload();
  await page.getByText(found).waitFor();
  expect(await page.getByLabel("Score", { exact: true }).inputValue()).toBe("good");
  expect(page.url()).toContain("min_score=69.5");
  expect(faults).toEqual([]);
  await context.close();
});

const SAID = `WEBVTT

00:00:01.000 --> 00:00:09.000
<v Milo Banks>Good morning, thanks for making the time. I would like to hear how you plan your routes, and then show you two things.

00:00:10.000 --> 00:00:19.000
<v Vera Holt>Fine. We plan by hand in the morning, and every late change costs us about an hour.

00:00:20.000 --> 00:00:27.000
<v Milo Banks>What does an hour of that cost you in a month?

00:00:28.000 --> 00:00:36.000
<v Vera Holt>Maybe two thousand euros. But your price worries me.
`;

test("a file that is chosen is coached as soon as somebody says who is who", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  await page.goto("/calls");
  await settled(page);
  const text = SAID.replace("two thousand", `${fresh()} thousand`);
  await page
    .getByLabel("Transcripts")
    .setInputFiles({ name: "routes.vtt", mimeType: "text/vtt", buffer: Buffer.from(text) });
  const uploads = page.getByRole("region", { name: "Uploads" });
  await uploads.getByText("Who is who?").waitFor();
  await uploads.getByRole("link", { name: "routes.vtt" }).click();
  await page.waitForURL(/\/calls\/[0-9a-f-]+/);
  await settled(page);
  await page.getByRole("listitem").filter({ hasText: "Milo Banks" }).getByText("Ours").click();
  await page.getByRole("button", { name: "Coach the call" }).click();
  // It comes by itself.
  await page.getByRole("heading", { name: "Discovery" }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

test("files that are dropped anywhere in the window are sent and coached", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  await page.goto("/calls");
  await settled(page);
  const titles = [`Saltmarsh ${fresh()}`, `Ropewalk ${fresh()}`];
  const files = titles.map((title) => talk(title, "Felix Lindgren"));
  const drop = await page.evaluateHandle((files) => {
    const data = new DataTransfer();
    for (const { name, mimeType, text } of files) data.items.add(new File([text], name, { type: mimeType }));
    return data;
  }, files);
  // Beside the list and beneath it, where a browser would open the file.
  for (const place of [page.getByRole("navigation", { name: "Places" }), page.locator("body")]) {
    const refused = await place.evaluate((element, dataTransfer) => {
      const over = new DragEvent("dragover", { bubbles: true, cancelable: true, dataTransfer });
      return element.dispatchEvent(over);
    }, drop);
    expect(refused, "the window takes what is dragged over it").toBe(false);
  }
  await page.locator("body").dispatchEvent("drop", { dataTransfer: drop });
  const uploads = page.getByRole("region", { name: "Uploads" });
  await uploads.getByText("2 of 2 sent, 2 coached").waitFor();
  for (const title of titles) {
    const row = page.getByRole("row").filter({ hasText: title });
    await expect.poll(() => row.getByRole("cell").last().innerText()).toMatch(/^\d+$/);
  }
  expect(faults).toEqual([]);
  await context.close();
});
