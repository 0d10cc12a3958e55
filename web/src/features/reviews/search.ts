// Which review is shown, as it stands in the address.

import { isDay, monday } from "@/features/people/dates";
import { isId } from "@/features/people/search";

export type ReviewsSearch = {
  /** The Monday of a week; the newest that is written where it is left out. */
  week?: string | undefined;
  /** A team; where it is left out all of them, or the first of who does not read that. */
  team?: string | undefined;
};

/** The state in an address; what is not understood is left out. */
export function readReviewsSearch({ week, team }: Record<string, unknown>): ReviewsSearch {
  return {
    ...(isDay(week) && { week: monday(week) }),
    ...(isId(team) && { team }),
  };
}
