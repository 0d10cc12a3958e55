// How much room things take, and what is not kept for ever, in words.

import type { Schemas } from "@/api/client";
import { fixed, many, number } from "@/components/format";
import type { Retention, Storage } from "./queries";

type Kind = Schemas["StorageKind"];

export const ROOM: Record<Kind, { name: string; about: string }> = {
  originals: { name: "Original files", about: "as they came in" },
  transcripts: { name: "Transcripts", about: "calls, who spoke, and what was said" },
  judgements: { name: "Judgements", about: "scores, evidence, rubrics and reviews" },
  deals: { name: "Deals", about: "with their people and warnings" },
  emails: { name: "E-mails", about: "who wrote when, and the first words" },
  sources: { name: "Connections", about: "what services sent, and what became of it" },
  jobs: { name: "Jobs", about: "what is done in the background, and events" },
  search: { name: "Search", about: "words and meaning of what was said, saved searches" },
  knowledge: { name: "Knowledge base", about: "documents in all their versions" },
  other: { name: "Everything else", about: "people, teams, settings, the audit trail" },
  free: { name: "Free", about: "left by what went; it is used again" },
};

const UNITS = ["KB", "MB", "GB", "TB"];

/** Bytes as one speaks of them, three digits at most: `0`, `512 bytes`, `9.8 KB`, `812 MB`. */
export function size(bytes: number): string {
  if (bytes < 1_000) return many(bytes, "byte");
  let [value, unit] = [bytes / 1_000, 0];
  // As it is written: 999.7 KB are a megabyte.
  while (value >= 999.5 && unit < UNITS.length - 1) [value, unit] = [value / 1_000, unit + 1];
  return `${value < 9.95 ? fixed(value, 1) : number(Math.round(value))} ${UNITS[unit]}`;
}

/** Kinds that take room, the largest first, with their share of the largest; those that take none are left out. */
export function bars({ kinds }: Pick<Storage, "kinds">): { kind: Kind; bytes: number; share: number }[] {
  const some = kinds.filter(({ bytes }) => bytes > 0).toSorted((a, b) => b.bytes - a.bytes);
  const most = some[0]?.bytes ?? 1;
  return some.map(({ kind, bytes }) => ({ kind, bytes, share: bytes / most }));
}

type Going = Schemas["RetentionKind"];

export const GOING: Record<Going, { name: string; about: string; count: (n: number) => string }> = {
  email_snippets: {
    name: "First words of e-mails",
    about: "Who wrote to whom, when, and the subject stay.",
    count: (n) => `the first words of ${many(n, "e-mail")}`,
  },
  deal_details: {
    name: "Fields of closed deals",
    about: "Outcome, stage, amounts, dates and calls stay.",
    count: (n) => `what the CRM told of ${many(n, "closed deal")}`,
  },
  contacts: {
    name: "People of their firms",
    about: "Name, address and title go where the firm has no open or younger deal.",
    count: (n) => `names and addresses of ${many(n, "person", "people")}`,
  },
  model_words: {
    name: "What a model wrote of closed deals",
    about: "What the program finds itself stays.",
    count: (n) => `what a model wrote of ${many(n, "closed deal")}`,
  },
};

/** What would go, as a part of a sentence: `the first words of 3 e-mails and what the CRM told of one closed deal`; nothing where nothing would. */
export function wouldGo({ items }: Pick<Retention, "items">): string | undefined {
  const parts = items.filter(({ count }) => count > 0).map(({ kind, count }) => GOING[kind].count(count));
  const last = parts.pop();
  return parts.length > 0 ? `${parts.join(", ")} and ${last}` : last;
}

export type Days = { email_days: string; crm_days: string };

/** Days that the program keeps something at most, unless for ever. */
export const MOST_DAYS = 3650;

/** What is wrong with a number of days as somebody wrote it. */
export function wrongDays(text: string): string | undefined {
  const days = Number(text);
  if (text.trim() !== "" && Number.isInteger(days) && days >= 0 && days <= MOST_DAYS) return undefined;
  return `A whole number of days, up to ${number(MOST_DAYS)}; 0 for ever.`;
}

/** Which of them differ from those that hold, as they are sent. */
export function daysChanged(
  before: Pick<Retention, "email_days" | "crm_days">,
  form: Days,
): Partial<Record<keyof Days, number>> {
  const names = ["email_days", "crm_days"] as const;
  return Object.fromEntries(
    names.filter((name) => Number(form[name]) !== before[name]).map((name) => [name, Number(form[name])]),
  );
}
