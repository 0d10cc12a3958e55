// Every page as axe sees it, light and dark, on a desk and on a phone, as those see it whose it is.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ask,
  axe,
  axeInBothThemes,
  become,
  callsOf,
  DESK,
  fits,
  homeOf,
  launch,
  open,
  PHONE,
  settled,
} from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const SETTINGS = "profile organisation users coaches invitations teams system jobs audit".split(" ");

/** Whose pages they are, and their addresses. */
const PAGES: [username: string, addresses: () => Promise<string[]>][] = [
  [
    "ingrid",
    async () => {
      const [call] = await callsOf("ingrid", "status=analysed&limit=1");
      const reps = await ask<{ items: { rep: { id: string } }[] }>("ingrid", "/analytics/agents?limit=2");
      const [a, b] = reps.items.map(({ rep }) => rep.id);
      return [
        await homeOf("ingrid"),
        "/calls",
        "/calls?q=nothing-has-this-title",
        `/calls/${call?.id}`,
        "/team",
        `/people/${a}`,
        "/people/compare",
        `/people/compare?a=${a}&b=${b}`,
        "/rubrics",
        "/rubrics/default",
        "/trackers",
        "/nowhere",
      ];
    },
  ],
  ["noor", async () => [await homeOf("noor"), "/calls"]],
  ["selma", async () => [await homeOf("selma")]],
  ["viktor", async () => [await homeOf("viktor"), ...SETTINGS.map((name) => `/settings/${name}`)]],
];

test("axe finds nothing where one logs in", async () => {
  const { page, context, faults } = await open(browser);
  await page.goto("/login");
  await settled(page);
  await axeInBothThemes(page, "/login");
  expect(faults).toEqual([]);
  await context.close();
});

test.each(PAGES)("axe finds nothing on the pages of %s, and nothing is too wide for a phone", async (username, of) => {
  const { page, context, faults } = await open(browser);
  await become(context, username);
  for (const address of await of()) {
    await page.goto(address);
    await settled(page);
    await axeInBothThemes(page, address);
    await page.setViewportSize(PHONE);
    await fits(page, address);
    await page.setViewportSize(DESK);
  }
  expect(faults).toEqual([]);
  await context.close();
});

test("axe finds nothing on a phone, where pages are laid out otherwise", async () => {
  const { page, context, faults } = await open(browser, "light", PHONE);
  await become(context, "ingrid");
  const [call] = await callsOf("ingrid", "status=analysed&limit=1");
  for (const address of [await homeOf("ingrid"), "/calls", `/calls/${call?.id}`, "/team", "/rubrics/default"]) {
    await page.goto(address);
    await settled(page);
    expect(await axe(page), address).toEqual([]);
    await fits(page, address);
  }
  expect(faults).toEqual([]);
  await context.close();
});
