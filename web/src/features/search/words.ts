// How what was found is told.

import type { Found, FoundIn, Highlight, Ranks, ReadQuery } from "@/api/search";
import { clock, fixed, many, number, percent } from "@/components/format";
import { isDay, longDay } from "../people/dates";

/** More passages than this the program does not count. */
const COUNTED = 4_000;

export type Piece = { text: string; marked: boolean };

/** A line in pieces, those that were looked for marked. The program counts characters as Unicode does; JavaScript counts them in UTF-16. */
export function pieces(text: string, highlights: readonly Highlight[]): Piece[] {
  const all = Array.from(text);
  const found: Piece[] = [];
  let at = 0;
  const push = (to: number, marked: boolean) => {
    if (to > at) found.push({ text: all.slice(at, to).join(""), marked });
    at = Math.max(at, to);
  };
  for (const { start, end } of highlights.toSorted((a, b) => a.start - b.start)) {
    push(Math.min(start, all.length), false);
    push(Math.min(end, all.length), true);
  }
  push(all.length, false);
  return found;
}

/** How much was found, in a sentence without its full stop. `shown`: moments that are there. */
export function countWords(
  { total, matched, mode }: Pick<Found, "total" | "matched" | "mode">,
  { wanted }: Pick<ReadQuery, "wanted">,
  shown: number,
): string {
  if (wanted.length === 0) return `${many(total, "call")}, the latest first`;
  if (mode === "vector") return "What means something like it, the nearest first";
  const passages = total > COUNTED ? `over ${number(COUNTED)} passages` : many(total, "passage");
  const have = total === 1 ? "has" : "have";
  const telling = wanted.filter(({ is_common }) => !is_common);
  const [first, second] = telling.length > 0 ? telling : wanted;
  const one = second === undefined && first?.forms.length === 1;
  if (matched === "none") return `No passage has ${one ? "this word" : "these words"}; these mean something like it`;
  if (matched === "any") return `No passage has all words; ${passages} ${have} some of them`;
  const count = `${passages.charAt(0).toUpperCase()}${passages.slice(1)} ${have} ${one ? "this word" : "all words"}`;
  return mode === "hybrid" && shown > total ? `${count}, others mean something like it` : count;
}

/** The calls of all pages, each once, with all its moments. */
export function grouped(pages: readonly Pick<Found, "calls">[]): FoundIn[] {
  const groups = new Map<string, FoundIn>();
  for (const { call, moments } of pages.flatMap(({ calls }) => calls)) {
    const before = groups.get(call.id);
    groups.set(call.id, { call, moments: before ? [...before.moments, ...moments] : moments });
  }
  return [...groups.values()];
}

/** `1st`, `2nd`, `13th`. */
export function ordinal(n: number): string {
  const last = n % 100 >= 11 && n % 100 <= 13 ? 0 : n % 10;
  return `${number(n)}${["th", "st", "nd", "rd"][last] ?? "th"}`;
}

/** Where a moment stands in both rankings. */
export function whyHere({ keyword_rank, keyword_score, vector_rank, cosine }: Ranks): string {
  const words = keyword_rank
    ? `${ordinal(keyword_rank)} by words${typeof keyword_score === "number" ? ` (BM25 ${fixed(keyword_score, 1)})` : ""}`
    : "not found by words";
  const meaning = vector_rank
    ? `${ordinal(vector_rank)} by meaning${typeof cosine === "number" ? ` (cosine ${fixed(cosine, 2)})` : ""}`
    : "not found by meaning";
  return `${words}, ${meaning}`;
}

/** When something is said; by its number where the source has no times. */
export function placeWords(start_ms: number | null | undefined, segment: number): string {
  return start_ms === null || start_ms === undefined ? `№ ${segment}` : clock(start_ms);
}

/** How like a call is. */
export function alike(similarity: number | null | undefined): string {
  return typeof similarity === "number" ? `${percent(similarity)} alike` : "by its words";
}

/** The first and the last day of a month such as `2026-11`. */
export function daysOfMonth(month: string): { since: string; until: string } {
  const [year = 1970, at = 1] = month.split("-").map(Number);
  return { since: `${month}-01`, until: new Date(Date.UTC(year, at, 0)).toISOString().slice(0, 10) };
}

/** `Nov 2026`. */
export function monthName(month: string): string {
  const at = new Date(`${month}-01T00:00:00Z`);
  return at.toLocaleDateString(undefined, { month: "short", year: "numeric", timeZone: "UTC" });
}

/** What a language is called. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(undefined, { type: "language" }).of(code) ?? code;
  } catch {
    // No code of a language.
    return code;
  }
}

/** Where a quote stands in what was said, as the address of a call has it: where it begins and how many characters it is. */
export function markOf(text: string | undefined, quote: string): string | undefined {
  const at = text?.indexOf(quote) ?? -1;
  if (text === undefined || at < 0 || quote === "") return undefined;
  return `${Array.from(text.slice(0, at)).length}-${Array.from(quote).length}`;
}

/** What a question was understood to say of where to look, a field of a query, in words. */
export function understoodWords(field: string): string {
  const at = field.search(/[:<>]/);
  const [name, value] = [field.slice(0, at), field.slice(at + 1).replaceAll('"', "")];
  if (field === "side:customer") return "what the customer said";
  if (name === "side") return "what we said";
  if (name === "after" && isDay(value)) return `since ${longDay(value)}`;
  if (name === "before" && isDay(value)) return `until ${longDay(value)}`;
  if (name === "agent" || name === "rep") return `calls of ${value}`;
  if (name === "customer") return `calls with ${value}`;
  return field;
}
