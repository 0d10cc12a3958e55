// A program that nobody has an account on, from its first page to its first call.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axeInBothThemes, chosen, DESK, launch, open, settled, talk } from "./browser";

const EMPTY = process.env.SIDELINE_EMPTY_URL;

let browser: Browser;
beforeAll(async () => {
  if (!EMPTY)
    throw new Error("SIDELINE_EMPTY_URL is not set; `cargo xtask test` starts a program without accounts and sets it");
  browser = await launch();
});
afterAll(() => browser?.close());

test("a new installation is set up, looked at with sample calls, and used with one's own", async () => {
  const { page, context, faults } = await open(browser, "light", DESK, EMPTY);
  await page.goto("/");
  await page.waitForURL("**/login*");
  await page.getByRole("heading", { name: "Set up Sideline" }).waitFor();
  await settled(page);
  await axeInBothThemes(page, "the first page");
  await page.getByLabel("User name").fill("runa");
  await page.getByLabel("Mail address").fill("runa@brightlane.example");
  await page.getByLabel("Password").fill("plover marble evening 9");
  await page.getByRole("button", { name: "Create the account" }).click();
  await page.waitForURL((url) => url.pathname === "/");
  const welcome = page.getByRole("heading", { level: 1, name: /^Welcome, / });
  await welcome.waitFor();
  const ways = ["Look around first", "Bring your own calls"];
  expect(await page.getByRole("heading", { level: 2 }).allInnerTexts()).toEqual(ways);
  await settled(page);
  await axeInBothThemes(page, "the welcome page");

  // From here on the page is never loaded anew: all comes by itself.
  await page.evaluate(() => {
    (window as unknown as { stayed: boolean }).stayed = true;
  });
  await page.getByRole("button", { name: "Add sample calls" }).click();
  const note = page.getByRole("complementary", { name: "Sample calls" });
  await note.getByText(/^\d{3} sample calls/).waitFor();
  // A whole week, whatever day today is.
  await page.getByRole("link", { name: "The week before" }).click();
  await note.getByText("Take them away").waitFor({ timeout: 60_000 });
  await expect.poll(() => page.locator("main blockquote mark").count(), { timeout: 10_000 }).toBe(3);
  // Over so many days each of them has enough calls.
  await page.getByRole("button", { name: "90 days" }).click();
  const rows = page
    .getByRole("table")
    .first()
    .getByRole("row")
    .filter({ has: page.getByRole("rowheader") });
  await expect.poll(() => rows.count()).toBe(8);
  await expect.poll(() => rows.first().getByRole("cell").nth(1).innerText()).toMatch(/^\d+/);
  // Their deals are there as well.
  await page.getByRole("link", { name: "Deals", exact: true }).first().click();
  await expect.poll(() => page.locator("main table tbody tr").count()).toBeGreaterThan(20);
  await page.goBack();
  expect(faults).toEqual([]);
  await note.getByRole("button", { name: "Remove sample calls" }).click();
  const sure = page.getByRole("dialog", { name: "Remove the sample calls?" });
  await sure.getByText(/^\d{3} sample calls go .* Your own calls stay\.$/).waitFor();
  await sure.getByRole("button", { name: "Remove sample calls" }).click();
  await welcome.waitFor();
  expect(await page.getByRole("heading", { level: 2 }).allInnerTexts()).toEqual(ways);

  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose transcripts" }).click();
  await (await choosing).setFiles(chosen(talk("Tidewater Foods", "Runa Vell")));
  const uploads = page.getByRole("region", { name: "Uploads" });
  await uploads.getByText(", 1 coached").waitFor();
  await uploads.getByRole("link", { name: "tidewater-foods.json" }).click();
  await page.getByRole("heading", { level: 1, name: "Tidewater Foods" }).waitFor();
  await page.getByRole("heading", { name: "Discovery" }).waitFor();
  expect(await page.evaluate(() => (window as unknown as { stayed?: boolean }).stayed)).toBe(true);
  // Lines of made-up people are asked for while these go, and once more before the page knows that they have gone.
  expect(faults.filter((fault) => !fault.includes("404"))).toEqual([]);
  await context.close();
});
