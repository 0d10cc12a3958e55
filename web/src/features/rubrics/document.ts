// A rubric document as the program gives it, and what follows from it in words.

import type { KeptRubric } from "@/api/rubrics";

export type Kind = "presence" | "absence" | "metric" | "scale";

export type Condition = {
  metric: string;
  at_least?: number;
  at_most?: number;
  short_call_one_per_minutes?: number;
};

export type Check = {
  id: string;
  name: string;
  sentence: string;
  kind: Kind;
  weight: number;
  call_types?: string[];
  condition?: Condition;
  judge?: string;
  advice: string;
  keep?: string;
};

export type Levels = { "1": string; "3": string; "5": string };

export type Dimension = {
  id: string;
  name: string;
  weight: number;
  description: string;
  levels: Levels;
  checks: Check[];
};

export type Rubric = { id: string; name: string; version: number; description: string; dimensions: Dimension[] };

/** The document; the description of the API leaves its shape open. */
export function documentOf(kept: KeptRubric): Rubric {
  return kept.document as unknown as Rubric;
}

/** What each kind of check is called, and when it is met. */
export const KINDS: Record<Kind, { name: string; met: string }> = {
  presence: { name: "Should happen", met: "Met when it happens." },
  absence: { name: "Should not happen", met: "Met when it never happens." },
  metric: { name: "Measured", met: "Met when the figure keeps the bound; nobody judges it." },
  scale: { name: "Scale", met: "Judged on levels 0 to 3; each level is a third of its weight." },
};

/** The share, from 0 to 1, that one of these has of the weight of all. */
export function shareOf(one: { weight: number }, all: readonly { weight: number }[]): number {
  const sum = all.reduce((sum, { weight }) => sum + weight, 0);
  return sum > 0 ? one.weight / sum : 0;
}

/** A share in whole percent where that is exact enough: 1 % of weight is never written as nothing. */
export function sharePercent(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 1) return "< 1 %";
  return `${Math.round(percent)} %`;
}

/** A figure's bound in words: `longest monologue at most 150 s`. */
export function bound({ metric, at_least, at_most, short_call_one_per_minutes }: Condition): string {
  const unit = metric.endsWith("_ms") ? "ms" : metric.endsWith("_ratio") ? "ratio" : undefined;
  const name = metric
    .replace(/_(ms|count)$/, "")
    .replace(/_per_min$/, " a minute")
    .replaceAll("_", " ");
  const written = (value: number) =>
    unit === "ms" ? `${value / 1000} s` : unit === "ratio" ? `${Number((value * 100).toFixed(3))} %` : String(value);
  const counted = metric.endsWith("_count") ? `number of ${name.replace(/s?$/, "s")}` : name;
  const least = at_least === undefined ? [] : [`at least ${written(at_least)}`];
  const most = at_most === undefined ? [] : [`at most ${written(at_most)}`];
  const short =
    short_call_one_per_minutes === undefined
      ? []
      : [`in calls under 20 minutes one for every ${short_call_one_per_minutes} full minutes, but at least 1`];
  return [`${counted} ${[...least, ...most].join(", ")}`, ...short].join("; ");
}

/** The document under which a copy begins: another id, its first version. */
export function copyOf(rubric: Rubric, taken: readonly string[]): Rubric {
  const base = `${rubric.id.slice(0, 56)}_own`;
  let id = base;
  for (let n = 2; taken.includes(id); n += 1) id = `${base}_${n}`;
  return { ...rubric, id, name: `${rubric.name}, our own`, version: 1 };
}
