import { expect, test } from "vitest";
import type { CheckCount } from "@/api/analytics";
import type { Moment } from "@/api/queries";
import { tasksOf, withGaps } from "./own";
import { around, readStartSearch } from "./search";
import { momentsTitle, weekName, workNote, workTitle } from "./weeks";

const said = (call_id: string, segment_id: number): CheckCount["moments"][number] => ({
  call_id,
  call_title: "Harbour Bakery: first call",
  rep: { id: "r", name: "Dana" },
  verdict: "unmet",
  reason: "No question took it up.",
  segment_id,
  quote: "It takes us a whole day.",
  offset: 0,
  length: 24,
});

const gap = (id: string, ...moments: CheckCount["moments"]): CheckCount => ({
  id,
  name: id,
  dimension: "discovery",
  rubric: "default",
  met: 1,
  unmet: 6,
  share: 1 / 7,
  moments,
});

const moment = { id: "evidence", call_id: "one", segment_id: 7 } as Moment;

test("a rep works on the moments of the week, then on gaps, no check twice", () => {
  const gaps = [
    gap("evidence", said("two", 3)),
    gap("recap"),
    gap("pain", said("two", 4)),
    gap("price", said("two", 5)),
  ];
  expect(tasksOf([moment], gaps).map((task) => (task.kind === "gap" ? task.check.id : task.moment.id))).toEqual([
    "evidence",
    "pain",
    "price",
  ]);
  expect(tasksOf([], [])).toEqual([]);
});

test("a gap is shown by other words than those that stand there already, where there are some", () => {
  const [, task, last] = tasksOf([moment], [gap("pain", said("one", 7), said("two", 4)), gap("price", said("two", 4))]);
  expect(task?.kind === "gap" && task.said.call_id).toBe("two");
  expect(last?.kind === "gap" && last.said.segment_id).toBe(4);
});

test("gaps, which reach up to today, stand beside the moments of today's week only", () => {
  expect(withGaps(undefined, "2026-11-22")).toBe(true);
  expect(withGaps("2026-11-16", "2026-11-22")).toBe(true);
  expect(withGaps("2026-11-15", "2026-11-22")).toBe(false);
});

test("weeks go from Monday to Monday, and not beyond today", () => {
  expect(around("2026-11-18", "2026-11-22")).toEqual({ back: "2026-11-09", forward: undefined });
  expect(around("2026-11-09", "2026-11-22")).toEqual({ back: "2026-11-02", forward: "2026-11-16" });
  expect(readStartSearch({ week: "2026-99-99", days: "7" })).toEqual({ days: 7 });
  expect(readStartSearch({ focus: "discovery", winners: "x" })).toEqual({ focus: "discovery" });
});

test("a week is called as one speaks of it, also when today is its Monday", () => {
  expect(weekName("2026-11-16", "2026-11-22")).toBe("this week");
  expect(weekName("2026-11-16", "2026-11-23")).toBe("last week");
  expect(weekName("2026-11-09", "2026-11-23")).toMatch(/^the week of .*9/);
});

test("the title counts what stands below it", () => {
  expect(momentsTitle(3, "last week")).toBe("3 moments to coach from last week");
  expect(momentsTitle(1, "this week")).toBe("One moment to coach this week");
  expect(momentsTitle(0, "this week")).toBe("No moments to coach this week");
});

test("a rep is told from which week it is", () => {
  expect(workTitle("this week")).toBe("What to work on this week");
  expect(workTitle("last week")).toBe("What to work on from last week");
  expect(workTitle("the week of 9 Nov")).toBe("What to work on from the week of 9 Nov");
});

test("what a rep works on says what it is taken from, in one sentence", () => {
  expect(workNote("this week", true, false)).toBe("From the calls of this week and from what was missed most often");
  expect(workNote("last week", true, true)).toBe(
    "From the calls of last week and from what was missed most often; this week has no moments yet",
  );
  expect(workNote("last week", false, false)).toBe("From the calls of last week");
});
