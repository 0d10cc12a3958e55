// Who worded learning points and exercises, in words.

import type { Schemas } from "@/api/client";
import { day, dollars } from "@/components/format";

export type Written = Schemas["Written"];

/** Who worded what is shown, in one line. */
export function whoWorded(written: Written | null | undefined, now = new Date()): string {
  if (!written) return "In the program’s own words";
  const when = day(written.at, now);
  if (written.stale)
    return `In the program’s own words: the calls have changed since ${written.model} worded them (${when})`;
  const cost = written.cost_micros === null || written.cost_micros === undefined ? [] : [dollars(written.cost_micros)];
  return [`Worded by ${written.model}`, when, ...cost, ...notTaken(written)].join(" · ");
}

/** What of the model's answer is not shown; nothing where all of it is. */
function notTaken({ replaced, dropped }: Written): string[] {
  const sentences = replaced === 1 ? "1 sentence is" : `${replaced} sentences are`;
  const moments = dropped === 1 ? "1 claim" : `${dropped} claims`;
  return [...(replaced > 0 ? [`${sentences} the program’s own`] : []), ...(dropped > 0 ? [`${moments} left out`] : [])];
}

/** Whether there is something that a model can be asked to word. */
export function canBeWorded(
  judge: string | undefined,
  points: readonly unknown[],
  written: Written | null | undefined,
): boolean {
  return judge === "model" && points.length > 0 && (!written || written.stale);
}

/** Why the model worded nothing. */
export function notWorded(failure: Schemas["ModelFailure"]): string {
  const sentence = failure.sentence.replace(/\.$/, "");
  return `The model did not word this: ${sentence}. The program’s own words stand.`;
}
