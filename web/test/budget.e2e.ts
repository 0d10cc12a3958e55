// How much code a browser loads before a page is there, as the program sends it.

import { get } from "node:http";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { become, callsOf, launch, open, settled, URL_ } from "./browser";

const KB = 1024;

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** The addresses of the scripts that a page loads, from what is done with it. */
async function scriptsOf(page: Page, loading: () => Promise<unknown>): Promise<string[]> {
  const scripts = new Set<string>();
  page.on("response", (response) => /\.js($|\?)/.test(response.url()) && scripts.add(response.url()));
  await loading();
  // What comes after the page is there and before anything is done with it belongs to it.
  await page.waitForTimeout(1_000);
  return [...scripts];
}

/** Bytes that come over the wire to a browser. */
function packed(url: string): Promise<number> {
  return new Promise((done, failed) => {
    get(url, { headers: { "accept-encoding": "gzip, deflate, br, zstd" } }, (response) => {
      if (response.statusCode !== 200 || response.headers["content-encoding"] !== "gzip")
        failed(new Error(`${url}: ${response.statusCode} ${response.headers["content-encoding"]}`));
      let bytes = 0;
      response.on("data", (part: Buffer) => {
        bytes += part.length;
      });
      response.on("end", () => done(bytes));
    }).on("error", failed);
  });
}

async function weight(scripts: string[]): Promise<number> {
  expect(scripts.length).toBeGreaterThan(0);
  const sizes = await Promise.all(scripts.map(packed));
  return sizes.reduce((sum, size) => sum + size, 0) / KB;
}

test("the first page is there with 250 KB of code", async () => {
  const { page, context } = await open(browser);
  const scripts = await scriptsOf(page, async () => {
    await page.goto(`${URL_}/login`);
    await settled(page);
  });
  const kb = await weight(scripts);
  expect(kb).toBeGreaterThan(20);
  expect(kb).toBeLessThanOrEqual(250);
  await context.close();
});

test("a call is there with 450 KB of code", async () => {
  const { page, context } = await open(browser);
  await become(context, "ingrid");
  const [call] = await callsOf("ingrid", "status=analysed&limit=1");
  const scripts = await scriptsOf(page, async () => {
    await page.goto(`/calls/${call?.id}`);
    await settled(page);
    await page.getByRole("region", { name: "Transcript" }).waitFor();
  });
  const kb = await weight(scripts);
  expect(kb).toBeGreaterThan(50);
  expect(kb).toBeLessThanOrEqual(450);
  await context.close();
});
