// Links that are copied, also where the browser gives no clipboard.

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { become, callsOf, launch, open, settled } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** What was copied, as a field shows it into which it is pasted. */
async function pasted(page: Page): Promise<string> {
  await page.keyboard.press("Control+k");
  const field = page.getByRole("dialog", { name: "Find or do" }).getByRole("combobox");
  await field.waitFor();
  await field.focus();
  await page.keyboard.press("Control+v");
  await expect.poll(() => field.inputValue()).not.toBe("");
  const text = await field.inputValue();
  await page.keyboard.press("Escape");
  return text;
}

/** What browsers do about the clipboard. */
const BROWSERS: [what: string, make: (context: BrowserContext) => Promise<unknown>][] = [
  ["that gives its clipboard", (context) => context.grantPermissions(["clipboard-read", "clipboard-write"])],
  [
    "that refuses its clipboard",
    (context) =>
      context.addInitScript(() => {
        Clipboard.prototype.writeText = () => Promise.reject(new DOMException("refused", "NotAllowedError"));
      }),
  ],
  [
    "that has none for plain HTTP",
    (context) =>
      context.addInitScript(() => Object.defineProperty(Navigator.prototype, "clipboard", { get: () => undefined })),
  ],
];

test.each(BROWSERS)("a moment is linked to in a browser %s", async (_, make) => {
  const { page, context, faults } = await open(browser);
  await make(context);
  await become(context, "ingrid");
  const [call] = await callsOf("ingrid", "status=analysed&limit=1");
  const address = `/calls/${call?.id}`;
  await page.goto(address);
  await settled(page);
  const line = page.getByRole("region", { name: "Transcript" }).getByRole("listitem").nth(2);
  const copy = line.getByRole("button", { name: /^Copy the link to/ });
  await line.hover();
  await copy.click();
  await line.getByRole("button", { name: "Copied" }).waitFor();
  const link = await pasted(page);
  expect(new URL(link).pathname).toBe(address);
  await page.goto(link);
  const current = page.locator("[data-current]");
  await current.waitFor();
  expect(await current.innerText()).toBe(await line.innerText());

  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  expect(await pasted(page)).toBe(link);
  expect(faults).toEqual([]);
  await context.close();
});
