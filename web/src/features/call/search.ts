// What the page of a call shows, as it stands in its address.

import type { CallsFilter } from "@/api/queries";
import { readCallsSearch } from "../calls/search";
import { KINDS, type Kind } from "./points";

export const TABS = ["scorecard", "numbers", "mentions", "next"] as const;
export type Tab = (typeof TABS)[number];

export type CallSearch = {
  /** The segment that is looked at, and the words in it that are marked: where they begin and how many characters they are. */
  at?: number | undefined;
  mark?: string | undefined;
  /** The second that is looked at, where no segment is named. */
  t?: number | undefined;
  /** The check whose evidence is open. */
  check?: string | undefined;
  /** What stands beside the words; the scorecard where it is left out. */
  tab?: Tab | undefined;
  /** An earlier judgement. */
  session?: string | undefined;
  /** Words that are searched for in the call. */
  find?: string | undefined;
  /** What is hidden on the map, beside what is hidden at first, and what of that is shown. */
  turned?: Kind[] | undefined;
  /** Whether the words follow the place on the map that is pointed at. */
  follow?: true | undefined;
  /** The list that the call was opened from. */
  list?: CallsFilter | undefined;
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The state in an address; what is not understood is left out. */
export function readCallSearch(search: Record<string, unknown>): CallSearch {
  const at = Number(search.at);
  const t = Number(search.t);
  const turned = Array.isArray(search.turned)
    ? KINDS.filter((kind) => (search.turned as unknown[]).includes(kind))
    : [];
  const read: CallSearch = {
    at: Number.isInteger(at) && at > 0 && at < 2 ** 31 ? at : undefined,
    mark: typeof search.mark === "string" && /^\d+-\d+$/.test(search.mark) ? search.mark : undefined,
    t: search.t !== undefined && search.t !== "" && Number.isFinite(t) && t >= 0 ? t : undefined,
    check: typeof search.check === "string" ? search.check : undefined,
    tab: TABS.find((tab) => tab === search.tab && tab !== "scorecard"),
    session: typeof search.session === "string" && UUID.test(search.session) ? search.session : undefined,
    // A number that is searched for is one in the address.
    find: ["string", "number"].includes(typeof search.find) && search.find !== "" ? String(search.find) : undefined,
    turned: turned.length > 0 ? turned : undefined,
    follow: search.follow === true ? true : undefined,
    list:
      typeof search.list === "object" && search.list !== null && !Array.isArray(search.list)
        ? readCallsSearch(search.list as Record<string, unknown>)
        : undefined,
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

/** Whether words and scorecard stand beside each other. */
export const wide = () => window.matchMedia("(min-width: 64rem)").matches;
