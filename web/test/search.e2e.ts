// Search: moments found, narrowed and opened; searches that are kept; questions that are answered; what follows from a call; the index.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ask,
  axeInBothThemes,
  become,
  callsOf,
  DESK,
  enter,
  fits,
  fresh,
  launch,
  open,
  PHONE,
  seen,
  seesMarked,
  settled,
  upload,
} from "./browser";

/** Milliseconds for what waits for work in the background. */
const LONG = 180_000;

/** Words that nobody else has said. */
const MARK = `quillwort${fresh()}`;
const CUSTOMER = `Tarn ${fresh()} Ferries`;

let browser: Browser;
let call: string;
beforeAll(async () => {
  browser = await launch();
  await enter("ingrid");
  call = await said(`${CUSTOMER}: first talk`, `Honestly 💶💶, the ${MARK} is too expensive for us this year.`);
}, 120_000);
afterAll(() => browser.close());

type Found = { total: number; calls: { call: { id: string } }[] };

/** Brings a call in which the customer says this in the fourth line, and waits until it can be found. */
async function said(title: string, words: string): Promise<string> {
  const lines: [string, string][] = [
    ["Felix Lindgren", "Good morning, thanks for making the time. How do you plan your crossings?"],
    ["Vera Holt", `By hand, as I told your desk under ${fresh()}, and each change costs us an hour.`],
    ["Felix Lindgren", "What does an hour of that cost you in a month?"],
    ["Vera Holt", words],
    ["Felix Lindgren", "Compared to that hour, what would be fair? Who else decides on it?"],
    ["Vera Holt", "My manager has the budget. Thursday would fit us both."],
  ];
  const document = {
    format: "json",
    title,
    language: "en",
    participants: [
      { name: "Felix Lindgren", side: "internal" },
      { name: "Vera Holt", side: "external" },
    ],
    segments: lines.map(([speaker, text], n) => ({
      id: n + 1,
      speaker,
      start_ms: n * 9_000,
      end_ms: n * 9_000 + 8_000,
      text,
    })),
  };
  const id = await upload("ingrid", `${fresh()}.json`, JSON.stringify(document), { customer: CUSTOMER });
  const find = () => ask<Found>("ingrid", "/coaching/search", { query: MARK, mode: "keyword" });
  const found = async () => (await find()).calls.some((each) => each.call.id === id);
  const judged = async () =>
    (await ask<{ status: string }>("ingrid", `/calls/${id}`, undefined, "GET")).status === "analysed";
  const end = Date.now() + 60_000;
  while (!((await found()) && (await judged()))) {
    if (Date.now() > end) throw new Error(`${title} is not to be found`);
    await new Promise((later) => setTimeout(later, 300));
  }
  return id;
}

/** A window of somebody. */
async function windowOf(who: string) {
  const opened = await open(browser);
  await become(opened.context, who);
  return opened;
}

const field = (page: Page) => page.getByRole("combobox", { name: "What was said" });
const hits = (page: Page) => page.getByRole("list", { name: "What was found" }).locator("> li");

/** What is looked at on a page: on a desk and on a phone, light and dark. */
async function looked(page: Page, where: string): Promise<void> {
  await axeInBothThemes(page, where);
  await page.setViewportSize(PHONE);
  await fits(page, where);
  await axeInBothThemes(page, `${where} on a phone`);
  await page.setViewportSize(DESK);
}

test("by keys alone words are found, and lead to where they were said", async () => {
  const { page, context, faults } = await windowOf("ingrid");
  await page.goto("/calls");
  await settled(page);
  await page.keyboard.press("g");
  await page.keyboard.press("f");
  await page.waitForURL("**/search");
  await page.getByRole("heading", { name: "Ways to search" }).waitFor();
  await settled(page);
  await looked(page, "the search before anything is looked for");
  await page.keyboard.press("/");
  await page.keyboard.type(`${MARK} expensive`);
  await page.waitForURL(`**/search?q=${MARK}*expensive`);
  await page.keyboard.press("Enter");
  await expect.poll(() => page.getByRole("listbox").isVisible()).toBe(false);
  await page.getByText(/^1 passage has all words/).waitFor();
  const first = hits(page).first();
  await first.getByRole("heading", { name: `${CUSTOMER}: first talk` }).waitFor();
  // Characters are counted, of which the sign of money is one: what is marked are the words.
  expect(await first.locator("mark").allInnerTexts()).toEqual([MARK, "expensive"]);
  await settled(page);
  await looked(page, "what was found");
  const words = first.getByRole("link", { name: /at 0:27/ });
  await words.focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/calls/${call}?at=4`);
  await seen(page.locator("[data-current]").getByText(MARK), "the words that were found");
  await page.goBack();
  await page.getByText(/^1 passage has all words/).waitFor();
  expect(await field(page).inputValue()).toBe(`${MARK} expensive`);
  expect(faults).toEqual([]);
  await context.close();
});

test("what is found is narrowed by filters and by what there is among it, and the address keeps it", async () => {
  const { page, context, faults } = await windowOf("ingrid");
  await page.goto("/search?q=price&mode=keyword");
  await page.getByText(/^(Over )?[\d,]+ passages have this word\.$/).waitFor();
  const counted = page.getByText(/passages have this word\.$/);
  const both = await counted.innerText();
  await page.getByLabel("Said by", { exact: true }).selectOption("Said by the customer");
  await page.waitForURL("**side=external*");
  await expect.poll(() => counted.innerText()).not.toBe(both);
  const among = page.getByRole("complementary", { name: "Among these" });
  const rep = among.getByRole("region", { name: "Reps" }).getByRole("button").first();
  const [name = "", count = ""] = (await rep.innerText()).split("\n");
  await rep.click();
  await page.waitForURL(/[?&]agent=/);
  // Only theirs are left, as many as it said.
  await expect.poll(() => among.getByRole("region", { name: "Reps" }).getByRole("button").count()).toBe(1);
  await among.getByRole("button", { name: new RegExp(`^${name}`), pressed: true }).waitFor();
  expect((await rep.innerText()).split("\n").slice(0, 2)).toEqual([name, count]);
  for (const facts of await hits(page).locator("header p").allInnerTexts()) expect(facts).toContain(name);
  await page.reload();
  await among.getByRole("button", { name: new RegExp(`^${name}`), pressed: true }).waitFor();
  await page.getByRole("button", { name: "Why here?" }).click();
  // How rare words are in all calls is told to admins alone.
  await page.getByText(/^1st by words, not found by meaning$/).waitFor();
  await settled(page);
  await looked(page, "what was found, narrowed, and why");
  await page.getByRole("button", { name: "Clear", exact: true }).click();
  await expect.poll(() => new URL(page.url()).searchParams.has("agent")).toBe(false);
  await expect.poll(() => page.getByRole("button", { name: "More moments" }).count()).toBe(1);
  const before = await page.getByRole("link", { name: /^Open .* at / }).count();
  await page.getByRole("button", { name: "More moments" }).click();
  await expect.poll(() => page.getByRole("link", { name: /^Open .* at / }).count()).toBeGreaterThan(before);

  await page.goto("/search?q=price%20side:moon&mode=keyword");
  await page.getByText("is taken as words: a side is").waitFor();
  await page.goto(`/search?q=nobody${fresh()}says&mode=keyword`);
  await page.getByText("Nothing was found").waitFor();
  await settled(page);
  await looked(page, "a search that found nothing");
  // Each example is a link to what it finds.
  await page.getByRole("link", { name: /^too expensive/ }).click();
  await page.waitForURL("**/search?q=too*expensive");
  expect(faults).toEqual([]);
  await context.close();
});

test("what may be meant is suggested while one types, and taken by keys", async () => {
  const { page, context, faults } = await windowOf("ingrid");
  await page.goto("/search");
  await settled(page);
  await field(page).fill(CUSTOMER.split(" ").slice(0, 2).join(" "));
  const options = page.getByRole("listbox", { name: "What you may mean" }).getByRole("option");
  await options.filter({ hasText: CUSTOMER }).first().waitFor();
  await axeInBothThemes(page, "suggestions");
  const active = page.locator("[role=option][aria-selected=true]");
  await page.keyboard.press("ArrowDown");
  await expect.poll(() => active.innerText()).toBe(CUSTOMER);
  await page.keyboard.press("Escape");
  await expect.poll(() => options.count()).toBe(0);
  await page.keyboard.press("ArrowDown");
  await expect.poll(() => active.innerText()).toBe(CUSTOMER);
  await page.keyboard.press("Enter");
  await page.waitForURL("**customer=*");
  // No words: the latest calls with them.
  await page.getByText(/^\d+ calls?, the latest first\.$/).waitFor();
  await page
    .getByRole("main")
    .getByRole("heading", { name: `${CUSTOMER}: first talk` })
    .waitFor();
  expect(await field(page).inputValue()).toBe("");
  expect(faults).toEqual([]);
  await context.close();
});

test("a search is kept, tells of a new call, is renamed and deleted", { timeout: LONG }, async () => {
  const { page, context, faults } = await windowOf("ingrid");
  const name = `Plants ${fresh()}`;
  await page.goto(`/search?q=${MARK}&mode=keyword&side=external`);
  await page.getByText(/^1 passage has this word/).waitFor();
  await page.getByRole("button", { name: "Save this search" }).click();
  const dialog = page.getByRole("dialog", { name: "Save this search" });
  await dialog.getByText(`side:customer ${MARK}`).waitFor();
  await dialog.getByLabel("Name").fill(name);
  await axeInBothThemes(page, "a search that is saved");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText(`“${name}” is saved.`).waitFor();
  const second = await said(`${CUSTOMER}: second talk`, `We looked at the ${MARK} again, and it is still too much.`);
  type Saved = { id: string; name: string; unseen: number }[];
  const unseen = async () =>
    (await ask<Saved>("ingrid", "/saved-searches", undefined, "GET")).find((each) => each.name === name)?.unseen;
  await expect.poll(unseen, { timeout: 150_000, message: "the new call is told of" }).toBe(1);
  await page.getByRole("link", { name: "To your searches" }).click();
  await page.reload();
  const place = page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: /^Search/ });
  await expect.poll(() => place.innerText()).toMatch(/\d/);
  const row = page
    .locator("section", { has: page.getByRole("heading", { name: "Saved searches" }) })
    .getByRole("listitem")
    .filter({ hasText: name });
  await row.getByRole("button", { name: /^1 new call/ }).click();
  const fresher = row.getByRole("link", { name: `${CUSTOMER}: second talk` });
  await fresher.getByText("New", { exact: true }).waitFor();
  // Who looks at it has seen it; it stands as new as long as it is looked at.
  await expect.poll(unseen).toBe(0);
  await row.getByRole("button", { name: /^New calls/ }).waitFor();
  await fresher.getByText("New", { exact: true }).waitFor();
  await settled(page);
  await looked(page, "searches that are kept, and what is new in one");
  await fresher.click();
  await page.waitForURL(new RegExp(`/calls/${second}\\?at=\\d+$`));
  await page.goBack();

  const alert = page.getByRole("switch", { name: `Tell me of new calls: ${name}` });
  expect(await alert.getAttribute("aria-checked")).toBe("true");
  await alert.click();
  await expect.poll(() => alert.getAttribute("aria-checked")).toBe("false");
  await page.getByRole("button", { name: `Rename ${name}…` }).click();
  await page.getByRole("dialog").getByLabel("Name").fill(`${name} too`);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: `${name} too`, exact: true }).waitFor();
  await page.getByRole("button", { name: `Delete ${name} too…` }).click();
  const sure = page.getByRole("dialog", { name: "Delete this search?" });
  await axeInBothThemes(page, "the question whether a search goes");
  await sure.getByRole("button", { name: "Delete it" }).click();
  await expect.poll(() => page.getByRole("link", { name: `${name} too`, exact: true }).count()).toBe(0);
  expect(await unseen()).toBeUndefined();
  expect(faults).toEqual([]);
  await context.close();
});

test("a question is answered by what was found where no model is set up", async () => {
  const { page, context, faults } = await windowOf("ingrid");
  await page.goto("/ask");
  await settled(page);
  await looked(page, "the page for questions");
  await page.keyboard.press("/");
  await page.keyboard.type(`What did customers say about the ${MARK}?`);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/ask?q=What*");
  await page.getByText("No model is set up here, so nobody words an answer.").waitFor();
  await page.getByText("only what the customer said").waitFor();
  const read = page.getByRole("list", { name: "What was read" });
  await read.getByText(MARK).first().waitFor();
  await settled(page);
  await looked(page, "what was found for a question");
  await read
    .getByRole("link", { name: new RegExp(`^Open ${CUSTOMER}`) })
    .first()
    .click();
  await page.waitForURL(`**/calls/${call}?at=*`);
  expect(faults).toEqual([]);
  await context.close();
});

/** An answer as the program sends it, by its description. */
function told(...events: [name: string, data?: object][]): string {
  return events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data ?? null)}\n\n`).join("");
}

const cited = (segment_id: number, quote: string) => ({
  call_id: call,
  call_title: `${CUSTOMER}: first talk`,
  segment_id,
  start_ms: (segment_id - 1) * 9_000,
  speaker: "Vera Holt",
  quote,
});
const FOUND = { reading: { text: "price", understood: [] }, calls: [], meaning_off: null };
const SENTENCE = () => ({ text: "It is too expensive for them.", citations: [cited(4, "too expensive")] });

test("an answer of a model stands sentence by sentence, each with the words that show it", async () => {
  const { page, context, faults } = await windowOf("ingrid");
  let asked = 0;
  await page.route("**/api/v1/search/ask", (route) => {
    asked++;
    const both = [cited(4, "too expensive"), cited(6, "My manager has the budget.")];
    const body = told(
      ["found", FOUND],
      ["sentence", { text: "This was wrong.", citations: [cited(1, "Good morning")] }],
      ["again"],
      ["sentence", SENTENCE()],
      ["sentence", { text: "Their manager decides.", citations: both }],
      ["done", { sentences: 2, dropped: 3, model: "house", failure: null }],
    );
    return route.fulfill({ contentType: "text/event-stream", body });
  });
  await page.goto("/ask?q=What%20about%20the%20price%3F");
  const answer = page.locator("[aria-live=polite]");
  await answer.getByText("Their manager decides.").waitFor();
  // What stood before the model began anew is gone.
  expect(await page.getByText("This was wrong.").count()).toBe(0);
  await page.getByText("3 sentences were left out, since nothing shows them.").waitFor();
  const chips = answer.getByRole("link");
  expect(await chips.allInnerTexts()).toEqual(["1", "1", "2"]);
  await chips.nth(2).focus();
  await page.getByRole("tooltip").getByText("My manager has the budget.").waitFor();
  await axeInBothThemes(page, "the words behind a number");
  await page.keyboard.press("Escape");
  await looked(page, "an answer");
  await chips.nth(2).click();
  await page.waitForURL(`**/calls/${call}?at=6`);
  // What was answered is not asked again on the way back.
  await page.goBack();
  await answer.getByText("Their manager decides.").waitFor();
  expect(asked).toBe(1);
  await page.getByRole("button", { name: "Ask again" }).click();
  await expect.poll(() => asked).toBe(2);
  expect(faults).toEqual([]);
  await context.close();
});

test("an answer that fails says why, one that breaks off as well, and one can be stopped", async () => {
  const { page, context } = await windowOf("ingrid");
  const failure = {
    kind: "overloaded",
    sentence: "The model has too much to do. Ask again in a minute.",
    again: false,
  };
  const bodies: Record<string, string> = {
    failure: told(["found", FOUND], ["done", { sentences: 0, dropped: 0, model: null, failure }]),
    failed: told(
      ["found", FOUND],
      ["sentence", SENTENCE()],
      ["failed", { type: "/problems/x", title: "X", status: 503, detail: "The database does not answer." }],
    ),
    broken: told(["found", FOUND], ["sentence", SENTENCE()]),
    nothing: told(["found", FOUND], ["done", { sentences: 0, dropped: 2, model: "house", failure: null }]),
  };
  await page.route("**/api/v1/search/ask", (route) => {
    const { question } = route.request().postDataJSON() as { question: string };
    const body = bodies[question];
    // Another one never comes.
    return body === undefined ? undefined : route.fulfill({ contentType: "text/event-stream", body });
  });
  const alert = page.getByRole("alert");
  await page.goto("/ask?q=failure");
  await alert.getByText(failure.sentence).waitFor();
  await looked(page, "an answer that failed");
  await page.goto("/ask?q=failed");
  await alert.getByText("The database does not answer.").waitFor();
  await page.goto("/ask?q=broken");
  await alert.getByText("The answer broke off. Ask again.").waitFor();
  await page.goto("/ask?q=nothing");
  await page.getByText("What the model wrote is not shown by any words of a call, so there is no answer.").waitFor();
  await page.goto("/ask?q=never");
  await page.getByText("being written").waitFor();
  const ended = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/search/ask"));
  await page.getByRole("button", { name: "Stop" }).click();
  await ended;
  await page.getByText("Stopped before its end.").waitFor();
  await page.getByRole("button", { name: "Ask", exact: true }).waitFor();
  await context.close();
});

test("the palette finds customers and deals, and searches and asks in what was said", async () => {
  const { page, context, faults } = await windowOf("ingrid");
  await page.goto("/rubrics");
  await settled(page);
  const palette = page.getByRole("dialog", { name: "Find or do" });
  const type = async (words: string) => {
    await page.keyboard.press("Control+k");
    await palette.getByRole("combobox").waitFor();
    await page.keyboard.type(words);
  };
  const chosen = palette.locator("[role=option][aria-selected=true]");
  const downTo = async (words: string | RegExp) => {
    const option = palette.getByRole("option").filter({ hasText: words }).first();
    await option.waitFor();
    await expect.poll(() => option.getAttribute("aria-disabled")).not.toBe("true");
    for (let n = 0; n < 40 && (await option.getAttribute("aria-selected")) !== "true"; n++)
      await page.keyboard.press("ArrowDown");
    expect(await option.getAttribute("aria-selected")).toBe("true");
  };
  await type(CUSTOMER);
  await downTo(`${CUSTOMER}their calls`);
  await axeInBothThemes(page, "the palette with a customer");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/calls?customer=*");
  type Deals = { items: { id: string; name: string }[] };
  const { items } = await ask<Deals>("ingrid", "/opportunities?limit=1", undefined, "GET");
  const deal = items[0];
  if (!deal) throw new Error("there is no deal to look for");
  await type(deal.name);
  const offered = palette.getByRole("group", { name: "Deals" }).getByRole("option");
  await offered.first().waitFor();
  expect(await offered.first().innerText()).toContain(deal.name);
  await page.keyboard.press("Escape");
  // Where nothing has these words in its name, they are looked for in what was said.
  await type(`we talked about ${MARK}`);
  await expect.poll(async () => ((await chosen.count()) === 1 ? chosen.innerText() : "")).toMatch(/^Search for/);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/search?q=we*talked*");
  await type(`who talked about ${MARK}`);
  await downTo(/^Ask/);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/ask?q=who*talked*");
  expect(faults).toEqual([]);
  await context.close();
});

type Next = { evidence: { call_id: string; segment_id: number; quote: string }[] }[];

test("a call says what to do next and which calls are like it, and leads to the words", async () => {
  const { page, context, faults } = await windowOf("ingrid");
  const calls = await callsOf("ingrid", "status=analysed&limit=200");
  const own = async (id: string) =>
    (await ask<Next>("ingrid", `/calls/${id}/recommendations`, undefined, "GET"))
      .flatMap(({ evidence }) => evidence)
      .find(({ call_id }) => call_id === id);
  let place: Awaited<ReturnType<typeof own>>;
  let id = "";
  for (const each of calls) {
    place = await own(each.id);
    id = each.id;
    if (place) break;
  }
  if (!place) throw new Error("no call has anything to be done that rests on its words");
  const asked: string[] = [];
  page.on("request", (request) => /recommendations|similar/.test(request.url()) && asked.push(request.url()));
  await page.goto(`/calls/${id}`);
  await settled(page);
  // Only who looks has it asked for.
  expect(asked).toEqual([]);
  await page.getByRole("tab", { name: "What next" }).click();
  await page.waitForURL("**tab=next*");
  const next = page.locator("section", { has: page.getByRole("heading", { name: "What to do next" }) });
  await next.getByRole("button").first().waitFor();
  await page.getByRole("heading", { name: "Similar calls" }).waitFor();
  await settled(page);
  await looked(page, "what follows from a call");
  await next.getByRole("button").filter({ hasText: place.quote }).first().click();
  await page.waitForURL(`**at=${place.segment_id}*`);
  await seesMarked(page, place.quote);
  // It stays where one reads on.
  expect(await page.getByRole("tab", { name: "What next" }).getAttribute("aria-selected")).toBe("true");
  type Similar = { calls: { call: { id: string }; moment: { segment_id: number } }[] };
  const like = (await ask<Similar>("ingrid", "/search/similar", { call_id: id })).calls[0];
  const similar = page.locator("section", { has: page.getByRole("heading", { name: "Similar calls" }) });
  if (like) {
    await similar
      .getByRole("link", { name: /^Open .* at / })
      .first()
      .click();
    await page.waitForURL(`**/calls/${like.call.id}?at=${like.moment.segment_id}`);
  } else {
    await similar.getByText("No call that you see is like this one").waitFor();
  }
  expect(faults).toEqual([]);
  await context.close();
});

test("admins see how far the index is, and have it made anew", { timeout: LONG }, async () => {
  const { page, context, faults } = await windowOf("viktor");
  await page.goto("/settings/storage");
  const card = page.locator("section", { has: page.getByRole("heading", { name: "Search index" }) });
  type Index = { calls: number; indexed: number };
  const { calls } = await ask<Index>("viktor", "/search/index", undefined, "GET");
  await card.getByRole("progressbar", { name: "By words" }).waitFor();
  const now = () => card.getByRole("progressbar", { name: "By words" }).getAttribute("aria-valuenow");
  expect(Number(await now())).toBeLessThanOrEqual(calls);
  await settled(page);
  await looked(page, "how far the index is");
  await card.getByRole("button", { name: "Index words anew…" }).click();
  const sure = page.getByRole("dialog", { name: "Make the index of words anew?" });
  await axeInBothThemes(page, "the question whether the index is made anew");
  const sent = page.waitForResponse(
    (response) => response.request().method() === "POST" && response.url().endsWith("/search/index"),
  );
  await sure.getByRole("button", { name: "Make it anew" }).click();
  // It begins from nothing.
  expect(((await (await sent).json()) as Index).indexed).toBeLessThan(calls);
  await page.getByText("The words are being indexed anew.").waitFor();
  // It is looked at by itself until it is complete.
  await expect.poll(now, { timeout: LONG }).toBe(String(calls));
  expect(faults).toEqual([]);
  await context.close();
});
