// Every page as axe sees it, light and dark, on a desk and on a phone, as those see it whose it is.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, axeInBothThemes, become, callsOf, DESK, fits, homeOf, launch, open, PHONE, settled } from "./browser";

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
  await page.setViewportSize(PHONE);
  await fits(page, "/login");
  await axeInBothThemes(page, "/login on a phone");
  expect(faults).toEqual([]);
  await context.close();
});

/** Milliseconds for all pages of somebody, each looked at four times. */
const LONG = 180_000;

test.each(PAGES)(
  "axe finds nothing on the pages of %s on a desk and on a phone, and nothing is too wide for it",
  async (username, of) => {
    const { page, context, faults } = await open(browser);
    await become(context, username);
    for (const address of await of()) {
      await page.goto(address);
      await settled(page);
      await axeInBothThemes(page, address);
      // On a phone it is laid out otherwise.
      await page.setViewportSize(PHONE);
      await fits(page, address);
      await axeInBothThemes(page, `${address} on a phone`);
      await page.setViewportSize(DESK);
    }
    expect(faults).toEqual([]);
    await context.close();
  },
  LONG,
);
