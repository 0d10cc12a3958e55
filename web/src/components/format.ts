// How numbers and times are written. One place, so that the same thing looks the same everywhere.

import { zone } from "./zone";

const DAY = { day: "numeric", month: "short", year: "numeric" } as const;
const NEAR = { weekday: "short", day: "numeric", month: "short" } as const;
const TIME = { hour: "2-digit", minute: "2-digit" } as const;
const made = new Map<string, Intl.DateTimeFormat>();

/** How a date is written where the team is. Making one of these takes a while, so they are kept. */
function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const timeZone = zone();
  const key = `${timeZone} ${JSON.stringify(options)}`;
  const kept = made.get(key) ?? new Intl.DateTimeFormat(undefined, { ...options, ...(timeZone && { timeZone }) });
  made.set(key, kept);
  return kept;
}

/** Whether clocks where the team is show the same now as those of the reader. */
function isHere(at: Date): boolean {
  const read = (timeZone: string | undefined) =>
    at.toLocaleString("en", { dateStyle: "short", timeStyle: "short", ...(timeZone && { timeZone }) });
  return read(zone()) === read(undefined);
}

/** A moment in a recording: `4:07`, from an hour on `1:04:07`. */
export function clock(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "–";
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number) => n.toString().padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** How long something takes: `38 min`, `1 h 04`. */
export function length(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "–";
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return "< 1 min";
  return minutes < 60
    ? `${minutes} min`
    : `${Math.floor(minutes / 60)} h ${(minutes % 60).toString().padStart(2, "0")}`;
}

/** A day; with its weekday where it is near. */
export function day(at: string | null | undefined, now = new Date()): string {
  if (!at) return "–";
  const date = new Date(at);
  const days = Math.abs(now.getTime() - date.getTime()) / 86_400_000;
  return dates(days < 180 ? NEAR : DAY).format(date);
}

/** A time of the day; with its zone where the reader's clock shows another. */
export function time(at: string): string {
  const date = new Date(at);
  return dates(isHere(date) ? TIME : { ...TIME, timeZoneName: "short" }).format(date);
}

export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? "–" : `${Math.round(share * 100)} %`;
}

/** Millionths of a US dollar as an amount: `US$ 0.04`, `< US$ 0.01`, `US$ 0`. */
export function dollars(micros: number | null | undefined): string {
  if (micros === null || micros === undefined) return "–";
  if (micros === 0) return "US$ 0";
  if (micros < 10_000) return "< US$ 0.01";
  return `US$ ${(micros / 1e6).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** −1 to 1 with its sign. */
export function mood(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const text = Math.abs(value).toFixed(2);
  return Number(text) === 0 ? "0" : `${value > 0 ? "+" : "−"}${text}`;
}

/** With its sign: `+4`, `−3`, `±0`. */
export function change(value: number | null | undefined, digits = 0): string {
  if (value === null || value === undefined) return "–";
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return "±0";
  return `${value > 0 ? "+" : "−"}${text}`;
}
