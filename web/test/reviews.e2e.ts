// The reviews of weeks: written when somebody asks, read week by week, saved as files, and kept from those whose they are not.

import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, axeInBothThemes, become, DESK, enter, fits, launch, open, PHONE, seesMarked, settled } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

async function windowOf(who: string) {
  const opened = await open(browser);
  await become(opened.context, who);
  return opened;
}

/** What is looked at on a page: on a desk and on a phone, light and dark. */
async function looked(page: Page, where: string): Promise<void> {
  await axeInBothThemes(page, where);
  await page.setViewportSize(PHONE);
  await fits(page, where);
  await axeInBothThemes(page, `${where} on a phone`);
  await page.setViewportSize(DESK);
}

type Head = { id: string; week: string; team: { id: string; name: string } | null; written_at: string };
type Moment = { call_id: string; quote: string; segment_id: number; offset: number; length: number; start_ms: number };
type Average = { n: number; mean?: number };
type Told = Head & {
  calls: { count: number; before: number };
  metrics: { overall: { now: Average; before: Average } };
  reps: { rep: { name: string }; calls: number; moments: Moment[] }[];
};

const heads = async (who: string) =>
  (await ask<{ items: Head[] }>(who, "/weekly-reviews?limit=200", undefined, "GET")).items;

/** Mondays of weeks that are over, the latest first. */
function* weeks() {
  const now = new Date();
  const monday = new Date(now.getTime() - ((now.getUTCDay() + 6) % 7) * 86_400_000);
  for (let back = 1; ; back += 1) yield new Date(monday.getTime() - back * 7 * 86_400_000).toISOString().slice(0, 10);
}

/** The review of a week in which reps had calls with moments; written where it is not there. */
async function full(who: string, team?: string): Promise<Told> {
  for (const week of weeks()) {
    const told = await ask<Told>(who, "/weekly-reviews", { week, ...(team && { team_id: team }), replace: true });
    if (told.reps.some(({ moments }) => moments.length > 0)) return told;
    if (Date.parse(week) < Date.now() - 200 * 86_400_000) throw new Error("no week has moments");
  }
  throw new Error("unreachable");
}

const minutes = (ms: number) => `${Math.floor(ms / 60_000)}:${`${Math.floor(ms / 1_000) % 60}`.padStart(2, "0")}`;

test("a manager without reviews is told when they are written, and has last week's written at once", async () => {
  const { page, context, faults } = await windowOf("ingrid");
  // As it is before the first Monday, whatever was written since.
  const none = (pattern: string) => page.route(pattern, (route) => route.fulfill({ json: { items: [] } }));
  await none("**/api/v1/weekly-reviews?**");
  await page.goto("/");
  await settled(page);
  await page.getByRole("heading", { name: "The team", exact: true }).waitFor();
  expect(await page.getByRole("link", { name: /weekly review|Review of last week/i }).count()).toBe(0);
  await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Reviews" }).click();
  await page.getByText("No review yet").waitFor();
  await page.getByText(/The next ones are written on Mon .* at \d\d:\d\d/).waitFor();
  await looked(page, "the reviews while there are none");
  await page.unrouteAll();
  const [week = ""] = weeks();
  await page.getByRole("button", { name: "Write last week’s now" }).click();
  await page.waitForURL(`**/reviews?week=${week}`);
  await page.getByRole("heading", { level: 1, name: /^Week of / }).waitFor();
  await page.getByText(/^North, written on /).waitFor();
  // Of her team, and of nobody else.
  const [mine] = await heads("ingrid");
  expect(mine).toMatchObject({ week, team: { name: "North" } });
  expect(await page.getByRole("combobox", { name: "Of whom" }).count()).toBe(0);
  expect(faults).toEqual([]);
  await context.close();
});

test("a review says what the program says, and a moment of it opens the call at the words", async () => {
  const { page, context, faults } = await windowOf("ingrid");
  const [team] = await ask<{ id: string }[]>("ingrid", "/teams", undefined, "GET");
  const told = await full("ingrid", team?.id);
  await page.goto(`/reviews?week=${told.week}`);
  await settled(page);
  const figure = (name: string | RegExp) => page.locator("dl > div").filter({ hasText: name });
  await figure(/^Calls/)
    .getByText(`${told.calls.count}`, { exact: true })
    .waitFor();
  await figure(/^Calls/)
    .getByText(`${told.calls.before} in the week before`)
    .waitFor();
  const { now, before } = told.metrics.overall;
  const overall = await figure(/^Overall score/).innerText();
  if (typeof now.mean === "number") expect(overall).toContain(`${Math.round(now.mean)}`);
  else expect(overall).toContain(`${now.n} call`);
  if (typeof now.mean === "number" && typeof before.mean === "number") {
    const change = Math.round(now.mean) - Math.round(before.mean);
    expect(overall).toContain(
      `${change === 0 ? "±0" : change < 0 ? `−${-change}` : `+${change}`} from the week before`,
    );
  }
  for (const { rep, calls, moments } of told.reps) {
    const card = page.locator("section").filter({ has: page.getByRole("heading", { level: 2, name: rep.name }) });
    await card.getByText(`${calls} ${calls === 1 ? "call" : "calls"} (`).waitFor();
    expect(await card.locator("blockquote mark").allInnerTexts()).toEqual(moments.map(({ quote }) => quote));
  }
  await looked(page, "a review");
  const of = told.reps.find(({ moments }) => moments.length > 0);
  const moment = of?.moments[0];
  if (!of || !moment) throw new Error("nobody has a moment");
  const card = page.locator("section").filter({ has: page.getByRole("heading", { level: 2, name: of.rep.name }) });
  await card
    .getByRole("link", { name: `Open at ${minutes(moment.start_ms)}` })
    .first()
    .click();
  await page.waitForURL(`**/calls/${moment.call_id}?at=${moment.segment_id}&mark=${moment.offset}-${moment.length}`);
  await seesMarked(page, moment.quote);
  // The line that is shown is the one at that second.
  await page.locator("[data-current]").getByText(minutes(moment.start_ms)).first().waitFor();
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: /^Week of / }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

test("a review is saved as a page and as Markdown, whose links lead back here", async () => {
  const { page, context, faults } = await windowOf("viktor");
  const told = await full("viktor");
  await page.goto(`/reviews?week=${told.week}`);
  await settled(page);
  const origin = new URL(page.url()).origin;
  const moment = told.reps.flatMap(({ moments }) => moments)[0];
  const link = `${origin}/calls/${moment?.call_id}?at=${moment?.segment_id}`;
  for (const [name, ending] of [
    ["Markdown", "md"],
    ["HTML", "html"],
  ] as const) {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name, exact: true }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`Review of ${told.week}, All teams.${ending}`);
    const text = await readFile(await download.path(), "utf8");
    expect(text).toMatch(ending === "md" ? /^# Week of / : /^<!doctype html>/i);
    // As a browser reads it: within a page characters of a link may be written otherwise.
    const links = await page.evaluate(
      (text) => [...new DOMParser().parseFromString(text, "text/html").links].map(({ href }) => href),
      text,
    );
    if (ending === "md") expect(text).toContain(`](${link}`);
    else expect(links.filter((each) => each.startsWith(link))).not.toEqual([]);
  }
  expect(faults).toEqual([]);
  await context.close();
});

test("an admin reads of all teams and of each, has a week written that is missing, and one anew", async () => {
  const { page, context, faults } = await windowOf("viktor");
  const south = (await ask<{ id: string; name: string }[]>("viktor", "/teams", undefined, "GET")).find(
    ({ name }) => name === "South",
  );
  const there = new Set((await heads("viktor")).filter(({ team }) => team?.id === south?.id).map(({ week }) => week));
  let missing = "";
  for (const week of weeks()) {
    missing = week;
    if (!there.has(week)) break;
  }
  await page.goto(`/reviews?week=${missing}`);
  await settled(page);
  await page.getByRole("combobox", { name: "Of whom" }).selectOption("South");
  await page.waitForURL(`**/reviews?week=${missing}&team=${south?.id}`);
  await page.getByText("No review of this week").waitFor();
  await looked(page, "a week without a review");
  await page.getByRole("button", { name: "Write it now" }).click();
  await page.getByText(/^South, written on /).waitFor();
  const written = async () =>
    (await heads("viktor")).find(({ week, team }) => week === missing && team?.id === south?.id)?.written_at ?? "";
  const first = await written();
  expect(Date.now() - Date.parse(first)).toBeLessThan(60_000);

  await page.getByRole("button", { name: "Write anew…" }).click();
  const dialog = page.getByRole("dialog", { name: "Write this review anew?" });
  await axeInBothThemes(page, "the question whether a review is written anew");
  await dialog.getByRole("button", { name: "Leave it" }).click();
  await dialog.waitFor({ state: "hidden" });
  expect(await written()).toBe(first);
  await page.getByRole("button", { name: "Write anew…" }).click();
  await dialog.getByRole("button", { name: "Write it anew" }).click();
  await dialog.waitFor({ state: "hidden" });
  expect(await written()).not.toBe(first);

  // A week that is not over has none, and none can be written.
  const now = new Date().toISOString().slice(0, 10);
  await page.goto(`/reviews?week=${now}`);
  await page.getByText("This week is not over yet").waitFor();
  expect(await page.getByRole("button", { name: "Write it now" }).count()).toBe(0);
  expect(faults).toEqual([]);
  await context.close();
});

test("the start page of who leads has a line that goes to the newest review", async () => {
  await enter("viktor");
  const [week = ""] = weeks();
  await ask("viktor", "/weekly-reviews", { week, replace: false });
  const { page, context, faults } = await windowOf("viktor");
  await page.goto("/");
  await page.getByRole("link", { name: "Review of last week" }).click();
  await page.waitForURL(`**/reviews?week=${week}`);
  await page.getByText(/^All teams, written on /).waitFor();
  // By keys as well.
  await page.goto("/calls");
  await settled(page);
  await page.keyboard.press("g");
  await page.keyboard.press("w");
  await page.waitForURL("**/reviews");
  await page.getByRole("navigation", { name: "Weeks" }).getByRole("link").first().waitFor();
  // On a phone it has no place in the navigation: the team leads to it, and the menu of the profile.
  await page.setViewportSize(PHONE);
  await page.goto("/team");
  await page.getByRole("link", { name: "Weekly reviews" }).click();
  await page.waitForURL("**/reviews");
  await page.goto("/calls");
  await settled(page);
  await page.getByRole("button", { name: /Viktor/ }).click();
  await page.getByRole("menuitem", { name: "Weekly reviews" }).click();
  await page.waitForURL("**/reviews");
  expect(faults).toEqual([]);
  await context.close();
});

test.each(["noor", "selma"])("%s, who reads no reviews, is not led to them and is told why", async (who) => {
  const { page, context, faults } = await windowOf(who);
  const asked: string[] = [];
  page.on("request", (request) => request.url().includes("weekly-reviews") && asked.push(request.url()));
  await page.goto("/");
  await settled(page);
  await page.getByRole("heading", { level: 1 }).waitFor();
  const places = page.getByRole("navigation", { name: "Places" });
  await places.getByRole("link", { name: "Knowledge" }).waitFor();
  expect(await places.getByRole("link", { name: "Reviews" }).count()).toBe(0);
  await page.goto("/reviews");
  await page.getByText("managers and admins read it").waitFor();
  await axeInBothThemes(page, "the reviews for who reads none");
  expect(asked).toEqual([]);
  expect(faults).toEqual([]);
  await context.close();
});
