// What stands in the address: what is not understood is ignored, what is typed gets there and stays.

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { become, callsOf, launch, open, settled } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** What is read from a page that an address leads to. */
type Read = (page: Page) => Promise<string | null>;

const total: Read = (page) => page.getByText(/ (in all|found)$/).innerText();
const title: Read = (page) => page.getByRole("heading", { level: 1 }).innerText();
const period: Read = (page) => page.locator("button[aria-pressed=true]").first().innerText();
const marked: Read = async (page) => `${await page.locator("mark[data-evidence]").count()} marks`;

/** An address with nonsense, the one that it means, and what would tell them apart. */
const NONSENSE: [nonsense: string, meant: string, read: Read][] = [
  ["/calls?min_score=abc&sort=evil&since=x", "/calls", total],
  ["/calls?status=lost&sentiment=9&max_score=-1&until=2026-1-1", "/calls", total],
  ["/?days=0&sort=a%20b", "/", title],
  ["/team?days=7.5", "/team", period],
  ["/team?from=2026-03-05&to=2026-03-01&team_id=x&sort=a%20b", "/team", period],
  ["CALL?mark=9999-1&at=0", "CALL", marked],
  ["CALL?at=1&mark=a-b&t=-1&tab=x&session=x&turned=x&list=x", "CALL?at=1", marked],
  ["/people/compare?a=x&b=y", "/people/compare", title],
];

const MISSING: typeof NONSENSE = [
  ["/?week=2026-13-45", "/", title],
  ["/?week=yesterday", "/", title],
  ["/calls?since=2026-13-45&until=2026-02-31", "/calls", total],
  ["/team?from=2026-02-31&to=2026-03-05", "/team", period],
  ["/team?measure=evil", "/team", period],
];

test.each([
  ["nonsense", NONSENSE],
  ["days and measures that there are not", MISSING],
])("%s in an address: ignored", async (_, addresses) => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  page.on("response", (response) => response.status() >= 400 && faults.push(`${response.status()} ${response.url()}`));
  const call = `/calls/${(await callsOf("ingrid", "status=analysed&limit=1"))[0]?.id}`;
  const at = async (address: string, read: Read) => {
    await page.goto(address.replace("CALL", call));
    await settled(page);
    // Also what is asked for only then, and may be refused.
    await page.waitForTimeout(300);
    await settled(page);
    return read(page);
  };
  const known = new Map<string, string | null>();
  for (const [nonsense, meant, read] of addresses) {
    const usual = known.get(meant) ?? (await at(meant, read));
    known.set(meant, usual);
    expect(await at(nonsense, read), nonsense).toBe(usual);
    expect(await page.getByRole("alert").allInnerTexts(), nonsense).toEqual([]);
    expect(faults, nonsense).toEqual([]);
  }
  await context.close();
});

/** Addresses of what there is not, and what the page says then. */
const NOTHING: [address: string, title: string][] = [
  ["/people/evil", "There is no such person"],
  ["/people/------------------------------------", "There is no such person"],
  ["/people/01a202c7-c449-7395-aab6-7205cf358c81", "There is no such person"],
  ["/calls/evil", "There is no such call"],
  ["/rubrics/evil", "There is no such rubric"],
  ["/rubrics/default?version=999", "There is no such rubric"],
  ["/knowledge/evil", "There is no such document"],
  ["/knowledge/01a202c7-c449-7395-aab6-7205cf358c81", "There is no such document"],
];

test.each(NOTHING)("%s: %s", async (address, title) => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  await page.goto(address);
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
  await settled(page);
  expect(await page.getByRole("alert").allInnerTexts()).toEqual([]);
  expect(faults.filter((fault) => !fault.includes("404"))).toEqual([]);
  await context.close();
});

test("words that one searches for stay as they are typed, slowly or fast, and go when they are cleared", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  await page.goto("/calls");
  await settled(page);
  const field = page.getByRole("searchbox", { name: "Title" });
  const asked = () => new URL(page.url()).searchParams.get("q");
  for (const delay of [400, 260, 90, 20]) {
    await field.fill("");
    await expect.poll(asked).toBeNull();
    await field.pressSequentially("two words ", { delay });
    // As long as it takes until it is asked for, and once more.
    await expect.poll(asked).toBe("two words");
    await page.waitForTimeout(400);
    expect(await field.inputValue(), `with ${delay} ms between letters`).toBe("two words ");
  }
  await page.getByRole("button", { name: "Clear", exact: true }).click();
  await expect.poll(() => field.inputValue()).toBe("");
  await page.goBack();
  await expect.poll(() => field.inputValue()).toBe("two words");
  expect(faults).toEqual([]);
  await context.close();
});

test("a range of scores out of an old address is told, and can be taken away", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  await page.goto("/calls?min_score=70");
  await settled(page);
  await page.getByRole("button", { name: /^Score 70 and more/ }).click();
  await page.waitForURL("**/calls");
  await page.getByText(/in all$/).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

test("a person is found by an id in capitals as well", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  const rep = (await callsOf("ingrid")).find((call) => call.rep)?.rep;
  await page.goto(`/people/${rep?.id.toUpperCase()}`);
  await page.getByRole("heading", { level: 1, name: rep?.name ?? "" }).waitFor();
  await page.getByRole("heading", { name: "Learning points" }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

test("a column is sorted by its head: names from A on, scores from the highest on, and then the other way", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  for (const [address, name, first] of [
    ["/calls", "Call", "title"],
    ["/calls", "Score", "-score"],
    ["/team", "Rep", "name"],
    ["/team", "Talk ratio", "-talk_ratio"],
  ] as const) {
    await page.goto(address);
    const head = page.getByRole("columnheader", { name, exact: true });
    const sort = () => new URL(page.url()).searchParams.get("sort");
    await head.getByRole("button").click();
    await expect.poll(sort).toBe(first);
    const ways = ["ascending", "descending"];
    expect(await head.getAttribute("aria-sort")).toBe(ways[first.startsWith("-") ? 1 : 0]);
    await head.getByRole("button").click();
    await expect.poll(sort).toBe(first.startsWith("-") ? first.slice(1) : `-${first}`);
    expect(await head.getAttribute("aria-sort")).toBe(ways[first.startsWith("-") ? 0 : 1]);
  }
  expect(faults).toEqual([]);
  await context.close();
});

/** The two ends of the period that is shown. */
const ends = (page: Page) =>
  [page.getByLabel("From", { exact: true }), page.getByLabel("to", { exact: true })] as const;

test("dates of one's own are typed, stand in the address, and are still there when it is opened anew", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  await page.goto("/team");
  await settled(page);
  await page.getByRole("button", { name: "Dates" }).click();
  const [from, to] = ends(page);
  const days = () => {
    const { searchParams } = new URL(page.url());
    return [searchParams.get("from"), searchParams.get("to")];
  };
  // Days of which it does not matter whether one writes the month first.
  const type = async (place: Locator, day: number) => {
    await place.focus();
    await page.keyboard.type(`${String(day).padStart(2, "0")}`.repeat(2) + new Date().getFullYear());
  };
  const year = new Date().getFullYear();
  await type(from, 1);
  const asked = page.waitForRequest((request) => request.url().includes(`since=${year}-01-01&until=${year}-02-02`));
  await type(to, 2);
  await asked;
  await expect.poll(days).toEqual([`${year}-01-01`, `${year}-02-02`]);
  await page.getByText(/^1 Jan – 2 Feb \d+$/).waitFor();

  // A first day after the last is told, and nothing is asked with it.
  await type(from, 3);
  await page.getByRole("alert").filter({ hasText: "The first day is after the last" }).waitFor();
  expect(await from.getAttribute("aria-invalid")).toBe("true");
  expect(days()).toEqual([`${year}-01-01`, `${year}-02-02`]);
  await type(to, 4);
  await expect.poll(days).toEqual([`${year}-03-03`, `${year}-04-04`]);
  expect(await page.getByRole("alert").count()).toBe(0);

  await page.reload();
  await settled(page);
  expect(await page.getByRole("button", { name: "Dates" }).getAttribute("aria-pressed")).toBe("true");
  expect(await Promise.all(ends(page).map((end) => end.inputValue()))).toEqual([`${year}-03-03`, `${year}-04-04`]);
  await page.getByText(/^3 Mar – 4 Apr \d+$/).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});
