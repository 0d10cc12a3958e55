// What was said in a call, as it comes: first the page that is looked at, then the rest at once.

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { PAGE } from "@/api/pages";
import { type SegmentItem, transcriptPageQuery, transcriptQuery } from "@/api/queries";

/** What is said, with gaps where it has not come yet. */
export type Rows = readonly (SegmentItem | undefined)[];

/** The page that a segment stands on; they are numbered from 1. */
export const pageOf = (segment: number | undefined) => Math.floor((Math.max(segment ?? 1, 1) - 1) / PAGE);

/** A page at its place within the whole. */
export function spread({ page, items, total }: { page: number; items: readonly SegmentItem[]; total: number }): Rows {
  const rows = new Array<SegmentItem | undefined>(total).fill(undefined);
  items.forEach((item, n) => {
    if (page * PAGE + n < total) rows[page * PAGE + n] = item;
  });
  return rows;
}

export function useSaid(id: string, at: number | undefined, enabled: boolean) {
  const there = useQueryClient().getQueryData(transcriptQuery(id).queryKey) !== undefined;
  const page = useQuery({
    ...transcriptPageQuery(id, pageOf(at)),
    placeholderData: keepPreviousData,
    enabled: enabled && !there,
  });
  // What is seen comes first; the rest does not take its line.
  const rest = useQuery({ ...transcriptQuery(id), enabled: enabled && (there || page.data !== undefined) });
  const rows = useMemo(() => rest.data ?? (page.data && spread(page.data)), [rest.data, page.data]);
  return {
    rows,
    whole: rest.data,
    error: rest.data ? null : (page.error ?? rest.error),
    retry: () => void (page.isError ? page : rest).refetch(),
  };
}
