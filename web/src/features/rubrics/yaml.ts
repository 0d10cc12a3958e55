// Writes a rubric as YAML, in the order in which one reads it. Only what rubrics are made of: texts, numbers, lists and maps.

type Value = string | number | boolean | undefined | null | Value[] | { [key: string]: Value };

/** Words that YAML reads as something else than words. */
const OTHER = /^(true|false|yes|no|on|off|null|nan|inf|y|n)$/i;
/** Begins with a letter, has nothing in it that means something to YAML, and does not end in a blank. */
const PLAIN = /^\p{L}[\p{L}\p{N} .,;()'’“”/%+–—?!_-]*$/u;

/** A text: as it is where that is safe, else in quotes. */
function text(value: string): string {
  const plain = PLAIN.test(value) && value === value.trim() && !OTHER.test(value);
  return plain ? value : JSON.stringify(value);
}

const key = (name: string) => (/^[A-Za-z_]\w*$/.test(name) && !OTHER.test(name) ? name : JSON.stringify(name));

function entries(value: { [key: string]: Value }): [string, Value][] {
  return Object.entries(value).filter(([, one]) => one !== undefined && one !== null);
}

function lines(value: Value, indent: string): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => item(one, indent));
  if (typeof value === "object" && value !== null)
    return entries(value).flatMap(([name, one]) => {
      const head = `${indent}${key(name)}:`;
      if (typeof one !== "object" || one === null) return [`${head} ${scalar(one)}`];
      const inner = lines(one, `${indent}  `);
      return inner.length === 0 ? [`${head} ${Array.isArray(one) ? "[]" : "{}"}`] : [head, ...inner];
    });
  return [`${indent}${scalar(value)}`];
}

function item(value: Value, indent: string): string[] {
  const inner = lines(value, `${indent}  `);
  const [first = "", ...rest] = inner.length === 0 ? [`${indent}  ${Array.isArray(value) ? "[]" : "{}"}`] : inner;
  return [`${indent}- ${first.slice(indent.length + 2)}`, ...rest];
}

function scalar(value: Value): string {
  return typeof value === "string" ? text(value) : String(value);
}

/** A document as YAML; keys that are named first come first. */
export function yaml(document: object, order: readonly string[] = []): string {
  const sorted = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== "object" || value === null) return value;
    const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
    return Object.fromEntries(
      entries(value)
        .toSorted(([a], [b]) => rank(a) - rank(b))
        .map(([name, one]) => [name, sorted(one)]),
    );
  };
  return `${lines(sorted(document as Value), "").join("\n")}\n`;
}

/** The order of the keys of a rubric file. */
export const ORDER = [
  "id",
  "name",
  "version",
  "weight",
  "description",
  "levels",
  "sentence",
  "kind",
  "condition",
  "judge",
  "call_types",
  "advice",
  "keep",
  "dimensions",
  "checks",
];
