// What a rep works on: the heaviest moment of the week, then the checks that were missed most often.

import type { CheckCount } from "@/api/analytics";
import type { Moment } from "@/api/queries";
import { monday } from "@/features/people/dates";

export type Task =
  | { kind: "moment"; moment: Moment }
  | { kind: "gap"; check: CheckCount; said: CheckCount["moments"][number] };

/**
 * Whether what was missed most often is worked on beside the moments of the week that is asked for. It is reckoned up to
 * today, so it says nothing about an earlier week.
 */
export function withGaps(week: string | undefined, today: string): boolean {
  return week === undefined || monday(week) === monday(today);
}

/** At most so many, no check twice and no gap without words that show it. */
export function tasksOf(moments: readonly Moment[], gaps: readonly CheckCount[], most = 3): Task[] {
  const taken = new Set(moments.map(({ id }) => id));
  const place = (said: { call_id: string; segment_id: number }) => `${said.call_id} ${said.segment_id}`;
  const shown = new Set(moments.map(place));
  const more = gaps.flatMap((check): Task[] => {
    // Other words than those that already stand here, where there are some.
    const said = check.moments.find((moment) => !shown.has(place(moment))) ?? check.moments[0];
    if (!said || taken.has(check.id)) return [];
    taken.add(check.id);
    shown.add(place(said));
    return [{ kind: "gap", check, said }];
  });
  return [...moments.map((moment): Task => ({ kind: "moment", moment })), ...more].slice(0, most);
}
