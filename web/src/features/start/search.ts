// What the start page shows, as it stands in its address.

import { daysBefore, isDay, monday } from "@/features/people/dates";
import { type LearnSearch, readLearnSearch, readTeamSearch, type TeamSearch } from "@/features/people/search";

export type StartSearch = TeamSearch &
  Pick<LearnSearch, "focus"> & {
    /** A day of the week whose moments are shown. */
    week?: string | undefined;
  };

/** The state in an address; what is not understood is left out. */
export function readStartSearch(search: Record<string, unknown>): StartSearch {
  const { week } = search;
  // Only a rep learns here, and they do not choose from whom.
  const { focus } = readLearnSearch(search);
  return { ...readTeamSearch(search), ...(isDay(week) && { week }), ...(focus && { focus }) };
}

/** The Mondays before and after a week; none after the one that today is in. */
export function around(week: string, today: string): { back: string; forward: string | undefined } {
  const start = monday(week);
  const next = daysBefore(start, -7);
  return { back: daysBefore(start, 7), forward: next <= today ? next : undefined };
}
