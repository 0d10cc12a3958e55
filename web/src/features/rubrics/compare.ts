// What became different from one version of a rubric to another.

import { bound, type Check, type Dimension, KINDS, type Rubric, shareOf, sharePercent } from "./document";

/** A piece of two texts: in both, only in the one before, or only in the one after. */
export type Piece = { text: string; in: "both" | "before" | "after" };
/** One thing that was changed, in words before and after. */
export type Field = { name: string; before: string; after: string };
export type How = "added" | "removed" | "changed" | "same";
export type CheckChange = { id: string; how: How; name: string; check: Check; fields: Field[] };
export type DimensionChange = {
  id: string;
  how: How;
  name: string;
  dimension: Dimension;
  fields: Field[];
  checks: CheckChange[];
};
export type Comparison = {
  fields: Field[];
  dimensions: DimensionChange[];
  /** How many checks were added, removed, changed. */
  counts: Record<Exclude<How, "same">, number>;
  /** Whether nothing but the version is different. */
  same: boolean;
};

/** Longest texts, in words, that are compared word by word. */
const MOST = 400;

/** Two texts piece by piece: the longest common row of words is in both. */
export function pieces(before: string, after: string): Piece[] {
  const [a, b] = [before.split(/(?<=\s)/), after.split(/(?<=\s)/)];
  if (before === after) return before === "" ? [] : [{ text: before, in: "both" }];
  if (a.length > MOST || b.length > MOST) return joined([piece(before, "before"), piece(after, "after")]);
  const same = (i: number, j: number) => a[i]?.trimEnd() === b[j]?.trimEnd();
  // How many words are common from here to the end.
  const common = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = common[i];
      if (row) row[j] = same(i, j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const found: Piece[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && same(i, j)) {
      // Of a word with and without a blank behind it, the one that keeps words apart.
      found.push(piece((a[i] ?? "").length > (b[j] ?? "").length ? (a[i] ?? "") : (b[j] ?? ""), "both"));
      [i, j] = [i + 1, j + 1];
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) {
      found.push(piece(a[i] ?? "", "before"));
      i += 1;
    } else {
      found.push(piece(b[j] ?? "", "after"));
      j += 1;
    }
  }
  return joined(found);
}

const piece = (text: string, where: Piece["in"]): Piece => ({ text, in: where });

function joined(all: readonly Piece[]): Piece[] {
  const found: Piece[] = [];
  for (const one of all) {
    const last = found.at(-1);
    if (one.text === "") continue;
    if (last?.in === one.in) last.text += one.text;
    else found.push({ ...one });
  }
  return found;
}

function fieldsOf(pairs: readonly [name: string, before: string | undefined, after: string | undefined][]): Field[] {
  return pairs
    .filter(([, before = "", after = ""]) => before !== after)
    .map(([name, before = "", after = ""]) => ({ name, before, after }));
}

type Placed<T> = { one: T; home: string; weight: string; place: number };

function checksOf(rubric: Rubric): Map<string, Placed<Check>> {
  return new Map(
    rubric.dimensions.flatMap(({ name, checks }) =>
      checks.map((one, place) => {
        const weight = `${one.weight} (${sharePercent(shareOf(one, checks))} of ${name})`;
        return [one.id, { one, home: name, weight, place }] as const;
      }),
    ),
  );
}

function checkFields(before: Placed<Check>, after: Placed<Check>): Field[] {
  const [a, b] = [before.one, after.one];
  return fieldsOf([
    ["Name", a.name, b.name],
    ["What is looked for", a.sentence, b.sentence],
    ["Kind", KINDS[a.kind]?.name ?? a.kind, KINDS[b.kind]?.name ?? b.kind],
    ["Bound", a.condition && bound(a.condition), b.condition && bound(b.condition)],
    // A share that moves because others were added or taken away is no change of this check.
    ["Weight", a.weight === b.weight ? "" : before.weight, a.weight === b.weight ? "" : after.weight],
    ["Advice", a.advice, b.advice],
    ["To keep doing", a.keep, b.keep],
    ["Call types", a.call_types?.join(", "), b.call_types?.join(", ")],
    ["Rule of the offline analyst", a.judge, b.judge],
  ]);
}

function dimensionFields(a: Dimension, b: Dimension, before: Rubric, after: Rubric): Field[] {
  const weight = (one: Dimension, of: Rubric) => `${one.weight} (${sharePercent(shareOf(one, of.dimensions))} of all)`;
  return fieldsOf([
    ["Name", a.name, b.name],
    ["Weight", a.weight === b.weight ? "" : weight(a, before), a.weight === b.weight ? "" : weight(b, after)],
    ["What it is about", a.description, b.description],
    ["Level 1", a.levels["1"], b.levels["1"]],
    ["Level 3", a.levels["3"], b.levels["3"]],
    ["Level 5", a.levels["5"], b.levels["5"]],
  ]);
}

/** Those of a list that follow each other otherwise than before, though both lists have them. */
export function moved(before: readonly string[], after: readonly string[]): boolean {
  const both = before.filter((id) => after.includes(id));
  return after.filter((id) => before.includes(id)).some((id, place) => both[place] !== id);
}

/** What was added, removed and changed; a check is known by its id, also in another dimension. */
export function compare(before: Rubric, after: Rubric): Comparison {
  const [old, now] = [checksOf(before), checksOf(after)];
  const named = (one: Check, how: How, fields: Field[] = []): CheckChange => ({
    id: one.id,
    how,
    name: one.name,
    check: one,
    fields,
  });
  const names = (rubric: Rubric, ids: readonly string[]) =>
    rubric.dimensions.filter(({ id }) => ids.includes(id)).map(({ name }) => name);
  const kept = after.dimensions.map((dimension): DimensionChange => {
    const was = before.dimensions.find(({ id }) => id === dimension.id);
    const checks = dimension.checks.map((one) => {
      const [a, b] = [old.get(one.id), now.get(one.id)];
      if (!a || !b) return named(one, "added");
      const from = before.dimensions.find(({ checks }) => checks.some(({ id }) => id === one.id));
      const home = from?.id === dimension.id ? [] : fieldsOf([["Dimension", a.home, b.home]]);
      const fields = [...home, ...checkFields(a, b)];
      return named(one, fields.length > 0 ? "changed" : "same", fields);
    });
    const gone = (was?.checks ?? []).filter(({ id }) => !now.has(id)).map((one) => named(one, "removed"));
    const order = was ? [was.checks, dimension.checks].map((all) => all.map(({ id }) => id)) : [];
    const fields = was ? dimensionFields(was, dimension, before, after) : [];
    const [a = [], b = []] = order;
    if (moved(a, b)) {
      const called = (checks: readonly Check[], ids: readonly string[]) =>
        checks.filter(({ id }) => ids.includes(id)).map(({ name }) => name);
      fields.push(
        ...fieldsOf([
          ["Order of checks", called(was?.checks ?? [], b).join(", "), called(dimension.checks, a).join(", ")],
        ]),
      );
    }
    const all = [...checks, ...gone];
    const touched = fields.length > 0 || all.some(({ how }) => how !== "same");
    const how: How = was ? (touched ? "changed" : "same") : "added";
    return { id: dimension.id, how, name: dimension.name, dimension, fields, checks: all };
  });
  const gone = before.dimensions
    .filter(({ id }) => !after.dimensions.some((dimension) => dimension.id === id))
    .map((dimension): DimensionChange => {
      const checks = dimension.checks.filter(({ id }) => !now.has(id)).map((one) => named(one, "removed"));
      return { id: dimension.id, how: "removed", name: dimension.name, dimension, fields: [], checks };
    });
  const dimensions = [...kept, ...gone];
  const [a, b] = [before, after].map((rubric) => rubric.dimensions.map(({ id }) => id));
  const fields = fieldsOf([
    ["Name", before.name, after.name],
    ["What it is for", before.description, after.description],
    ...(moved(a ?? [], b ?? [])
      ? [
          ["Order of dimensions", names(before, b ?? []).join(", "), names(after, a ?? []).join(", ")] as [
            string,
            string,
            string,
          ],
        ]
      : []),
  ]);
  const count = (how: How) => dimensions.flatMap(({ checks }) => checks).filter((check) => check.how === how).length;
  return {
    fields,
    dimensions,
    counts: { added: count("added"), removed: count("removed"), changed: count("changed") },
    same: fields.length === 0 && dimensions.every(({ how }) => how === "same"),
  };
}
