// The pages as those see them who are no managers.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, become, callsOf, enter, homeOf, launch, open, settled } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

test("a rep starts with moments of their own", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "noor");
  await page.goto(await homeOf("noor"));
  await settled(page);
  await page.getByRole("heading", { level: 1, name: /^What to work on / }).waitFor();
  // Below them there may be words of winners, which are others'.
  const said = page.locator("main ol").first().locator("blockquote");
  await said.first().waitFor();
  const own = new Set((await callsOf("noor")).map(({ id }) => id));
  const links = await page
    .getByRole("link", { name: /^Open at/ })
    .evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
  expect(links.length).toBe(await said.count());
  for (const link of links) expect(own).toContain(/\/calls\/([0-9a-f-]+)/.exec(link)?.[1]);
  expect(await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Team" }).count()).toBe(0);
  expect(faults).toEqual([]);
  await context.close();
});

test("a rep whose week has no moments yet is told from which week those are that stand there", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "noor");
  await page.route("**/api/v1/coaching/moments*", async (route) => {
    const response = await route.fetch();
    const found = (await response.json()) as { items: unknown[] };
    // The week that is asked for by no name is this one.
    const asked = new URL(route.request().url()).searchParams.has("week");
    await route.fulfill({ response, json: asked ? found : { ...found, items: [] } });
  });
  await page.goto("/");
  await settled(page);
  await page.getByRole("heading", { level: 1, name: /^What to work on from (last week|the week of )/ }).waitFor();
  await page.getByText(/this week has no moments yet/).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

test("a rep sees no other's call: not in the list, not by the palette, not by its address", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "noor");
  await enter("viktor");
  const all = await callsOf("viktor");
  const me = await ask<{ id: string }>("noor", "/auth/me");
  const other = all.find(
    ({ rep, title }) => rep && rep.id !== me.id && !all.some((call) => call.rep?.id === me.id && call.title === title),
  );
  if (!other) throw new Error("there are no calls of others");
  const { total } = await ask<{ total: number }>("viktor", `/calls?agent=${me.id}&limit=1&total=true`);
  await page.goto("/calls");
  await settled(page);
  await page.getByText(`${total.toLocaleString("en-GB")} in all`).waitFor();
  const heads = await page.getByRole("columnheader").allInnerTexts();
  const reps = page.locator(`tbody tr > :nth-child(${heads.findIndex((head) => head.startsWith("Rep")) + 1})`);
  expect(new Set(await reps.allInnerTexts())).toEqual(new Set(["Noor Haddad"]));
  await page.getByRole("button", { name: "Find or do" }).click();
  await page.getByPlaceholder(/^A call/).fill(other.title);
  await page.getByText("Nothing has these words in its name.").waitFor();
  // What is left only takes the words along: to what was said in calls that they may see.
  expect(await page.getByRole("option").allInnerTexts()).toEqual([
    `Search for “${other.title}”`,
    `Ask “${other.title}”`,
  ]);
  expect(faults).toEqual([]);
  await page.goto(`/calls/${other.id}`);
  await page.getByRole("heading", { level: 1, name: "There is no such call" }).waitFor();
  expect(await page.locator("main").innerText()).not.toContain(other.title);
  expect(faults.every((fault) => fault.includes("404"))).toBe(true);
  await context.close();
});

test.each(["selma", "viktor"])("%s finds the start page, the calls and the team without errors", async (username) => {
  const { page, context, faults } = await open(browser);
  await become(context, username);
  await page.goto(await homeOf(username));
  await settled(page);
  await page
    .getByRole("link", { name: /^Open at/ })
    .first()
    .waitFor();
  const places = page.getByRole("navigation", { name: "Places" });
  await places.getByRole("link", { name: "Calls" }).click();
  await page.getByRole("heading", { level: 1, name: "Calls" }).waitFor();
  await page.getByRole("row").nth(5).waitFor();
  await places.getByRole("link", { name: "Team" }).click();
  await page.getByRole("heading", { level: 2, name: "Reps" }).waitFor();
  const rows = page
    .getByRole("table")
    .first()
    .getByRole("row")
    .filter({ has: page.getByRole("rowheader") });
  await rows.first().waitFor();
  await settled(page);
  const seen = await ask<{ items: unknown[] }>(username, "/analytics/agents?limit=100");
  expect(await rows.count()).toBe(seen.items.length);
  // Whom the coach coaches, and nobody else.
  if (username === "selma") expect(seen.items.length).toBe(4);
  else expect(seen.items.length).toBeGreaterThanOrEqual(8);
  expect(await page.getByRole("alert").count()).toBe(0);
  expect(faults).toEqual([]);
  await context.close();
});
