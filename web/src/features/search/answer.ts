// An answer as it comes, one event after the other.

import { ApiError, problem } from "@/api/error";
import type { AnswerEnd, AnswerSentence, Citation, FoundIn, Reading } from "@/api/search";

export type Answer = {
  /** How far it is. */
  state: "coming" | "done" | "stopped" | "failed";
  reading: Reading | undefined;
  /** What is read for it. */
  calls: FoundIn[];
  meaning_off: string | undefined;
  sentences: AnswerSentence[];
  end: AnswerEnd | undefined;
  error: ApiError | undefined;
};

/** A question that was just asked. */
export const ASKED: Answer = {
  state: "coming",
  reading: undefined,
  calls: [],
  meaning_off: undefined,
  sentences: [],
  end: undefined,
  error: undefined,
};

/** The answer after an event. One that is not known changes nothing. */
export function heard(answer: Answer, name: string, data: string): Answer {
  switch (name) {
    case "found": {
      const found = JSON.parse(data) as { reading: Reading; calls: FoundIn[]; meaning_off?: string | null };
      const { reading, calls, meaning_off } = found;
      return { ...answer, reading, calls, meaning_off: meaning_off ?? undefined };
    }
    case "sentence":
      return { ...answer, sentences: [...answer.sentences, JSON.parse(data) as AnswerSentence] };
    case "again":
      return { ...answer, sentences: [] };
    case "done":
      return { ...answer, state: "done", end: JSON.parse(data) as AnswerEnd };
    case "failed":
      return { ...answer, state: "failed", error: new ApiError(problem(JSON.parse(data), 500)) };
    default:
      return answer;
  }
}

/** A long segment is in several passages, each with other words of it. */
const placeOf = ({ call_id, segment_id, quote }: Pick<Citation, "call_id" | "segment_id" | "quote">) =>
  `${call_id} ${segment_id} ${quote}`;

/** Where the sentences were said, each place once, in the order in which they are cited. */
export function sourcesOf(sentences: readonly AnswerSentence[]): Citation[] {
  const places = new Map<string, Citation>();
  for (const cited of sentences.flatMap(({ citations }) => citations)) places.set(placeOf(cited), cited);
  return [...places.values()];
}

/** The number of a citation among the sources, from 1. */
export function numberOf(cited: Citation, sources: readonly Citation[]): number {
  return sources.findIndex((source) => placeOf(source) === placeOf(cited)) + 1;
}

/** That the program ended an answer before it was told to be over. */
export function brokenOff(): ApiError {
  const detail = "The answer broke off. Ask again.";
  return new ApiError({ type: "/problems/away", title: "Broken off", status: 0, detail });
}
