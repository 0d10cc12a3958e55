import { expect, test } from "vitest";
import type { KnowledgeSection } from "@/api/knowledge";
import { readDocumentSearch, readKnowledgeSearch } from "./search";
import { citation, extent, size, titled } from "./words";

const part = (n: number, heading: string): KnowledgeSection => ({ id: `1.v1.${n}`, heading, text: "…", tokens: 3 });

test("a section is called by the heading above it, and one that was cut goes on", () => {
  const parts = [
    part(1, ""),
    part(2, "Sheet"),
    part(3, "Sheet › Price"),
    part(4, "Sheet › Price"),
    part(5, "Sheet › Price › Yearly"),
  ];
  expect(titled(parts, "Sheet").map(({ title, above, depth, continued }) => [title, above, depth, continued])).toEqual([
    ["Sheet", "", 0, false],
    ["Sheet", "", 0, false],
    ["Price", "", 0, false],
    ["Price", "", 0, true],
    ["Yearly", "Price", 1, false],
  ]);
  // Another name than its first heading: then that is a heading like others.
  expect(titled([part(1, "Sheet › Price")], "Docks")[0]).toMatchObject({ title: "Price", above: "Sheet", depth: 1 });
});

test("a citation names document and section, each once", () => {
  expect(citation({ name: "Sheet", heading: "Sheet › Price" })).toBe("Sheet › Price");
  expect(citation({ name: "Docks", heading: "Sheet › Price" })).toBe("Docks › Sheet › Price");
  expect(citation({ name: "Sheet", heading: "Sheet" })).toBe("Sheet");
  expect(citation({ name: "Notes", heading: "" })).toBe("Notes");
});

test("how long a document is, is told in words and no more exactly than it is known", () => {
  expect([3, 100, 1_000, 20_000].map(size)).toEqual([
    "about 10 words",
    "about 80 words",
    "about 800 words",
    "about 15,000 words",
  ]);
  expect(extent({ sections: 1, tokens: 100 })).toBe("1 section, about 80 words");
});

test("what an address says that is not understood is left out", () => {
  expect(readDocumentSearch({ version: "2" })).toEqual({ version: 2 });
  for (const version of ["x", 0, -1, 1.5, 1e9, null]) expect(readDocumentSearch({ version })).toEqual({});
  expect([readKnowledgeSearch({ retired: "true" }), readKnowledgeSearch({ retired: "x" })]).toEqual([
    { retired: true },
    {},
  ]);
});
