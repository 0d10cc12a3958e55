// A real browser on the real program, for the tests and for screenshots.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

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
export async function open(browser: Browser, theme: Theme = "light", viewport: Size = DESK) {
  const context = await browser.newContext({
    baseURL: URL_,
    colorScheme: theme,
    viewport,
    reducedMotion: "reduce",
    locale: "en-GB",
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(URL_) && !request.url().startsWith("data:"))
      faults.push(`another host: ${request.url()}`);
  });
  return { context, page, faults };
}

const TOKENS = new Map<string, string>();

/** Logs in without the form: by what a login leaves in the browser. */
export async function become(context: BrowserContext, username: string): Promise<void> {
  const response = await fetch(`${URL_}/api/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, password: PASSWORD }),
  });
  if (!response.ok) throw new Error(`${username} cannot log in: ${response.status}`);
  const tokens = (await response.json()) as { access_token: string; refresh_token: string };
  TOKENS.set(username, tokens.access_token);
  await context.addInitScript((token) => {
    // Once: later ones are the page's own.
    if (localStorage.getItem("sideline.refresh") === null) localStorage.setItem("sideline.refresh", token);
  }, tokens.refresh_token);
}

/** Asks the interface as somebody who has {@link become}. */
export async function ask<T>(username: string, path: string): Promise<T> {
  const response = await fetch(`${URL_}/api/v1${path}`, {
    headers: { authorization: `Bearer ${TOKENS.get(username)}` },
  });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return (await response.json()) as T;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds on the page as it is now: rule and place of each. */
export async function axe(page: Page): Promise<string[]> {
  // Evaluated by the browser itself: the page's policy forbids scripts of others.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    type Found = { violations: { id: string; nodes: { target: string[]; failureSummary?: string }[] }[] };
    const { axe } = window as unknown as { axe: { run: (options: object) => Promise<Found> } };
    const { violations } = await axe.run({
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target} (${failureSummary})`),
    );
  });
}

/** Waits until nothing is loading any more. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelector("h1, form") !== null &&
      document.querySelector('[role="status"][aria-label^="Loading"]') === null,
  );
}
