import { expect, test } from "vitest";
import { blocks } from "./blocks";

test("tables, lists and code are told apart from words", () => {
  const text =
    "Ours.\nStill.\n\n| What | Most |\n|---|--:|\n| Doors | 400 |\n\n- one\n\n- two\n* three\n\n```\na - b\n\n| c |\n```\nAfter.";
  expect(blocks(text)).toEqual([
    { kind: "words", text: "Ours.\nStill." },
    { kind: "table", head: ["What", "Most"], rows: [["Doors", "400"]] },
    { kind: "list", items: ["one", "two", "three"] },
    { kind: "code", text: "a - b\n\n| c |" },
    { kind: "words", text: "After." },
  ]);
});

test("what only looks like one of them stays as it was written, and nothing gets lost", () => {
  for (const text of ["a | b", "1. one\n2. two", "- one\nand more of it", "| alone |", "5 - 3 is 2", "a\n---"])
    expect(blocks(text)).toEqual([{ kind: "words", text }]);
  expect(blocks("```\ncut off")).toEqual([{ kind: "code", text: "cut off" }]);
  expect(blocks("")).toEqual([]);
});
