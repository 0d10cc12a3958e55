// A real browser on the real program, for the tests and for screenshots.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import { expect } from "vitest";

/** Where the program answers, and the password of the demo's logins. */
export const URL_ = needed("SIDELINE_URL");
export const PASSWORD = needed("SIDELINE_PASSWORD");

function needed(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(
      `${name} is not set; \`cargo xtask test\` and \`cargo xtask screenshots\` start a program and set it`,
    );
  return value;
}

export type Theme = "light" | "dark";
export type Size = { width: number; height: number };
export const DESK: Size = { width: 1440, height: 900 };
export const PHONE: Size = { width: 390, height: 844 };

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.SIDELINE_CHROMIUM ?? "/usr/bin/chromium",
    // Nothing but the program is asked, and root may start it.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
}

/** A window of its own, in which nobody is logged in; `faults` collects what the console and the network complain about. */
export async function open(
  browser: Browser,
  theme: Theme = "light",
  viewport: Size = DESK,
  url = URL_,
  motion: "reduce" | "no-preference" = "reduce",
) {
  const context = await browser.newContext({
    baseURL: url,
    colorScheme: theme,
    viewport,
    reducedMotion: motion,
    locale: "en-GB",
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith("data:"))
      faults.push(`another host: ${request.url()}`);
  });
  return { context, page, faults };
}

const TOKENS = new Map<string, string>();

/** Logs in beside the browser, so that one can {@link ask} and {@link upload}; returns what a browser would keep. */
export async function enter(username: string, url = URL_): Promise<string> {
  const response = await fetch(`${url}/api/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, password: PASSWORD }),
  });
  if (!response.ok) throw new Error(`${username} cannot log in: ${response.status}`);
  const tokens = (await response.json()) as { access_token: string; refresh_token: string };
  TOKENS.set(`${url} ${username}`, tokens.access_token);
  return tokens.refresh_token;
}

/** Logs in without the form: by what a login leaves in the browser. */
export async function become(context: BrowserContext, username: string, url = URL_): Promise<void> {
  const kept = await enter(username, url);
  await context.addInitScript((token) => {
    // Once: later ones are the page's own.
    if (localStorage.getItem("sideline.refresh") === null) localStorage.setItem("sideline.refresh", token);
  }, kept);
}

/** Asks the interface as somebody who has {@link enter}ed or {@link become}; sends what there is to send. */
export async function ask<T>(username: string, path: string, body?: object, method = "POST", url = URL_): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${TOKENS.get(`${url} ${username}`)}`, "content-type": "application/json" },
    ...(body && { method, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return (await response.json()) as T;
}

/** Sends a transcript as somebody who has {@link enter}ed, and returns the call's id. */
export async function upload(
  username: string,
  name: string,
  text: string,
  fields: Record<string, string> = {},
  url = URL_,
) {
  const form = new FormData();
  form.append("file", new Blob([text]), name);
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  const response = await fetch(`${url}/api/v1/transcripts/upload`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKENS.get(`${url} ${username}`)}` },
    body: form,
  });
  const [taken] = (await response.json()) as { id?: string | null; problem?: { detail: string } }[];
  if (!taken?.id) throw new Error(`${name} is refused: ${taken?.problem?.detail ?? response.status}`);
  return taken.id;
}

/** Sends a document of the knowledge base as Markdown. */
export async function bring(username: string, path: string, text: string, url = URL_): Promise<{ id: string }> {
  const form = new FormData();
  form.append("file", new Blob([text]), "sheet.md");
  const headers = { authorization: `Bearer ${TOKENS.get(`${url} ${username}`)}` };
  const response = await fetch(`${url}/api/v1${path}`, { method: "POST", headers, body: form });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { id: string };
}

/** A product sheet as teams have them: with a table, a long section, and a heading below a heading. */
export const SHEET = [
  "# Dockline Receive",
  "Plans which truck comes to which door, and when; drivers are told on their way.",
  "## Pricing",
  "A dock door costs 49 euros a month, billed yearly. Setting up is free for up to ten doors.",
  "### Discounts",
  "Ten doors or more: 10 percent. Beyond that nothing is given without the head of sales.",
  "## Limits",
  "| What | Most |\n|---|--:|\n| Doors at a site | 400 |\n| Users | no limit |\n| Slots ahead | 90 days |",
  "Outdoors it is not supported, and neither are yards without a network.",
  "## Security",
  ...Array.from(
    { length: 24 },
    (_, n) =>
      `- Point ${n + 1}: data stay in the country of the site, are encrypted where they lie, and leave no copy.`,
  ),
].join("\n\n");

/** The document of {@link SHEET}; it is brought where it is not there yet. */
export async function sheetOf(username: string): Promise<string> {
  const known = await ask<{ id: string; name: string }[]>(username, "/knowledge");
  return known.find(({ name }) => name === "Dockline Receive")?.id ?? (await bring(username, "/knowledge", SHEET)).id;
}

export type Call = {
  id: string;
  title: string;
  customer: string | null;
  rep: { id: string; name: string } | null;
  status: string;
  started_at: string | null;
  imported_at: string;
  overall_score: number | null;
};

/** The latest calls that somebody sees who has {@link enter}ed. */
export async function callsOf(username: string, filter = "limit=200", url = URL_): Promise<Call[]> {
  return (await ask<{ items: Call[] }>(username, `/calls?${filter}`, undefined, "GET", url)).items;
}

/** The start page with the week that somebody's latest call is in: on a Monday there may be none yet in this one. */
export async function homeOf(username: string, url = URL_): Promise<string> {
  const [call] = await callsOf(username, "status=analysed&limit=1", url);
  return `/?week=${(call?.started_at ?? call?.imported_at ?? "").slice(0, 10)}`;
}

/** Words that no file had before: the same file would be the same call. */
export const fresh = () => `${Date.now().toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`;

/** A short call as a file that says who is of our side. */
export function talk(title: string, rep: string): Transcript {
  const said = [
    [rep, "Good morning, thanks for making the time. I would like to hear how you plan your routes."],
    ["Vera Holt", "We plan by hand in the morning, and every late change costs us about an hour."],
    [rep, "What does an hour of that cost you in a month?"],
    ["Vera Holt", `Maybe two thousand euros, as I told your desk under ${fresh()}. But your price worries me.`],
    [rep, "Compared to those two thousand, what would be fair? Who else decides on that?"],
    ["Vera Holt", "My manager has the budget. Thursday would fit us both."],
    [rep, "Then let us meet on Thursday at ten, the three of us. I will send the plan tomorrow."],
  ];
  const text = JSON.stringify({
    format: "json",
    title,
    language: "en",
    participants: [
      { name: rep, side: "internal" },
      { name: "Vera Holt", side: "external" },
    ],
    segments: said.map(([speaker, words], n) => ({
      id: n + 1,
      speaker,
      start_ms: n * 9_000,
      end_ms: n * 9_000 + 8_000,
      text: words,
    })),
  });
  return { name: `${title.toLowerCase().replace(/\W+/g, "-")}.json`, mimeType: "application/json", text };
}

export type Transcript = { name: string; mimeType: string; text: string };

/** As a field for files takes it. */
export const chosen = ({ name, mimeType, text }: Transcript) => ({ name, mimeType, buffer: Buffer.from(text) });

/** Opens the first check of a call's scorecard that rests on words, and returns the button of its first evidence. */
export async function evidenceOf(page: Page): Promise<Locator> {
  const checks = page.locator('button[aria-controls^="check-"]');
  await checks.first().waitFor();
  const evidence = page.locator("[id^=check-] button[aria-current]").first();
  for (const check of await checks.all()) {
    await check.click();
    await page.locator("[id^=check-]").waitFor();
    if ((await evidence.count()) > 0) return evidence;
  }
  throw new Error("no check of this call rests on words");
}

/** That exactly these words are marked in the transcript, where they can be seen. */
export async function seesMarked(page: Page, words: string): Promise<void> {
  const mark = page.locator("mark[data-evidence]");
  await mark.waitFor();
  expect(await mark.innerText()).toBe(words);
  await seen(mark, "the marked words");
}

/** That all of something lies within the window, and nothing lies over it. */
export async function seen(place: Locator, what: string): Promise<void> {
  await place.waitFor();
  const uncovered = () =>
    place.evaluate((element) => {
      // Line by line: where words go on in the next line, the box around both holds words of others.
      const lines = [...element.getClientRects()].filter(({ width, height }) => width > 0 && height > 0);
      const hit = ({ x, y, width, height }: DOMRect) =>
        [x + 1, x + width / 2, x + width - 1].every((at) => {
          const there = document.elementFromPoint(at, y + height / 2);
          return there !== null && (element.contains(there) || there.contains(element));
        });
      return lines.length > 0 && lines.every(hit);
    });
  await expect.poll(uncovered, { message: `${what} can be seen` }).toBe(true);
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe looks for. */
const ALL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** What of it another theme can change, which has the same page in other colours. */
const COLOURS = ["color-contrast", "link-in-text-block"];

/** What axe finds on the page as it is now: rule and place of each. */
export async function axe(page: Page, rules?: string[]): Promise<string[]> {
  // Evaluated by the browser itself: the page's policy forbids scripts of others.
  await page.evaluate(AXE);
  const runOnly = rules ? { type: "rule", values: rules } : { type: "tag", values: ALL };
  return page.evaluate(async (runOnly) => {
    type Found = { violations: { id: string; nodes: { target: string[]; failureSummary?: string }[] }[] };
    const { axe } = window as unknown as { axe: { run: (options: object) => Promise<Found> } };
    const { violations } = await axe.run({ runOnly });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target} (${failureSummary})`),
    );
  }, runOnly);
}

/** That axe finds nothing on the page, light and dark. */
export async function axeInBothThemes(page: Page, where: string): Promise<void> {
  expect(await axe(page), where).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
  // Colours change with the next frames, and where there is motion not at once.
  await page.evaluate(async () => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    // One that is taken away meanwhile is over as well.
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
  expect(await axe(page, COLOURS), `${where} in the dark`).toEqual([]);
  await page.emulateMedia({ colorScheme: "light" });
}

/** Windows that pages have to fit: the smallest phone, the usual one, and a wide screen. */
const WIDTHS: Size[] = [{ width: 360, height: 740 }, { width: 2560, height: 1440 }, PHONE];

/** That nothing on the page is wider than the window, in the smallest and the widest; it ends on a phone. */
export async function fits(page: Page, where: string): Promise<void> {
  for (const size of WIDTHS) {
    await page.setViewportSize(size);
    const wider = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    // Charts are drawn anew after the window has become another.
    await expect.poll(wider, { message: `${where} is wider than ${size.width} px` }).toBeLessThanOrEqual(0);
  }
}

/** Waits until nothing is loading any more. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelector("h1, form") !== null &&
      document.querySelector('[role="status"][aria-label^="Loading"]') === null,
  );
}
