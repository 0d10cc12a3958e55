// Calls that come in by themselves: a program of their own, which a simulated Gong tells of them.

import { createHmac } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { ask, axeInBothThemes, become, DESK, fits, fresh, launch, open, PHONE, settled } from "./browser";
import {
  ADMIN,
  CONNECTED,
  FIREFLIES,
  type Fireflies,
  type Gong,
  MISSING,
  SIMULATOR,
  setUp,
  startFireflies,
  startGong,
} from "./services";

/** Milliseconds for a way through many pages, each looked at four times. */
const LONG = 300_000;
/** Calls that Gong has when it is connected. */
const BACKLOG = 6;

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

if (CONNECTED === undefined || SIMULATOR === undefined || FIREFLIES === undefined) {
  console.warn(`calls that come in by themselves are not tried: ${MISSING}`);
  test(`a service is connected (${MISSING})`, ({ skip }) => skip(MISSING));
} else {
  tried(CONNECTED, SIMULATOR, FIREFLIES);
}

function tried(url: string, simulator: string, ofFireflies: string): void {
  let gong: Gong | undefined;
  let fireflies: Fireflies | undefined;
  beforeEach(() => setUp(url));
  afterEach(async () => {
    await gong?.stop();
    await fireflies?.stop();
  });

  async function as(username: string) {
    const opened = await open(browser, "light", DESK, url);
    await become(opened.context, username, url);
    return opened;
  }

  async function looked(page: Page, where: string): Promise<void> {
    await settled(page);
    await axeInBothThemes(page, where);
    await page.setViewportSize(PHONE);
    await fits(page, where);
    await axeInBothThemes(page, `${where} on a phone`);
    await page.setViewportSize(DESK);
  }

  /** A connection as somebody makes it who needs no page for it. */
  const connect = (settings: object, secrets: object, kind = "gong", name = "main") =>
    ask<{ id: string }>(ADMIN, "/connections", { kind, name, settings, secrets }, "POST", url);

  /** What a figure of the card says. */
  const figure = (page: Page, name: string) =>
    page
      .locator("dt", { hasText: new RegExp(`^${name}$`) })
      .locator("xpath=following-sibling::dd[1]")
      .first();

  test(
    "Gong is connected by the form, mended, tried, and its calls come in and say where they came from",
    async () => {
      const secret = `rung-by-${fresh()}-and-nobody-else`;
      const webhook = { webhook: `${url}/webhooks/gong/main`, secret, duplicates: 1, forged: 1 };
      gong = await startGong(simulator, { backlog: BACKLOG, days: 1, calls: 3, "every-s": 20, ...webhook });
      const { page, context, faults } = await as(ADMIN);

      await page.goto("/settings/integrations");
      await page.getByText("Nothing is connected yet").waitFor();
      for (const each of ["Gong", "Fireflies", "A program of yours", "A watched folder"])
        await page.getByText(each, { exact: true }).waitFor();
      await looked(page, "integrations without any");
      await page.getByRole("link", { name: "Connect a service" }).click();
      await page.getByRole("heading", { level: 1, name: "Connect Gong" }).waitFor();

      // What is missing is told beside its field, before anything is sent.
      const make = page.getByRole("button", { name: "Make the connection" });
      await make.click();
      await page.getByText("Write the access key", { exact: true }).waitFor();
      expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("main");
      await page.getByText("More", { exact: true }).click();
      await looked(page, "the form of a connection");
      await page.getByLabel("Access key", { exact: true }).fill(gong.accessKey);
      await page.getByLabel("Access key secret", { exact: true }).fill("not this one");
      await page.getByLabel("Calls from").fill(new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10));
      await page.getByRole("radio", { name: "A secret part of the address" }).check();
      await page.getByRole("button", { name: "Make one" }).click();
      const made = await page.getByRole("textbox", { name: "Webhook secret" }).inputValue();
      expect(await page.getByRole("textbox", { name: "Address for Gong" }).inputValue()).toBe(
        `${url}/webhooks/gong/main/${made}`,
      );
      await page.getByRole("radio", { name: "Signed with a secret" }).check();
      expect(await page.getByRole("textbox", { name: "Address for Gong" }).inputValue()).toBe(
        `${url}/webhooks/gong/main`,
      );
      await page.getByRole("textbox", { name: "Webhook secret" }).fill(secret);
      // What the program refuses stands beside its field as well.
      await page.getByLabel("Address of Gong").fill("http://gong.example.com");
      await make.click();
      await page.getByText(/^write the address that Gong shows, /).waitFor();
      expect(faults.splice(0).every((fault) => fault.includes("422") || fault.includes("400"))).toBe(true);
      await page.getByLabel("Address of Gong").fill(gong.url);
      await make.click();
      await page.getByRole("heading", { level: 1, name: "main" }).waitFor();

      const check = page.getByRole("button", { name: "Test connection" });
      await check.click();
      await page.getByText("It does not work").waitFor();
      await page.getByText(/check the access key and its secret/).waitFor();
      await page.getByRole("button", { name: "Sync now" }).click();
      await page.getByText("Failed last time", { exact: true }).waitFor();
      await page.getByText("It has not worked yet.").waitFor();
      await looked(page, "a connection with a wrong key");

      await page.getByRole("link", { name: "Edit", exact: true }).click();
      await page.getByRole("heading", { level: 1, name: "Edit main" }).waitFor();
      // What is secret is never shown again.
      expect(await page.getByLabel("Access key secret", { exact: true }).count()).toBe(0);
      expect(await page.content()).not.toContain(secret);
      await page.getByRole("button", { name: "Replace: Access key secret" }).click();
      await page.getByLabel("Access key secret", { exact: true }).fill(gong.secret);
      await looked(page, "the form of a connection that is there");
      await page.getByRole("button", { name: "Save" }).click();
      await check.click();
      await page.getByText("It works", { exact: true }).waitFor();
      await page.getByText(/^Gong answers: \d+ user/).waitFor();

      await page.getByRole("button", { name: "Sync now" }).click();
      // By itself: the page is not loaded anew.
      const here = async () => Number(await figure(page, "Calls here").innerText());
      await expect.poll(here, { timeout: 60_000 }).toBeGreaterThanOrEqual(BACKLOG - 2);
      await expect.poll(() => figure(page, "On their way").innerText(), { timeout: 30_000 }).toBe("0");
      await page.getByText("Works", { exact: true }).waitFor();
      await page
        .getByRole("row", { name: /Asked for/ })
        .first()
        .waitFor();
      await looked(page, "a connection that works");

      await page.getByRole("link", { name: "Calls here" }).click();
      await page.waitForURL("**/settings/integrations/*?state=kept#calls");
      const rows = page.locator("#calls").getByRole("row");
      await rows.nth(1).getByRole("link").click();
      await page.getByRole("heading", { name: "Where it came from" }).waitFor();
      const call = page.url();
      await page.getByText("Gong · main", { exact: true }).waitFor();
      await page.getByText(/^Known since .*: (found by a sync|Gong told of it)$/).waitFor();
      expect(await page.getByRole("link", { name: /^In Gong/ }).getAttribute("href")).toMatch(/^https:\/\//);
      await page.getByText("How it came in").click();
      const steps = page.locator("details").filter({ hasText: "How it came in" }).getByRole("listitem");
      // What it is about was told in the list already.
      expect(await steps.count()).toBeGreaterThanOrEqual(5);
      expect(await steps.last().innerText()).toMatch(/^Put in line to be judged/);
      await steps
        .filter({ hasText: "Fetched what was said" })
        .getByText(/\d{2}:\d{2}.* · \d/)
        .waitFor();
      await looked(page, "a call that came from Gong");
      // What is there is no page, but it is asked for in a tab of its own.
      const { url: service } = gong;
      const asked = context.waitForEvent("request", (request) => request.url().startsWith(`${service}/media/`));
      const popup = context.waitForEvent("page");
      await page.getByRole("button", { name: "Open recording" }).click();
      await asked;
      await (await popup).close();

      // What Gong tells of by itself, and what somebody else does in its name.
      await page.goto("/settings/integrations/events");
      const event = page.getByRole("row").filter({ hasText: "Done" }).first();
      await event.waitFor({ timeout: 60_000 });
      await event.getByRole("button").click();
      const sent = page.getByRole("region", { name: "What was sent" });
      expect(await sent.innerText()).toContain('"callData"');
      await page.getByText(/^Genuine · /).waitFor();
      await looked(page, "an event that is open");
      // Its address leads there.
      await page.reload();
      await sent.waitFor();
      await page.getByRole("link", { name: "The call", exact: true }).click();
      await page.getByText(/^Known since .*: /).waitFor();
      await page.goBack();
      await page.getByLabel("State").selectOption("refused");
      await page.getByText("Its signature is wrong.").or(page.getByText("It has no signature.")).first().waitFor();
      await expect.poll(() => page.getByRole("row").filter({ hasText: "Done" }).count()).toBe(0);

      // More than a page of them: what somebody tries out in Gong.
      const knock = (n: number) => {
        const body = JSON.stringify({ isTest: true, n });
        const signature = createHmac("sha256", secret).update(body).digest("hex");
        return fetch(`${url}/webhooks/gong/main`, { method: "POST", headers: { "x-gong-signature": signature }, body });
      };
      for (let n = 0; n < 55; n++) expect((await knock(n)).status).toBe(200);
      await page.getByLabel("State").selectOption("test");
      const events = page.getByRole("row").filter({ has: page.getByRole("rowheader") });
      await expect.poll(() => events.count()).toBe(50);
      await page.getByRole("button", { name: "Earlier ones" }).click();
      await expect.poll(() => events.count()).toBe(55);

      // Where Gong is away, that is said where the recording would be.
      await gong.stop();
      gong = undefined;
      await page.goto(call);
      await page.getByRole("button", { name: "Open recording" }).click();
      const source = page.locator("section").filter({ has: page.getByRole("heading", { name: "Where it came from" }) });
      await source.getByRole("alert").waitFor({ timeout: 60_000 });
      expect(context.pages()).toHaveLength(1);
      expect(faults.splice(0).every((fault) => fault.includes("409"))).toBe(true);
      await page.goto("/settings/integrations");
      await page.getByRole("link", { name: "main", exact: true }).click();
      await page.getByRole("button", { name: "Sync now" }).click();
      await page.getByText("Failed last time", { exact: true }).waitFor();
      await page
        .getByText(/Goes on .*\.$/)
        .first()
        .waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
    LONG,
  );

  test(
    "Fireflies is connected by the form, and its calls come in and say where they came from",
    async () => {
      const secret = `rung-by-${fresh()}`;
      const webhook = { webhook: `${url}/webhooks/fireflies/minutes`, secret };
      const world = { backlog: 4, days: 1, calls: 2, "every-s": 20, "per-minute": "inf", ...webhook };
      fireflies = await startFireflies(ofFireflies, world);
      await connect({ proof: "hmac" }, { webhook_secret: `sent-by-${fresh()}-alone` }, "push", "notes");
      const { page, context, faults } = await as(ADMIN);
      await page.goto("/settings/integrations");
      await page.getByRole("link", { name: "Connect another" }).click();
      await page.getByRole("radio", { name: /^Fireflies/ }).check();
      await page.getByRole("heading", { level: 1, name: "Connect Fireflies" }).waitFor();
      // What was chosen stands in the address.
      await page.reload();
      const make = page.getByRole("button", { name: "Make the connection" });
      await make.click();
      await page.getByText("Write the API key", { exact: true }).waitFor();
      await page.getByText("More", { exact: true }).click();
      await looked(page, "the form of a connection to Fireflies");
      // Of Gong alone.
      for (const field of ["Workspace", "Access key", "Address of Gong"])
        expect(await page.getByLabel(field, { exact: true }).count()).toBe(0);

      const name = page.getByLabel("Name", { exact: true });
      expect(await name.inputValue()).toBe("fireflies");
      await page.getByLabel("API key", { exact: true }).fill(fireflies.key);
      await page.getByLabel("Calls from").fill(new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10));
      await page.getByRole("button", { name: "Make one" }).click();
      const given = page.getByRole("textbox", { name: "Webhook secret" });
      expect(await given.inputValue()).toMatch(/^[a-z2-7]{32}$/);
      await given.fill(`${secret}-and-by-nobody-else-anywhere`);
      await page.getByLabel("Address of the API").fill(fireflies.url);
      await page.getByLabel("Requests a second").fill("20");
      await make.click();
      await page.getByText("Fireflies takes 32 characters at most", { exact: true }).waitFor();
      await given.fill(secret);
      // Another connection is called so.
      await name.fill("notes");
      await make.click();
      await page.getByText("there is a connection notes already", { exact: true }).waitFor();
      expect(await name.getAttribute("aria-invalid")).toBe("true");
      expect(await page.getByRole("alert").count()).toBe(0);
      expect(faults.splice(0).every((fault) => fault.includes("409"))).toBe(true);
      await name.fill("minutes");
      expect(await page.getByRole("textbox", { name: "Address for Fireflies" }).inputValue()).toBe(
        `${url}/webhooks/fireflies/minutes`,
      );
      await make.click();
      await page.getByRole("heading", { level: 1, name: "minutes", exact: true }).waitFor();
      await page.getByText(`Fireflies at ${fireflies.url}`).waitFor();

      await page.getByRole("button", { name: "Test connection" }).click();
      await page.getByText("It works", { exact: true }).waitFor();
      await page.getByText(/^Fireflies answers: the key is that of /).waitFor();
      await page.getByRole("button", { name: "Sync now" }).click();
      const here = async () => Number(await figure(page, "Calls here").innerText());
      await expect.poll(here, { timeout: 60_000 }).toBeGreaterThanOrEqual(4);
      await expect.poll(() => figure(page, "On their way").innerText(), { timeout: 60_000 }).toBe("0");
      await page.getByText(/^\d+ of 10,000$/).waitFor();
      await looked(page, "a connection to Fireflies that works");

      const rows = page.locator("#calls").getByRole("row");
      await rows.filter({ hasText: "Found by a sync" }).first().getByRole("link").click();
      await page.getByText("Fireflies · minutes", { exact: true }).waitFor();
      await page.getByText(/^Known since .*: found by a sync$/).waitFor();
      // It gives no recording.
      expect(await page.getByRole("button", { name: "Open recording" }).count()).toBe(0);
      await page.getByText("How it came in").click();
      await page.getByText("Fetched what was said").waitFor();
      await looked(page, "a call that came from Fireflies");

      await page.goto("/settings/integrations/events");
      const event = page.getByRole("row").filter({ hasText: "Done" }).first();
      await event.waitFor({ timeout: 90_000 });
      await event.getByRole("button").click();
      expect(await page.getByRole("region", { name: "What was sent" }).innerText()).toContain("meeting.transcribed");
      await page.getByRole("link", { name: "The call", exact: true }).click();
      await page.getByText(/^Known since .*: Fireflies told of it$/).waitFor();

      // What is secret goes to no other address.
      await page.goto("/settings/integrations");
      await page.getByRole("link", { name: "minutes", exact: true }).click();
      await page.getByRole("link", { name: "Edit", exact: true }).click();
      await page.getByRole("heading", { level: 1, name: "Edit minutes" }).waitFor();
      expect(await page.content()).not.toContain(secret);
      await page.getByText("More", { exact: true }).click();
      await page.getByLabel("Address of the API").fill("http://127.0.0.1:9/graphql");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("it would be sent to another address now: enter it again").waitFor();
      expect(faults.splice(0).every((fault) => fault.includes("422") || fault.includes("400"))).toBe(true);
      await page.getByLabel("API key", { exact: true }).fill("another");
      await looked(page, "the form of a connection to Fireflies that is there");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("Fireflies at http://127.0.0.1:9/graphql").waitFor();

      // What Fireflies usually has is not written into its form.
      const { id } = await connect({}, { secret: "K" }, "fireflies", "usual");
      await page.goto(`/settings/integrations/${id}`);
      await page.getByText("Fireflies at https://api.fireflies.ai/graphql").waitFor();
      await page.getByRole("link", { name: "Edit", exact: true }).click();
      await page.getByText("More", { exact: true }).click();
      for (const field of ["Address of the API", "Requests a second"])
        expect(await page.getByLabel(field).inputValue()).toBe("");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("heading", { level: 1, name: "usual", exact: true }).waitFor();
      await page.getByText("Fireflies at https://api.fireflies.ai/graphql").waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
    LONG,
  );

  test(
    "a program is connected, sends a transcript, and its connection has what can be done with it",
    async () => {
      const { page, context, faults } = await as(ADMIN);
      await page.goto("/settings/integrations/new?kind=push");
      await page.getByRole("heading", { level: 1, name: "Connect a program" }).waitFor();
      const make = page.getByRole("button", { name: "Make the connection" });
      await make.click();
      await page.getByText("Write a name", { exact: true }).waitFor();
      await page.getByText("Write a secret, or make one", { exact: true }).waitFor();
      // Nothing is fetched.
      for (const field of ["Calls from", "Requests a day"])
        expect(await page.getByLabel(field, { exact: true }).count()).toBe(0);
      await page.getByLabel("Name", { exact: true }).fill("dialler");
      await page.getByRole("button", { name: "Make one" }).click();
      const secret = await page.getByRole("textbox", { name: "Secret" }).inputValue();
      const address = page.getByRole("textbox", { name: "Address for the program" });
      await page.getByRole("radio", { name: /^A secret part of the address/ }).check();
      expect(await address.inputValue()).toBe(`${url}/webhooks/push/dialler/${secret}`);
      await page.getByText(`POST /webhooks/push/dialler/${secret}`).waitFor();
      await page.getByRole("radio", { name: /^Signed with a secret/ }).check();
      expect(await address.inputValue()).toBe(`${url}/webhooks/push/dialler`);
      await page.getByText("X-Sideline-Signature: sha256=…").waitFor();
      await looked(page, "the form of a connection of a program");
      await make.click();
      await page.getByRole("heading", { level: 1, name: "dialler", exact: true }).waitFor();
      await page.getByText(`${url}/webhooks/push/dialler`, { exact: true }).waitFor();
      await page.getByText("Nothing came yet", { exact: true }).waitFor();
      for (const deed of ["Test connection", "Sync now", "Backfill…"])
        expect(await page.getByRole("button", { name: deed }).count()).toBe(0);
      await looked(page, "a connection of a program that has sent nothing");

      const send = (body: string, by: string) => {
        const signature = createHmac("sha256", by).update(body).digest("hex");
        const headers = { "x-sideline-signature": `sha256=${signature}`, "content-type": "application/json" };
        return fetch(`${url}/webhooks/push/dialler`, { method: "POST", headers, body });
      };
      const transcript = `Rep: What does it cost you, ${fresh()}?\nCustomer: A lot, each week.`;
      const body = JSON.stringify({ id: "D-17", rep: "dana@brightlane.example", internal: ["Rep"], transcript });
      expect((await send(body, "somebody else")).status).toBe(401);
      const answer = await send(body, secret);
      expect(answer.status, await answer.text()).toBe(200);
      await page.reload();
      expect(await figure(page, "Calls here").innerText()).toBe("1");
      await page.getByText("Works", { exact: true }).waitFor();
      await page.getByText("Sent by the program", { exact: true }).waitFor();
      await looked(page, "a connection of a program that works");
      await page.locator("#calls").getByRole("link", { name: "D-17" }).click();
      await page.getByText("Sent by a program · dialler", { exact: true }).waitFor();
      const call = new URL(page.url()).pathname;
      expect(await page.getByRole("button", { name: "Open recording" }).count()).toBe(0);

      await page.goto("/settings/integrations/events");
      const event = page.getByRole("row").filter({ hasText: "D-17" }).filter({ hasText: "Done" });
      await event.waitFor();
      await page.getByRole("row").filter({ hasText: "Refused" }).first().waitFor();
      // What was deleted does not come again, and nothing says that it could.
      await ask(ADMIN, call, {}, "DELETE", url);
      await page.reload();
      await event.getByRole("button").click();
      await page.getByText(/^What was sent is not kept: /).waitFor();
      expect(await page.getByRole("button", { name: "Replay" }).count()).toBe(0);

      await page.goto("/settings/integrations");
      await page.getByRole("link", { name: "Edit", exact: true }).click();
      await page.getByRole("button", { name: "Replace: Secret" }).click();
      await page.getByRole("button", { name: "Make one" }).click();
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("heading", { level: 1, name: "dialler", exact: true }).waitFor();
      expect((await send(body, secret)).status).toBe(401);
      expect(faults).toEqual([]);
      await context.close();
    },
    LONG,
  );

  test(
    "a connection is paused, goes on, and is removed; what it brought stays",
    async () => {
      const secret = `rung-by-${fresh()}-and-nobody-else`;
      const key = { access_key: "KEY", base_url: "http://127.0.0.1:9", proof: "hmac" };
      await connect(key, { secret: "s", webhook_secret: secret });
      const { page, context, faults } = await as(ADMIN);
      await page.goto("/settings/integrations");
      await page.getByText("Not tried yet", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByText("Paused", { exact: true }).waitFor();
      await page.getByText("Nothing is fetched and no webhook is taken while it is paused.").waitFor();
      expect(await page.getByRole("button", { name: "Sync now" }).count()).toBe(0);
      const knock = async () => (await fetch(`${url}/webhooks/gong/main`, { method: "POST", body: "{}" })).status;
      expect(await knock()).toBe(409);
      await looked(page, "a connection that is paused");
      await page.getByRole("button", { name: "Resume" }).click();
      await page.getByText("Not tried yet", { exact: true }).waitFor();
      expect(await knock()).toBe(401);

      await page.getByRole("button", { name: "Backfill…" }).click();
      const ahead = page.getByRole("dialog", { name: "Backfill main" });
      await ahead.getByRole("button", { name: "Begin" }).click();
      await ahead.getByText("Write the whole day").waitFor();
      await ahead.getByLabel("Calls from").fill("2999-01-01");
      await ahead.getByRole("button", { name: "Begin" }).click();
      await ahead.getByText("this time is yet to come").waitFor();
      await axeInBothThemes(page, "the form of a backfill");
      await ahead.getByRole("button", { name: "Cancel" }).click();
      faults.splice(0);

      await page.getByRole("button", { name: "Remove…" }).click();
      const sure = page.getByRole("dialog", { name: "Remove this connection?" });
      await sure.getByText(/Calls that came in stay\.$/).waitFor();
      await axeInBothThemes(page, "the question whether to remove a connection");
      await sure.getByRole("button", { name: "Remove it" }).click();
      await page.getByText("Nothing is connected yet").waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
    LONG,
  );

  test(
    "an integration of Gong waits until somebody lets it in there, and is told how that went",
    async () => {
      gong = await startGong(simulator, { backlog: 1 });
      const { url: base_url, client } = gong;
      const settings = {
        base_url,
        client_id: client.id,
        authorize_url: `${base_url}/oauth2/authorize`,
        token_url: `${base_url}/oauth2/generate-customer-token`,
      };
      const { id } = await connect(settings, { client_secret: client.secret });
      const { page, context, faults } = await as(ADMIN);
      await page.goto("/settings/integrations");
      await page.getByText(/^Gong has not let Sideline in yet\./).waitFor();
      await looked(page, "a connection that waits for a consent");
      await page.goto("/oauth/gong/callback?error=access_denied");
      await page.getByRole("alert").getByText("Gong did not let this program in.").waitFor();
      await looked(page, "integrations after a refusal");
      await page.getByRole("button", { name: "I have read it" }).click();
      await page.waitForURL("**/settings/integrations");
      expect(await page.getByRole("alert").count()).toBe(0);
      expect(faults).toEqual([]);

      // To Gong, where whoever comes lets it in, and back.
      await page.getByRole("button", { name: "Let Gong decide" }).click();
      await page.getByText("Gong lets Sideline in: main is connected.").waitFor();
      expect(faults.splice(0).every((fault) => fault.startsWith(`another host: ${base_url}/oauth2/authorize?`))).toBe(
        true,
      );
      expect(await page.getByRole("button", { name: "Let Gong decide" }).count()).toBe(0);
      await page.getByRole("button", { name: "Test connection" }).click();
      await page.getByText("It works", { exact: true }).waitFor();

      await page.goto(`/settings/integrations/${id}/edit`);
      await page.getByText("By OAuth", { exact: true }).waitFor();
      expect(await page.getByRole("textbox", { name: "Redirect address" }).inputValue()).toBe(
        `${url}/oauth/gong/callback`,
      );
      await looked(page, "the form of a connection by OAuth");
      expect(faults).toEqual([]);
      await page.goto("/settings/integrations/01a202c7-c449-7395-aab6-7205cf358c81");
      await page.getByRole("heading", { level: 1, name: "There is no such connection" }).waitFor();
      await context.close();
    },
    LONG,
  );
}
