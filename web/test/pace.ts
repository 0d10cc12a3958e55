// How long people wait for the pages: `cargo xtask bench pages` runs it and reads the lines of JSON that it prints.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, test } from "vitest";
import { ask, become, type Call, callsOf, enter, fresh, launch, open, URL_, upload } from "./browser";

const TIMES = 3;
const TEN_HOURS_MS = 36_000_000;

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** The median of what is measured so many times, as a line for whoever reads it. */
async function told(name: string, measure: () => Promise<number>): Promise<void> {
  const values: number[] = [];
  for (let time = 0; time < TIMES; time++) values.push(await measure());
  const value = Math.round(values.sort((a, b) => a - b)[Math.floor(TIMES / 2)] ?? 0);
  process.stdout.write(`\n${JSON.stringify({ name, value })}\n`);
}

/** Milliseconds from the start of a navigation until a script in the page finds that something holds. */
async function until(page: Page, address: string, holds: () => boolean): Promise<number> {
  await page.addInitScript(`(() => {
    const holds = ${holds.toString()};
    const look = () => {
      if (holds()) window.held = performance.now();
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  })()`);
  await page.goto(address, { waitUntil: "commit" });
  const held = await page.waitForFunction(() => (window as unknown as { held?: number }).held, undefined, {
    timeout: 60_000,
  });
  return (await held.jsonValue()) ?? 0;
}

/** Pages that are opened by a browser that has been here before, but keeps no page. */
async function visit<T>(username: string | undefined, look: (page: Page) => Promise<T>): Promise<T> {
  const { page, context } = await open(browser);
  if (username) await become(context, username);
  const found = await look(page);
  await context.close();
  return found;
}

/** A call of ten hours, as long as people talk without a pause. */
function tenHours(): string {
  const ours = [
    "How do you measure the night shift today, and who looks at the figures?",
    "So if I heard you right, the loading bays cost you two hours every day.",
    "Let me show you how the cold store would look on one screen, and you tell me what is missing.",
    "The price is 480 euros a month for the returns desk, with support in it.",
    "Can we put a date on that, say Thursday at ten?",
  ];
  const theirs = [
    "Well, the spare parts are still done on paper, and honestly I am tired of it.",
    "That is too expensive for what it does.",
    "Mm-hm.",
    "We looked at another vendor in spring, and it came to nothing, because their people never called back and the trial ended before anybody had time to look at it.",
    "I need to ask my manager about the budget first.",
  ];
  const two = (n: number, places = 2) => String(n).padStart(places, "0");
  const clock = (ms: number) =>
    `${two(Math.floor(ms / 3_600_000))}:${two(Math.floor(ms / 60_000) % 60)}:${two(Math.floor(ms / 1000) % 60)}.${two(ms % 1000, 3)}`;
  const cues = [];
  for (let at = 800, n = 0; at < TEN_HOURS_MS; n++) {
    const [name, said] = n % 2 === 0 ? ["Felix Lindgren", ours] : ["Petra Solberg", theirs];
    const text = `${said[Math.floor(n / 2) % said.length]}${n % 7 === 0 ? ` That was number ${n}.` : ""}`;
    const end = at + 900 + text.length * 56;
    cues.push(`${clock(at)} --> ${clock(end)}\n<v ${name}>${text}\n`);
    at = end + 300;
  }
  return `WEBVTT\n\nNOTE ${fresh()}\n\n${cues.join("\n")}`;
}

/** The longest task since it was asked last; 0 where none took 50 ms. */
const longest = (page: Page) =>
  page.evaluate(() => {
    const { tasks } = window as unknown as { tasks: number[] };
    return Math.max(0, ...tasks.splice(0));
  });

test("how long people wait", { timeout: 600_000 }, async () => {
  // What nobody waits for twice: the program packs its files when they are first asked for.
  await visit(undefined, (page) => page.goto(`${URL_}/login`));
  await told("interactive_login_ms", () =>
    visit(undefined, (page) =>
      until(page, "/login", () => {
        const input = document.querySelector<HTMLInputElement>("input:not([disabled])");
        input?.focus();
        return input !== null && document.activeElement === input;
      }),
    ),
  );
  const words = () => document.querySelector("[aria-label=Transcript] li button") !== null;
  await enter("ingrid");
  const [call] = await callsOf("ingrid", "status=analysed&limit=1");
  await told("interactive_call_ms", () => visit("ingrid", (page) => until(page, `/calls/${call?.id}`, words)));

  const id = await upload("ingrid", `ten-hours-${fresh()}.vtt`, tenHours(), { internal: "Felix Lindgren" });
  const end = Date.now() + 300_000;
  for (;;) {
    const { status } = await ask<Call>("ingrid", `/calls/${id}`);
    if (status === "analysed") break;
    if (status !== "queued" || Date.now() > end) throw new Error(`the call of ten hours is ${status}`);
    await new Promise((go) => setTimeout(go, 500));
  }
  const scrolled: number[] = [];
  const first: number[] = [];
  await told("long_call_loading_longest_task_ms", () =>
    visit("ingrid", async (page) => {
      await page.addInitScript(() => {
        const tasks: number[] = [];
        Object.assign(window, { tasks });
        const watch = (list: PerformanceObserverEntryList) =>
          tasks.push(...list.getEntries().map((one) => one.duration));
        new PerformanceObserver(watch).observe({ type: "longtask", buffered: true });
      });
      first.push(await until(page, `/calls/${id}`, words));
      const pane = page.getByRole("region", { name: "Transcript" });
      await page.getByRole("slider").waitFor();
      await page.waitForTimeout(2_000);
      const loading = await longest(page);
      // From the top to a third of it, as fast as a wheel turns.
      await pane.hover();
      const third = () =>
        pane.evaluate((element) => element.scrollTop >= (element.scrollHeight - element.clientHeight) / 3);
      for (let n = 0; n < 600 && (n % 20 !== 0 || !(await third())); n++) {
        await page.mouse.wheel(0, 800);
        await page.waitForTimeout(16);
      }
      if (!(await third())) throw new Error("the transcript does not scroll by the wheel");
      await page.waitForTimeout(300);
      scrolled.push(await longest(page));
      return loading;
    }),
  );
  await told("long_call_first_words_ms", async () => first.shift() ?? 0);
  await told("long_call_scrolling_longest_task_ms", async () => scrolled.shift() ?? 0);
});
