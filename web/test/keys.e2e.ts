// From the login to the words of a call and on to the next, by keys alone.

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callsOf, enter, launch, open, PASSWORD, seesMarked, settled } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const focused = (place: Locator) => place.evaluate((element) => element === document.activeElement);

/** Presses Tab until a place has the focus. */
async function tabTo(page: Page, place: Locator, key = "Tab"): Promise<void> {
  await place.waitFor();
  for (let pressed = 0; pressed < 400; pressed++) {
    if (await focused(place)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not come to ${place}`);
}

test("keys alone lead from the login into a call, to the words of a check and to the next call", async () => {
  const { page, context, faults } = await open(browser);
  await page.goto("/");
  await settled(page);
  await tabTo(page, page.getByLabel("User name or mail address"));
  await page.keyboard.type("ingrid");
  await tabTo(page, page.getByLabel("Password"));
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/");
  await settled(page);

  await enter("ingrid");
  const calls = await callsOf("ingrid", "status=analysed&limit=20");
  const call = calls.find(
    ({ title, started_at }, n) => n > 4 && started_at && calls.filter((one) => one.title === title).length === 1,
  );
  if (!call) throw new Error("no title stands for one call");
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog", { name: "Find or do" }).waitFor();
  await page.keyboard.type(call.title);
  const option = page.getByRole("option").filter({ hasText: call.title }).first();
  await option.waitFor();
  await expect.poll(() => page.getByRole("option").first().innerText()).toContain(call.title);
  await expect.poll(() => option.getAttribute("aria-selected")).toBe("true");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/calls\/[0-9a-f-]+/);
  await page.getByRole("heading", { level: 1, name: call.title }).waitFor();
  await settled(page);

  // The first check that rests on words; each is opened on the way and closed again.
  const checks = page.locator('button[aria-controls^="check-"]');
  await checks.first().waitFor();
  const evidence = page.locator("[id^=check-] button[aria-current]").first();
  const count = await checks.count();
  let check = checks.first();
  for (let n = 0; n < count; n++) {
    check = checks.nth(n);
    await tabTo(page, check);
    await page.keyboard.press("Enter");
    await expect.poll(() => check.getAttribute("aria-expanded")).toBe("true");
    if ((await evidence.count()) > 0) break;
    await page.keyboard.press("Enter");
    await expect.poll(() => check.getAttribute("aria-expanded")).toBe("false");
  }
  await tabTo(page, evidence);
  const words = await evidence.locator("mark").innerText();
  await page.keyboard.press("Enter");
  await seesMarked(page, words);
  await tabTo(page, check, "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect.poll(() => check.getAttribute("aria-expanded")).toBe("false");

  const before = page.url();
  await expect.poll(() => page.getByRole("button", { name: "Call after (])" }).isEnabled()).toBe(true);
  await page.keyboard.press("]");
  await page.waitForURL((url) => url.pathname !== new URL(before).pathname);
  await page.getByRole("region", { name: "Transcript" }).waitFor();

  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Keys" });
  await keys.getByText("Next evidence").waitFor();
  await page.keyboard.press("Escape");
  await expect.poll(() => keys.count()).toBe(0);
  expect(faults).toEqual([]);
  await context.close();
});
