// The main ways through the pages, as people go them.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, axe, become, launch, open, PASSWORD, PHONE, settled, type Theme } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

type List = { items: { id: string; title: string; rep: { name: string } | null; overall_score: number | null }[] };

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
  const week = (await ask<{ items: { started_at: string }[] }>("ingrid", "/calls?limit=1")).items[0]?.started_at.slice(
    0,
    10,
  );
  await page.goto(`/?week=${week}`);
  await settled(page);
  const card = page
    .getByRole("listitem")
    .filter({ has: page.getByRole("blockquote") })
    .first();
  const quote = await card.locator("mark").innerText();
  await card.getByRole("link", { name: /^Open at/ }).click();
  await page.waitForURL(/\/calls\/.*at=/);
  await settled(page);
  const current = page.locator("[data-current]");
  await current.waitFor();
  expect(await current.innerText()).toContain(quote);
  expect(faults).toEqual([]);
  await context.close();
});

test("evidence marks exactly the words that it rests on, and its address is that of the words", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  const [call] = (await ask<List>("ingrid", "/calls?status=analysed&limit=1")).items;
  await page.goto(`/calls/${call?.id}`);
  await settled(page);
  const met = page.getByRole("button", { name: /, met$/ }).first();
  await met.click();
  const evidence = page.locator("button[aria-current]").first();
  const words = await evidence.locator("mark").innerText();
  await evidence.click();
  const mark = page.locator("mark[data-evidence]");
  await mark.waitFor();
  expect(await mark.innerText()).toBe(words);
  await page.reload();
  await mark.waitFor();
  expect(await mark.innerText()).toBe(words);
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
  expect(page.url()).toContain("min_score=70");
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

test("a file that is dropped is coached as soon as somebody says who is who", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  await page.goto("/calls");
  await settled(page);
  // New words each time: the same file would be the same call.
  const text = SAID.replace("two thousand", `${1000 + (Date.now() % 9000)}`);
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

test("a rep does not open another's call", async () => {
  const { page, context } = await open(browser);
  await become(context, "ingrid");
  const calls = await ask<List>("ingrid", "/calls?limit=200");
  const reps = new Set(calls.items.map(({ rep }) => rep?.name));
  expect(reps.size).toBeGreaterThan(1);
  const [who] = (await ask<{ items: { username: string; name: string }[] }>("ingrid", "/users?role=rep&limit=1")).items;
  if (!who) throw new Error("the team has no reps");
  const rep = await open(browser);
  await become(rep.context, who.username);
  const other = calls.items.find(({ rep }) => rep?.name !== who.name);
  await rep.page.goto(`/calls/${other?.id}`);
  await rep.page.getByRole("alert").waitFor();
  expect(await rep.page.locator("main").innerText()).not.toContain(other?.title);
  await page.close();
  await context.close();
  await rep.context.close();
});

describe.each<Theme>(["light", "dark"])("in %s", (theme) => {
  test("axe finds nothing on any page", async () => {
    const { page, context, faults } = await open(browser, theme);
    await page.goto("/login");
    await settled(page);
    expect(await axe(page), "/login").toEqual([]);
    await become(context, "ingrid");
    const [call] = (await ask<List>("ingrid", "/calls?status=analysed&limit=1")).items;
    for (const path of [
      "/",
      "/calls",
      "/calls?q=nothing-has-this-title",
      `/calls/${call?.id}`,
      "/team",
      "/people/compare",
      "/rubrics",
      "/rubrics/default",
      "/rubrics/trackers",
      "/nowhere",
    ]) {
      await page.goto(path);
      await settled(page);
      expect(await axe(page), path).toEqual([]);
    }
    await page.setViewportSize(PHONE);
    for (const path of [
      "/",
      "/calls",
      `/calls/${call?.id}`,
      "/team",
      "/rubrics",
      "/rubrics/default",
      "/rubrics/trackers",
    ]) {
      await page.goto(path);
      await settled(page);
      expect(await axe(page), `${path} on a phone`).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wide, `${path} is wider than a phone`).toBeLessThanOrEqual(0);
    }
    expect(faults).toEqual([]);
    await context.close();
  });
});
