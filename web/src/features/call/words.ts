// Where words stand in a segment. The program counts characters as Unicode does; JavaScript counts them in UTF-16.

/** The text before, within and after `length` characters from `offset`. */
export function cut(text: string, offset: number, length: number): [string, string, string] {
  const all = Array.from(text);
  const part = (from: number, to?: number) => all.slice(from, to).join("");
  return [part(0, offset), part(offset, offset + length), part(offset + length)];
}

/** `offset-length` as an address has it; none where it is none. */
export function readMark(mark: string | undefined): [number, number] | undefined {
  const [offset, length] = (mark ?? "").split("-").map(Number);
  return Number.isInteger(offset) && Number.isInteger(length) ? [offset as number, length as number] : undefined;
}

/** Numbers of the segments in which the words stand, without regard to case. */
export function find(texts: readonly string[], words: string): number[] {
  const wanted = words.trim().toLocaleLowerCase();
  if (wanted === "") return [];
  return texts.flatMap((text, n) => (text.toLocaleLowerCase().includes(wanted) ? [n] : []));
}

/** Pixels of a line, of a speaker's name, around a segment, beside the words, of the widest line, and of a letter. */
const [LINE, NAME, AROUND, BESIDE, WIDEST, LETTER] = [20.3, 25.4, 8, 132, 736, 6.75];

/** About how high a segment is, in pixels: the nearer, the less is moved when it is drawn. */
export function heightOf(text: string, named: boolean, width: number): number {
  const letters = Math.max(20, Math.floor(Math.min(WIDEST, width - BESIDE) / LETTER));
  return Math.round(AROUND + (named ? NAME : 0) + LINE * Math.max(1, Math.ceil(text.length / letters)));
}
