// What the pages of deals show, as it stands in their addresses.

import type { DealsFilter, WarningKind } from "@/api/deals";
import { isDay } from "../people/dates";
import { isId } from "../people/search";
import { WARNINGS } from "./words";

/** Open deals where nothing is said. */
export const STANDINGS = ["won", "lost", "all"] as const;
export type Standing = (typeof STANDINGS)[number];

export type DealsSearch = {
  owner?: string | undefined;
  status?: Standing | undefined;
  stage?: string | undefined;
  product?: string | undefined;
  health?: Band | undefined;
  since?: string | undefined;
  until?: string | undefined;
  warning?: WarningKind | undefined;
  q?: string | undefined;
  /** A column, with `-` before it the highest first. */
  sort?: string | undefined;
};

export type DealSearch = {
  /** What stands beside the health; the timeline where it is left out. */
  tab?: "coaching" | undefined;
  kind?: "call" | "email" | undefined;
  person?: string | undefined;
  /** The call or e-mail that is looked at. */
  entry?: string | undefined;
};

/** Health as lists can be narrowed to it: whole numbers, in the bands of scores. */
export const HEALTHS = [
  { id: "poor", name: "Health below 45", range: { max_health: 44 } },
  { id: "fair", name: "Health 45 to 69", range: { min_health: 45, max_health: 69 } },
  { id: "good", name: "Health 70 and more", range: { min_health: 70 } },
] as const;
type Band = (typeof HEALTHS)[number]["id"];

const BANDS = HEALTHS.map(({ id }) => id);
const COLUMNS = ["close_date", "health", "amount", "name"] as const;
const SORTS = COLUMNS.flatMap((key) => [key, `-${key}`]);
/** What is due first. */
export const USUAL_SORT = "close_date";

/** What an address has as text; a number that is searched for is one in the address. */
const text = (value: unknown) => {
  const read = typeof value === "number" ? String(value) : value;
  return typeof read === "string" && read.trim() !== "" ? read.trim() : undefined;
};
const one = <T extends string>(value: unknown, of: readonly T[]) => of.find((known) => known === value);
const day = (value: unknown) => (isDay(value) ? value : undefined);

function kept<T extends object>(read: T): T {
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined)) as T;
}

/** The state in an address; what is not understood is left out. */
export function readDealsSearch(search: Record<string, unknown>): DealsSearch {
  return kept({
    owner: isId(search.owner) ? search.owner : undefined,
    status: one(search.status, STANDINGS),
    stage: text(search.stage),
    product: text(search.product),
    health: one(search.health, BANDS),
    since: day(search.since),
    until: day(search.until),
    warning: one(search.warning, WARNINGS),
    q: text(search.q)?.slice(0, 200),
    sort: one(search.sort, SORTS),
  });
}

export function readDealSearch(search: Record<string, unknown>): DealSearch {
  return kept({
    tab: one(search.tab, ["coaching"] as const),
    kind: one(search.kind, ["call", "email"] as const),
    person: text(search.person)?.slice(0, 200),
    entry: isId(search.entry) ? search.entry : undefined,
  });
}

/** What the program is asked for. */
export function filterOf({ owner, status, health, since, until, sort, ...same }: DealsSearch): DealsFilter {
  const by = sort ?? USUAL_SORT;
  const down = by.startsWith("-");
  return kept({
    ...same,
    ...HEALTHS.find(({ id }) => id === health)?.range,
    owner_id: owner,
    status: status === "all" ? undefined : (status ?? ("open" as const)),
    close_since: since,
    close_until: until,
    sort: one(down ? by.slice(1) : by, COLUMNS),
    order: down ? ("desc" as const) : ("asc" as const),
  });
}
