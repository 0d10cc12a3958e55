// The shape of a chart: where its points stand, and where its line is broken.

import { FAIR, GOOD } from "./score";

export type Spot = { week: string; n: number; mean?: number | null | undefined };

/** Runs of neighbouring points that have a value; a week without one breaks the line. */
export function runs(points: readonly Spot[]): number[][] {
  const found: number[][] = [];
  let open: number[] | undefined;
  points.forEach(({ mean }, at) => {
    if (mean === null || mean === undefined) {
      open = undefined;
      return;
    }
    if (!open) {
      open = [];
      found.push(open);
    }
    open.push(at);
  });
  return found;
}

export type Scale = { low: number; high: number; marks: number[] };

/** From nought to a round number that is not below the highest. */
export function countScale(values: readonly number[]): Scale {
  const most = Math.max(4, ...values);
  const size = 10 ** Math.floor(Math.log10(most));
  const step = [0.5, 1, 2, 2.5, 5, 10].map((n) => n * size).find((n) => Number.isInteger(n) && n * 2 >= most) ?? size;
  return { low: 0, high: step * 2, marks: [0, step, step * 2] };
}

/** As far below nought as above it, in halves. */
export function moodScale(values: readonly number[]): Scale {
  const far = values.some((value) => Math.abs(value) > 0.5) ? 1 : 0.5;
  return { low: -far, high: far, marks: [-far, 0, far] };
}

/** Where the marks are those at which a score changes its band. */
export const SCORE_SCALE: Scale = { low: 0, high: 100, marks: [0, FAIR, GOOD, 100] };
export const SHARE_SCALE: Scale = { low: 0, high: 1, marks: [0, 0.5, 1] };

/** How much of the score a small line shows at least: less would make waves of what is chance. */
const CLOSE = 40;

/** A part of the scale of scores around the points, so that a small line shows a change. */
export function closeScale(points: readonly Spot[]): Scale {
  const values = points.flatMap(({ mean }) => (typeof mean === "number" ? [mean] : []));
  if (values.length === 0) return SCORE_SCALE;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const size = Math.max(CLOSE, high - low);
  const from = Math.min(100 - size, Math.max(0, (low + high - size) / 2));
  return { low: from, high: from + size, marks: [] };
}

/** How high a value stands, from the top. */
export function height({ low, high }: Scale, value: number, top: number, bottom: number): number {
  const share = (Math.min(high, Math.max(low, value)) - low) / (high - low);
  return bottom - share * (bottom - top);
}

/** Which weeks are written below, so that there is room between them: the last one always. */
export function labelled(count: number, width: number, room = 64): number[] {
  if (count < 1) return [];
  const every = Math.max(1, Math.ceil((count * room) / Math.max(room, width)));
  const from = (count - 1) % every;
  return Array.from({ length: Math.ceil((count - from) / every) }, (_, n) => from + n * every);
}
