// The calls before and after one, in the order of the list it was opened from.

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { type CallDetails, type CallItem, type CallsFilter, callsQuery, neighbourQuery } from "@/api/queries";

/** Pages of a list in another order than that of time in which a call is looked for. */
const PAGES = 10;

type Asked = { before: CallsFilter; after: CallsFilter };

/** What to ask for the calls beside one in a list that is sorted by time; none for other orders. */
export function beside(list: CallsFilter, when: string): Asked | undefined {
  const { sort = "-started_at", since, until, ...narrow } = list;
  if (sort !== "-started_at" && sort !== "started_at") return undefined;
  const newer = { ...narrow, since: when, until, sort: "started_at" };
  const older = { ...narrow, since, until: when, sort: "-started_at" };
  return sort === "-started_at" ? { before: newer, after: older } : { before: older, after: newer };
}

/** Ids beside an id in a list. */
export function around(
  ids: readonly string[],
  id: string,
): { before?: string | undefined; after?: string | undefined } {
  const at = ids.indexOf(id);
  return at < 0 ? {} : { before: ids[at - 1], after: ids[at + 1] };
}

export function useNeighbours(call: CallDetails | undefined, list: CallsFilter = {}) {
  const when = call?.started_at ?? call?.imported_at;
  const asked = when === undefined ? undefined : beside(list, when);
  const other = (filter: CallsFilter | undefined) => ({
    ...neighbourQuery(filter ?? {}),
    enabled: filter !== undefined,
    select: ({ items }: { items: CallItem[] }) => items.find(({ id }) => id !== call?.id)?.id,
  });
  const before = useQuery(other(asked?.before));
  const after = useQuery(other(asked?.after));
  const pages = useInfiniteQuery({ ...callsQuery(list), enabled: call !== undefined && asked === undefined });
  const ids = pages.data?.pages.flatMap(({ items }) => items.map(({ id }) => id)) ?? [];
  const found = call === undefined ? {} : around(ids, call.id);
  const more =
    asked === undefined &&
    found.after === undefined &&
    pages.hasNextPage &&
    !pages.isFetching &&
    (pages.data?.pages.length ?? 0) < PAGES;
  const { fetchNextPage } = pages;
  useEffect(() => {
    if (more) void fetchNextPage();
  }, [more, fetchNextPage]);
  return asked ? { before: before.data, after: after.data } : found;
}
