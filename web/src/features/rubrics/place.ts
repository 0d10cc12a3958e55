// Where in a document a problem lies that the program tells of.

import type { Problem } from "@/api/client";

export type Wrong = { message: string; line?: number; column?: number };

/** Whether a text is sent as JSON; everything else is YAML. */
export function isJson(text: string): boolean {
  return text.trimStart().startsWith("{");
}

/** The line, counted from 1, on which a value is given to a key. */
function lineOf(lines: readonly string[], key: string, value: string, after = 0): number | undefined {
  const at = lines.findIndex((line, index) => {
    const found = line.match(/^\s*(?:-\s+|\{\s*)?"?(\w+)"?\s*:\s*"?(.*?)"?,?\s*(?:#.*)?$/);
    return index >= after && found?.[1] === key && found[2] === value;
  });
  return at < 0 ? undefined : at + 1;
}

/** One sentence of a problem, with the place that it names, or that the names in it lead to. */
export function placed(message: string, text: string): Wrong {
  const said = message.match(/line (\d+)(?:,? column (\d+))?/);
  if (said) {
    const place = { line: Number(said[1]), ...(said[2] && { column: Number(said[2]) }) };
    const rest = message.replace(/^line \d+(?:,? column \d+)?: /, "").replace(/ at line \d+(?:,? column \d+)?$/, "");
    return { message: rest, ...place };
  }
  const lines = text.split("\n");
  const names = [...message.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "");
  const of = message.match(/of `(\w+)`/)?.[1] ?? names.find((name) => /^\w+$/.test(name));
  const owner = of === undefined ? undefined : lineOf(lines, "id", of);
  const given = names.map((name) => name.match(/^(\w+): (.*)$/)).find(Boolean);
  const [, key = "", value = ""] = given ?? [];
  // An id that is used twice is wrong where it stands for the second time.
  const first = given ? lineOf(lines, key, value, (owner ?? 1) - 1) : undefined;
  const second = first && message.includes("twice") ? lineOf(lines, key, value, first) : undefined;
  const line = second ?? first ?? owner;
  return line === undefined ? { message } : { message, line };
}

/** All that a problem says about a document, in the order of its lines. */
export function wrongs(problem: Problem, text: string): Wrong[] {
  const said = Object.entries(problem.errors ?? {}).flatMap(([field, messages]) =>
    messages.map((message) => placed(field === "document" ? message : `${field}: ${message}`, text)),
  );
  const all = said.length > 0 ? said : [placed(problem.detail || problem.title, text)];
  return all.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** Where in the text a line begins and ends. */
export function rangeOf(text: string, line: number): [start: number, end: number] {
  const lines = text.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return [Math.min(start, text.length), Math.min(start + (lines[line - 1]?.length ?? 0), text.length)];
}
