// What won deals have more or less of than lost ones, in words and as the shape of a plot.

import type { Schemas } from "@/api/client";
import { change, day, fixed, lasted, many } from "@/components/format";

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

/** Who the top performers are and how they were chosen, and whose words the moments are where they are of none of them; `named`: whether somebody chose them. */
export function fromWhom({ top_performers: top, moments, split }: Whose, named: boolean): string | undefined {
  const others = moments.length > 0 && !moments.some(({ winner }) => top.some(({ id }) => id === winner.rep.id));
  const words = others ? "They have no words of a won deal to show, so the moments are of others." : undefined;
  if (named) return words;
  if (top.length === 0) return `Nobody else closed enough deals before ${day(split)} to be a top performer.`;
  const who = `Top performers, by their win rate before ${day(split)}: ${top.map(({ name }) => name).join(", ")}.`;
  return words ? `${who} ${words}` : who;
}

type Whose = Pick<Insights, "top_performers" | "split"> & { moments: readonly { winner: { rep: Schemas["Rep"] } }[] };

/** A line before, within and after the words that are quoted from it; nothing where they do not stand in it. */
export function parted(line: string, quote: string): [before: string, quote: string, after: string] | undefined {
  const at = quote === "" ? -1 : line.indexOf(quote);
  return at < 0 ? undefined : [line.slice(0, at), quote, line.slice(at + quote.length)];
}

/** Why nothing is said of won and lost deals. */
export function whyNotEnough({ won_deals, lost_deals }: Pick<Insights, "won_deals" | "lost_deals">): string {
  return (
    `It takes at least ${ENOUGH} won and ${ENOUGH} lost deals with a judged call, of several reps; in the last year there are ` +
    `${won_deals} and ${lost_deals}. With fewer, chance would say more than the calls do.`
  );
}
