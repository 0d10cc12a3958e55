import { describe, expect, test } from "vitest";
import type { Agent, Average } from "@/api/analytics";
import { before, daysBefore, daysIn, isDay, monday, today, weekday } from "./dates";
import { direction, nameOf, shownChange, written, writtenChange } from "./measures";
import { averageOf, changeOf, difference, dimensionsOf, moversOf, rowsOf, sorted } from "./rows";
import { longer, periodOf, readCompareSearch, readPeopleSearch, readRepSearch, readTeamSearch, spanOf } from "./search";

const few: Average = { n: 3, mean: null, note: "not enough data: 3 calls, 5 are needed" };
const mean = (value: number): Average => ({ n: 8, mean: value });

function agent(name: string, overall: Average, dimensions: Agent["dimensions"] = {}, calls = 8): Agent {
  const rep = { id: name.toLowerCase(), name };
  return {
    rep,
    calls,
    judged: calls,
    overall,
    talk_ratio: few,
    sentiment: few,
    customer_sentiment: few,
    dimensions,
  };
}

const names = (rows: { now: Agent }[]) => rows.map(({ now }) => now.rep.name);

describe("the address", () => {
  test("says nothing about what is usual, and keeps only what is understood", () => {
    expect(readPeopleSearch({ days: "30", team_id: "North" })).toEqual({});
    expect(readPeopleSearch({ days: 90 })).toEqual({ days: 90 });
    expect(readPeopleSearch({ days: 31 })).toEqual({});
    expect(readTeamSearch({ sort: "-dimension:discovery", measure: "<b>" })).toEqual({ sort: "-dimension:discovery" });
    expect(readCompareSearch({ a: "01a20052-0e31-756d-9f25-c7ad8c239c25", b: "Dana" })).toEqual({
      a: "01a20052-0e31-756d-9f25-c7ad8c239c25",
    });
  });
  test("says of what a rep learns, and from whom, each once", () => {
    const [a, b] = ["01a20052-0e31-756d-9f25-c7ad8c239c25", "01a20052-0e31-756d-9f25-c7ad8c239c26"];
    expect(readRepSearch({ focus: "discovery", winners: `${a},Dana,${b},${a.toUpperCase()}`, days: 7 })).toEqual({
      days: 7,
      focus: "discovery",
      winners: `${a},${b}`,
    });
    expect(readRepSearch({ focus: "<b>", winners: "Dana," })).toEqual({});
  });
  test("takes own dates only as a pair in order, and before a span", () => {
    const own = { from: "2026-10-01", to: "2026-10-31" };
    expect(readPeopleSearch({ ...own, days: 7 })).toEqual(own);
    expect(readPeopleSearch({ from: "2026-10-01", days: 7 })).toEqual({ days: 7 });
    expect(readPeopleSearch({ from: "2026-11-01", to: "2026-10-31" })).toEqual({});
    expect(readPeopleSearch({ from: "2026-13-01", to: "2026-14-31" })).toEqual({});
    expect([spanOf(own), spanOf({}), spanOf({ days: 365 })]).toEqual([undefined, 30, 365]);
  });
  test("means so many days, today among them", () => {
    expect(periodOf({}, "2026-11-22")).toEqual({ since: "2026-10-24", until: "2026-11-22" });
    expect(daysIn(periodOf({ days: 365 }, "2026-11-22"))).toBe(365);
    expect(periodOf({ from: "2026-01-01", to: "2026-01-02" }, "2026-11-22").until).toBe("2026-01-02");
  });
});

describe("days", () => {
  test("go back over the ends of months and years", () => {
    expect(daysBefore("2026-03-01", 1)).toBe("2026-02-28");
    expect(daysBefore("2026-01-01", 1)).toBe("2025-12-31");
  });
  test("are read only where there is such a day", () => {
    expect(["2026-02-28", "2024-02-29", "2026-12-31"].every(isDay)).toBe(true);
    for (const none of ["2026-02-30", "2026-13-45", "2025-02-29", "2026-1-1", "20260101", "2026-01-01T00:00", "", 7])
      expect(isDay(none)).toBe(false);
  });
  test("are those of the place where the team is", () => {
    const late = new Date("2026-01-05T23:30:00Z");
    expect(today(late, "UTC")).toBe("2026-01-05");
    expect(today(late, "Europe/Oslo")).toBe("2026-01-06");
    expect(today(late, "America/Los_Angeles")).toBe("2026-01-05");
    expect(today(new Date("2026-03-01T07:30:00Z"), "America/Los_Angeles")).toBe("2026-02-28");
  });
  test("belong to the week of their Monday", () => {
    expect(["2026-11-16", "2026-11-22", "2026-11-23"].map(monday)).toEqual(["2026-11-16", "2026-11-16", "2026-11-23"]);
  });
  test("the period before ends where the other begins, and is as long", () => {
    expect(before({ since: "2026-10-24", until: "2026-11-22" })).toEqual({ since: "2026-09-24", until: "2026-10-23" });
  });
  test("a line has at least so many weeks", () => {
    const week = { since: "2026-11-16", until: "2026-11-22" };
    expect(daysIn(longer(week, 13))).toBe(91);
    const year = { since: "2025-11-23", until: "2026-11-22" };
    expect(longer(year, 13)).toEqual(year);
  });
});

describe("measures", () => {
  test("are written in their own way, and what is missing as a dash", () => {
    expect(written("score", 63.5)).toBe("64");
    expect(written("share", 0.414)).toBe("41 %");
    expect(written("mood", 0.164)).toBe("+0.16");
    expect([written("mood", -0.001), writtenChange("mood", -0.001)]).toEqual(["0", "±0"]);
    expect(written("score", null)).toBe("–");
    expect(writtenChange("share", -0.0247)).toBe("−2 pts");
    expect(writtenChange("mood", null)).toBe("–");
  });
  test("go up or down only as far as is written, moods only from where they are moods", () => {
    expect([4, 0.4, -0.4, -0.6, null].map((value) => direction("score", value))).toEqual([1, 0, 0, -1, 0]);
    expect([0.04, -0.06].map((value) => direction("mood", value))).toEqual([0, -1]);
  });
  test("change by as much as the numbers that are written beside the change", () => {
    // 92 → 87: their own difference, 4.2, would be written as −4.
    expect(writtenChange("score", shownChange("score", 87.4, 91.6))).toBe("−5");
    expect(writtenChange("score", shownChange("score", 70.4, 69.6))).toBe("±0");
    expect(writtenChange("share", shownChange("share", 0.424, 0.396))).toBe("+2 pts");
    expect(writtenChange("mood", shownChange("mood", -0.104, 0.056))).toBe("−0.16");
    expect(direction("mood", shownChange("mood", 0.15, 0.1))).toBe(1);
    expect(shownChange("score", null, 60)).toBeNull();
  });
  test("of dimensions have the name that the rubric gives", () => {
    expect(nameOf("dimension:engagement", { engagement: "Engagement and next step" })).toBe("Engagement and next step");
    expect(nameOf("dimension:product_knowledge")).toBe("Product knowledge");
  });
});

describe("rows", () => {
  const rows = rowsOf(
    [
      agent("Cy", mean(60), { closing: mean(40) }),
      agent("Al", mean(80), { opening: mean(50), closing: few }, 12),
      agent("Bo", few, {}, 3),
      agent("Di", mean(70)),
      agent("Ed", mean(55.2)),
    ],
    [agent("Al", mean(90)), agent("Bo", mean(50)), agent("Cy", mean(41)), agent("Di", few), agent("Ed", mean(55))],
  );
  test("are sorted by a column; who has no number comes last either way", () => {
    expect(names(sorted(rows, "name"))).toEqual(["Al", "Bo", "Cy", "Di", "Ed"]);
    expect(names(sorted(rows, "-overall"))).toEqual(["Al", "Di", "Cy", "Ed", "Bo"]);
    expect(names(sorted(rows, "overall"))).toEqual(["Ed", "Cy", "Di", "Al", "Bo"]);
    expect(names(sorted(rows, "-calls"))).toEqual(["Al", "Cy", "Di", "Ed", "Bo"]);
    expect(names(sorted(rows, "-change"))).toEqual(["Cy", "Ed", "Al", "Bo", "Di"]);
    expect(names(sorted(rows, "dimension:closing"))[0]).toBe("Cy");
  });
  test("change only where both periods have enough calls", () => {
    expect(rows.map((row) => changeOf(row)?.toFixed(1))).toEqual(["19.0", "-10.0", undefined, undefined, "0.0"]);
    expect(averageOf(rows[1]?.now, "dimension:closing")?.note).toContain("not enough");
  });
  test("who moved is told as far as rounding shows it, and how many cannot be told", () => {
    const { up, down, untold } = moversOf(rows);
    expect([names(up), names(down), untold]).toEqual([["Cy"], ["Al"], 2]);
    expect(moversOf(rows, 0).up).toEqual([]);
  });
  test("dimensions stand in the order of the rubric, unknown ones behind", () => {
    expect(dimensionsOf(rows, { opening: "Opening", unused: "Unused" })).toEqual(["opening", "closing"]);
  });
  test("two reps differ only where both have a number", () => {
    const of = (now: Average) => ({ now, before: few });
    expect(difference("overall", of(mean(90)), of(mean(60)))).toBe(30);
    expect(difference("overall", of(mean(90)), of(few))).toBeNull();
    expect(difference("overall", undefined, of(few))).toBeNull();
  });
});

test("a day is written as it is, wherever it is read", () => {
  expect(weekday("2026-11-16")).toMatch(/Mon/);
  expect(weekday("2026-11-16")).toMatch(/16/);
});
