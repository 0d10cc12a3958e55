// What won deals have more or less of than lost ones, in words and as the shape of a plot.

import type { Schemas } from "@/api/client";
import { change, fixed, lasted, many } from "@/components/format";

export type Insights = Schemas["LearningInsights"];
export type Feature = Schemas["WinnerFeature"];

/** Closed deals a side that it takes to say something, as the program has it. */
export const ENOUGH = 30;

type Unit = Pick<Feature, "unit">;

/** A mean in its own unit: shares in per cent, lengths as times. */
export function meanOf({ unit }: Unit, value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (unit === "share") return `${fixed(100 * value, 0)} %`;
  if (unit === "ms") return lasted(value);
  const after = unit === "per_min" ? " a minute" : unit === "per_30_min" ? " in 30 min" : "";
  return `${fixed(value, 1)}${after}`;
}

/** A difference with its sign: of shares in points, which are no per cents of one of them. */
export function differenceOf({ unit }: Unit, value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (unit === "share") return `${change(100 * value)} points`;
  if (unit === "ms") return `${value < 0 ? "−" : "+"}${lasted(Math.abs(value))}`;
  return change(value, 1);
}

/** What the plot of a row says: `Won deals 72 %, lost deals 41 %: +31 points, 95 % interval +12 to +50 points, 64 won and 51 lost deals`. */
export function told(feature: Feature): string {
  const { team, won_n, lost_n } = feature;
  if (!team) return feature.why ?? "Not enough deals";
  const of = (value: number) => differenceOf(feature, value);
  return (
    `Won deals ${meanOf(feature, team.won)}, lost deals ${meanOf(feature, team.lost)}: ${of(team.difference)}, ` +
    `95 % interval ${of(team.low)} to ${of(team.high)}, ${won_n} won and ${many(lost_n, "lost deal")}`
  );
}

/** Where the interval and its middle stand on a line whose middle is no difference, from 0 to 1. Checks share a scale; a metric has its own. */
export function placesOf(
  feature: Feature,
  all: readonly Feature[],
): { low: number; mid: number; high: number } | undefined {
  const { team } = feature;
  if (!team) return undefined;
  const same = feature.unit === "share" ? all.filter(({ unit }) => unit === "share") : [feature];
  const reach = Math.max(...same.flatMap(({ team }) => (team ? [Math.abs(team.low), Math.abs(team.high)] : [])));
  const at = (value: number) => (reach > 0 ? 0.5 + value / (2 * reach) : 0.5);
  return { low: at(team.low), mid: at(team.difference), high: at(team.high) };
}

/** Why nothing is said of won and lost deals. */
export function whyNotEnough({ won_deals, lost_deals }: Pick<Insights, "won_deals" | "lost_deals">): string {
  return (
    `It takes at least ${ENOUGH} won and ${ENOUGH} lost deals with a judged call, of several reps; in the last year there are ` +
    `${won_deals} and ${lost_deals}. With fewer, chance would say more than the calls do.`
  );
}
