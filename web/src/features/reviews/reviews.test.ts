import { expect, test } from "vitest";
import type { ReviewHead } from "@/api/reviews";
import { readReviewsSearch } from "./search";
import { ALL, callsNote, lastWeek, newest, nextWritten, readsReviews, scopesOf, weekSpan, weeksOf } from "./weeks";

const NORTH = { id: "01a20655-4845-7554-b50a-b95dfc0f6ce3", name: "North" };
const SOUTH = { id: "01a20655-4b76-737d-93f5-541290892c63", name: "South" };
const TODAY = "2026-11-25";

const head = (week: string, team: ReviewHead["team"] = null): ReviewHead => ({
  id: `${team?.name ?? "all"} ${week}`,
  week,
  team,
  written_at: `${week}T14:00:00Z`,
});

test("an address names a week by any of its days and a team by its id; the rest is left out", () => {
  expect(readReviewsSearch({ week: "2026-11-19", team: NORTH.id })).toEqual({ week: "2026-11-16", team: NORTH.id });
  expect(readReviewsSearch({ week: "2026-13-19", team: "North", other: 1 })).toEqual({});
});

test("admins and managers read reviews, nobody else", () => {
  expect((["admin", "manager", "coach", "rep"] as const).filter(readsReviews)).toEqual(["admin", "manager"]);
  expect(readsReviews(undefined)).toBe(false);
});

test("an admin reads of all teams together, a manager of their own; a team that is gone stays as long as it has reviews", () => {
  const heads = [head("2026-11-16", SOUTH), head("2026-11-09", SOUTH), head("2026-11-16")];
  expect(scopesOf("admin", [NORTH, SOUTH], heads)).toEqual([ALL, NORTH, SOUTH]);
  expect(scopesOf("manager", [NORTH], heads)).toEqual([NORTH, SOUTH]);
  expect(scopesOf("manager", [], [])).toEqual([]);
});

test("the last four weeks are offered, written or not, and all others that are written", () => {
  const heads = [head("2026-11-09"), head("2026-11-16", NORTH), head("2025-12-29")];
  expect(lastWeek(TODAY)).toBe("2026-11-16");
  expect(weeksOf(heads, undefined, TODAY).map(({ week, head }) => [week, head?.id])).toEqual([
    ["2026-11-16", undefined],
    ["2026-11-09", "all 2026-11-09"],
    ["2026-11-02", undefined],
    ["2026-10-26", undefined],
    ["2025-12-29", "all 2025-12-29"],
  ]);
  expect(weeksOf(heads, NORTH.id, TODAY)[0]?.head?.id).toBe("North 2026-11-16");
});

test("the newest is that of the latest week, of all teams where that is written", () => {
  const heads = [head("2026-11-09"), head("2026-11-16", NORTH), head("2026-11-16"), head("2026-11-16", SOUTH)];
  expect(newest(heads)?.id).toBe("all 2026-11-16");
  expect(newest(heads.slice(0, 2))?.id).toBe("North 2026-11-16");
  expect(newest([])).toBeUndefined();
});

test("a week is told by its first and last day, with the year where it is another one", () => {
  const written = weekSpan("2026-11-16", TODAY);
  for (const part of ["16", "22"]) expect(written).toContain(part);
  expect(written).not.toContain("2026");
  expect(weekSpan("2025-12-29", TODAY)).toMatch(/29.*2025.*4.*2026|2025.*29.*2026.*4/);
});

test("the next reviews are written on Monday at six in Los Angeles, in summer and in winter", () => {
  const next = (now: string) => nextWritten(new Date(now)).toISOString();
  expect(next("2026-11-23T04:00:00Z")).toBe("2026-11-23T14:00:00.000Z");
  expect(next("2026-11-23T14:00:00Z")).toBe("2026-11-30T14:00:00.000Z");
  expect(next("2026-07-01T12:34:56Z")).toBe("2026-07-06T13:00:00.000Z");
  // Clocks went back there on the Sunday before.
  expect(next("2026-10-31T12:00:00Z")).toBe("2026-11-02T14:00:00.000Z");
});

test("calls that tell nothing are told beside the others", () => {
  expect(callsNote({ count: 17, before: 1_200, judged: 17, withheld: 0 })).toBe("1,200 in the week before");
  expect(callsNote({ count: 17, before: 15, judged: 12, withheld: 2 })).toBe(
    "15 in the week before · 5 not judged · 2 withheld",
  );
});
