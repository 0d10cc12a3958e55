// What takes room, and what goes after a time.

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ask, axeInBothThemes, become, DESK, enter, fits, fresh, launch, open, PHONE, settled } from "./browser";
import { bringRows, listed } from "./deals";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
  await enter("viktor");
});
// As the program comes, also where a test failed in between.
afterEach(() => ask("viktor", "/settings", { email_days: null, crm_days: null }, "PATCH"));
afterAll(() => browser.close());

async function looked(page: Page, where: string): Promise<void> {
  await axeInBothThemes(page, where);
  await page.setViewportSize(PHONE);
  await fits(page, where);
  await axeInBothThemes(page, `${where} on a phone`);
  await page.setViewportSize(DESK);
}

type Storage = { total_bytes: number; kinds: { kind: string; bytes: number }[] };
type Retention = { email_days: number; crm_days: number; items: { kind: string; count: number }[] };

const retention = () => ask<Retention>("viktor", "/retention", undefined, "GET");
const due = async (kind: string) => (await retention()).items.find((item) => item.kind === kind)?.count ?? 0;

test("what takes room is told by kind, the largest first, as the program measured it", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "viktor");
  await page.goto("/settings/profile");
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Storage" }).click();
  await page.getByRole("heading", { level: 1, name: "Storage and retention" }).waitFor();
  const rows = page.getByRole("table").first().getByRole("rowheader");
  await rows.first().waitFor();
  const told = await ask<Storage>("viktor", "/storage", undefined, "GET");
  const largest = told.kinds.toSorted((a, b) => b.bytes - a.bytes)[0];
  expect(await rows.count()).toBe(told.kinds.filter(({ bytes }) => bytes > 0).length);
  const names: Record<string, string> = {
    judgements: "Judgements",
    transcripts: "Transcripts",
    originals: "Original files",
    deals: "Deals",
    emails: "E-mails",
    free: "Free",
    other: "Everything else",
  };
  expect(await rows.first().innerText()).toContain(names[largest?.kind ?? ""]);
  await page.getByText(`${Math.round(told.total_bytes / 1e6)} MB`, { exact: true }).waitFor();
  await looked(page, "what takes room");
  expect(faults).toEqual([]);
  await context.close();
});

test("what is older than the days that somebody sets is told before it goes, goes when they say so, and the rest stays", async () => {
  const mark = fresh();
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  const domain = `mole${mark}.example`;
  const deal = { id: `O-${mark}`, name: `Mole ${mark}`, account: "Mole", account_domain: domain, stage: "Closed Lost" };
  await bringRows("opportunities", [
    { ...deal, status: "lost", amount: "100", opened_at: ago(400), closed_at: ago(330) },
  ]);
  await bringRows(
    "emails",
    [380, 340].map((days) => ({
      id: `E${days}-${mark}`,
      opportunity_id: deal.id,
      sender: `vera@${domain}`,
      recipients: ["felix@brightlane.example"],
      sent_at: ago(days),
      incoming: true,
      subject: `Letter of ${days} days`,
      body: `What stood in it ${days} days ago.`,
    })),
  );
  const { page, context, faults } = await open(browser);
  await become(context, "viktor");
  await page.goto("/settings/storage");
  await settled(page);
  const [emails, copies] = [page.getByLabel("Words of e-mails"), page.getByLabel("Copies of the CRM")];
  const save = page.getByRole("button", { name: "Save" });
  await emails.fill("4000");
  await page.getByText("A whole number of days, up to 3,650; 0 for ever.").waitFor();
  expect(await save.isDisabled()).toBe(true);
  await looked(page, "days that are refused");
  // Kept for ever: nothing would go, and nothing can be taken away.
  await emails.fill("0");
  await copies.fill("0");
  await save.click();
  await page.getByRole("status").filter({ hasText: "The days are saved." }).waitFor();
  await page.getByText("Nothing is old enough to go.").waitFor();
  const take = page.getByRole("button", { name: "Take it away now…" });
  expect(await take.isDisabled()).toBe(true);
  expect(await retention()).toMatchObject({ email_days: 0, crm_days: 0 });

  // 360 days: the older of the two letters, and no deal that is younger.
  await emails.fill("360");
  expect(await take.isDisabled()).toBe(true);
  await save.click();
  await page.getByText("It goes by itself in the coming night.").waitFor();
  const row = page.getByRole("row").filter({ hasText: "First words of e-mails" });
  const count = await due("email_snippets");
  expect(count).toBeGreaterThanOrEqual(1);
  await row.getByRole("cell", { name: `${count}`, exact: true }).waitFor();
  await take.click();
  const dialog = page.getByRole("dialog", { name: "Take it away now?" });
  await dialog.getByText(`The first words of ${count} ${count === 1 ? "e-mail" : "e-mails"} will go`).waitFor();
  await axeInBothThemes(page, "the question whether old e-mails go");
  const letters = async () => {
    const [found] = await listed(mark);
    type Entry = { subject: string; snippet: string | null };
    const all = await ask<{ items: Entry[] }>("viktor", `/opportunities/${found?.id}/timeline`, undefined, "GET");
    return Object.fromEntries(all.items.map(({ subject, snippet }) => [subject, snippet ?? null]));
  };
  await dialog.getByRole("button", { name: "Keep it" }).click();
  expect((await letters())["Letter of 380 days"]).toBe("What stood in it 380 days ago.");
  await take.click();
  await dialog.getByRole("button", { name: "Take it away" }).click();
  await page.getByRole("status").filter({ hasText: "It is gone: the first words of" }).waitFor();
  await page.getByText("Nothing is old enough to go.").waitFor();
  expect(await letters()).toEqual({
    "Letter of 380 days": null,
    "Letter of 340 days": "What stood in it 340 days ago.",
  });
  expect(faults).toEqual([]);
  await context.close();
});

test("a manager is not offered what is for admins", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  await page.goto("/settings/storage");
  await page.getByText("Storage: this is for admins only.").waitFor();
  expect(await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Storage" }).count()).toBe(
    0,
  );
  expect(faults).toEqual([]);
  await context.close();
});
