// The settings, as admins, managers and reps have them.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axe, become, launch, open } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const PASSWORD = "plover marble evening 9";
/** Names that no other run has left behind. */
const mark = Date.now().toString(36);

const said = (page: Page, text: string | RegExp) => page.getByRole("status").filter({ hasText: text }).waitFor();

test("an admin invites somebody, who makes an account by the link and is removed again", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "viktor");
  await page.goto("/settings/organisation");
  await page.getByLabel("Who is invited", { exact: true }).check();
  const save = page.getByRole("button", { name: "Save" });
  if (await save.isEnabled()) {
    await save.click();
    await said(page, "saved");
  }
  await page.getByRole("link", { name: "Invitations" }).click();
  await page.getByRole("button", { name: "Invite somebody" }).click();
  const email = `milo.${mark}@dockline.example`;
  await page.getByRole("button", { name: "Make the link" }).click();
  const field = page.getByLabel("Mail address");
  await expect.poll(() => field.getAttribute("aria-invalid")).toBe("true");
  expect(await axe(page)).toEqual([]);
  expect(faults.splice(0).every((fault) => fault.includes("422"))).toBe(true);
  await field.fill(email);
  await page.getByRole("button", { name: "Make the link" }).click();
  const link = await page.getByLabel("Link", { exact: true }).inputValue();
  expect(link).toMatch(/\/login\?invitation=.+/);
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("row").filter({ hasText: email }).waitFor();

  const guest = await open(browser);
  await guest.page.goto(link);
  await guest.page.getByLabel("User name").fill(`milo.${mark}`);
  await guest.page.getByLabel("Mail address").fill(email);
  await guest.page.getByLabel("Password").fill("short");
  await guest.page.getByRole("button", { name: "Create the account" }).click();
  await expect.poll(() => guest.page.getByLabel("Password").getAttribute("aria-invalid")).toBe("true");
  expect(guest.faults.splice(0).every((fault) => fault.includes("422"))).toBe(true);
  await guest.page.getByLabel("Password").fill(PASSWORD);
  await guest.page.getByRole("button", { name: "Create the account" }).click();
  await guest.page.waitForURL((url) => url.pathname === "/");
  // Two logins; the other one ends with the password that was.
  await guest.page.goto("/settings/profile");
  await guest.page.getByRole("link", { name: "Profile" }).waitFor();
  expect(await guest.page.getByRole("navigation", { name: "Settings" }).getByRole("link").allInnerTexts()).toEqual([
    "Profile",
  ]);
  await guest.page.getByLabel("Password until now", { exact: true }).fill(PASSWORD);
  await guest.page.getByLabel("New password", { exact: true }).fill(`${PASSWORD} again`);
  await guest.page.getByRole("button", { name: "Change password" }).click();
  await said(guest.page, "The password is changed");
  expect(guest.faults).toEqual([]);
  await guest.context.close();

  await page.goto(`/settings/users?q=milo.${mark}`);
  await page.getByRole("button", { name: /What can be done with/ }).click();
  await page.getByRole("menuitem", { name: "Remove…" }).click();
  await page.getByRole("dialog").getByText(`milo.${mark}`).waitFor();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Remove the account" }).click();
  await said(page, "is removed");
  await page.getByText("Nobody fits").waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

test("a team is made, gets a member, and goes after its name was asked", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "viktor");
  await page.goto("/settings/teams");
  await page.getByRole("button", { name: "Make a team" }).click();
  await page.getByLabel("Name").fill("North");
  await page.getByRole("button", { name: "Make the team" }).click();
  await page.getByText("there is a team with this name").waitFor();
  expect(faults.splice(0).every((fault) => fault.includes("422"))).toBe(true);
  await page.getByLabel("Name").fill(`West ${mark}`);
  await page.getByRole("button", { name: "Make the team" }).click();
  await page.getByRole("combobox", { name: `Put somebody into West ${mark}` }).fill("hall");
  await page.getByRole("option", { name: "Ingrid Halloran manager" }).click();
  await page.getByRole("button", { name: "Put in" }).click();
  await page.getByRole("button", { name: `Take Ingrid Halloran out of West ${mark}` }).waitFor();
  await page.reload();
  await page.getByRole("list", { name: `Members of West ${mark}` }).waitFor();
  await page.getByRole("button", { name: "Delete…" }).click();
  await page.getByRole("dialog").getByText(`West ${mark}`).waitFor();
  await page.getByRole("button", { name: "Delete the team" }).click();
  await said(page, "is deleted");
  await expect.poll(() => page.getByRole("list", { name: "Teams" }).innerText()).not.toContain(mark);
  expect(faults).toEqual([]);
  await context.close();
});

test("who is no admin is offered less, and told so where an address is known", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  await page.goto("/settings/teams");
  await page
    .getByRole("list", { name: /^Members of/ })
    .getByText("Ingrid Halloran")
    .waitFor();
  expect(await page.getByRole("navigation", { name: "Settings" }).getByRole("link").allInnerTexts()).toEqual([
    "Profile",
    "Teams",
    "Model",
    "Costs",
    "Deal warnings",
    "System",
  ]);
  expect(await page.getByRole("button", { name: /Make a team|Rename|Delete|Take/ }).count()).toBe(0);
  await page.goto("/settings/audit");
  await page.getByText("this is for admins only").waitFor();
  expect(faults).toEqual([]);
  await context.close();
});
