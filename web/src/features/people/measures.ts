// How a measure is called, and how its numbers are written.

import { change, fixed, many, mood, number, percent } from "@/components/format";

/** A score from 0 to 100, a share from 0 to 1, a mood from −1 to 1, a count. */
export type Kind = "score" | "share" | "mood" | "count";

const NAMES: Record<string, string> = {
  overall: "Overall score",
  calls: "Calls judged",
  talk_ratio: "Talk ratio",
  sentiment: "Our mood",
  customer_sentiment: "Customer’s mood",
};

export const MEASURES = Object.keys(NAMES);

export function kindOf(measure: string): Kind {
  if (measure === "calls") return "count";
  if (measure === "talk_ratio") return "share";
  return measure.endsWith("sentiment") ? "mood" : "score";
}

/** The name of a measure; of a dimension, what its rubric calls it. */
export function nameOf(measure: string, dimensions: Record<string, string> = {}): string {
  if (!measure.startsWith("dimension:")) return NAMES[measure] ?? measure;
  const id = measure.slice("dimension:".length);
  const words = id.replaceAll("_", " ");
  return dimensions[id] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

export function written(kind: Kind, value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (kind === "share") return percent(value);
  if (kind === "count") return number(Math.round(value));
  return kind === "mood" ? mood(value) : fixed(value, 0);
}

/** How much it changed; of a share in points of a hundred. */
export function writtenChange(kind: Kind, value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (kind === "share") return `${change(value * 100)} pts`;
  return kind === "mood" ? change(value, 2) : change(value);
}

/** A number as far as it is written. */
function shown(kind: Kind, value: number): number {
  return Number(fixed(value, kind === "share" || kind === "mood" ? 2 : 0));
}

/** How much higher one number is than another as both are written: 92 → 87 is −5, whatever was rounded away. */
export function shownChange(
  kind: Kind,
  now: number | null | undefined,
  before: number | null | undefined,
): number | null {
  if (typeof now !== "number" || typeof before !== "number") return null;
  // What the machine's fractions add would put 0.05 beneath itself.
  return Number(fixed(shown(kind, now) - shown(kind, before), 2));
}

/** As far as the program takes a mood for neutral. */
const CALM = 0.05;

/** Whether something has gone up or down: as it is written, so that colour and number say the same; a mood only where it is one. */
export function direction(kind: Kind, value: number | null | undefined): -1 | 0 | 1 {
  if (kind === "mood" && Math.abs(value ?? 0) < CALM) return 0;
  const text = writtenChange(kind, value);
  return text.startsWith("+") ? 1 : text.startsWith("−") ? -1 : 0;
}

/** How many calls an average needs; the program gives none from fewer. */
export const ENOUGH = 5;

export const calls = (n: number) => many(n, "call");
