// Who closes a dialog is where they opened it.

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { become, callsOf, launch, open, settled } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

type Opened = {
  /** What the dialog is called. */
  dialog: string | RegExp;
  /** What opens it, and what is chosen then where it is a menu. */
  by: (page: Page) => Locator;
  item?: string;
  /** The button that closes it. */
  close: string;
};

const button = (name: string | RegExp) => (page: Page) => page.getByRole("button", { name }).first();
const more = button("More to do with this call");
const deeds = button(/^What can be done with/);

/** Dialogs of the pages, by the addresses of these. */
const DIALOGS: [address: string, Opened[]][] = [
  [
    "CALL",
    [
      { dialog: "Edit details", by: more, item: "Edit details…", close: "Cancel" },
      { dialog: "Who is of your side?", by: more, item: "Who is who…", close: "Close" },
      { dialog: "Delete this call?", by: more, item: "Delete…", close: "Keep it" },
      { dialog: "Find or do", by: button("Find or do"), close: "" },
    ],
  ],
  [
    "/settings/users",
    [
      { dialog: "Add a user", by: button(/^Add/), close: "Close" },
      { dialog: /^Edit /, by: deeds, item: "Edit…", close: "Close" },
    ],
  ],
  ["/settings/invitations", [{ dialog: "Invite somebody", by: button("Invite somebody"), close: "Close" }]],
  [
    "/settings/teams",
    [
      { dialog: "Make a team", by: button("Make a team"), close: "Close" },
      { dialog: "Delete this team?", by: button("Delete…"), close: "Keep it" },
    ],
  ],
  ["/trackers", [{ dialog: "Add a tracker", by: button(/^Add a tracker/), close: "Close" }]],
];

test.each(DIALOGS)("focus comes back from the dialogs of %s", async (address, dialogs) => {
  const { page, context, faults } = await open(browser);
  await become(context, "viktor");
  const [call] = await callsOf("viktor", "status=analysed&limit=1");
  await page.goto(address.replace("CALL", `/calls/${call?.id}`));
  await settled(page);
  for (const { dialog: name, by, item, close } of dialogs) {
    for (const way of close ? ["Escape", close] : ["Escape"]) {
      const opener = by(page);
      // By keys, as those do who need the focus to be where it was.
      await opener.focus();
      await page.keyboard.press("Enter");
      if (item) {
        await page.getByRole("menuitem", { name: item }).focus();
        await page.keyboard.press("Enter");
      }
      const dialog = page.getByRole("dialog", { name });
      await dialog.waitFor();
      const within = () => dialog.evaluate((element) => element.contains(document.activeElement));
      await expect.poll(within, { message: `the focus is in ${name}` }).toBe(true);
      if (way === "Escape") await page.keyboard.press("Escape");
      else await dialog.getByRole("button", { name: way, exact: true }).click();
      await expect.poll(() => dialog.count()).toBe(0);
      const back = () => opener.evaluate((element) => element === document.activeElement);
      await expect.poll(back, { message: `${way} leads from ${name} back to what opened it` }).toBe(true);
    }
  }
  expect(faults).toEqual([]);
  await context.close();
});

test("what is opened by a key gives the focus back to where it was", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "viktor");
  await page.goto("/team");
  await settled(page);
  const place = page.getByRole("button", { name: "90 days" });
  for (const [key, name] of [
    ["Control+k", "Find or do"],
    ["?", "Keys"],
  ] as const) {
    await place.focus();
    await page.keyboard.press(key);
    const dialog = page.getByRole("dialog", { name });
    await dialog.waitFor();
    await expect.poll(() => dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
    await page.keyboard.press("Escape");
    await expect.poll(() => dialog.count()).toBe(0);
    const back = () => place.evaluate((element) => element === document.activeElement);
    await expect.poll(back, { message: `the focus comes back from ${name}` }).toBe(true);
  }
  expect(faults).toEqual([]);
  await context.close();
});
