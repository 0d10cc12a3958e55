// The commonest tasks, from the start page: none needs more than three clicks.

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, become, chosen, fresh, launch, open, seen, seesMarked, settled, talk } from "./browser";

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
  await page.goto("/");
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

/** The reps of the start page who have a score, the lowest first, with what is written there. */
async function reps(page: Page): Promise<{ name: string; score: number; link: Locator }[]> {
  const table = page.getByRole("table").first();
  const rows = table.getByRole("row").filter({ has: page.getByRole("rowheader") });
  await rows.first().waitFor();
  const head = await table.getByRole("columnheader").allInnerTexts();
  const overall = head.findIndex((name) => name.startsWith("Overall"));
  const all = await Promise.all(
    (await rows.all()).map(async (row) => {
      const link = row.getByRole("link");
      const score = row.locator(`:scope > :nth-child(${overall + 1})`);
      return { name: await link.innerText(), score: scoreIn(await score.innerText()), link };
    }),
  );
  return lowestFirst(all);
}

/** A score as it is written; none where too few calls stand for it, as in "3 of 5 calls". */
function scoreIn(text: string): number | undefined {
  const [score] = /^\d+$/.exec(text.split("\n")[0]?.trim() ?? "") ?? [];
  return score === undefined ? undefined : Number(score);
}

function lowestFirst<T extends { score: number | undefined }>(all: readonly T[]): (T & { score: number })[] {
  const known = all.filter((one): one is T & { score: number } => one.score !== undefined);
  expect(known.length, "there are scores to choose from").toBeGreaterThan(1);
  return known.toSorted((a, b) => a.score - b.score);
}

/** The calls of a list, with what is written there. */
async function callsUnder(page: Page, heading: string) {
  const list = page
    .locator("section, div")
    .filter({ has: page.getByRole("heading", { name: heading }) })
    .last();
  await list.getByRole("listitem").first().waitFor();
  return Promise.all(
    (await list.getByRole("listitem").all()).map(async (item) => ({
      link: item.getByRole("link"),
      score: scoreIn(await item.locator(":scope > :last-child").innerText()),
    })),
  );
}

/** From this score on one is good. */
const GOOD = 70;

type Judged = {
  session: { overall_score: number; dimensions: { score: number | null; checks: Check[] }[] };
};
type Check = { id: string; verdict: string; reason: string };

type Moments = { week: string; items: { call_id: string; quote: string }[] };

/** The moments of this week, or where it has none yet, as on a Monday, of the last that has some. */
async function latestMoments(username: string): Promise<Moments["items"]> {
  let { week, items } = await ask<Moments>(username, "/coaching/moments");
  for (let back = 0; back < 6 && items.length === 0; back++) {
    const before = new Date(Date.parse(`${week}T00:00:00Z`) - 7 * 86_400_000).toISOString().slice(0, 10);
    ({ week, items } = await ask<Moments>(username, `/coaching/moments?week=${before}`));
  }
  return items;
}

test("to coach the worst moment of the week", () =>
  task("ingrid", async (page, click) => {
    const [worst] = await latestMoments("ingrid");
    const card = page
      .getByRole("listitem")
      .filter({ has: page.getByRole("blockquote") })
      .first();
    const words = await card.locator("mark").innerText();
    expect(words).toBe(worst?.quote);
    await click(card.getByRole("link", { name: /^Open at/ }));
    await page.waitForURL(`**/calls/${worst?.call_id}*`);
    await seesMarked(page, words);
  }));

test("to find why a score is low", () =>
  task("ingrid", async (page, click) => {
    const [lowest] = await reps(page);
    expect(lowest?.score).toBeLessThan(GOOD);
    await click(lowest?.link as Locator);
    await page.getByRole("heading", { level: 1, name: lowest?.name ?? "" }).waitFor();
    await settled(page);
    const [call] = lowestFirst(await callsUnder(page, "Calls of the period"));
    expect(call?.score).toBeLessThanOrEqual(lowest?.score ?? 0);
    await click(call?.link as Locator);
    await page.waitForURL(/\/calls\/[0-9a-f-]+/);
    await settled(page);
    // What the program says of this call, and the page beside its title.
    const { session } = await ask<Judged>("ingrid", `/calls/${page.url().split("/").at(-1)}/analyses`);
    expect(Math.round(session.overall_score)).toBe(call?.score);
    await page.locator("main header").first().getByText(`${call?.score}`, { exact: true }).waitFor();
    const dimensions = session.dimensions.filter(({ score }) => score !== null && score < GOOD);
    const missed = dimensions.flatMap(({ checks }) => checks.filter(({ verdict }) => verdict === "unmet"))[0];
    const check = page.locator(`button[aria-controls="check-${missed?.id}"]`);
    expect(await check.innerText()).toContain("not met");
    await click(check);
    const why = page.locator(`[id="check-${missed?.id}"] p`).first();
    await why.waitFor();
    expect(await why.innerText()).toBe(missed?.reason);
    await seen(why, "why it is not met");
  }));

test("to compare two reps", () =>
  task("ingrid", async (page, click) => {
    const known = await reps(page);
    const [one, two] = [known[0], known.at(-1)];
    await click(one?.link as Locator);
    await click(page.getByRole("combobox", { name: "Compare with" }));
    await click(page.getByRole("option", { name: two?.name ?? "" }));
    await page.waitForURL(/\/people\/compare/);
    await settled(page);
    const table = page.getByRole("table").first();
    for (const { name } of [one, two] as { name: string }[])
      await seen(table.getByRole("columnheader", { name: new RegExp(name) }).getByRole("link"), name);
    // The numbers that one came from, in the order of the names.
    const overall = table.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "Overall score" }) });
    const cells = (await overall.getByRole("cell").allInnerTexts()).slice(0, 2);
    expect(cells.map((text) => Number(/\d+$/.exec(text.trim())?.[0]))).toEqual([one?.score, two?.score]);
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
    const words = page.getByRole("region", { name: "Transcript" }).getByText("What does an hour of that cost you");
    await seen(words, "what was said");
  }));

test("to come from a verdict that a rep does not believe to the words it rests on", () =>
  task("noor", async (page, click) => {
    const [latest] = await callsUnder(page, "My latest calls");
    await click(latest?.link as Locator);
    await page.waitForURL(/\/calls\/[0-9a-f-]+/);
    await settled(page);
    // A check of which one knows that it rests on words: what was met was said.
    await click(page.getByRole("button", { name: /, met$/ }).first());
    const evidence = page.locator("[id^=check-] button[aria-current]").first();
    const words = await evidence.locator("mark").innerText();
    await click(evidence);
    await seesMarked(page, words);
  }));
