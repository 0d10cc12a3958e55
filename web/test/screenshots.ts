// A picture of every page, as those see it whom it is for: two sizes, two themes. `cargo xtask screenshots` runs it.

import { mkdirSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, test } from "vitest";
import { ask, become, DESK, fresh, launch, open, PHONE, type Size, settled, sheetOf, type Theme } from "./browser";
import { bringAll, type Deals } from "./deals";
import { ADMIN, CONNECTED, type Gong, MISSING, SIMULATOR, setUp, startGong } from "./services";

const folder = process.env.SIDELINE_PICTURES ?? "";

let browser: Browser;
beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  browser = await launch();
});
let gong: Gong | undefined;
afterAll(async () => {
  await gong?.stop();
  await browser.close();
});

const SIZES: { name: string; viewport: Size; themes: Theme[] }[] = [
  { name: "1440", viewport: DESK, themes: ["light", "dark"] },
  { name: "390", viewport: PHONE, themes: ["light", "dark"] },
  { name: "360", viewport: { width: 360, height: 740 }, themes: ["light"] },
  { name: "2560", viewport: { width: 2560, height: 1440 }, themes: ["light"] },
];

const WINDOWS = SIZES.flatMap(({ themes, ...size }) => themes.map((theme) => ({ ...size, theme })));

/** A window of somebody, and how a picture is taken in it. */
async function windowOf(
  who: string | undefined,
  { name: size, viewport, theme }: (typeof WINDOWS)[number],
  url?: string,
) {
  const { page, context } = await open(browser, theme, viewport, url);
  if (who) await become(context, who, url);
  const shoot = async (name: string) =>
    void (await page.screenshot({ path: `${folder}/${name}-${size}-${theme}.png` }));
  const take = async (name: string, path: string, then?: (page: Page) => Promise<unknown>) => {
    await page.goto(path);
    await settled(page);
    // Also what is asked for only where it comes into sight.
    await page.waitForTimeout(300);
    await then?.(page);
    await shoot(name);
  };
  return { page, context, take, shoot };
}

/** Some sixty pictures in a row. */
const LONG = 300_000;

const click = (name: string | RegExp) => (page: Page) => page.getByRole("button", { name }).first().click();
const last = (page: Page) => page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));

type Call = { id: string; started_at: string | null; overall_score: number | null };

/** The last call of which one knows when it was and how it went. */
async function latest(who: string): Promise<Call & { started_at: string }> {
  const { items } = await ask<{ items: Call[] }>(who, "/calls?status=analysed&limit=100");
  const found = items.find((call) => call.started_at !== null && call.overall_score !== null);
  if (!found?.started_at) throw new Error(`${who} sees no call that was judged`);
  return { ...found, started_at: found.started_at };
}

type Reps = { items: { rep: { id: string } }[] };

/** An answer of a model, as the program would send it. */
function answered(call_id: string): string {
  const place = (segment_id: number, quote: string) => ({
    call_id,
    call_title: "A call",
    segment_id,
    start_ms: segment_id * 9_000,
    speaker: "Vera Holt",
    quote,
  });
  const sentences = [
    { text: "The budget is set once a year.", citations: [place(4, "We set the budget in autumn, once a year.")] },
    {
      text: "Their manager decides on it, and would see a trial first.",
      citations: [place(6, "My manager has the budget."), place(9, "She would want to see it with our own data.")],
    },
  ];
  const events: [string, object][] = [
    ["found", { reading: { text: "budget", understood: ["side:customer"] }, calls: [], meaning_off: null }],
    ...sentences.map((each): [string, object] => ["sentence", each]),
    ["done", { sentences: 2, dropped: 1, model: "house", failure: null }],
  ];
  return events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join("");
}

test.each(WINDOWS)(
  "nobody, $name $theme",
  async (window) => {
    const { context, take } = await windowOf(undefined, window);
    await take("login", "/login");
    await take("nowhere", "/nowhere");
    await context.close();
  },
  LONG,
);

test.each(WINDOWS)(
  "a manager, $name $theme",
  async (window) => {
    const { page, context, take, shoot } = await windowOf("ingrid", window);
    const call = await latest("ingrid");
    const start = `/?week=${call.started_at.slice(0, 10)}`;
    await take("start", start);
    await take("start-foot", start, last);
    await take("start-none", "/?week=2020-01-06");
    await take("calls", "/calls");
    await take("calls-some", "/calls?sentiment=negative&max_score=44.4999&sort=score");
    await take("calls-none", "/calls?q=nothing-has-this-title");
    await take("call", `/calls/${call?.id}`);
    await page
      .getByRole("button", { name: /, met$/ })
      .first()
      .click();
    await page.locator("button[aria-current]").first().click();
    await shoot("call-evidence");
    await take("call-delete", `/calls/${call?.id}`, async () => {
      await click("More")(page);
      await page.getByRole("menuitem", { name: /^Delete/ }).click();
    });
    const [a, b] = (await ask<Reps>("ingrid", "/analytics/agents?limit=2")).items.map(({ rep }) => rep.id);
    await take("team", "/team?days=90");
    await take("team-foot", "/team?days=90", last);
    await take("rep", `/people/${a}?days=90`);
    await take("rep-foot", `/people/${a}?days=90`, last);
    await take("rep-few", `/people/${a}?days=7`);
    await take("compare", `/people/compare?a=${a}&b=${b}&days=90`);
    await take("compare-foot", `/people/compare?a=${a}&b=${b}&days=90`, last);
    await take("compare-none", "/people/compare");
    const teams = await ask<{ id: string }[]>("ingrid", "/teams");
    const written = { week: call.started_at.slice(0, 10), team_id: teams[0]?.id };
    // Of this week there is none yet.
    const { week } = await ask<{ week: string }>("ingrid", "/weekly-reviews", written).catch(() =>
      ask<{ week: string }>("ingrid", "/weekly-reviews", { team_id: teams[0]?.id }),
    );
    await take("review", `/reviews?week=${week}`);
    await take("review-foot", `/reviews?week=${week}`, last);
    await take("review-anew", `/reviews?week=${week}`, click("Write anew…"));
    await take("review-missing", "/reviews?week=2020-01-06");
    await page.route("**/api/v1/weekly-reviews?**", (route) => route.fulfill({ json: { items: [] } }));
    await take("reviews-none", "/reviews");
    await page.unrouteAll();
    await take("search", "/search");
    await take("search-found", "/search?q=too%20expensive&explain=true");
    await take("search-narrowed", "/search?q=price&side=external");
    await take("search-none", "/search?q=nothing-has-these-words&mode=keyword");
    await take("search-save", "/search?q=too%20expensive", click("Save this search"));
    await take("search-suggestions", "/search", async () => {
      await page.keyboard.press("/");
      await page.keyboard.type("pri");
      await page.getByRole("listbox", { name: "What you may mean" }).getByRole("option").first().waitFor();
    });
    await take("ask", "/ask");
    await take("ask-without-model", "/ask?q=What%20do%20customers%20say%20about%20the%20price%3F");
    await page.route("**/api/v1/search/ask", (route) =>
      route.fulfill({ contentType: "text/event-stream", body: answered(call.id) }),
    );
    await take("ask-answer", "/ask?q=What%20do%20customers%20say%20about%20the%20budget%3F");
    await page.unrouteAll();
    await take("call-next", `/calls/${call.id}?tab=next`);
    await take("rubrics", "/rubrics");
    await take("rubric", "/rubrics/default");
    await take("trackers", "/trackers");
    const sheet = await sheetOf("ingrid");
    await take("knowledge", "/knowledge");
    await take("document", `/knowledge/${sheet}`);
    await take("document-foot", `/knowledge/${sheet}`, last);
    await take("document-retire", `/knowledge/${sheet}`, click("Retire…"));
    await page.route("**/api/v1/knowledge?**", (route) => route.fulfill({ json: [] }));
    await take("knowledge-none", "/knowledge");
    await page.unrouteAll();
    await take("settings-profile", "/settings/profile");
    await take("settings-teams", "/settings/teams");
    await take("settings-not-for-you", "/settings/audit");
    const dialog = page.getByRole("dialog");
    await take("palette", "/team", async () => {
      await page.keyboard.press("Control+k");
      await dialog.getByRole("option").first().waitFor();
    });
    await page.keyboard.type("de");
    await page.waitForTimeout(600);
    await shoot("palette-words");
    await take("keys", "/team", async () => {
      await page.keyboard.press("?");
      await dialog.waitFor();
    });
    await take("news", "/team", click("News"));
    await take("profile-menu", "/team", click(/Ingrid/));
    await page.route("**/api/v1/analytics/**", (route) => route.abort());
    await page.route("**/api/v1/calls?**", (route) => route.abort());
    await take("failed-calls", "/calls");
    await take("failed-team", "/team");
    await page.unrouteAll();
    await page.route(/\/api\/v1\/(analytics|coaching|calls)/, () => undefined);
    for (const [name, path] of [
      ["waiting-start", "/"],
      ["waiting-calls", "/calls"],
      ["waiting-team", "/team"],
    ] as const) {
      await page.goto(path);
      await page.getByRole("status").first().waitFor();
      await shoot(name);
    }
    await context.close();
  },
  LONG,
);

test.each(WINDOWS)(
  "a rep, $name $theme",
  async (window) => {
    const { context, take } = await windowOf("noor", window);
    const start = `/?week=${(await latest("noor")).started_at.slice(0, 10)}`;
    await take("rep-start", start);
    await take("rep-start-foot", start, last);
    await take("rep-calls", "/calls");
    await context.close();
  },
  LONG,
);

test.each(WINDOWS)(
  "a coach, $name $theme",
  async (window) => {
    const { context, take } = await windowOf("selma", window);
    await take("coach-start", "/");
    await take("coach-calls", "/calls");
    await take("coach-team", "/team");
    await context.close();
  },
  LONG,
);

test.each(WINDOWS)(
  "an admin, $name $theme",
  async (window) => {
    const { page, context, take } = await windowOf("viktor", window);
    await take("admin-start", "/");
    await take("admin-team", "/team");
    await take("rubric-copy", "/rubrics/default?write=copy");
    await take("rubric-version", "/rubrics/default?write=version");
    await take("tracker-new", "/trackers", click(/tracker/i));
    for (const place of "organisation users coaches invitations teams model costs integrations storage system jobs audit".split(
      " ",
    ))
      await take(`settings-${place === "teams" ? "teams-all" : place}`, `/settings/${place}`);
    await take("user-new", "/settings/users", click(/^Add/));
    await take("user-deeds", "/settings/users", async () => {
      await page.locator("tbody tr").nth(1).getByRole("button").last().click();
    });
    await take("invite", "/settings/invitations", click(/^Invite/));
    await take("team-new", "/settings/teams", click(/^(New|Add)/));
    await context.close();
  },
  LONG,
);

let deals: Promise<Deals> | undefined;

test.each(WINDOWS)(
  "deals, $name $theme",
  async (window) => {
    deals ??= bringAll();
    const { mark, harbour, kiln, calls } = await deals;
    const { page, context, take, shoot } = await windowOf("ingrid", window);
    await take("deals", `/deals?q=${mark}&status=all`);
    await take("deals-none", "/deals?q=nothing-has-this-name");
    await take("deal", `/deals/${harbour}`);
    await page.getByRole("button", { name: `Call: ${calls[0]?.title}` }).click();
    await page.getByRole("button", { name: "E-mail of the customer: Contract" }).click();
    await page.waitForTimeout(500);
    await shoot("deal-open");
    await take("deal-foot", `/deals/${harbour}`, last);
    await take("deal-bad", `/deals/${kiln}`);
    await take("deal-coaching", `/deals/${harbour}?tab=coaching`);
    await take("deal-coaching-foot", `/deals/${harbour}?tab=coaching`, last);
    await take("deal-taken", `/deals/${harbour}?kind=call`, async (page) => {
      // What somebody said stands within the call.
      await page.getByRole("button", { name: `Call: ${calls[1]?.title}` }).click();
      await page.getByRole("button", { name: `Not this deal: ${calls[1]?.title}` }).click();
      await page.getByRole("button", { name: "Undo" }).waitFor();
      await page.waitForTimeout(500);
    });
    await click("Undo")(page);
    await page.getByRole("button", { name: `Call: ${calls[1]?.title}` }).waitFor();
    const ofCall = page.getByRole("heading", { name: "Deal", exact: true });
    await take("call-deal", `/calls/${calls[0]?.id}`, async () => {
      await ofCall.scrollIntoViewIfNeeded();
    });
    await take("call-deal-choose", `/calls/${calls[0]?.id}`, click("Belongs to a deal…"));
    await take("start-deals", "/", async () => {
      await page.getByRole("heading", { name: "Deals of the week" }).scrollIntoViewIfNeeded();
    });
    await take("settings-deal-warnings", "/settings/deal-warnings");
    await context.close();
    const admin = await windowOf("viktor", window);
    await admin.take("deals-import", "/deals", click("Bring a file"));
    const wrong = "id,name,stage,amount\nA,Pier,Demo,many\nB,,Demo,1\nC,Mole,Demo,12";
    await admin.page
      .getByLabel("File of deals")
      .setInputFiles({ name: "deals.csv", mimeType: "text/csv", buffer: Buffer.from(wrong) });
    await admin.page.getByText("deals.csv").waitFor();
    await click("Bring deals")(admin.page);
    await admin.page.getByRole("alert").waitFor();
    await admin.shoot("deals-import-wrong");
    await admin.page.route("**/api/v1/opportunities?**", (route) => route.fulfill({ json: { items: [], total: 0 } }));
    await admin.page.route("**/opportunities/facets", (route) =>
      route.fulfill({ json: { owners: [], stages: [], products: [], segments: [] } }),
    );
    await admin.take("deals-empty", "/deals");
    await admin.context.close();
  },
  LONG,
);

/** A connection that has calls, events and a key that is right; the same for all windows. */
async function connected(url: string, simulator: string): Promise<string> {
  const known = await (gong ? connectionsOf(url) : setUp(url).then(() => []));
  if (known[0]) return known[0].id;
  const secret = `rung-by-${fresh()}-and-nobody-else`;
  const webhook = { webhook: `${url}/webhooks/gong/main`, secret, duplicates: 0.5, forged: 0.5 };
  gong = await startGong(simulator, { backlog: 12, days: 2, calls: 12, "every-s": 1, ...webhook });
  const settings = { base_url: gong.url, access_key: gong.accessKey, proof: "hmac" };
  const secrets = { secret: gong.secret, webhook_secret: secret };
  const since = new Date(Date.now() - 3 * 86_400_000).toISOString();
  const made = { kind: "gong", name: "main", settings, secrets, since };
  const { id } = await ask<{ id: string }>(ADMIN, "/connections", made, "POST", url);
  await ask(ADMIN, `/connections/${id}/sync`, { since: null }, "POST", url);
  const here = async () => (await connectionsOf(url))[0]?.backlog.kept ?? 0;
  while ((await here()) < 12) await new Promise((later) => setTimeout(later, 500));
  return id;
}

type Connections = { items: { id: string; backlog: { kept: number } }[] };

const connectionsOf = async (url: string) =>
  (await ask<Connections>(ADMIN, "/connections", undefined, "GET", url)).items;

test.each(WINDOWS)(
  "an admin of a program that Gong is connected to, $name $theme",
  async (window) => {
    if (!CONNECTED || !SIMULATOR) throw new Error(MISSING);
    const id = await connected(CONNECTED, SIMULATOR);
    const { page, context, take } = await windowOf(ADMIN, window, CONNECTED);
    await take("integrations", "/settings/integrations", click("Test connection"));
    await take("integration", `/settings/integrations/${id}`);
    await take("integration-foot", `/settings/integrations/${id}`, last);
    await take("integration-edit", `/settings/integrations/${id}/edit`);
    for (const kind of ["gong", "fireflies", "push", "salesforce", "hubspot"])
      await take(`integration-new-${kind}`, `/settings/integrations/new?kind=${kind}`);
    await take("integration-remove", `/settings/integrations/${id}`, click("Remove…"));
    await take("events", "/settings/integrations/events", (page) =>
      page.getByRole("row").filter({ hasText: "Done" }).first().getByRole("button").click(),
    );
    type Known = { items: { call_id: string | null }[] };
    const known = await ask<Known>(ADMIN, `/connections/${id}/calls?state=kept`, undefined, "GET", CONNECTED);
    await take("call-source", `/calls/${known.items[0]?.call_id}`, async () => {
      await page.getByText("How it came in").click();
      await page.getByRole("heading", { name: "Where it came from" }).scrollIntoViewIfNeeded();
    });
    await context.close();
  },
  LONG,
);
