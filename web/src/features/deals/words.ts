// Deals in words: how they stand, what warns of them, what they are worth, and how it is known what belongs to them.

import type { Schemas } from "@/api/client";
import type { Deal, DealFacets, DealSignal, DealStatus, TimelineEntry, WarningKind } from "@/api/deals";
import { many, number } from "@/components/format";
import { FAIR, type Tone } from "@/components/score";
import { daysBefore, longDay, shortDay, today } from "../people/dates";

export const STATUS: Record<DealStatus, { name: string; tone: Tone }> = {
  open: { name: "Open", tone: "none" },
  won: { name: "Won", tone: "good" },
  lost: { name: "Lost", tone: "poor" },
};

type Warned = {
  /** On a chip. */
  name: string;
  tone: Tone;
  /** What it means, with its threshold. */
  means: (n: number) => string;
  /** What is before and after the number in its setting. */
  ask: [before: string, after: string];
};

/** What warns of deals. */
export const WARNING: Record<WarningKind, Warned> = {
  ghosted: {
    name: "No answer",
    tone: "poor",
    means: (n) => `The customer has not answered for ${many(n, "day")}, though somebody wrote.`,
    ask: ["No answer for", "days"],
  },
  no_activity: {
    name: "Quiet",
    tone: "fair",
    means: (n) => `There was neither a call nor an e-mail for ${many(n, "day")}.`,
    ask: ["Nothing for", "days"],
  },
  overdue: {
    name: "Overdue",
    tone: "poor",
    means: (n) => `Its close date passed at least ${many(n, "day")} ago, and it is still open.`,
    ask: ["Late by", "days"],
  },
  red_flag: {
    name: "Red flag",
    tone: "poor",
    means: (n) => `In the last ${many(n, "day")} words were said or written that deals end with.`,
    ask: ["Heard in the last", "days"],
  },
  stalled: {
    name: "Stalled",
    tone: "fair",
    means: (n) => `It has stood in the same stage for ${many(n, "day")}.`,
    ask: ["In one stage for", "days"],
  },
  not_enough_contacts: {
    name: "Few contacts",
    tone: "fair",
    means: (n) => `Fewer than ${many(n, "person", "people")} of the customer took part in its calls.`,
    ask: ["Fewer than", "people"],
  },
  no_power: {
    name: "No decision maker",
    tone: "fair",
    means: (n) => `After ${many(n, "call")} nobody who decides, by their title, has taken part.`,
    ask: ["None after", "calls"],
  },
  pricing_not_mentioned: {
    name: "No prices",
    tone: "fair",
    means: (n) => `In ${many(n, "call")} and the e-mails prices were not mentioned.`,
    ask: ["None after", "calls"],
  },
};

/** The weightiest first. */
export const WARNINGS = Object.keys(WARNING) as WarningKind[];

/** Warnings of a deal, the weightiest first. */
export function byWeight<T extends { kind: WarningKind }>(warnings: readonly T[]): T[] {
  return warnings.toSorted((a, b) => WARNINGS.indexOf(a.kind) - WARNINGS.indexOf(b.kind));
}

/** What something is worth: `€ 12,500`, without cents where there are none; the code where the currency has no sign of its own. */
export function money(cents: number | null | undefined, currency: string | null | undefined): string {
  if (cents === null || cents === undefined) return "–";
  const digits = cents % 100 === 0 ? 0 : 2;
  const figures = number(cents / 100, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return currency ? `${signOf(currency)}${figures}` : figures;
}

const SIGNS: Record<string, string> = { EUR: "€\u202f", USD: "US$\u202f", GBP: "£\u202f", JPY: "¥\u202f" };
const signOf = (currency: string) => SIGNS[currency] ?? `${currency}\u00a0`;

/** What deals are worth together, a sum for each currency, the largest first; those without an amount are left out. */
export function sums(deals: readonly Pick<Deal, "amount_cents" | "currency">[]): string[] {
  const found = new Map<string, number>();
  for (const { amount_cents, currency } of deals) {
    if (amount_cents === null || amount_cents === undefined) continue;
    found.set(currency ?? "", (found.get(currency ?? "") ?? 0) + amount_cents);
  }
  return [...found]
    .toSorted(([, a], [, b]) => b - a)
    .map(([currency, cents]) => (currency ? money(cents, currency) : `${money(cents, null)} without a currency`));
}

const DAY_MS = 86_400_000;
const daysFrom = (a: string, b: string) => (Date.parse(`${b}T00:00:00Z`) - Date.parse(`${a}T00:00:00Z`)) / DAY_MS;

/** When a deal is to close, beside today: `3 Dec`, `in 5 days` where it is near, `12 days late` where it is open and past. */
export function due(
  { close_date, status }: Pick<Deal, "close_date" | "status">,
  today: string,
): { day: string; note: string | undefined; late: boolean } {
  if (!close_date) return { day: "–", note: undefined, late: false };
  const day = Math.abs(daysFrom(today, close_date)) < 180 ? shortDay(close_date) : longDay(close_date);
  if (status !== "open") return { day, note: undefined, late: false };
  const left = daysFrom(today, close_date);
  if (left < 0) return { day, note: `${many(-left, "day")} late`, late: true };
  const note = left === 0 ? "today" : left === 1 ? "tomorrow" : left <= 14 ? `in ${left} days` : undefined;
  return { day, note, late: false };
}

const SYSTEMS: Record<string, string> = {
  salesforce: "Salesforce",
  hubspot: "HubSpot",
  gong: "Gong",
  import: "a file",
};

/** Where a deal is from. */
export function systemName(system: string): string {
  return SYSTEMS[system] ?? system;
}

/** Whose reckoning the other health is. */
export function theirs(system: string): string {
  return system === "import" ? "the file" : systemName(system);
}

/** How it is known that a call belongs to a deal. */
export const HOW: Record<Schemas["DealLinkHow"], string> = {
  crm: "linked in the CRM",
  inferred: "by mail domain and dates",
  file: "by a file",
  person: "said by somebody here",
};

/** What became of a next step: whether something followed, not whether it was done. */
export const OUTCOME: Record<Schemas["NextStepOutcome"], { name: string; tone: Tone; means: string }> = {
  kept: { name: "Followed", tone: "good", means: "A call or an e-mail came after it." },
  missed: { name: "Nothing followed", tone: "poor", means: "Neither a call nor an e-mail came after it." },
  pending: { name: "Pending", tone: "none", means: "Its time is not over yet." },
};

/** From where somebody is known who took part in no call. */
export const KNOWN_FROM: Record<Schemas["StakeholderKnownFrom"], string> = {
  calls: "from calls",
  crm: "from the CRM",
  emails: "from e-mails",
};

/** Points with their sign. */
export function points(n: number): string {
  return n < 0 ? `−${-n}` : `+${n}`;
}

/** Where the sum of the signals begins. */
export const BASE = 50;

/**
 * The health as a sum that can be read: `50 + 15 − 10 = 55`. It is kept within 0 and 100, which is told where it matters.
 */
export function sumOf(signals: readonly Pick<DealSignal, "points">[]): {
  terms: string[];
  total: number;
  cut: string | undefined;
} {
  const raw = signals.reduce((sum, signal) => sum + signal.points, BASE);
  const total = Math.min(100, Math.max(0, raw));
  const cut = raw > 100 ? "never above 100" : raw < 0 ? "never below 0" : undefined;
  return { terms: signals.map((signal) => points(signal.points)), total, cut };
}

/** People who stand in entries of a timeline, each once, the customer's first. */
export function peopleOf(
  entries: readonly TimelineEntry[],
): { value: string; name: string; note: string | undefined }[] {
  const found = new Map<string, { value: string; name: string; note: string | undefined; ours: boolean }>();
  const add = (value: string, name: string, note: string | undefined, ours: boolean) => {
    const key = value.toLowerCase();
    const known = found.get(key);
    // Where an e-mail has an address alone, a call may have the name.
    if (!known || (known.name === known.value && name !== value)) found.set(key, { value, name, note, ours });
  };
  for (const entry of entries) {
    if (entry.kind === "call")
      for (const { name, email, title, internal } of entry.people)
        add(email ?? name, name, title ?? (internal ? "ours" : undefined), internal === true);
    else {
      add(entry.sender, entry.sender, undefined, !entry.incoming);
      for (const address of entry.recipients) add(address, address, undefined, entry.incoming);
    }
  }
  return [...found.values()]
    .toSorted((a, b) => Number(a.ours) - Number(b.ours) || a.name.localeCompare(b.name))
    .map(({ value, name, note }) => ({ value, name, note }));
}

/** `November 2026`, where the team is. */
export function monthOf(at: string): string {
  const day = today(new Date(at));
  return MONTH.format(new Date(`${day}T00:00:00Z`));
}

const MONTH = new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric", timeZone: "UTC" });

/** How far ahead deals are looked at in a week. */
const AHEAD = 14;

/** The last day on which a deal closes that is looked at this week. */
export function closesBy(today: string): string {
  return daysBefore(today, -AHEAD);
}

/**
 * The open deals that were read, at most so many of each: by their health, those without one first, and by their health alone. Whether these are all open
 * deals.
 */
export function togetherOf(
  all: readonly Deal[],
  healthy: readonly Deal[],
  most: number,
): { deals: Deal[]; whole: boolean } {
  const last = all.at(-1)?.health;
  const unknownRead = all.length < most || (last !== null && last !== undefined);
  const deals = [...new Map([...all, ...healthy].map((deal) => [deal.id, deal])).values()];
  return { deals, whole: unknownRead && healthy.length < most };
}

/** Which open deals are to be looked at this week: those that close soon or are warned of, the worst first. */
export function ofTheWeek(deals: readonly Deal[], today: string, most = 5): Deal[] {
  const until = closesBy(today);
  const each = new Map(deals.map((deal) => [deal.id, deal]));
  const wanted = [...each.values()].filter(
    ({ status, close_date, warnings }) =>
      status === "open" && (warnings.length > 0 || (close_date && close_date >= today && close_date <= until)),
  );
  // Of which nothing is known stands between what is poor and what is not.
  const worst = ({ health }: Deal) => health ?? FAIR;
  const when = ({ close_date }: Deal) => close_date ?? "9999";
  return wanted
    .toSorted((a, b) => worst(a) - worst(b) || when(a).localeCompare(when(b)) || a.name.localeCompare(b.name))
    .slice(0, most);
}

/** Whether there is nothing at all that deals could be narrowed by. */
export function isNone({ owners, stages }: DealFacets): boolean {
  return owners.length === 0 && stages.length === 0;
}

/** Somebody, or who sees their own deals alone. */
export function firstOf(people: readonly { name: string; internal?: boolean | null }[], most = 3): string {
  const shown = people.slice(0, most).map(({ name }) => name);
  const more = people.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${number(more)} more` : shown.join(", ");
}
