// What the list of calls shows, as it stands in its address.

import type { CallsFilter } from "@/api/queries";
import { isDay } from "../people/dates";

const STATUSES = ["needs_sides", "queued", "analysed", "failed"] as const;
const MOODS = ["negative", "neutral", "positive"] as const;
const SORTS = ["started_at", "score", "duration", "title", "imported_at"].flatMap((key) => [key, `-${key}`]);

const text = (value: unknown) => (typeof value === "string" && value.trim() !== "" ? value : undefined);
const number = (value: unknown) => {
  const read = typeof value === "string" ? Number(value.trim() || Number.NaN) : value;
  return typeof read === "number" && read >= 0 && read <= 100 ? read : undefined;
};
const date = (value: unknown) => (isDay(value) ? value : undefined);
const one = <T extends string>(value: unknown, of: readonly T[]) => of.find((known) => known === value);

/** The filter in an address; what is not understood is left out. */
export function readCallsSearch(search: Record<string, unknown>): CallsFilter {
  const read: CallsFilter = {
    agent: text(search.agent),
    customer: text(search.customer),
    q: text(search.q),
    status: one(search.status, STATUSES),
    withheld: search.withheld === true ? true : undefined,
    sentiment: one(search.sentiment, MOODS),
    min_score: number(search.min_score),
    max_score: number(search.max_score),
    since: date(search.since),
    until: date(search.until),
    sort: one(search.sort, SORTS),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}
