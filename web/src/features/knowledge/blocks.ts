// What a section is made of, as far as it shows better than as it was written: lists, tables and code.

export type Block =
  | { kind: "words" | "code"; text: string }
  | { kind: "list"; items: string[] }
  | { kind: "table"; head: string[]; rows: string[][] };

/** Numbers of points stay words: others refer to them. */
const POINT = /^\s*[-*+]\s+/;

const cells = (line: string) =>
  line
    .trim()
    .replace(/^\||\|$/g, "")
    .split("|")
    .map((cell) => cell.trim());

const isRule = (line: string | undefined) => line !== undefined && /^\s*\|?(?:\s*:?-+:?\s*\|)+\s*:?-*:?\s*$/.test(line);

/** A run of lines without a blank one; what is none of these kinds stays as it was written. */
function blockOf(lines: readonly string[]): Block {
  if (lines.length > 1 && isRule(lines[1]) && lines.every((line) => line.includes("|")))
    return { kind: "table", head: cells(lines[0] ?? ""), rows: lines.slice(2).map(cells) };
  if (lines.every((line) => POINT.test(line)))
    return { kind: "list", items: lines.map((line) => line.replace(POINT, "")) };
  return { kind: "words", text: lines.join("\n") };
}

/** The blocks of a section of a Markdown document. Points with blank lines between them are one list. */
export function blocks(text: string): Block[] {
  const found: Block[] = [];
  const add = (block: Block) => {
    const last = found.at(-1);
    if (block.kind === "list" && last?.kind === "list") last.items.push(...block.items);
    else found.push(block);
  };
  let run: string[] = [];
  let code: string[] | undefined;
  const end = () => {
    if (run.length > 0) add(blockOf(run));
    run = [];
  };
  for (const line of text.split("\n")) {
    const fence = /^\s*(```|~~~)/.test(line);
    if (code) {
      if (fence) {
        add({ kind: "code", text: code.join("\n") });
        code = undefined;
      } else code.push(line);
    } else if (fence) {
      end();
      code = [];
    } else if (line.trim() === "") end();
    else run.push(line);
  }
  end();
  // A fence that a cut has left open.
  if (code) add({ kind: "code", text: code.join("\n") });
  return found;
}
