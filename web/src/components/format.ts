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

/** A number with so many digits, what lies in the middle rounded away from zero: as the program's own reports do it. */
export function fixed(value: number, digits: number): string {
  const scale = 10 ** digits;
  const size = (Math.round(Math.abs(value) * scale) / scale).toFixed(digits);
  return value < 0 && Number(size) !== 0 ? `-${size}` : size;
}

/** A number with a comma between thousands. */
export function number(n: number, options?: Intl.NumberFormatOptions): string {
  return n.toLocaleString("en", options);
}

/** `1 call`, `3 calls`. */
export function many(n: number, one: string, more = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : more}`;
}

/** A score from 0 to 100. */
export function score(value: number): string {
  return fixed(value, 0);
}

export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? "–" : `${fixed(share * 100, 0)} %`;
}

/** The program's reason as a sentence of its own. */
export function sentence(reason: string): string {
  const text = reason.trim();
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? "" : "."}`;
}

const SECOND = 1_000;

/** How long the program took: `351 ms`, `4.2 s`, `38 s`, `2 min 05 s`. */
export function lasted(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 9.95 * SECOND) return `${fixed(ms / SECOND, 1)} s`;
  const whole = Math.round(ms / SECOND);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${(whole % 60).toString().padStart(2, "0")} s`;
}

/** Millionths of a US dollar as an amount: `US$ 0.04`, `< US$ 0.01`, `US$ 0`. */
export function dollars(micros: number | null | undefined): string {
  if (micros === null || micros === undefined) return "–";
  if (micros === 0) return "US$ 0";
  if (micros < 10_000) return "< US$ 0.01";
  return `US$ ${number(micros / 1e6, { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** −1 to 1 with its sign. */
export function mood(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const text = fixed(Math.abs(value), 2);
  return Number(text) === 0 ? "0" : `${value > 0 ? "+" : "−"}${text}`;
}

/** With its sign: `+4`, `−3`, `±0`. */
export function change(value: number | null | undefined, digits = 0): string {
  if (value === null || value === undefined) return "–";
  const text = fixed(Math.abs(value), digits);
  if (Number(text) === 0) return "±0";
  return `${value > 0 ? "+" : "−"}${text}`;
}
