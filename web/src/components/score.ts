// In which band a score lies. One place, so that what is filtered for and what is coloured are the same.

import { fixed } from "./format";

/** Good or bad, as colours tell it. */
export type Tone = "good" | "fair" | "poor" | "none";

/** From these scores on one is fair, and good. */
export const FAIR = 45;
export const GOOD = 70;

/** Which band a score from 0 to 100 lies in, as it is written: what reads 70 looks like 70. */
export function band(score: number | null | undefined): Tone {
  if (score === null || score === undefined) return "none";
  const written = Number(fixed(score, 0));
  return written >= GOOD ? "good" : written >= FAIR ? "fair" : "poor";
}

/** What rounds up to a score begins here. */
const least = (score: number) => score - 0.5;
/** The program takes the highest score of a range into it, and tells scores apart more finely than anybody gives them. */
const below = (score: number) => least(score) - 0.0001;

/** The bands as the list of calls can be narrowed to them. */
export const BANDS = [
  { id: "poor", name: `Below ${FAIR}`, range: { min_score: undefined, max_score: below(FAIR) } },
  { id: "fair", name: `${FAIR} to ${GOOD - 1}`, range: { min_score: least(FAIR), max_score: below(GOOD) } },
  { id: "good", name: `${GOOD} and more`, range: { min_score: least(GOOD), max_score: undefined } },
] as const;

/** A range of scores that is none of the bands, in words: an address may have any. */
export function rangeWords(min: number | undefined, max: number | undefined): string | undefined {
  if (BANDS.some(({ range }) => range.min_score === min && range.max_score === max)) return undefined;
  if (min !== undefined && max !== undefined) return `Score ${min} to ${max}`;
  if (min !== undefined) return `Score ${min} and more`;
  return max === undefined ? undefined : `Score up to ${max}`;
}
