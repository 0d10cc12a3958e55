import { expect, test } from "vitest";
import { longDay } from "../people/dates";
import {
  amountOf,
  bare,
  budgetWords,
  elsewhere,
  filling,
  modelChange,
  modelForm,
  moneyScale,
  providerName,
  spentBudget,
  spots,
  stateOf,
  tokens,
  withCode,
  wrongAmount,
} from "./money";

const OPEN = { model_judges: null, model_repeats: null, model_budget_day: null, model_budget_month: null };

test("the marks of an amount are whole cents, and the highest amount lies below the last", () => {
  expect(moneyScale([]).marks.map(bare)).toEqual(["0", "0.01", "0.02"]);
  expect(moneyScale([30_346]).marks.map(bare)).toEqual(["0", "0.02", "0.04"]);
  expect(moneyScale([240_000]).marks.map(bare)).toEqual(["0", "0.20", "0.40"]);
  expect(moneyScale([4_200_000]).marks.map(bare)).toEqual(["0", "2.50", "5"]);
  for (const most of [1, 19_999, 99_999, 123_456, 7_654_321, 1_900_000_000]) {
    const { high, marks } = moneyScale([most]);
    expect(high).toBeGreaterThanOrEqual(most);
    expect(marks.every((mark) => mark % 10_000 === 0)).toBe(true);
  }
});

test("many days are summed up by weeks, and nothing gets lost", () => {
  const days = Array.from({ length: 120 }, (_, n) => ({
    day: new Date(Date.UTC(2026, 6, 1 + n)).toISOString().slice(0, 10),
    cost_micros: n,
  }));
  expect(spots(days.slice(0, 30))).toMatchObject({ step: "Day", points: { length: 30 } });
  const { step, points } = spots(days);
  expect([step, points[0]?.week]).toEqual(["Week of", "2026-06-29"]);
  expect(points.reduce((sum, { mean }) => sum + (mean ?? 0), 0)).toBe((119 * 120) / 2);
});

test("a budget says what is left of it", () => {
  expect(filling(250_000, 1_000_000)).toEqual({ share: 0.25, tone: "good", words: "US$ 0.75 left" });
  expect(filling(850_000, 1_000_000).tone).toBe("fair");
  expect(filling(1_200_000, 1_000_000)).toEqual({ share: 1, tone: "poor", words: "spent" });
});

test("tokens have few digits", () => {
  expect([0, 870, 1_000, 12_414, 999_960, 3_140_000].map(tokens)).toEqual([
    "0",
    "870",
    "1 k",
    "12.4 k",
    "1 M",
    "3.1 M",
  ]);
});

test("an amount is read as it is written, and what is none is told", () => {
  expect(["", " 0 ", "2.50", "2,5", "$ 3", "US$ 4"].map(amountOf)).toEqual([null, 0, 2.5, 2.5, 3, 4]);
  expect(["-1", "two", "1.2.3"].map(wrongAmount)).toEqual(Array(3).fill("Write an amount, such as 2.50"));
  expect(wrongAmount("")).toBeUndefined();
});

test("only what was changed is sent; an empty amount is as the program was started, nought is no limit", () => {
  const form = modelForm(OPEN);
  expect(form).toEqual({ judges: true, repeats: false, day: "", month: "" });
  expect(modelChange(OPEN, form)).toEqual({});
  expect(modelChange(OPEN, { judges: false, repeats: true, day: "0", month: "2.50" })).toEqual({
    model_judges: false,
    model_repeats: true,
    model_budget_day: 0,
    model_budget_month: 2.5,
  });
  const set = { ...OPEN, model_budget_day: 5 };
  expect(modelChange(set, { ...modelForm(set), day: "" })).toEqual({ model_budget_day: null });
  expect(modelChange(set, { ...modelForm(set), day: "5.00" })).toEqual({});
});

test("names of settings and variables look like code", () => {
  expect(withCode("Set ANTHROPIC_API_KEY, or model_provider.")).toEqual([
    { text: "Set ", code: false },
    { text: "ANTHROPIC_API_KEY", code: true },
    { text: ", or ", code: false },
    { text: "model_provider", code: true },
    { text: ".", code: false },
  ]);
  expect([providerName("llamacpp"), providerName("other")]).toEqual(["llama.cpp", "other"]);
});

test("whether the model is asked is told in words", () => {
  expect(stateOf("closed", false)?.name).toBe("In use");
  expect(stateOf("closed", true)?.name).toBe("Switched off");
  expect(stateOf("open", false)?.name).toBe("Left alone");
  // Who has switched it off need not know whether it would answer.
  expect(["open", "half_open"].map((breaker) => stateOf(breaker, true)?.name)).toEqual(Array(2).fill("Switched off"));
  expect(stateOf("half_open", false)?.name).toBe("Being tried");
  expect(stateOf("melted", false)).toBeUndefined();
});

test("a budget that is spent says so, and until when", () => {
  const day = { today_micros: 5, month_micros: 5, budget_day_micros: 5, budget_month_micros: null };
  expect(spentBudget({ ...day, budget_day_micros: 6 }, "2026-12-31")).toBeUndefined();
  expect(spentBudget({ ...day, budget_day_micros: null }, "2026-12-31")).toBeUndefined();
  const today = spentBudget(day, "2026-12-31");
  expect(today?.name).toBe("The budget for today is spent");
  expect(today?.words).toContain(`Until ${longDay("2027-01-01")}, 0:00`);
  expect(spentBudget({ ...day, budget_month_micros: 4 }, "2026-12-07")?.words).toContain(longDay("2027-01-01"));
  expect(stateOf("closed", false, today)?.name).toBe("Budget spent");
  expect(stateOf("closed", true, today)?.name).toBe("Switched off");
});

test("a budget is read as all amounts are", () => {
  expect([null, 0, 50, 1234.5, 0.001].map(budgetWords)).toEqual([
    "As the program was started",
    "No limit",
    "US$ 50.00",
    "US$ 1,234.50",
    "< US$ 0.01",
  ]);
});

test("what is spent beside the reps that are listed went where it may have gone", () => {
  expect(elsewhere(3, false)).toBe("tests of the connection");
  for (const [listed, partly] of [
    [3, true],
    [200, false],
  ] as const)
    expect(elsewhere(listed, partly)).toBe("calls of people who are not listed here, or to tests of the connection");
});
