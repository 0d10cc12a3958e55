// Writes a rubric as YAML, in the order in which one reads it.

import { stringify } from "yaml";

/** A document as YAML; keys that are named first come first. */
export function yaml(document: object, order: readonly string[] = []): string {
  const rank = (name: unknown) => (order.includes(String(name)) ? order.indexOf(String(name)) : order.length);
  return stringify(document, {
    // What older readers take for something else than words (yes, no, on) stands in quotes.
    version: "1.1",
    lineWidth: 0,
    keepUndefined: false,
    sortMapEntries: (a, b) => rank(a.key) - rank(b.key),
  });
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
