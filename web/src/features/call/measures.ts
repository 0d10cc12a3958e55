// What was measured in a call, as it comes, and how each figure is written and defined.

import type { Schemas } from "@/api/client";
import { change, clock, percent } from "@/components/format";

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
  /** The figure, where it has no field of its own, and what is said where there is none. */
  of?: (metrics: Metrics) => { value: Figure | undefined; why: string | undefined };
};

export const GROUPS: { name: string; measures: Measure[]; quarters?: true }[] = [
  {
    name: "Who speaks",
    measures: [
      {
        id: "talk_ratio",
        name: "Talk ratio",
        unit: "share",
        what: "Our share of all that is spoken. Silence does not count.",
      },
      {
        id: "longest_monologue_ms",
        name: "Longest turn of ours",
        unit: "time",
        what: "Our longest turn, from its start to its end; a “mm-hm” of the customer does not end it.",
        moment: "longest_monologue",
      },
      {
        id: "longest_customer_story_ms",
        name: "Longest turn of the customer’s",
        unit: "time",
        what: "The same for the customer. Long ones mean that somebody tells their story.",
        moment: "longest_customer_story",
      },
      {
        id: "interactivity_per_min",
        name: "Changes of speaker",
        unit: "per_min",
        what: "How often the word goes from one side to the other, a minute of call.",
      },
      {
        id: "words_per_minute",
        name: "Pace",
        unit: "words",
        what: "Our words a minute of our own speech.",
      },
      {
        id: "filler_per_min",
        name: "Filler words",
        unit: "per_min",
        what: "“Sort of”, “actually” and their like, a minute of our own speech.",
      },
      {
        id: "non_talk_ms",
        name: "Silence",
        unit: "pause",
        what: "All silences of more than 3 seconds together.",
      },
      {
        id: "longest_silence_ms",
        name: "Longest silence",
        unit: "pause",
        what: "The longest time in which nobody speaks.",
        moment: "longest_silence",
      },
    ],
  },
  {
    name: "Questions",
    measures: [
      {
        id: "question_count",
        name: "Questions of ours",
        unit: "count",
        what: "Open, factual and closed ones together. Sellers who win ask 11 to 14 a call.",
      },
      {
        id: "open_question_count",
        name: "Open ones",
        unit: "count",
        what: "How, what, why, “tell me”, “walk me through”: questions that a yes does not answer.",
      },
      {
        id: "factual_question_count",
        name: "Factual ones",
        unit: "count",
        what: "How many, how much, when, where, who, which: questions that a word or a number answers.",
      },
      {
        id: "closed_question_count",
        name: "Closed ones",
        unit: "count",
        what: "All others: questions that a yes or a no answers.",
      },
      {
        id: "questions_per_30_min",
        name: "Questions of ours in 30 min",
        unit: "per_30_min",
        what: "The same for half an hour of call, so that long and short calls can be compared.",
        long: true,
      },
      {
        id: "open_questions_per_30_min",
        name: "Open ones in 30 min",
        unit: "per_30_min",
        what: "Our open questions alone, for half an hour of call.",
        long: true,
      },
      {
        id: "customer_question_count",
        name: "Questions of the customer’s",
        unit: "count",
        what: "Who asks is interested.",
      },
    ],
  },
  {
    name: "Listening",
    measures: [
      {
        id: "patience_ms",
        name: "Pause before we answer",
        unit: "pause",
        what: "The median gap between the end of the customer’s turn and ours. Answers that began earlier are left out.",
      },
      {
        id: "pause_after_objection_ms",
        name: "Pause after an objection",
        unit: "pause",
        what: "The same, over answers to an objection alone.",
      },
      {
        id: "overlapped_answer_ratio",
        name: "Answers begun too early",
        unit: "share",
        what: "The share of our answers that began before the customer had finished.",
      },
      {
        id: "interruption_count",
        name: "Times we interrupted",
        unit: "count",
        what: "One of us began within the customer’s turn and both spoke for 0.8 s or more.",
      },
      {
        id: "interruption_ms",
        name: "Time spoken over the customer",
        unit: "pause",
        what: "How long both spoke in these interruptions, together.",
      },
      {
        id: "overtalk_ratio",
        name: "Speaking at once",
        unit: "share",
        what: "The share of the call in which two or more people speak.",
      },
    ],
  },
  {
    name: "Mood",
    quarters: true,
    measures: [
      {
        id: "customer_mood",
        name: "Customer’s mood",
        unit: "mood",
        what: "How the customer’s words sound over the whole call; long turns count for more.",
        of: whole("external"),
      },
      {
        id: "our_mood",
        name: "Our mood",
        unit: "mood",
        what: "The same for our side.",
        of: whole("internal"),
      },
      {
        id: "customer_mood_change",
        name: "Customer’s change of mood",
        unit: "change",
        what: "The last quarter of the call less the first. A fall is worth a look.",
        of: ({ sides: { external }, unavailable }) => ({
          value: fall(external.sentiment_quarters),
          why:
            unavailable.sentiment_quarters ??
            (external.sentiment_quarters
              ? "The customer takes no turn in the first or in the last quarter."
              : undefined),
        }),
      },
    ],
  },
];

function whole(side: keyof Metrics["sides"]): NonNullable<Measure["of"]> {
  return ({ sides, unavailable }) => ({ value: sides[side].sentiment, why: unavailable.sentiment });
}

/** The last less the first. */
function fall(quarters: Figure[] | null): Figure {
  const [first, last] = [quarters?.[0], quarters?.at(-1)];
  return typeof first === "number" && typeof last === "number" ? last - first : null;
}

/** With its unit; `fine` writes one digit more. */
export function written(value: number, unit: Unit, fine = false): string {
  const more = fine ? 1 : 0;
  switch (unit) {
    case "share":
      return fine ? `${(value * 100).toFixed(1)} %` : percent(value);
    case "time":
      return fine ? `${clock(value)}.${Math.floor(value / 100) % 10}` : clock(value);
    case "pause":
      return value < 60_000 ? `${(value / 1000).toFixed(1 + more)} s` : clock(value);
    case "count":
      return value.toLocaleString();
    case "per_min":
      return `${value.toFixed(1 + more)} a min`;
    case "per_30_min":
      return value.toFixed(1 + more);
    case "words":
      return `${value.toFixed(more)} a min`;
    case "mood":
      return mood(value);
    case "change":
      return change(value, 2);
  }
}

/** −1 to 1 with its sign. */
export function mood(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const text = Math.abs(value).toFixed(2);
  return Number(text) === 0 ? "0" : `${value > 0 ? "+" : "−"}${text}`;
}

export type Read = { value: number | undefined; why: string | undefined };

/** From this length on rates of half an hour say something. */
const LONG_MS = 600_000;

/** A figure of a call; where there is none, why that is so. */
export function figure(metrics: Metrics, { id, long, of }: Measure): Read {
  const { value, why } = of ? of(metrics) : { value: metrics[id], why: metrics.unavailable[id] };
  if (typeof value !== "number") return { value: undefined, why: why ?? "Not measured." };
  if (long && typeof metrics.duration_ms === "number" && metrics.duration_ms < LONG_MS)
    return { value: undefined, why: "The call is shorter than 10 minutes." };
  return { value, why: undefined };
}
