import { expect, test } from "vitest";
import { parse } from "yaml";
import { bound, copyOf, type Rubric, shareOf, sharePercent } from "./document";
import { having, idOf, phraseAt, phrasesOf } from "./phrases";
import { isJson, placed, rangeOf, wrongs } from "./place";
import { readRubricSearch, readTrackersSearch } from "./search";
import { ORDER, yaml } from "./yaml";

test("an address is read, and what is not understood is left out", () => {
  expect(readRubricSearch({ version: "3", against: 2, write: "copy", other: 1 })).toEqual({
    version: 3,
    against: 2,
    write: "copy",
  });
  expect(readRubricSearch({ version: "0", against: "1.5", write: "all" })).toEqual({});
  expect(readTrackersSearch({ q: "  " })).toEqual({});
  expect(readTrackersSearch({ q: "price" })).toEqual({ q: "price" });
});

test("shares of the weight", () => {
  const all = [{ weight: 30 }, { weight: 10 }];
  expect(all.map((one) => shareOf(one, all))).toEqual([0.75, 0.25]);
  expect(shareOf({ weight: 1 }, [])).toBe(0);
  expect([0.3333, 0.001, 0, 1].map(sharePercent)).toEqual(["33 %", "< 1 %", "0 %", "100 %"]);
});

test("a bound is told in words, without losing what is exact", () => {
  expect(bound({ metric: "unannounced_silence_ms", at_most: 19_999 })).toBe("unannounced silence at most 19.999 s");
  expect(bound({ metric: "talk_ratio", at_most: 0.655 })).toBe("talk ratio at most 65.5 %");
  expect(bound({ metric: "filler_per_min", at_most: 2 })).toBe("filler a minute at most 2");
  expect(bound({ metric: "open_question_count", at_least: 4, short_call_one_per_minutes: 5 })).toBe(
    "number of open questions at least 4; in calls under 20 minutes one for every 5 full minutes, but at least 1",
  );
});

const RUBRIC: Rubric = { id: "visits", name: "Visit", version: 4, description: "", dimensions: [] };

test("a copy begins with an id that is free and its first version", () => {
  expect(copyOf(RUBRIC, [])).toMatchObject({ id: "visits_own", version: 1 });
  expect(copyOf(RUBRIC, ["visits_own", "visits_own_2"]).id).toBe("visits_own_3");
  expect(copyOf({ ...RUBRIC, id: "a".repeat(64) }, ["x"]).id.length).toBeLessThanOrEqual(64);
});

test("a document is written as YAML in the order of a rubric file", () => {
  const document = {
    dimensions: [
      { checks: [{ keep: "", kind: "presence", id: "dated" }], levels: { "1": "Vague.", "5": "Dated." }, id: "end" },
      { id: "empty", checks: [] },
    ],
    version: 2,
    id: "visits",
    gone: undefined,
  };
  expect(yaml(document, ORDER)).toBe(`id: visits
version: 2
dimensions:
  - id: end
    levels:
      "1": Vague.
      "5": Dated.
    checks:
      - id: dated
        kind: presence
        keep: ""
  - id: empty
    checks: []
`);
});

test("texts are read as they were, by old and by new readers of YAML", () => {
  for (const odd of [
    "yes",
    "No",
    "12",
    "- a",
    "a: b",
    "a #b",
    'say "so"',
    "two\nlines",
    " a",
    "~",
    "{a}",
    "*x",
    "Don't: never",
  ])
    for (const version of ["1.1", "1.2"] as const)
      expect(parse(yaml({ text: odd }), { version })).toEqual({ text: odd });
  for (const plain of ["Ask it, then wait.", "It’s done (mostly) – 5 %", "Größe"])
    expect(yaml({ text: plain })).toBe(`text: ${plain}\n`);
});

test("a problem is put where it says that it is", () => {
  expect(placed("line 7 column 5: unknown field `nme`", "")).toEqual({
    message: "unknown field `nme`",
    line: 7,
    column: 5,
  });
  expect(placed("line 12: `end` has no checks", "")).toEqual({ message: "`end` has no checks", line: 12 });
  expect(placed("invalid type: integer `3`, expected a string at line 1 column 18", "")).toEqual({
    message: "invalid type: integer `3`, expected a string",
    line: 1,
    column: 18,
  });
});

test("a problem without a line is put where the names in it lead", () => {
  const text = `{
  "id": "visits",
  "dimensions": [
    { "x": 1,
      "id": "start",
      "weight": 1
    },
    {
      "id": "end",
      "weight": -1,
      "checks": [
        {
          "id": "start"
        }
      ]
    }
  ]
}`;
  expect(placed("`weight: -1` of `end` must be a positive number", text).line).toBe(10);
  expect(placed("`id: start` is used twice; ids are unique in a rubric", text).line).toBe(13);
  expect(placed("`end` has no checks; a dimension needs at least one", text).line).toBe(9);
  expect(placed("`nobody` has no checks", text).line).toBeUndefined();
  expect(isJson(text)).toBe(true);
  expect(isJson("id: visits")).toBe(false);
});

test("all that is wrong is told, or the sentence of the problem", () => {
  const problem = { type: "", title: "Wrong", status: 422, detail: "document: several" };
  expect(wrongs({ ...problem, errors: { document: ["line 9: b", "line 2: a"], name: ["empty"] } }, "")).toEqual([
    { message: "name: empty" },
    { message: "a", line: 2 },
    { message: "b", line: 9 },
  ]);
  expect(wrongs({ ...problem, detail: "the body is not JSON: EOF at line 1 column 10" }, "")).toEqual([
    { message: "the body is not JSON: EOF", line: 1, column: 10 },
  ]);
});

test("a line is found in its text", () => {
  expect(rangeOf("ab\ncde\nf", 2)).toEqual([3, 6]);
  expect(rangeOf("ab", 5)).toEqual([2, 2]);
});

test("phrases are the lines that have something in them", () => {
  expect(phrasesOf(" acme \n\n(other|another) supplier\n")).toEqual(["acme", "(other|another) supplier"]);
  expect(idOf("  Größe & Preis: Çalls! ")).toBe("gro_e_preis_calls");
});

test("a sentence about a phrase leads to its number", () => {
  const said = 'tracker "ab", in the pattern "(a": "(" without ")"';
  expect(phraseAt(said, ["ok", "(", "(a"])).toBe(3);
  expect(phraseAt("number 2 has more than 300 characters", ["a"])).toBe(2);
  expect(phraseAt("give 1 to 100 of them", ["a"])).toBeUndefined();
  expect(phraseAt(undefined, ["a"])).toBeUndefined();
});

test("trackers are found by name, id and phrase", () => {
  const tracker = (id: string, name: string, phrases: string[]) => ({ id, name, phrases, source: "own" as const });
  const all = [tracker("rivals", "Others", ["acme"]), tracker("price", "Cost", ["per seat"])];
  expect(having(all, "SEAT").map(({ id }) => id)).toEqual(["price"]);
  expect(having(all, "rival").map(({ id }) => id)).toEqual(["rivals"]);
  expect(having(all, "  ")).toHaveLength(2);
});
