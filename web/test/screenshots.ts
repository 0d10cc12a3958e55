// A picture of every page: two sizes, two themes. `cargo xtask screenshots` runs it.

import { mkdirSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, test } from "vitest";
import { ask, become, DESK, launch, open, PHONE, settled, type Theme } from "./browser";

const folder = process.env.SIDELINE_PICTURES ?? "";

let browser: Browser;
beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  browser = await launch();
});
afterAll(() => browser.close());

const SIZES = [
  { name: "1440", viewport: DESK },
  { name: "390", viewport: PHONE },
];
const THEMES: Theme[] = ["light", "dark"];

test.each(SIZES.flatMap((size) => THEMES.map((theme) => ({ ...size, theme }))))(
  "$name $theme",
  async ({ name: size, viewport, theme }) => {
    const { page, context } = await open(browser, theme, viewport);
    const take = async (name: string, path: string) => {
      await page.goto(path);
      await settled(page);
      await page.screenshot({ path: `${folder}/${name}-${size}-${theme}.png` });
    };
    await take("login", "/login");
    await become(context, "ingrid");
    const calls = await ask<{ items: { id: string; started_at: string }[] }>(
      "ingrid",
      "/calls?status=analysed&limit=2",
    );
    const [call] = calls.items;
    await take("start", `/?week=${call?.started_at.slice(0, 10)}`);
    await take("calls", "/calls");
    await take("calls-none", "/calls?q=nothing-has-this-title");
    await take("call", `/calls/${call?.id}`);
    const checks = page.getByRole("button", { name: /, met$/ });
    await checks.first().click();
    await page.locator("button[aria-current]").first().click();
    await page.screenshot({ path: `${folder}/call-evidence-${size}-${theme}.png` });
    const reps = await ask<{ items: { rep: { id: string } }[] }>("ingrid", "/analytics/agents?limit=2");
    const [a, b] = reps.items.map(({ rep }) => rep.id);
    await take("team", "/team?days=90");
    await take("rep", `/people/${a}?days=90`);
    await take("compare", `/people/compare?a=${a}&b=${b}&days=90`);
    await take("rubrics", "/rubrics");
    await take("rubric", "/rubrics/default");
    await take("trackers", "/rubrics/trackers");
    await take("nowhere", "/nowhere");
    await context.close();
  },
);
