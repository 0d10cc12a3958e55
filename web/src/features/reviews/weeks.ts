// The weeks that can be looked back at, whose reviews there are, and when the next is written.

import type { Schemas } from "@/api/client";
import type { Mover, Review, ReviewHead } from "@/api/reviews";
import { number } from "@/components/format";
import { daysBefore, monday } from "@/features/people/dates";

type Role = Schemas["Role"];

/** Whether somebody in this role reads reviews, which show several reps beside each other. */
export function readsReviews(role: Role | undefined): boolean {
  return role === "admin" || role === "manager";
}

/** Of whom a review is: a team, or all of them together. */
export type Scope = { id: string | undefined; name: string };

export const ALL: Scope = { id: undefined, name: "All teams" };

/** Of whom somebody may read: all together only who sees everybody, and teams that are gone as long as there are reviews of them. */
export function scopesOf(
  role: Role,
  teams: readonly { id: string; name: string }[],
  heads: readonly Pick<ReviewHead, "team">[],
): Scope[] {
  const gone = new Map<string, string>();
  for (const { team } of heads)
    if (team && !teams.some(({ id }) => id === team.id) && !gone.has(team.id)) gone.set(team.id, team.name);
  const own = [...teams.map(({ id, name }) => ({ id, name })), ...[...gone].map(([id, name]) => ({ id, name }))];
  return role === "admin" ? [ALL, ...own] : own;
}

/** Weeks that are offered whether or not they are written. */
const OFFERED = 4;

/** The Monday of the last week that is over. */
export function lastWeek(today: string): string {
  return daysBefore(monday(today), 7);
}

export type Week = { week: string; head: ReviewHead | undefined };

/** The weeks of a scope, the latest first: all that are written, and of the last ones also those that are not. */
export function weeksOf(heads: readonly ReviewHead[], team: string | undefined, today: string): Week[] {
  const written = new Map(heads.filter((head) => head.team?.id === team).map((head) => [head.week, head]));
  const last = lastWeek(today);
  const recent = Array.from({ length: OFFERED }, (_, n) => daysBefore(last, 7 * n));
  return [...new Set([...written.keys(), ...recent])]
    .toSorted((a, b) => b.localeCompare(a))
    .map((week) => ({ week, head: written.get(week) }));
}

/** The newest review; of those of the same week that of all teams. */
export function newest(heads: readonly ReviewHead[]): ReviewHead | undefined {
  const of = heads
    .map(({ week }) => week)
    .toSorted()
    .at(-1);
  const same = heads.filter(({ week }) => week === of);
  return same.find(({ team }) => !team) ?? same[0];
}

const NEAR = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
const FAR = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

/** The days of a week: `16 – 22 Nov`, with the year where it is not this one. */
export function weekSpan(week: string, today: string): string {
  const [since, until] = [week, daysBefore(week, -6)].map((day) => new Date(`${day}T00:00:00Z`)) as [Date, Date];
  return (week.slice(0, 4) === today.slice(0, 4) ? NEAR : FAR).formatRange(since, until);
}

const HOUR_MS = 3_600_000;
const THERE = new Intl.DateTimeFormat("en", {
  weekday: "short",
  hour: "2-digit",
  hourCycle: "h23",
  timeZone: "America/Los_Angeles",
});

/** When the next reviews are written, as the program is shipped (`review_schedule`): Mondays at six in Los Angeles. */
export function nextWritten(now: Date): Date {
  let at = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  do at += HOUR_MS;
  while (THERE.format(at) !== "Mon 06" && THERE.format(at) !== "Mon, 06");
  return new Date(at);
}

/** How the calls of a week stand beside those of the week before, and which of them tell nothing. */
export function callsNote({ count, before, judged, withheld }: Review["calls"]): string {
  const unjudged = count - judged;
  return [
    `${number(before)} in the week before`,
    unjudged > 0 && `${number(unjudged)} not judged`,
    withheld > 0 && `${number(withheld)} withheld`,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** The id of what moved, as measures of people are called elsewhere. */
export function measureOf({ measure }: Pick<Mover, "measure">): string {
  return measure === "overall" ? measure : `dimension:${measure}`;
}
