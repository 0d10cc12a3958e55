// The knowledge base: documents are brought, refused, read by section, renewed and retired.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axeInBothThemes, become, fresh, launch, open, seen, settled } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const file = (name: string, text: string) => ({ name, mimeType: "text/markdown", buffer: Buffer.from(text) });

/** A sheet whose second version says another price. */
const sheet = (name: string, euros: number) =>
  `# ${name}\n\nPlans what arrives at which door.\n\n## Price\n\nA door costs ${euros} euros a month.\n\n${"## Limits\n\nOutdoors it is not supported. ".repeat(30)}\n`;

test("a document is brought, read at a section, renewed, and retired", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  const name = `Sheet ${fresh()}`;
  await page.goto("/");
  await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Knowledge" }).click();
  await page.waitForURL("**/knowledge");
  await settled(page);
  await page.getByLabel("Documents").setInputFiles(file("sheet.md", sheet(name, 49)));
  await page
    .getByRole("status")
    .filter({ hasText: `“${name}” is kept: ` })
    .waitFor();
  await page.getByRole("row").filter({ hasText: name }).getByRole("cell").last().getByText("by Ingrid").waitFor();
  await page.getByRole("link", { name, exact: true }).click();
  await page.waitForURL(/\/knowledge\/[0-9a-f-]{36}$/);
  await page.getByText("A door costs 49 euros a month.").waitFor();

  // Each section has an address of its own, by the id that citations have.
  const last = page.getByRole("article").last();
  const id = await last.getAttribute("id");
  expect(id).toMatch(/^[0-9a-f]{10}\.v1\.\d+$/);
  await last.getByRole("link").click();
  expect(new URL(page.url()).hash).toBe(`#${id}`);
  await page.goto(page.url());
  await page.reload();
  await seen(page.locator(`[id="${id}"] h2`), "the section that the address means");

  await page.getByLabel("Next version").setInputFiles(file("sheet.md", sheet(name, 59)));
  await page.getByRole("status").filter({ hasText: "as version 2" }).waitFor();
  await page.getByText("A door costs 59 euros a month.").waitFor();
  expect(await page.getByText("A door costs 49 euros").count()).toBe(0);
  await page.getByLabel("Version", { exact: true }).selectOption("Version 1");
  await page.waitForURL("**?version=1");
  await page.getByText("A door costs 49 euros a month.").waitFor();
  await page.getByText("Calls are held against version 2 now").waitFor();
  await axeInBothThemes(page, "an older version of a document");

  await page.getByRole("button", { name: "Retire…" }).click();
  const sure = page.getByRole("dialog", { name: "Retire this document?" });
  await sure.getByText(name).waitFor();
  await axeInBothThemes(page, "the question whether a document is retired");
  await sure.getByRole("button", { name: "Retire the document" }).click();
  await page.getByText("Nothing is held against it any more; what cites it still opens.").waitFor();
  await page.getByText("A door costs 49 euros a month.").waitFor();
  expect(await page.getByRole("button", { name: "New version" }).count()).toBe(0);
  await page.getByRole("link", { name: "All documents" }).click();
  await settled(page);
  expect(await page.getByRole("link", { name, exact: true }).count()).toBe(0);
  await page.getByRole("link", { name: "Show retired documents" }).click();
  await page.getByRole("link", { name, exact: true }).click();
  await page.getByRole("button", { name: "Take back into use" }).click();
  await page.getByRole("button", { name: "Retire…" }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

test("files that are dropped are taken one by one, and what is refused says why", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  await page.goto("/knowledge");
  // Whoever may not add documents may not drop them either: until it is known who this is, nothing takes them.
  await page.getByRole("button", { name: "Add documents" }).waitFor();
  const name = `Playbook ${fresh()}`;
  const drop = await page.evaluateHandle(
    (text) => {
      const data = new DataTransfer();
      data.items.add(new File(["%PDF-1.4 cut off"], "cut.pdf", { type: "application/pdf" }));
      data.items.add(new File([text], "playbook.md", { type: "text/markdown" }));
      data.items.add(new File(["PK\u0003\u0004"], "slides.pptx"));
      return data;
    },
    sheet(name, 9),
  );
  await page.locator("body").dispatchEvent("drop", { dataTransfer: drop });
  await page
    .getByRole("status")
    .filter({ hasText: `“${name}” is kept` })
    .waitFor();
  const refused = page.getByRole("alert");
  await refused.getByText("The PDF is damaged; save it anew, or export its text.").waitFor();
  await refused.getByRole("listitem").filter({ hasText: "slides.pptx" }).waitFor();
  await page.getByRole("link", { name, exact: true }).waitFor();
  await axeInBothThemes(page, "documents that were taken and refused");
  expect(
    faults.every((fault) => /\b(415|422)\b/.test(fault)),
    faults.join(),
  ).toBe(true);
  await context.close();
});

test("a rep reads the documents, and is offered nothing else", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "noor");
  await page.goto("/knowledge");
  await settled(page);
  expect(await page.getByLabel("Documents", { exact: true }).count()).toBe(0);
  expect(await page.getByRole("button", { name: /Add/ }).count()).toBe(0);
  await page.getByRole("row").nth(1).getByRole("link").click();
  await page.getByRole("article").first().waitFor();
  expect(await page.getByRole("button", { name: /New version|Retire|Take back/ }).count()).toBe(0);
  expect(faults).toEqual([]);
  await context.close();
});

test("without documents the page says what they are for, and that without a model no verdict rests on them", async () => {
  const { page, context, faults } = await open(browser);
  await become(context, "ingrid");
  await page.route("**/api/v1/knowledge?**", (route) => route.fulfill({ json: [] }));
  await page.goto("/knowledge");
  await page.getByText("No documents yet").waitFor();
  await page.getByText(/held against them under product knowledge/).waitFor();
  await page.getByText(/without one they are kept, but no verdict rests on them/).waitFor();
  await page.getByRole("button", { name: "Add documents" }).waitFor();
  await axeInBothThemes(page, "an empty knowledge base");
  expect(faults).toEqual([]);
  await context.close();
});
