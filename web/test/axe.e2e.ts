// Every page as axe sees it, light and dark, on a desk and on a phone, as those see it whose it is.

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ask,
  axeInBothThemes,
  become,
  callsOf,
  chosen,
  DESK,
  enter,
  fits,
  fresh,
  homeOf,
  launch,
  open,
  PHONE,
  settled,
  sheetOf,
  talk,
  URL_,
  upload,
} from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const SETTINGS =
  "profile organisation users coaches invitations teams model costs deal-warnings integrations storage system jobs audit";

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
        "/search",
        "/search?q=price",
        "/search?q=nothing-has-these-words&mode=keyword",
        "/ask",
        "/ask?q=What%20about%20the%20price%3F",
        "/deals",
        "/team",
        "/reviews",
        `/people/${a}`,
        "/people/compare",
        `/people/compare?a=${a}&b=${b}`,
        "/rubrics",
        "/rubrics/default",
        "/trackers",
        `/knowledge/${await sheetOf("ingrid")}`,
        "/knowledge",
        "/nowhere",
      ];
    },
  ],
  [
    "noor",
    async () => {
      const { id } = await ask<{ id: string }>("noor", "/auth/me");
      return [await homeOf("noor"), "/calls", `/people/${id}`, "/knowledge", "/knowledge?retired=true"];
    },
  ],
  ["selma", async () => [await homeOf("selma")]],
  ["viktor", async () => [await homeOf("viktor"), ...SETTINGS.split(" ").map((name) => `/settings/${name}`)]],
];

test("axe finds nothing where one logs in", async () => {
  const { page, context, faults } = await open(browser);
  await page.goto("/login");
  await settled(page);
  await looked(page, "/login");
  expect(faults).toEqual([]);
  await context.close();
});

/** Milliseconds for all pages of somebody, each looked at four times. */
const LONG = 180_000;

/** What is looked at on a page: on a desk and on a phone, light and dark. */
async function looked(page: Page, where: string): Promise<void> {
  await axeInBothThemes(page, where);
  // On a phone it is laid out otherwise.
  await page.setViewportSize(PHONE);
  await fits(page, where);
  await axeInBothThemes(page, `${where} on a phone`);
  await page.setViewportSize(DESK);
}

test.each(PAGES)(
  "axe finds nothing on the pages of %s on a desk and on a phone, and nothing is too wide for it",
  async (username, of) => {
    const { page, context, faults } = await open(browser);
    await become(context, username);
    for (const address of await of()) {
      await page.goto(address);
      await settled(page);
      await looked(page, address);
    }
    expect(faults).toEqual([]);
    await context.close();
  },
  LONG,
);

/** The last call that was judged. */
async function judged(): Promise<string> {
  const [call] = await callsOf("ingrid", "status=analysed&limit=1");
  return `/calls/${call?.id}`;
}

/** A check of it that rests on words, opened at them. */
async function atEvidence(): Promise<string> {
  const call = await judged();
  type Check = { id: string; evidence: { segment_id: number; offset: number; length: number }[] };
  const { session } = await ask<{ session: { dimensions: { checks: Check[] }[] } }>("ingrid", `${call}/analyses`);
  const check = session.dimensions.flatMap(({ checks }) => checks).find(({ evidence }) => evidence.length > 0);
  const [words] = check?.evidence ?? [];
  return `${call}?check=${check?.id}&at=${words?.segment_id}&mark=${words?.offset}-${words?.length}`;
}

/** A call whose file does not say who is of our side. */
async function sideless(): Promise<string> {
  const said = [
    "Good morning, how do you plan your routes?",
    `By hand, as I said under ${fresh()}.`,
    "And what is it?",
  ];
  const text = said.map((words, n) => `Speaker ${(n % 2) + 1}: ${words}`).join("\n");
  return `/calls/${await upload("ingrid", "routes.txt", text)}`;
}

/** A rubric's second version beside its first: a check has another name, one has gone. */
async function twoVersions(): Promise<string> {
  type Document = { dimensions: { checks: { name: string }[] }[] };
  await enter("viktor");
  const { document } = await ask<{ document: Document }>("viktor", "/rubrics/default");
  const own = { ...document, id: `own_${fresh()}`, name: "Our call" };
  await ask("viktor", "/rubrics", { ...own, version: 1 });
  const dimensions = structuredClone(own.dimensions);
  const [first, ...rest] = dimensions[0]?.checks.slice(0, -1) ?? [];
  if (!first || !dimensions[0]) throw new Error("the rubric has too few checks");
  dimensions[0].checks = [{ ...first, name: "Asks before all else" }, ...rest];
  await ask("viktor", `/rubrics/${own.id}`, { ...own, dimensions, version: 2 }, "PUT");
  return `/rubrics/${own.id}?version=2&against=1`;
}

/** Sends files of which one is coached and one refused. */
async function send(page: Page): Promise<void> {
  const files = [
    talk(`Ropeyard ${fresh()}`, "Felix Lindgren"),
    { ...talk("Nothing", ""), name: "notes.json", text: "?" },
  ];
  await page.getByLabel("Transcripts").setInputFiles(files.map(chosen));
  await page.getByRole("region", { name: "Uploads" }).getByText("2 of 2 sent, 1 coached").waitFor();
}

type State = {
  what: string;
  address: () => Promise<string>;
  /** What is done there. */
  act?: (page: Page) => Promise<unknown>;
  /** What shows that it is looked at. */
  shown: (page: Page) => Locator;
};

const STATES: State[] = [
  {
    what: "the numbers of a call",
    address: async () => `${await judged()}?tab=numbers`,
    shown: (page) => page.getByRole("heading", { name: "Questions" }),
  },
  {
    what: "the mentions of a call",
    address: async () => `${await judged()}?tab=mentions`,
    shown: (page) => page.getByRole("tabpanel", { name: "Mentions" }).getByRole("heading").first(),
  },
  {
    what: "what follows from a call",
    address: async () => `${await judged()}?tab=next`,
    shown: (page) => page.getByRole("heading", { name: "Similar calls" }),
  },
  {
    what: "the words that a check rests on",
    address: atEvidence,
    shown: (page) => page.locator("mark[data-evidence]"),
  },
  {
    what: "a call that waits for its sides",
    address: sideless,
    shown: (page) => page.getByRole("heading", { name: "Who is of your side?" }),
  },
  {
    what: "two versions of a rubric",
    address: twoVersions,
    shown: (page) => page.locator("main ins").first(),
  },
  {
    what: "the palette",
    address: async () => "/team",
    act: (page) => page.keyboard.press("Control+k"),
    shown: (page) => page.getByRole("dialog", { name: "Find or do" }).getByRole("option").first(),
  },
  {
    what: "the keys",
    address: async () => "/team",
    act: (page) => page.keyboard.press("?"),
    shown: (page) => page.getByRole("dialog", { name: "Keys" }),
  },
  {
    what: "the news while there are none",
    address: async () => "/team",
    act: (page) => page.getByRole("button", { name: /^News/ }).click(),
    shown: (page) => page.getByRole("dialog", { name: "News" }).getByText(/^Nothing has happened/),
  },
  {
    what: "the news of a call",
    address: async () => "/calls",
    act: async (page) => {
      await send(page);
      await page.getByRole("region", { name: "Uploads" }).getByRole("button", { name: "Close" }).click();
      await page.getByRole("button", { name: /^News.*new$/s }).click();
    },
    shown: (page) => page.getByRole("dialog", { name: "News" }).getByRole("link", { name: /^Ropeyard/ }),
  },
  {
    what: "files that were sent",
    address: async () => "/calls",
    act: send,
    shown: (page) => page.getByRole("region", { name: "Uploads" }).getByText("notes.json"),
  },
];

test.each(STATES)(
  "axe finds nothing about $what",
  async ({ what, address, act, shown }) => {
    const { page, context, faults } = await open(browser);
    await become(context, "ingrid");
    await page.goto(await address());
    await settled(page);
    await act?.(page);
    await shown(page).waitFor();
    await settled(page);
    await looked(page, what);
    // It was not closed by becoming narrow.
    await shown(page).waitFor();
    expect(faults).toEqual([]);
    await context.close();
  },
  LONG,
);

test(
  "axe finds nothing where motion is not unwelcome",
  async () => {
    const { page, context, faults } = await open(browser, "light", DESK, URL_, "no-preference");
    await become(context, "ingrid");
    for (const address of [await homeOf("ingrid"), await judged()]) {
      await page.goto(address);
      await settled(page);
      await looked(page, `${address} with motion`);
    }
    expect(await page.evaluate(() => matchMedia("(prefers-reduced-motion: reduce)").matches)).toBe(false);
    expect(faults).toEqual([]);
    await context.close();
  },
  LONG,
);
