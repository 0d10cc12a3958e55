// Who speaks when, made small enough to be drawn: ten hours have thousands of stretches, a screen has some hundred columns.

import type { SegmentItem } from "@/api/queries";
import type { Turn } from "./measures";
import type { CallSearch } from "./search";

export type Place = { id: number; index: number; from: number; to: number; name: string };
export type Track = {
  name: string;
  ours: boolean;
  known: boolean;
  runs: Run[];
  filled: number[] | undefined;
  spoken: number;
};
export type Run = [from: number, to: number];
export type Shape = { tracks: Track[]; places: Place[]; end: number };

/** Columns that the map is drawn in. */
export const COLUMNS = 1200;
/** Tracks that are drawn; who says least shares the last one. */
export const TRACKS = 6;

/** Segments from which on stretches would run into one bar: then each column shows how much of it somebody speaks. */
const DENSE = 1500;
const FILLED = 240;

/** The shape of a call; without times it has no end. */
export function shapeOf(segments: readonly SegmentItem[]): Shape {
  const places: Place[] = [];
  const speakers = new Map<string, { name: string; side: string | null | undefined; spans: Run[]; spoken: number }>();
  let end = 0;
  segments.forEach(({ id, speaker, start_ms: from, end_ms: to }, index) => {
    if (from === null || from === undefined || to === null || to === undefined) return;
    const name = speaker?.name ?? "Somebody";
    places.push({ id, index, from, to, name });
    const one = speakers.get(name) ?? { name, side: speaker?.side, spans: [], spoken: 0 };
    one.spans.push([from, to]);
    one.spoken += to - from;
    speakers.set(name, one);
    end = Math.max(end, to);
  });
  places.sort((a, b) => a.from - b.from || a.id - b.id);
  const talkers = [...speakers.values()].sort((a, b) => b.spoken - a.spoken);
  const own = talkers.length > TRACKS ? talkers.slice(0, TRACKS - 1) : talkers;
  const rest = talkers.slice(own.length);
  const dense = places.length > DENSE;
  const tracks = own.map(({ name, side, spans, spoken }) => ({
    name,
    ours: side === "internal",
    known: side === "internal" || side === "external",
    runs: runsOf(spans, end),
    filled: dense ? filledOf(spans, end) : undefined,
    spoken,
  }));
  tracks.sort((a, b) => Number(b.ours) - Number(a.ours));
  if (rest.length > 0) {
    const spans = rest.flatMap((one) => one.spans);
    tracks.push({
      name: `${rest.length} others`,
      ours: false,
      known: false,
      runs: runsOf(spans, end),
      filled: dense ? filledOf(spans, end) : undefined,
      spoken: rest.reduce((sum, { spoken }) => sum + spoken, 0),
    });
  }
  // Whoever says most at a time fills the row.
  const most = Math.max(0, ...tracks.flatMap(({ filled }) => filled ?? []));
  const shown = tracks.map((track) => ({ ...track, filled: track.filled?.map((share) => share / (most || 1)) }));
  return { tracks: shown, places, end };
}

/** Stretches as columns that are filled: `[from, to)` of {@link COLUMNS}, in order and apart. */
export function runsOf(spans: readonly Run[], end: number, columns = COLUMNS): Run[] {
  if (end <= 0) return [];
  const filled = spans
    .map(([from, to]): Run => {
      const first = Math.min(columns - 1, Math.floor((from / end) * columns));
      return [first, Math.min(columns, Math.max(first + 1, Math.round((to / end) * columns)))];
    })
    .sort((a, b) => a[0] - b[0]);
  const runs: Run[] = [];
  for (const [from, to] of filled) {
    const last = runs.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else runs.push([from, to]);
  }
  return runs;
}

/** How much of each column is filled, 0 to 1. */
export function filledOf(spans: readonly Run[], end: number, columns = FILLED): number[] {
  const filled = new Array<number>(columns).fill(0);
  for (const [from, to] of spans) {
    for (let n = Math.floor((from / end) * columns); n < columns && (n * end) / columns < to; n += 1) {
      const [left, right] = [(n * end) / columns, ((n + 1) * end) / columns];
      filled[n] = Math.min(1, (filled[n] ?? 0) + (Math.min(to, right) - Math.max(from, left)) / (right - left));
    }
  }
  return filled;
}

/** How many begin in each column, as a share of the most. */
export function countsOf(spans: readonly Run[], end: number, columns = FILLED): number[] {
  const counts = new Array<number>(columns).fill(0);
  for (const [from] of spans) {
    const n = Math.min(columns - 1, Math.floor((from / end) * columns));
    counts[n] = (counts[n] ?? 0) + 1;
  }
  const most = Math.max(1, ...counts);
  return counts.map((count) => count / most);
}

/** The segment that is said at a moment, or begins next to it. */
export function placeAt(places: readonly Place[], ms: number): Place | undefined {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle]?.from ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [places[low - 1], places[low]];
  if (!before || !after) return before ?? after;
  return ms <= before.to || ms - before.to <= after.from - ms ? before : after;
}

/** A state with the segment that is said at its second, where it names none itself. */
export function withSecond(state: CallSearch, shape: Shape): CallSearch {
  if (state.t === undefined || state.at !== undefined) return state;
  return { ...state, at: placeAt(shape.places, state.t * 1000)?.id };
}

/** The place of a segment. */
export function placeOf(places: readonly Place[], id: number): Place | undefined {
  // Segments are numbered as they come; only who speaks at the same time stands elsewhere.
  const near = places[id - 1];
  return near?.id === id ? near : places.find((place) => place.id === id);
}

/** How the customer's turns sound along the call, −1 to 1, `columns` values; undefined where they say nothing. */
export function moodOf(turns: readonly Turn[], end: number, columns = 120): (number | undefined)[] {
  const sums = Array.from({ length: columns }, () => ({ sum: 0, words: 0 }));
  for (const { side, sentiment, start_ms: from, end_ms: to, word_count } of turns) {
    if (side !== "external" || from === null || to === null || sentiment === null || end <= 0) continue;
    const first = Math.min(columns - 1, Math.floor((from / end) * columns));
    const last = Math.min(columns - 1, Math.max(first, Math.ceil((to / end) * columns) - 1));
    for (let n = first; n <= last; n += 1) {
      const column = sums[n];
      if (!column) continue;
      column.sum += sentiment * word_count;
      column.words += word_count;
    }
  }
  return sums.map(({ sum, words }) => (words > 0 ? sum / words : undefined));
}

const MINUTE = 60_000;

/** Where a key of the slider leads: null where there is nothing further, undefined where it is no key of a slider. */
export function placeByKey(places: readonly Place[], here: Place | undefined, key: string): Place | null | undefined {
  const index = here ? places.indexOf(here) : -1;
  const from = here?.from ?? 0;
  switch (key) {
    case "ArrowLeft":
    case "ArrowDown":
      return places[index - 1] ?? null;
    case "ArrowRight":
    case "ArrowUp":
      return places[index + 1] ?? null;
    case "PageUp":
      return placeAt(places, from + MINUTE) ?? null;
    case "PageDown":
      return placeAt(places, from - MINUTE) ?? null;
    case "Home":
      return places[0] ?? null;
    case "End":
      return places.at(-1) ?? null;
    default:
      return undefined;
  }
}
