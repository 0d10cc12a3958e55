// Which week's moments the start page shows, and how that week is called.

import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { momentsQuery } from "@/api/queries";
import { daysBefore, monday, shortDay } from "@/features/people/dates";

/** How many weeks back a week with moments is looked for. */
const BACK = 6;

/** The moments of the last week before another that has some; null where none has. */
const lastMomentsQuery = (week: string, team: string | undefined) =>
  queryOptions({
    queryKey: ["moments", "before", week, team],
    queryFn: async ({ client }) => {
      for (let back = 1; back <= BACK; back += 1) {
        const found = await client.fetchQuery(momentsQuery(daysBefore(week, 7 * back), team));
        if (found.items.length > 0) return found;
      }
      return null;
    },
  });

/** The moments of a week. Where none is asked for and this one has none yet, as on a Monday, of the last that has some. */
export function useMoments(week: string | undefined, team?: string) {
  const asked = useQuery({ ...momentsQuery(week, team), placeholderData: keepPreviousData });
  const none = week === undefined && asked.data?.items.length === 0 && !asked.isPlaceholderData;
  const last = useQuery({ ...lastMomentsQuery(asked.data?.week ?? "", team), enabled: none });
  const earlier = (none && last.data) || undefined;
  return {
    data: none && last.isPending ? undefined : (earlier ?? asked.data),
    /** Whether it is an earlier week than the one that was asked for. */
    earlier: earlier !== undefined,
    /** Whether these are still the moments that were shown before. */
    stale: asked.isPlaceholderData,
    isPending: asked.isPending || (none && last.isPending),
    isError: asked.isError || (none && last.isError),
    error: asked.error ?? last.error,
    refetch: () => void (asked.isError ? asked : last).refetch(),
  };
}

/** A week as one speaks of it: its Monday, seen from today. */
export function weekName(week: string, today: string): string {
  const now = monday(today);
  if (week === now) return "this week";
  return week === daysBefore(now, 7) ? "last week" : `the week of ${shortDay(week)}`;
}

/** What the start page of a rep is about. */
export function workTitle(when: string): string {
  return `What to work on ${when === "this week" ? when : `from ${when}`}`;
}

/** What that is taken from; `gaps` are what was missed most often, `earlier` tells that this week has nothing yet. */
export function workNote(when: string, gaps: boolean, earlier: boolean): string {
  const often = gaps ? " and from what was missed most often" : "";
  return `From the calls of ${when}${often}${earlier ? "; this week has no moments yet" : ""}`;
}

const WORDS = ["No moments", "One moment"];

/** What the start page of who coaches is about. */
export function momentsTitle(count: number, when: string): string {
  return `${WORDS[count] ?? `${count} moments`} to coach ${when === "this week" ? when : `from ${when}`}`;
}
