// Trackers: what is typed into their form, and where a phrase of theirs is wrong.

import type { Tracker } from "@/api/rubrics";

/** One phrase a line; empty lines are none. */
export function phrasesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** An id that a name leads to: lower-case letters, digits and underscores. */
export function idOf(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 64);
}

/** The number, from 1, of the phrase that a sentence of the program is about. */
export function phraseAt(message: string | undefined, phrases: readonly string[]): number | undefined {
  const number = message?.match(/^number (\d+)/)?.[1];
  if (number) return Number(number);
  // The longest one that is quoted: "a" is also a part of "a b".
  const quoted = phrases
    .map((phrase, index) => ({ phrase, number: index + 1 }))
    .filter(({ phrase }) => message?.includes(`"${phrase}"`))
    .toSorted((a, b) => b.phrase.length - a.phrase.length);
  return quoted[0]?.number;
}

/** The trackers with these words in their name, their id or a phrase. */
export function having(trackers: readonly Tracker[], words: string): Tracker[] {
  const wanted = words.trim().toLocaleLowerCase();
  return trackers.filter(({ id, name, phrases }) =>
    [id, name, ...phrases].some((text) => text.toLocaleLowerCase().includes(wanted)),
  );
}
