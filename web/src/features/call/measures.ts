// What was measured in a call, as it comes, and how each figure is written, defined and looked at.

import type { Schemas } from "@/api/client";
import { clock, percent } from "@/components/format";

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
type Side = { sentiment_quarters: Figure[] | null };
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

/** The description of the API leaves both open; their shape stands in docs/metrics.md. */
export function readMeasured(answer: Schemas["Measured"] | undefined): {
  metrics: Metrics | undefined;
  trackers: Tracker[];
} {
  return {
    metrics: (answer?.metrics as unknown as Metrics | null | undefined) ?? undefined,
    trackers: (answer?.trackers ?? []) as unknown as Tracker[],
  };
}

type Unit = "share" | "time" | "pause" | "count" | "per_min" | "per_30_min" | "words" | "mood";
export type Measure = {
  id: string;
  name: string;
  unit: Unit;
  what: string;
  /** When it is worth a look, in words and as a rule. */
  look?: { words: string; at: (value: number) => boolean };
  /** Where it lies in the call. */
  moment?: keyof Metrics["moments"];
};

export const GROUPS: { name: string; measures: Measure[] }[] = [
  {
    name: "Who speaks",
    measures: [
      {
        id: "talk_ratio",
        name: "Talk ratio",
        unit: "share",
        what: "Our share of all that is spoken. Silence does not count.",
        look: { words: "above 65 % in a discovery call (75 % in a demo)", at: (value) => value > 0.65 },
      },
      {
        id: "longest_monologue_ms",
        name: "Longest turn of ours",
        unit: "time",
        what: "Our longest turn, from its start to its end; a “mm-hm” of the customer does not end it.",
        look: { words: "above 90 seconds", at: (value) => value > 90_000 },
        moment: "longest_monologue",
      },
      {
        id: "longest_customer_story_ms",
        name: "Longest turn of the customer’s",
        unit: "time",
        what: "The same for the customer. Long ones mean that somebody tells their story.",
        look: { words: "below 60 seconds in a discovery call", at: (value) => value < 60_000 },
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
        look: { words: "outside 130–180", at: (value) => value < 130 || value > 180 },
      },
      {
        id: "filler_per_min",
        name: "Filler words",
        unit: "per_min",
        what: "“Sort of”, “actually” and their like, a minute of our own speech.",
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
        look: { words: "below 4", at: (value) => value < 4 },
      },
      {
        id: "customer_question_count",
        name: "Questions of the customer’s",
        unit: "count",
        what: "Who asks is interested.",
        look: { words: "below 3", at: (value) => value < 3 },
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
        look: { words: "outside 0.5–1.5 s", at: (value) => value < 500 || value > 1500 },
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
        id: "overtalk_ratio",
        name: "Speaking at once",
        unit: "share",
        what: "The share of the call in which two or more people speak.",
        look: { words: "above 10 %", at: (value) => value > 0.1 },
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
];

export function written(value: number, unit: Unit): string {
  switch (unit) {
    case "share":
      return percent(value);
    case "time":
      return clock(value);
    case "pause":
      return `${(value / 1000).toFixed(1)} s`;
    case "count":
      return value.toLocaleString();
    case "per_min":
      return `${value.toFixed(1)} a min`;
    case "per_30_min":
      return `${value.toFixed(1)} in 30 min`;
    case "words":
      return `${Math.round(value)} a min`;
    case "mood":
      return mood(value);
  }
}

/** −1 to 1 with its sign. */
export function mood(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const text = Math.abs(value).toFixed(2);
  return Number(text) === 0 ? "0" : `${value > 0 ? "+" : "−"}${text}`;
}

export type Read = { value: number | undefined; why: string | undefined; look: boolean };

/** A figure of a call; where there is none, why that is so. */
export function figure(metrics: Metrics, { id, look }: Measure): Read {
  const value = metrics[id];
  if (typeof value !== "number")
    return { value: undefined, why: metrics.unavailable[id] ?? "Not measured.", look: false };
  return { value, why: undefined, look: look?.at(value) ?? false };
}
