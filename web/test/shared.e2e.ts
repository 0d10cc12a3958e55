// A recording's real transcript, as it comes out of Zoom: from the login to the words that a verdict rests on.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { evidenceOf, launch, open, PASSWORD, seesMarked, settled } from "./browser";

/** Where files of others lie that are not part of the project. */
const FOLDER = process.env.SIDELINE_SHARED && join(process.env.SIDELINE_SHARED, "zoom_vtt");
const FILES = FOLDER ? readdirSync(FOLDER).filter((name) => name.endsWith(".vtt")) : [];
const MISSING = "SIDELINE_SHARED does not name a folder with real transcripts in zoom_vtt";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

if (FOLDER === undefined) {
  console.warn(`the real files are not tried: ${MISSING}`);
  test(`a real file is coached (${MISSING})`, ({ skip }) => skip(MISSING));
} else {
  test("there are real files", () => expect(FILES).not.toEqual([]));

  test.each(FILES)("%s is coached, and its evidence marks the words that were said", async (name) => {
    const { page, context, faults } = await open(browser);
    await page.goto("/calls");
    await page.getByLabel("User name or mail address").fill("ingrid");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.waitForURL("**/calls");
    await settled(page);
    await page.getByLabel("Transcripts").setInputFiles({
      name,
      mimeType: "text/vtt",
      buffer: readFileSync(join(FOLDER, name)),
    });
    const uploads = page.getByRole("region", { name: "Uploads" });
    await uploads.getByText("Who is who?").waitFor();
    await uploads.getByRole("link", { name }).click();
    await page.waitForURL(/\/calls\/[0-9a-f-]+/);
    await settled(page);
    await page.getByRole("group", { name: "Participants" }).getByRole("listitem").first().getByText("Ours").click();
    await page.getByRole("button", { name: "Coach the call" }).click();
    // It comes by itself, here and among the uploads.
    await page.getByRole("heading", { name: "Discovery" }).waitFor();
    await uploads.getByText(", 1 coached").waitFor();
    await uploads.getByRole("button", { name: "Close" }).click();
    const evidence = await evidenceOf(page);
    const words = await evidence.locator("mark").innerText();
    expect(words).not.toBe("");
    await evidence.click();
    await seesMarked(page, words);
    // The words are those of the file.
    const said = readFileSync(join(FOLDER, name), "utf8").replaceAll(/\s+/g, " ");
    expect(said).toContain(words.replaceAll(/\s+/g, " "));
    expect(faults).toEqual([]);
    await context.close();
  });
}
