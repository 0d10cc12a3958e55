// The period and the team that the pages about people show, as they stand in the address.

import type { Period } from "@/api/analytics";
import { daysBefore, isDay } from "./dates";
import { MEASURES } from "./measures";

export const SPANS = [7, 30, 90, 365] as const;
export type Span = (typeof SPANS)[number];
const USUAL: Span = 30;

export type PeopleSearch = {
  /** The last so many days; 30 where nothing else is said. */
  days?: Span | undefined;
  /** Own dates, the first and the last. */
  from?: string | undefined;
  to?: string | undefined;
  team_id?: string | undefined;
};

/** What stays when one goes from one of these pages to another. */
export const KEPT = ["days", "from", "to", "team_id"] as const;

export type TeamSearch = PeopleSearch & {
  /** The column by which the reps are sorted, with `-` before it the highest first. */
  sort?: string | undefined;
  /** What the trend shows. */
  measure?: string | undefined;
};

export type CompareSearch = PeopleSearch & { a?: string | undefined; b?: string | undefined };

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether something can be the id of anybody or anything. */
export const isId = (value: unknown): value is string => typeof value === "string" && ID.test(value);

const date = (value: unknown) => (isDay(value) ? value : undefined);
const id = (value: unknown) => (isId(value) ? value : undefined);
const key = (value: unknown) => (typeof value === "string" && /^-?[a-z_]+(:[\w.-]+)?$/.test(value) ? value : undefined);
const measure = (value: unknown) =>
  typeof value === "string" && (MEASURES.includes(value) || /^dimension:[\w.-]+$/.test(value)) ? value : undefined;

function kept<T extends object>(read: T): T {
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined)) as T;
}

/** The state in an address; what is not understood is left out. */
export function readPeopleSearch(search: Record<string, unknown>): PeopleSearch {
  const [from, to] = [date(search.from), date(search.to)];
  const own = from !== undefined && to !== undefined && from <= to;
  const days = SPANS.find((span) => span === Number(search.days));
  return kept({
    days: own || days === USUAL ? undefined : days,
    from: own ? from : undefined,
    to: own ? to : undefined,
    team_id: id(search.team_id),
  });
}

export type LearnSearch = {
  /** The dimension that a rep is to learn of. */
  focus?: string | undefined;
  /** From whom, as ids with commas; top performers where nothing is said. */
  winners?: string | undefined;
};

/** So many may be learned from at once. */
export const MOST_WINNERS = 20;

export function readLearnSearch({ focus, winners }: Record<string, unknown>): LearnSearch {
  const ids = typeof winners === "string" ? [...new Set(winners.toLowerCase().split(","))].filter(isId) : [];
  return kept({
    focus: typeof focus === "string" && /^[\w.-]{1,100}$/.test(focus) ? focus : undefined,
    winners: ids.slice(0, MOST_WINNERS).join(",") || undefined,
  });
}

export function readRepSearch(search: Record<string, unknown>): PeopleSearch & LearnSearch {
  return { ...readPeopleSearch(search), ...readLearnSearch(search) };
}

export function readTeamSearch(search: Record<string, unknown>): TeamSearch {
  return kept({ ...readPeopleSearch(search), sort: key(search.sort), measure: measure(search.measure) });
}

export function readCompareSearch(search: Record<string, unknown>): CompareSearch {
  return kept({ ...readPeopleSearch(search), a: id(search.a), b: id(search.b) });
}

/** Which of the spans is chosen; none with own dates. */
export function spanOf({ days, from, to }: PeopleSearch): Span | undefined {
  return from && to ? undefined : (days ?? USUAL);
}

/** The days that an address means, today being the last of every span. */
export function periodOf(search: PeopleSearch, today: string): Period {
  if (search.from && search.to) return { since: search.from, until: search.to };
  return { since: daysBefore(today, (search.days ?? USUAL) - 1), until: today };
}

/** The same, but at least so many weeks: a line of two points tells nothing. */
export function longer(period: Period, weeks: number): Period {
  const since = daysBefore(period.until, weeks * 7 - 1);
  return { since: [since, period.since].toSorted()[0] ?? since, until: period.until };
}
