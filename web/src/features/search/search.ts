// What the pages of search show, as it stands in their addresses.

import { filled } from "@/api/queries";
import type { SearchMode, Wanted } from "@/api/search";
import { isDay } from "../people/dates";
import { isId } from "../people/search";

/** How is looked where it is not by both. */
const WAYS = ["keyword", "vector"] as const satisfies SearchMode[];
const SIDES = ["internal", "external"] as const;

export type FindSearch = {
  q?: string | undefined;
  /** By words and meaning where it is left out. */
  mode?: (typeof WAYS)[number] | undefined;
  side?: (typeof SIDES)[number] | undefined;
  /** An id, or part of a name. */
  agent?: string | undefined;
  customer?: string | undefined;
  tracker?: string | undefined;
  language?: string | undefined;
  min_score?: number | undefined;
  max_score?: number | undefined;
  since?: string | undefined;
  until?: string | undefined;
  /** Whether each moment says where it stands in the rankings. */
  explain?: true | undefined;
  /** The saved search of which the new calls are looked at. */
  saved?: string | undefined;
};

export type AskSearch = { q?: string | undefined };

/** Characters of a query and of a field, as the program takes them. */
const [LONGEST, FIELD] = [1000, 200];

/** What an address has as text: a number or a word like `true` that is searched for is one in the address. */
const text = (value: unknown, longest: number) => {
  const read = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
  return typeof read === "string" && read.trim() !== "" ? read.trim().slice(0, longest) : undefined;
};
const one = <T extends string>(value: unknown, of: readonly T[]) => of.find((known) => known === value);
const day = (value: unknown) => (isDay(value) ? value : undefined);
const score = (value: unknown) => {
  const read = typeof value === "string" ? Number(value.trim() || Number.NaN) : value;
  return typeof read === "number" && read >= 0 && read <= 100 ? read : undefined;
};

function kept<T extends object>(read: T): T {
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined)) as T;
}

/** The state in an address; what is not understood is left out. */
export function readFindSearch(search: Record<string, unknown>): FindSearch {
  return kept({
    q: text(search.q, LONGEST),
    mode: one(search.mode, WAYS),
    side: one(search.side, SIDES),
    agent: text(search.agent, FIELD),
    customer: text(search.customer, FIELD),
    tracker: text(search.tracker, FIELD),
    language: text(search.language, FIELD),
    min_score: score(search.min_score),
    max_score: score(search.max_score),
    since: day(search.since),
    until: day(search.until),
    explain: search.explain === true ? (true as const) : undefined,
    saved: isId(search.saved) ? search.saved : undefined,
  });
}

export function readAskSearch(search: Record<string, unknown>): AskSearch {
  return kept({ q: text(search.q, LONGEST) });
}

/** What narrows a search, beside its words. */
export const NARROWS = [
  "side",
  "agent",
  "customer",
  "tracker",
  "language",
  "min_score",
  "max_score",
  "since",
  "until",
] as const satisfies (keyof FindSearch)[];

export const isNarrowed = (search: FindSearch) => NARROWS.some((name) => search[name] !== undefined);

/** An address in which nothing narrows any more. */
export const widened = Object.fromEntries(NARROWS.map((name) => [name, undefined])) as Partial<FindSearch>;

/** What the program is asked for; nothing where nothing is looked for. */
export function wantedOf(search: FindSearch): Wanted | undefined {
  if (search.q === undefined && !isNarrowed(search)) return undefined;
  const { q, saved: _, mode, ...same } = search;
  return { ...filled(same), mode: mode ?? "hybrid", query: q ?? "" };
}

/** A value as it is written behind the name of a field. */
const written = (value: string) =>
  /[\s"]/.test(value) ? `"${value.replaceAll('"', " ").replaceAll(/\s+/g, " ").trim()}"` : value;

/** Words and all that narrows them as one query, which is how a search is kept. */
export function asQuery(search: FindSearch): string {
  const fields: [name: string, value: string | undefined][] = [
    ["side:", search.side === "internal" ? "us" : search.side && "customer"],
    ["rep:", search.agent],
    ["customer:", search.customer],
    ["tracker:", search.tracker],
    ["language:", search.language],
    ["score>=", search.min_score?.toString()],
    ["score<=", search.max_score?.toString()],
    ["after:", search.since],
    ["before:", search.until],
  ];
  const narrowed = fields.flatMap(([name, value]) => (value === undefined ? [] : [`${name}${written(value)}`]));
  // Words last: a quote that they leave open ends with the text, and must not take the fields in.
  return [...narrowed, search.q].filter(Boolean).join(" ");
}
