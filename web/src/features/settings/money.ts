// What models cost, as charts and tables show it, and what may be spent, as a form has it. Amounts are millionths of a US dollar.

import type { Schemas } from "@/api/client";
import { dollars } from "@/components/format";
import type { Tone } from "@/components/score";
import type { Scale, Spot } from "@/components/series";
import { monday } from "../people/dates";
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
  return (micros / 1e6).toLocaleString("en", { minimumFractionDigits: whole ? 0 : 2, maximumFractionDigits: 2 });
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
  return `${(n / size).toLocaleString("en", { maximumFractionDigits: 1 })} ${unit}`;
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

/** Whether the service is asked at the moment, in words; nothing where that is not known here. */
export function stateOf(breaker: string, off: boolean): (typeof STATES)[string] | undefined {
  if (off && breaker === "closed")
    return { name: "Switched off", tone: "none", words: "It is not asked to judge calls; an admin can switch it on." };
  return STATES[breaker];
}
