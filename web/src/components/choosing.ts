// What a field that one chooses from does, apart from how it is drawn: who fits the words, where a key leads, where the list stands.

export type Choice = {
  value: string;
  name: string;
  /** What tells apart those of the same name. */
  note?: string | undefined;
  disabled?: boolean;
};

/** Without case and accents: nobody types those of somebody else's language. */
export function plain(words: string): string {
  return words.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase().trim();
}

/** Those that have all the words in their names, first those where the words begin a word, otherwise as they stand. */
export function fitting(choices: readonly Choice[], words: string): Choice[] {
  const asked = plain(words).split(/\s+/).filter(Boolean);
  if (asked.length === 0) return [...choices];
  const begun: Choice[] = [];
  const within: Choice[] = [];
  for (const choice of choices) {
    const name = plain(choice.name);
    const parts = name.split(/[^\p{L}\p{N}]+/u);
    if (asked.every((word) => name.startsWith(word) || parts.some((part) => part.startsWith(word)))) begun.push(choice);
    else if (asked.every((word) => name.includes(word))) within.push(choice);
  }
  return [...begun, ...within];
}

/** Which of the choices a key leads to; -1 is none of them. */
export function moved(key: string, at: number, choices: readonly Choice[]): number {
  const open = choices.flatMap(({ disabled }, index) => (disabled ? [] : [index]));
  const [first = -1, last = first] = [open[0], open.at(-1)];
  switch (key) {
    case "ArrowDown":
      return open.find((index) => index > at) ?? first;
    case "ArrowUp":
      return open.findLast((index) => index < at) ?? last;
    case "Home":
      return first;
    case "End":
      return last;
    default:
      return at;
  }
}

type Box = { left: number; top: number; bottom: number; width: number };
type Window = { left: number; top: number; width: number; height: number };

const GAP = 4;
const MOST = 320;
const LEAST = 208;

/** Where the list stands: below its field, or above it where there is more room; never beyond what is seen. */
export function placed(field: Box, seen: Window) {
  const below = seen.top + seen.height - field.bottom - 2 * GAP;
  const above = field.top - seen.top - 2 * GAP;
  const up = below < Math.min(MOST, 160) && above > below;
  const width = Math.min(Math.max(field.width, LEAST), seen.width - 4 * GAP);
  const left = Math.max(seen.left + 2 * GAP, Math.min(field.left, seen.left + seen.width - width - 2 * GAP));
  const height = Math.max(80, Math.min(MOST, up ? above : below));
  return up
    ? { left, width, height, top: undefined, bottom: field.top - GAP }
    : { left, width, height, top: field.bottom + GAP, bottom: undefined };
}
