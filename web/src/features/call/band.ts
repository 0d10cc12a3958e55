// Where a figure should lie: as a drawing and in words.

import { type Band, type Unit, written } from "./measures";

/** How a figure stands to its band, where that is told; the program says it. */
export const SIGNS = {
  inside: undefined,
  watch: { tone: "fair", words: "Worth a look" },
  flag: { tone: "poor", words: "Well outside" },
} as const;

const STEPS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** The end of a scale from 0 that has room for a band and a value; shares have the whole. */
export function scaleEnd({ low, high, flag_above, aim }: Band, value: number, unit: Unit): number {
  if (unit === "share") return 1;
  const least = Math.max(
    1.1 * value,
    1.25 * (high ?? 0),
    1.1 * (flag_above ?? 0),
    1.1 * (aim?.high ?? 0),
    2 * (aim && typeof aim.high !== "number" ? aim.low : 0),
    // A band without an upper end must be seen to go on.
    (high === null ? 2 : 1.1) * (low ?? 0),
  );
  if (least <= 0) return 1;
  const one = unit === "time" ? 60_000 : 1;
  const ten = 10 ** Math.floor(Math.log10(least / one));
  return one * ten * (STEPS.find((step) => step * ten * one >= least) ?? 10);
}

type Stretch = readonly [from: number, to: number];

/** Where the band, what to aim for, and the value lie on the scale, 0 to 1. */
export function placed(
  band: Band,
  value: number,
  unit: Unit,
): { band: Stretch; aim: Stretch | undefined; value: number } {
  const end = scaleEnd(band, value, unit);
  const at = (one: number) => Math.min(1, Math.max(0, one / end));
  return {
    band: [at(band.low ?? 0), band.high === null ? 1 : at(band.high)],
    aim: band.aim ? [at(band.aim.low), typeof band.aim.high === "number" ? at(band.aim.high) : 1] : undefined,
    value: at(value),
  };
}

/** “35–50 %”: the unit once. */
function between(low: number, high: number, unit: Unit): string {
  const [from, to] = [written(low, unit), written(high, unit)];
  const tail = to.includes(" ") ? to.slice(to.indexOf(" ")) : "";
  return `${from.endsWith(tail) ? from.slice(0, from.length - tail.length) : from}–${to}`;
}

/** “up to 65 %”. */
export function range({ low, high }: Band, unit: Unit): string {
  if (low !== null && high !== null) return between(low, high, unit);
  if (high !== null) return `up to ${written(high, unit)}`;
  return low === null ? "" : `from ${written(low, unit)}`;
}

/** A band as a sentence or two: when it is worth a look, and what to aim for. */
export function inWords({ low, high, flag_above, aim }: Band, unit: Unit): string {
  // What is far outside as soon as it is outside is told once.
  const above = high !== flag_above ? high : null;
  const watched = outside(low, above, unit);
  const flagged = outside(null, flag_above, unit);
  const judged = [watched && `worth a look ${watched}`, flagged && `well outside ${flagged}`]
    .filter(Boolean)
    .join(", ");
  return [
    judged && `${judged[0]?.toUpperCase()}${judged.slice(1)}.`,
    aim &&
      `In ${aim.of} calls aim for ${typeof aim.high === "number" ? between(aim.low, aim.high, unit) : `${written(aim.low, unit)} or more`}.`,
  ]
    .filter(Boolean)
    .join(" ");
}

function outside(low: number | null, high: number | null, unit: Unit): string {
  if (low !== null && high !== null) return `outside ${between(low, high, unit)}`;
  if (high !== null) return `above ${written(high, unit)}`;
  return low === null ? "" : `below ${written(low, unit)}`;
}

/** Digits that may be added to a value so that it can be told from the end of its band. */
const DIGITS_MORE = 4;

/** A value beside its band, with as many digits as it takes not to read like an end of it: “65.2 %” where “65 %” would look as if it were still inside. */
export function beside(value: number, unit: Unit, band: Pick<Band, "low" | "high" | "flag_above"> | undefined): string {
  const like = (end: number, more: number) => written(end, unit, more) === written(value, unit, more);
  const ends = [band?.low, band?.high, band?.flag_above].filter((end) => typeof end === "number");
  const near = ends.filter((end) => like(end, 0));
  for (let more = 0; more <= DIGITS_MORE; more += 1)
    if (near.every((end) => !like(end, more))) return written(value, unit, more);
  // What no digit tells apart is the same.
  return written(value, unit);
}
