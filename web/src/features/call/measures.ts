// What was measured in a call, as it comes, and how each figure is written and defined.

import type { Schemas } from "@/api/client";
import { change, clock, fixed, mood, number } from "@/components/format";
import catalogue from "../../../../crates/signals/src/figures.json";

type Figure = number | null;
export type Turn = {
  segment_id: number;
  side: string | null;
  start_ms: Figure;
  end_ms: Figure;
  sentiment: Figure;
  word_count: number;
};
type Extreme = { segment_id: number; start_ms: number } | null;
type Words = { segment_id: number; side: string | null; offset: number; length: number };
type Side = { sentiment: Figure; sentiment_quarters: Figure[] | null };
export type Metrics = {
  moments: Record<"longest_monologue" | "longest_customer_story" | "longest_silence", Extreme>;
  sides: { internal: Side; external: Side };
  turns: Turn[];
  /** Which words ask and object; calls that were judged before these were kept have none. */
  questions?: Words[];
  objections?: Words[];
  unavailable: Record<string, string>;
} & Record<string, unknown>;
export type Hit = {
  segment_id: number;
  start_ms: Figure;
  speaker: string | null;
  quote: string;
  offset: number;
  length: number;
};
export type Tracker = { id: string; name: string; count: number; hits: Hit[] };

/** Where a figure of this call should lie, and how it stands to that. */
export type Band = { [K in keyof Schemas["MetricBand"]]-?: Exclude<Schemas["MetricBand"][K], undefined> };
/** The bands of a call, by their figure: what has none is not judged. */
export type Bands = ReadonlyMap<string, Band>;

/** The description of the API leaves these open; their shape stands in docs/metrics.md. */
export function readMeasured(answer: Schemas["Measured"] | undefined): {
  metrics: Metrics | undefined;
  trackers: Tracker[];
  bands: Bands;
} {
  return {
    metrics: (answer?.metrics as unknown as Metrics | null | undefined) ?? undefined,
    trackers: (answer?.trackers ?? []) as unknown as Tracker[],
    bands: new Map(
      (answer?.bands ?? []).map(({ low = null, high = null, flag_above = null, aim = null, ...band }) => [
        band.metric,
        { ...band, low, high, flag_above, aim },
      ]),
    ),
  };
}

export type Unit = "share" | "time" | "pause" | "count" | "per_min" | "per_30_min" | "words" | "mood" | "change";
export type Measure = {
  id: string;
  name: string;
  unit: Unit;
  what: string;
  /** Where it lies in the call. */
  moment?: keyof Metrics["moments"];
  /** Half an hour is reckoned from ten minutes or more. */
  long?: true;
};

/** What is shown of a call, in which order, and what it is called: the list that the program's own reports follow. */
export const GROUPS = catalogue.groups as { name: string; figures: Measure[]; quarters?: true }[];

/** Figures that have no field of their own, and what is said where there is none. */
const READ: Record<string, (metrics: Metrics) => { value: Figure | undefined; why: string | undefined }> = {
  customer_mood: whole("external"),
  our_mood: whole("internal"),
  customer_mood_change: ({ sides: { external }, unavailable }) => ({
    value: fall(external.sentiment_quarters),
    why:
      unavailable.sentiment_quarters ??
      (external.sentiment_quarters ? "The customer takes no turn in the first or in the last quarter." : undefined),
  }),
};

function whole(
  side: keyof Metrics["sides"],
): (metrics: Metrics) => { value: Figure | undefined; why: string | undefined } {
  return ({ sides, unavailable }) => ({ value: sides[side].sentiment, why: unavailable.sentiment });
}

/** The last quarter less the first; none where one of them has no mood. */
export function fall(quarters: Figure[] | null): Figure {
  const [first, last] = [quarters?.[0], quarters?.at(-1)];
  return typeof first === "number" && typeof last === "number" ? last - first : null;
}

/** Parts of a second, none of them begun: a clock shows what has passed. */
function finerClock(ms: number, digits: number): string {
  const parts = Math.floor(Math.max(0, ms) % 1000).toString();
  return digits === 0 ? clock(ms) : `${clock(ms)}.${parts.padStart(3, "0").slice(0, digits)}`;
}

/** With its unit, with so many digits more than usual. */
export function written(value: number, unit: Unit, more = 0): string {
  switch (unit) {
    case "share":
      return `${fixed(value * 100, more)} %`;
    case "time":
      return finerClock(value, more);
    case "pause":
      return value < 60_000 ? `${fixed(value / 1000, 1 + more)} s` : finerClock(value, more);
    case "count":
      return number(Number(fixed(value, 0)));
    case "per_min":
      return `${fixed(value, 1 + more)} a min`;
    case "per_30_min":
      return fixed(value, 1 + more);
    case "words":
      return `${fixed(value, more)} a min`;
    case "mood":
      return mood(value);
    case "change":
      return change(value, 2);
  }
}

export type Read = { value: number | undefined; why: string | undefined };

/** From this length on rates of half an hour say something. */
const LONG_MS = 600_000;

/** A figure of a call; where there is none, why that is so. */
export function figure(metrics: Metrics, { id, long }: Measure): Read {
  const of = READ[id];
  const { value, why } = of ? of(metrics) : { value: metrics[id], why: metrics.unavailable[id] };
  if (typeof value !== "number") return { value: undefined, why: why ?? "Not measured." };
  if (long && typeof metrics.duration_ms === "number" && metrics.duration_ms < LONG_MS)
    return { value: undefined, why: "The call is shorter than 10 minutes." };
  return { value, why: undefined };
}
