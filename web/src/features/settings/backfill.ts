// Many calls that are judged at once, in words: how far that is, and whether it can be begun.

import type { Schemas } from "@/api/client";
import { dollars, many, number, sentence } from "@/components/format";
import type { Tone } from "@/components/score";
import { providerName } from "./money";
import type { Backfill } from "./queries";

/** The one that is not over, and the latest that are. One that is cancelled is over when its last batch is. */
export function parted(all: readonly Backfill[], most: number): { open: Backfill | undefined; over: Backfill[] } {
  return {
    open: all.find(({ finished_at }) => !finished_at),
    over: all.filter(({ finished_at }) => finished_at).slice(0, most),
  };
}

/** Why nobody can begin one here; nothing where it can be begun. */
export function notHere({ judge, model }: Pick<Schemas["WhoJudges"], "judge" | "model">): string | undefined {
  if (!model) return "No model is set up. With one of Anthropic, many calls can be judged at once.";
  // Only this service takes batches.
  if (model.provider !== "anthropic")
    return `${providerName(model.provider)} takes no batches: calls are judged one by one.`;
  return judge === "model" ? undefined : "The model is switched off, so that it can be asked nothing.";
}

const STATES: Record<Backfill["state"], { name: string; tone: Tone }> = {
  open: { name: "Under way", tone: "good" },
  cancelled: { name: "Cancelled", tone: "none" },
  done: { name: "Done", tone: "none" },
  stopped: { name: "Stopped", tone: "poor" },
};

/** How far it is, in a word or two. */
export function stateOf({ state, finished_at, why }: Pick<Backfill, "state" | "finished_at" | "why">) {
  if (finished_at) return STATES[state];
  if (state === "cancelled") return { name: "Being cancelled", tone: "fair" as const };
  return why ? { name: "Waiting", tone: "fair" as const } : STATES.open;
}

/** What happens at the moment; `time` writes when. */
export function nowOf(
  { state, why, sending_at }: Pick<Backfill, "state" | "why" | "sending_at">,
  time: (at: string) => string,
): string {
  if (state === "cancelled") return "What its last batch has answered is kept; nothing more is asked.";
  if (why) return sentence(why);
  return sending_at ? `A batch is being answered, since ${time(sending_at)}.` : "The next batch is put together.";
}

/** How many of its calls have their answers, and which share that is. */
export function readyOf({ calls, waiting }: Pick<Backfill, "calls" | "waiting">): { words: string; share: number } {
  const ready = Math.max(0, calls - waiting);
  return { words: `${number(ready)} of ${number(calls)}`, share: calls > 0 ? ready / calls : 1 };
}

/** How many of its questions were answered, and what becomes of those that were not. */
export function questionsOf({ questions, answered, failed }: Pick<Backfill, "questions" | "answered" | "failed">) {
  return {
    words: questions === 0 ? "0" : `${number(answered)} of ${number(questions)}`,
    note:
      failed > 0
        ? `${number(failed)} without an answer: asked again with ${failed === 1 ? "its" : "their"} call`
        : undefined,
  };
}

/** What it cost. */
export function costOf({ cost_micros }: Pick<Backfill, "cost_micros">): string {
  return typeof cost_micros === "number" ? dollars(cost_micros) : "not known";
}

/** What is asked before it is cancelled. */
export function cancelWords({ waiting }: Pick<Backfill, "waiting">): string {
  const left =
    waiting === 1 ? "1 call that waits stays as it is" : `${many(waiting, "call")} that wait stay as they are`;
  return `Nothing more is asked: ${left}. What is answered by then is kept and used.`;
}

/** As a form has it; empty days are open ends, an empty rubric is the usual one. */
export type BackfillForm = { since: string; until: string; rubric: string };

export const NO_FORM: BackfillForm = { since: "", until: "", rubric: "" };

/** As the program takes it. */
export function wishOf({ since, until, rubric }: BackfillForm): Schemas["NewBackfill"] {
  return { since: since || null, until: until || null, rubric: rubric || null };
}

/** Which calls are meant, in words. */
export function meantBy({ since, until }: Pick<BackfillForm, "since" | "until">, day: (day: string) => string): string {
  if (since && until) return since === until ? `calls of ${day(since)}` : `calls from ${day(since)} to ${day(until)}`;
  if (since) return `calls from ${day(since)} on`;
  return until ? `calls up to ${day(until)}` : "all calls";
}
