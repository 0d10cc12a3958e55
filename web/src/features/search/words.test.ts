import { expect, test } from "vitest";
import type { FoundIn } from "@/api/search";
import { asQuery, readFindSearch, wantedOf } from "./search";
import {
  alike,
  countWords,
  daysOfMonth,
  grouped,
  markOf,
  ordinal,
  pieces,
  placeWords,
  understoodWords,
  whyHere,
} from "./words";

const marked = (text: string, ...highlights: [number, number][]) =>
  pieces(
    text,
    highlights.map(([start, end]) => ({ start, end })),
  )
    .map((piece) => (piece.marked ? `[${piece.text}]` : piece.text))
    .join("");

test("highlights are sliced by characters, not by halves of them", () => {
  expect(marked("too expensive", [4, 13])).toBe("too [expensive]");
  expect(marked("👍👍 the price 💶 is high", [7, 12], [18, 22])).toBe("👍👍 the [price] 💶 is [high]");
  expect(marked("no highlight")).toBe("no highlight");
  expect(marked("", [0, 4])).toBe("");
  // One after the other, one within another, and one beyond the end.
  expect(marked("abcdef", [3, 4], [0, 2], [1, 2], [5, 99])).toBe("[ab]c[d]e[f]");
});

const word = (form: string, is_common = false) => ({ forms: form.split(" "), is_common });
const read = (...wanted: ReturnType<typeof word>[]) => ({ wanted, unwanted: [] });

test("how much was found is said in words", () => {
  const both = read(word("price"), word("euro"));
  const all = { matched: "all", mode: "keyword", total: 312 } as const;
  expect(countWords(all, both, 20)).toBe("312 passages have all words");
  expect(countWords({ ...all, total: 1 }, both, 1)).toBe("1 passage has all words");
  expect(countWords({ ...all, total: 4_001 }, both, 20)).toBe("Over 4,000 passages have all words");
  // Words that say nothing are not looked for where there are others.
  expect(countWords(all, read(word("the", true), word("price")), 20)).toBe("312 passages have this word");
  expect(countWords(all, read(word("budget is gone")), 20)).toBe("312 passages have all words");
  expect(countWords({ ...all, matched: "any", total: 55 }, both, 20)).toBe(
    "No passage has all words; 55 passages have some of them",
  );
  expect(countWords({ ...all, mode: "hybrid", total: 7 }, both, 20)).toBe(
    "7 passages have all words, others mean something like it",
  );
  expect(countWords({ matched: "none", mode: "hybrid", total: 0 }, both, 20)).toBe(
    "No passage has these words; these mean something like it",
  );
  expect(countWords({ matched: "none", mode: "vector", total: 0 }, both, 20)).toMatch(/^What means something like it/);
  expect(countWords({ matched: "none", mode: "hybrid", total: 293 }, read(), 20)).toBe("293 calls, the latest first");
});

test("a call that comes on two pages is shown once, with the moments of both", () => {
  const page = (id: string, segment_id: number) => ({
    calls: [{ call: { id, title: id, happened_at: "" }, moments: [{ segment_id, lines: [] }] }] satisfies FoundIn[],
  });
  const groups = grouped([page("a", 1), page("b", 2), page("a", 3)]);
  expect(groups.map(({ call, moments }) => [call.id, moments.map(({ segment_id }) => segment_id)])).toEqual([
    ["a", [1, 3]],
    ["b", [2]],
  ]);
});

test("where a moment stands is told of both rankings", () => {
  expect([1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal)).toEqual(
    "1st 2nd 3rd 4th 11th 12th 13th 21st 102nd 111th".split(" "),
  );
  expect(whyHere({ fused: 0.02, keyword_rank: 2, keyword_score: 6.38, vector_rank: 1, cosine: 0.634 })).toBe(
    "2nd by words (BM25 6.4), 1st by meaning (cosine 0.63)",
  );
  expect(whyHere({ fused: 0.02, keyword_rank: 2 })).toBe("2nd by words, not found by meaning");
});

test("a month is from its first day to its last", () => {
  expect(daysOfMonth("2026-11")).toEqual({ since: "2026-11-01", until: "2026-11-30" });
  expect(daysOfMonth("2028-02").until).toBe("2028-02-29");
  expect(daysOfMonth("2026-12").until).toBe("2026-12-31");
});

test("an address keeps what is understood, and the program is asked for that", () => {
  const search = readFindSearch({
    q: 480,
    mode: "vector",
    side: "external",
    agent: " Felix ",
    min_score: "60",
    since: "2026-02-30",
    explain: true,
    saved: "nothing",
    other: 1,
  });
  expect(search).toEqual({ q: "480", mode: "vector", side: "external", agent: "Felix", min_score: 60, explain: true });
  expect(wantedOf(search)).toEqual({
    query: "480",
    mode: "vector",
    side: "external",
    agent: "Felix",
    min_score: 60,
    explain: true,
  });
  expect(wantedOf({ mode: "keyword", explain: true })).toBeUndefined();
  expect(wantedOf({ side: "internal" })).toEqual({ query: "", mode: "hybrid", side: "internal" });
});

test("a search is kept with all that narrows it", () => {
  expect(asQuery({ q: '"too expensive" -rebate', side: "external", agent: "Dana Whitlock", min_score: 44.5 })).toBe(
    'side:customer rep:"Dana Whitlock" score>=44.5 "too expensive" -rebate',
  );
  expect(asQuery({ customer: 'The "Old" Mill', since: "2026-11-01", until: "2026-11-30", language: "en" })).toBe(
    'customer:"The Old Mill" language:en after:2026-11-01 before:2026-11-30',
  );
  // An open quote ends with the text: no field is in it.
  expect(asQuery({ q: '"budget', side: "external" })).toBe('side:customer "budget');
});

test("a quote is found in what was said, counted by characters", () => {
  expect(markOf("👍 the price is high", "price")).toBe("6-5");
  expect(markOf("👍 the price is high", "👍 the")).toBe("0-5");
  expect(markOf("the price", "prices")).toBeUndefined();
  expect(markOf(undefined, "price")).toBeUndefined();
});

test("how like a call is, and where a moment stands, is told also where it is not known", () => {
  expect([alike(0.714), alike(null)]).toEqual(["71 % alike", "by its words"]);
  expect([placeWords(754_000, 3), placeWords(0, 3), placeWords(null, 3)]).toEqual(["12:34", "0:00", "№ 3"]);
});

test("what a question says of where to look is told in words", () => {
  expect(["side:customer", "side:us", 'rep:"Dana Whitlock"', "score<60"].map(understoodWords)).toEqual([
    "what the customer said",
    "what we said",
    "calls of Dana Whitlock",
    "score<60",
  ]);
  expect(understoodWords("after:2026-11-16")).toMatch(/^since .*2026$/);
});
