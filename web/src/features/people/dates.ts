// Days as `2026-11-22`, reckoned without clocks and time zones.

import type { Period } from "@/api/analytics";
import { zone } from "@/components/zone";

const DAY_MS = 86_400_000;

export function daysBefore(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - days * DAY_MS).toISOString().slice(0, 10);
}

/** Whether a text is a day that there is. Browsers read `2026-13-45` as a year with a time zone, and 30 February as 2 March. */
export function isDay(text: unknown): text is string {
  if (typeof text !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** Today, where the team is: the figures are of days there. */
export function today(now = new Date(), timeZone = zone()): string {
  const parts = new Intl.DateTimeFormat("en", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    ...(timeZone && { timeZone }),
  }).formatToParts(now);
  const part = (name: string) => parts.find(({ type }) => type === name)?.value;
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** The Monday of a day's week. */
export function monday(day: string): string {
  return daysBefore(day, (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7);
}

/** How many days a period has, both ends among them. */
export function daysIn({ since, until }: Period): number {
  return Math.round((Date.parse(`${until}T00:00:00Z`) - Date.parse(`${since}T00:00:00Z`)) / DAY_MS) + 1;
}

/** The period before another, as long. */
export function before(period: Period): Period {
  return { since: daysBefore(period.since, daysIn(period)), until: daysBefore(period.since, 1) };
}

const SHORT = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
const WITH_WEEKDAY = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  month: "short",
  timeZone: "UTC",
});
const LONG = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

const at = (day: string) => new Date(`${day}T00:00:00Z`);

/** `Mon, 16 Nov`. */
export function weekday(day: string): string {
  return WITH_WEEKDAY.format(at(day));
}

export function shortDay(day: string): string {
  return SHORT.format(at(day));
}

/** `1 Nov 2026`. */
export function longDay(day: string): string {
  return LONG.format(at(day));
}

/** `24 Oct – 22 Nov 2026`. */
export function span({ since, until }: Period): string {
  const year = since.slice(0, 4) === until.slice(0, 4);
  return `${(year ? SHORT : LONG).format(at(since))} – ${LONG.format(at(until))}`;
}
