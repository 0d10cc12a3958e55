import { expect, test } from "vitest";
import { compare, moved, pieces } from "./compare";
import type { Check, Dimension, Rubric } from "./document";

const check = (id: string, more: Partial<Check> = {}): Check => ({
  id,
  name: id.toUpperCase(),
  sentence: `It is ${id}.`,
  kind: "presence",
  weight: 1,
  advice: "Do it.",
  ...more,
});
const dimension = (id: string, checks: Check[], more: Partial<Dimension> = {}): Dimension => ({
  id,
  name: `The ${id}`,
  weight: 10,
  description: "",
  levels: { "1": "low", "3": "middle", "5": "high" },
  checks,
  ...more,
});
const rubric = (dimensions: Dimension[], more: Partial<Rubric> = {}): Rubric => ({
  id: "visits",
  name: "Visit",
  version: 1,
  description: "A visit.",
  dimensions,
  ...more,
});

const hows = (before: Rubric, after: Rubric) =>
  compare(before, after).dimensions.map(({ id, how, checks }) => [id, how, checks.map((one) => [one.id, one.how])]);

test("the same document in another version is the same", () => {
  const one = rubric([dimension("start", [check("a"), check("b")])]);
  const found = compare(one, { ...one, version: 2 });
  expect(found.same).toBe(true);
  expect(found.counts).toEqual({ added: 0, removed: 0, changed: 0 });
});

test("what was added, removed and changed is told apart", () => {
  const before = rubric([dimension("start", [check("a"), check("b")]), dimension("end", [check("c")])]);
  const after = rubric([dimension("start", [check("a", { weight: 3 }), check("d")]), dimension("more", [check("e")])]);
  expect(hows(before, after)).toEqual([
    [
      "start",
      "changed",
      [
        ["a", "changed"],
        ["d", "added"],
        ["b", "removed"],
      ],
    ],
    ["more", "added", [["e", "added"]]],
    ["end", "removed", [["c", "removed"]]],
  ]);
  const found = compare(before, after);
  expect(found.counts).toEqual({ added: 2, removed: 2, changed: 1 });
  expect(found.same).toBe(false);
  expect(found.dimensions[0]?.checks[0]?.fields).toEqual([
    { name: "Weight", before: "1 (50 % of The start)", after: "3 (75 % of The start)" },
  ]);
});

test("a check that goes to another dimension is changed, neither added nor removed", () => {
  const before = rubric([dimension("start", [check("a"), check("b")]), dimension("end", [check("c")])]);
  const after = rubric([dimension("start", [check("a")]), dimension("end", [check("c"), check("b")])]);
  expect(compare(before, after).counts).toEqual({ added: 0, removed: 0, changed: 1 });
  expect(compare(before, after).dimensions[1]?.checks[1]?.fields).toEqual([
    { name: "Dimension", before: "The start", after: "The end" },
  ]);
  const without = rubric([dimension("end", [check("c"), check("a"), check("b")])]);
  expect(hows(before, without)[1]).toEqual(["start", "removed", []]);
});

test("each field of a check, a dimension and the rubric counts", () => {
  const fields = (a: Partial<Check>, b: Partial<Check>) =>
    compare(
      rubric([dimension("s", [check("a", a)])]),
      rubric([dimension("s", [check("a", b)])]),
    ).dimensions[0]?.checks[0]?.fields.map(({ name }) => name);
  expect(fields({}, { name: "X", sentence: "x", kind: "absence", advice: "x", keep: "x", judge: "x" })).toEqual([
    "Name",
    "What is looked for",
    "Kind",
    "Advice",
    "To keep doing",
    "Rule of the offline analyst",
  ]);
  expect(fields({ keep: "" }, {})).toEqual([]);
  expect(
    fields(
      { condition: { metric: "talk_ratio", at_most: 0.6 } },
      { condition: { metric: "talk_ratio", at_most: 0.5 } },
    ),
  ).toEqual(["Bound"]);
  const low = dimension("s", [check("a")], { levels: { "1": "x", "3": "middle", "5": "high" }, weight: 5 });
  const found = compare(rubric([dimension("s", [check("a")])]), rubric([low], { description: "Another." }));
  expect(found.dimensions[0]?.fields.map(({ name }) => name)).toEqual(["Weight", "Level 1"]);
  expect(found.fields).toEqual([{ name: "What it is for", before: "A visit.", after: "Another." }]);
});

test("another order is told, but only of what both have", () => {
  expect(moved(["a", "b", "c"], ["a", "x", "c"])).toBe(false);
  expect(moved(["a", "b"], ["b", "a"])).toBe(true);
  const before = rubric([dimension("s", [check("a"), check("b")])]);
  const after = rubric([dimension("s", [check("b"), check("a")])]);
  expect(compare(before, after).dimensions[0]?.fields).toEqual([
    { name: "Order of checks", before: "A, B", after: "B, A" },
  ]);
});

test("two texts are told apart word by word", () => {
  expect(pieces("Ask one open question.", "Ask two open questions.")).toEqual([
    { text: "Ask ", in: "both" },
    { text: "one ", in: "before" },
    { text: "two ", in: "after" },
    { text: "open ", in: "both" },
    { text: "question.", in: "before" },
    { text: "questions.", in: "after" },
  ]);
  expect(pieces("", "new")).toEqual([{ text: "new", in: "after" }]);
  expect(pieces("same", "same")).toEqual([{ text: "same", in: "both" }]);
  const text = (of: "before" | "after") =>
    pieces("a b c d", "b x d e")
      .filter((one) => one.in === "both" || one.in === of)
      .map((one) => one.text.trim())
      .join(" ");
  expect([text("before"), text("after")]).toEqual(["a b c d", "b x d e"]);
});
