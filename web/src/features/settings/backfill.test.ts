import { expect, test } from "vitest";
import {
  cancelWords,
  costOf,
  meantBy,
  notHere,
  nowOf,
  parted,
  questionsOf,
  readyOf,
  stateOf,
  wishOf,
} from "./backfill";
import type { Backfill, SetUp } from "./queries";

const backfill = (change: Partial<Backfill>): Backfill => ({
  id: "01a20000-0000-7000-8000-000000000002",
  created_at: "2026-11-04T10:00:00Z",
  created_by: "user:01a20000-0000-7000-8000-000000000001",
  model: "claude-sonnet-5-5",
  state: "open",
  calls: 40,
  waiting: 37,
  batches: 1,
  questions: 240,
  answered: 120,
  failed: 0,
  cost_micros: 1_230_000,
  ...change,
});

const OVER = { state: "done", finished_at: "2026-11-04T12:00:00Z" } as const;
const time = (at: string) => at.slice(11, 16);

test("the one that is not over stands for itself, and of the others only the latest are listed", () => {
  const all = [backfill({ id: "a" }), ...["b", "c", "d"].map((id) => backfill({ ...OVER, id }))];
  const { open, over } = parted(all, 2);
  expect(open?.id).toBe("a");
  expect(over.map(({ id }) => id)).toEqual(["b", "c"]);
  // Its last batch is still out.
  expect(parted([backfill({ state: "cancelled" })], 2).open?.state).toBe("cancelled");
  expect(parted(all.slice(1), 2).open).toBeUndefined();
});

test("only a model that takes batches and judges can be asked many calls at once", () => {
  const model = (provider: string) => ({ provider }) as SetUp;
  expect(notHere({ judge: "model", model: model("anthropic") })).toBeUndefined();
  expect(notHere({ judge: "offline", model: model("anthropic") })).toContain("switched off");
  expect(notHere({ judge: "model", model: model("ollama") })).toBe(
    "Ollama takes no batches: calls are judged one by one.",
  );
  expect(notHere({ judge: "offline", model: null })).toMatch(/^No model is set up\./);
});

test("how far it is has a word, and a colour only where something is to be seen", () => {
  const shown = (change: Partial<Backfill>) => {
    const { name, tone } = stateOf(backfill(change));
    return `${name} ${tone}`;
  };
  expect(shown({})).toBe("Under way good");
  expect(shown({ why: "it is overloaded; it is tried again" })).toBe("Waiting fair");
  expect(shown({ state: "cancelled" })).toBe("Being cancelled fair");
  expect(shown({ ...OVER })).toBe("Done none");
  expect(shown({ ...OVER, state: "cancelled" })).toBe("Cancelled none");
  expect(shown({ ...OVER, state: "stopped", why: "the budget is spent" })).toBe("Stopped poor");
});

test("what happens now is said in one sentence", () => {
  expect(nowOf(backfill({ sending_at: "2026-11-04T10:02:00Z" }), time)).toBe("A batch is being answered, since 10:02.");
  expect(nowOf(backfill({}), time)).toBe("The next batch is put together.");
  expect(nowOf(backfill({ why: "it is overloaded; it is tried again" }), time)).toBe(
    "It is overloaded; it is tried again.",
  );
  expect(nowOf(backfill({ state: "cancelled", sending_at: "2026-11-04T10:02:00Z" }), time)).toMatch(/nothing more/);
});

test("calls and questions are counted of how many there are", () => {
  expect(readyOf({ calls: 40, waiting: 37 })).toEqual({ words: "3 of 40", share: 0.075 });
  expect(readyOf({ calls: 0, waiting: 0 }).share).toBe(1);
  expect(questionsOf(backfill({}))).toEqual({ words: "120 of 240", note: undefined });
  expect(questionsOf(backfill({ failed: 1 })).note).toBe("1 without an answer: asked again with its call");
  expect(questionsOf(backfill({ failed: 2 })).note).toBe("2 without an answer: asked again with their call");
  expect(questionsOf(backfill({ questions: 0, answered: 0 })).words).toBe("0");
});

test("what is not known has no amount", () => {
  expect(costOf(backfill({}))).toBe("US$ 1.23");
  expect(costOf(backfill({ cost_micros: 0 }))).toBe("US$ 0");
  expect(costOf(backfill({ cost_micros: null }))).toBe("not known");
});

test("whoever cancels is told what stays", () => {
  expect(cancelWords({ waiting: 37 })).toContain("37 calls that wait stay as they are");
  expect(cancelWords({ waiting: 1 })).toContain("1 call that waits stays as it is");
});

test("days that are left out are open ends, and the form says which calls that means", () => {
  expect(wishOf({ since: "", until: "", rubric: "" })).toEqual({ since: null, until: null, rubric: null });
  expect(wishOf({ since: "2026-11-01", until: "2026-11-02", rubric: "service" })).toEqual({
    since: "2026-11-01",
    until: "2026-11-02",
    rubric: "service",
  });
  const meant = (since: string, until: string) => meantBy({ since, until }, (day) => day.slice(8));
  expect(meant("", "")).toBe("all calls");
  expect(meant("2026-11-01", "")).toBe("calls from 01 on");
  expect(meant("", "2026-11-02")).toBe("calls up to 02");
  expect(meant("2026-11-01", "2026-11-02")).toBe("calls from 01 to 02");
  expect(meant("2026-11-02", "2026-11-02")).toBe("calls of 02");
});
