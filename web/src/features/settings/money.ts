// What models cost, as charts and tables show it, and what may be spent, as a form has it. Amounts are millionths of a US dollar.

import type { Schemas } from "@/api/client";
import { dollars, number } from "@/components/format";
import type { Tone } from "@/components/score";
import type { Scale, Spot } from "@/components/series";
import { daysBefore, longDay, monday } from "../people/dates";
import type { Settings } from "./queries";

const CENT = 10_000;

/** From nought to a round amount of whole cents that is not below the highest. */
export function moneyScale(values: readonly number[]): Scale {
  const most = Math.max(2 * CENT, ...values);
  const size = 10 ** Math.floor(Math.log10(most));
  const steps = [0.5, 1, 2, 2.5, 5, 10].map((n) => Math.round(n * size));
  const step = steps.find((each) => each % CENT === 0 && each * 2 >= most) ?? 10 * size;
  return { low: 0, high: step * 2, marks: [0, step, step * 2] };
}

/** A mark of that scale, beside which “US$” stands: `0`, `0.05`, `12.50`, `1,200`. */
export function bare(micros: number): string {
  const whole = micros % 1e6 === 0;
  return number(micros / 1e6, { minimumFractionDigits: whole ? 0 : 2, maximumFractionDigits: 2 });
}

/** So many days are drawn one by one; of more the weeks. */
const MOST_DAYS = 92;

/** What was spent, day by day or, of many days, week by week. */
export function spots(days: readonly Schemas["DayCost"][]): { step: "Day" | "Week of"; points: Spot[] } {
  if (days.length <= MOST_DAYS)
    return { step: "Day", points: days.map(({ day, cost_micros }) => ({ week: day, n: 1, mean: cost_micros })) };
  const weeks = new Map<string, number>();
  for (const { day, cost_micros } of days) {
    const week = monday(day);
    weeks.set(week, (weeks.get(week) ?? 0) + cost_micros);
  }
  return { step: "Week of", points: [...weeks].map(([week, mean]) => ({ week, n: 7, mean })) };
}

/** The program lists so many reps, the dearest first. */
const REPS = 200;

/** Where what no rep of the list has cost may have gone; `partly` tells that the list has not everybody. */
export function elsewhere(listed: number, partly: boolean): string {
  const tests = "tests of the connection";
  return partly || listed >= REPS ? `calls of people who are not listed here, or to ${tests}` : tests;
}

/** How much of a budget is spent: a share of at most 1 for its bar, and how it looks. */
export function filling(spent: number, budget: number): { share: number; tone: Tone; words: string } {
  const share = budget > 0 ? spent / budget : 1;
  if (share >= 1) return { share: 1, tone: "poor", words: "spent" };
  const words = `${dollars(budget - spent)} left`;
  return { share, tone: share >= 0.8 ? "fair" : "good", words };
}

/** A large number of tokens, in few digits: `870`, `12.4 k`, `3.1 M`. */
export function tokens(n: number): string {
  if (n < 1_000) return n.toString();
  const [size, unit] = n < 999_950 ? [1e3, "k"] : [1e6, "M"];
  return `${number(n / size, { maximumFractionDigits: 1 })} ${unit}`;
}

/** The settings about models as a form has them. */
export type ModelForm = { judges: boolean; repeats: boolean; day: string; month: string };

type Own = Pick<Settings, "model_judges" | "model_repeats" | "model_budget_day" | "model_budget_month">;

const shown = (amount: number | null | undefined) => (amount === null || amount === undefined ? "" : `${amount}`);

export function modelForm(settings: Own): ModelForm {
  return {
    // As the program takes what nobody has said.
    judges: settings.model_judges ?? true,
    repeats: settings.model_repeats ?? false,
    day: shown(settings.model_budget_day),
    month: shown(settings.model_budget_month),
  };
}

/** An amount as somebody wrote it; null where nothing is written, nothing where it is none. */
export function amountOf(text: string): number | null | undefined {
  const bare = text.trim().replace(/^(US)?\$\s*/i, "");
  if (bare === "") return null;
  return /^\d+([.,]\d{1,6})?$/.test(bare) ? Number(bare.replace(",", ".")) : undefined;
}

/** A budget of the settings as it is read: in US dollars, none where the program was started with one. */
export function budgetWords(amount: number | null | undefined): string {
  if (amount === null || amount === undefined) return "As the program was started";
  return amount === 0 ? "No limit" : dollars(Math.round(amount * 1e6));
}

/** What is wrong with an amount, before the program is asked. */
export function wrongAmount(text: string): string | undefined {
  return amountOf(text) === undefined ? "Write an amount, such as 2.50" : undefined;
}

/** What a form changes; what is left out stays as it is. */
export function modelChange(before: Own, form: ModelForm): Partial<Own> {
  const old = modelForm(before);
  const [day, month] = [amountOf(form.day), amountOf(form.month)];
  return {
    ...(form.judges !== old.judges && { model_judges: form.judges }),
    ...(form.repeats !== old.repeats && { model_repeats: form.repeats }),
    ...(day !== (before.model_budget_day ?? null) && { model_budget_day: day ?? null }),
    ...(month !== (before.model_budget_month ?? null) && { model_budget_month: month ?? null }),
  };
}

/** A text in pieces, of which those that are names of settings or variables are to look like code. */
export function withCode(text: string): { text: string; code: boolean }[] {
  return text
    .split(/\b([A-Za-z]+(?:_[A-Za-z]+)+)\b/)
    .map((piece, n) => ({ text: piece, code: n % 2 === 1 }))
    .filter(({ text: piece }) => piece !== "");
}

const PROVIDERS: Record<string, string> = {
  anthropic: "Anthropic",
  openai: "OpenAI",
  ollama: "Ollama",
  llamacpp: "llama.cpp",
  vllm: "vLLM",
};

export function providerName(provider: string): string {
  return PROVIDERS[provider] ?? provider;
}

const STATES: Record<string, { name: string; tone: Tone; words: string }> = {
  closed: { name: "In use", tone: "good", words: "It is asked as calls come." },
  open: {
    name: "Left alone",
    tone: "poor",
    words: "It failed several times in a row and is left alone for a while. It is tried again by itself.",
  },
  half_open: {
    name: "Being tried",
    tone: "fair",
    words: "It failed several times in a row. It is being tried whether it answers again.",
  },
};

/** Whether the service is asked at the moment, in words; nothing where that is not known here. Why nobody asks it comes before whether it would answer. */
export function stateOf(breaker: string, off: boolean, spent?: Spent): (typeof STATES)[string] | undefined {
  if (off)
    return { name: "Switched off", tone: "none", words: "It is not asked to judge calls; an admin can switch it on." };
  return spent ? { name: "Budget spent", tone: "fair", words: spent.words } : STATES[breaker];
}

/** A budget that is spent, in words, and until when calls wait for the next one. */
export type Spent = { name: string; words: string };

type Spending = Pick<Schemas["Costs"], "today_micros" | "month_micros" | "budget_day_micros" | "budget_month_micros">;

/** Which budget is spent, so that the model judges no calls, and until when; the one that lasts longer where both are. */
export function spentBudget(of: Spending, today: string): Spent | undefined {
  const over = (spent: number, budget: number | null | undefined) => typeof budget === "number" && spent >= budget;
  const until = (name: string, day: string) => ({
    name: `The budget for ${name} is spent`,
    words: `Until ${longDay(day)}, 0:00 the offline analyst judges; an admin can raise the budget.`,
  });
  if (over(of.month_micros, of.budget_month_micros)) return until("this month", monthAfter(today));
  return over(of.today_micros, of.budget_day_micros) ? until("today", daysBefore(today, -1)) : undefined;
}

/** The first day of the month after a day's. */
function monthAfter(day: string): string {
  const [year, month] = day.split("-").map(Number);
  return new Date(Date.UTC(year ?? 0, month ?? 0, 1)).toISOString().slice(0, 10);
}
