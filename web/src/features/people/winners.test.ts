import { expect, test } from "vitest";
import { differenceOf, type Feature, fromWhom, meanOf, parted, placesOf, told, whyNotEnough } from "./winners";

const feature = (change: Partial<Feature>): Feature => ({
  id: "open_questions",
  kind: "check",
  label: "Open questions",
  unit: "share",
  won_n: 64,
  lost_n: 51,
  beside: { own_n: 0, top_n: 0 },
  team: { won: 0.72, lost: 0.41, difference: 0.31, low: 0.12, high: 0.5, q: 0.01, is_found: true },
  ...change,
});

test("each unit is written as people say it", () => {
  expect(meanOf({ unit: "share" }, 0.723)).toBe("72 %");
  expect(meanOf({ unit: "ms" }, 1_400)).toBe("1.4 s");
  expect(meanOf({ unit: "per_min" }, 2.25)).toBe("2.3 a minute");
  expect(meanOf({ unit: "count" }, null)).toBe("–");
  expect(differenceOf({ unit: "share" }, -0.05)).toBe("−5 points");
  expect(differenceOf({ unit: "ms" }, -400)).toBe("−400 ms");
  expect(differenceOf({ unit: "per_30_min" }, 1.25)).toBe("+1.3");
});

test("a plot says in words what it shows", () => {
  expect(told(feature({}))).toBe(
    "Won deals 72 %, lost deals 41 %: +31 points, 95 % interval +12 points to +50 points, 64 won and 51 lost deals",
  );
  expect(told(feature({ team: null, why: "too few deals have it" }))).toBe("too few deals have it");
});

test("no difference stands in the middle; checks share a scale, a metric has its own", () => {
  const wide = feature({ team: { won: 1, lost: 0, difference: 0.5, low: 0, high: 1, q: 0, is_found: true } });
  const small = feature({ team: { won: 0.5, lost: 0.5, difference: 0, low: -0.5, high: 0.5, q: 1, is_found: false } });
  const metric = feature({
    unit: "ms",
    team: { won: 9, lost: 1, difference: 4, low: 0, high: 8, q: 1, is_found: false },
  });
  const all = [wide, small, metric];
  expect(placesOf(wide, all)).toEqual({ low: 0.5, mid: 0.75, high: 1 });
  expect(placesOf(small, all)).toEqual({ low: 0.25, mid: 0.5, high: 0.75 });
  expect(placesOf(metric, all)).toEqual({ low: 0.5, mid: 0.75, high: 1 });
  expect(placesOf(feature({ team: null }), all)).toBeUndefined();
});

test("it is said who the top performers are, and where the moments are of others", () => {
  const rep = (id: string) => ({ id, name: `Rep ${id}` });
  const split = "2026-05-23T10:00:00Z";
  const of = (top: string[], winners: string[]) => ({
    split,
    top_performers: top.map(rep),
    moments: winners.map((id) => ({ winner: { rep: rep(id) } })),
  });
  expect(fromWhom(of(["a", "b"], ["b"]), false)).toMatch(
    /^Top performers, by their win rate before .*: Rep a, Rep b\.$/,
  );
  expect(fromWhom(of(["a"], ["c"]), false)).toMatch(/: Rep a\. They have no words .* of others\.$/);
  expect(fromWhom(of([], ["c"]), false)).toMatch(/^Nobody else closed enough deals before /);
  expect(fromWhom(of(["a"], ["a"]), true)).toBeUndefined();
  expect(fromWhom(of(["a"], []), true)).toBeUndefined();
  expect(fromWhom(of(["a"], ["c"]), true)).toMatch(/^They have no words/);
});

test("quoted words are marked where they stand in the line", () => {
  expect(parted("Good. On Thursday at two. Fine.", "On Thursday at two.")).toEqual([
    "Good. ",
    "On Thursday at two.",
    " Fine.",
  ]);
  expect(parted("On Thursday.", "on friday")).toBeUndefined();
  expect(parted("On Thursday.", "")).toBeUndefined();
});

test("where there is not enough it is said how much there is", () => {
  expect(whyNotEnough({ won_deals: 12, lost_deals: 8 })).toContain("there are 12 and 8.");
});
