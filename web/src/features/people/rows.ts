// The reps of a team as rows: joined with the period before, sorted, and who has moved.

import type { Agent, Average, Compared } from "@/api/analytics";
import { direction, kindOf, shownChange } from "./measures";

export type Row = { now: Agent; before: Agent | undefined };

export function rowsOf(now: readonly Agent[], before: readonly Agent[]): Row[] {
  const then = new Map(before.map((agent) => [agent.rep.id, agent]));
  return now.map((agent) => ({ now: agent, before: then.get(agent.rep.id) }));
}

/** The average that stands in a column; none where the rep has no call with it. */
export function averageOf(agent: Agent | undefined, measure: string): Average | undefined {
  if (!agent) return undefined;
  if (measure.startsWith("dimension:")) return agent.dimensions[measure.slice("dimension:".length)];
  if (measure === "talk_ratio" || measure === "sentiment" || measure === "customer_sentiment") return agent[measure];
  return measure === "overall" ? agent.overall : undefined;
}

/** How much higher a measure is, as written, than in the period before; null unless both have enough calls. */
export function changeOf(row: Row, measure = "overall"): number | null {
  return shownChange(kindOf(measure), averageOf(row.now, measure)?.mean, averageOf(row.before, measure)?.mean);
}

function columnValue(row: Row, column: string): number | null {
  if (column === "calls") return row.now.calls;
  return column === "change" ? changeOf(row) : (averageOf(row.now, column)?.mean ?? null);
}

/** By a column, with `-` before it the highest first; who has no number comes last either way, and equals by name. */
export function sorted(rows: readonly Row[], sort: string): Row[] {
  const down = sort.startsWith("-");
  const column = down ? sort.slice(1) : sort;
  const byName = (a: Row, b: Row) => a.now.rep.name.localeCompare(b.now.rep.name);
  if (column === "name") return rows.toSorted((a, b) => (down ? byName(b, a) : byName(a, b)));
  return rows.toSorted((a, b) => {
    const [x, y] = [columnValue(a, column), columnValue(b, column)];
    if (x === null || y === null) return x === y ? byName(a, b) : x === null ? 1 : -1;
    return (down ? y - x : x - y) || byName(a, b);
  });
}

/** The dimensions that anybody has, in the order in which they are named. */
export function dimensionsOf(rows: readonly Row[], names: Record<string, string>): string[] {
  const found = new Set(rows.flatMap(({ now }) => Object.keys(now.dimensions)));
  const known = Object.keys(names).filter((id) => found.has(id));
  return [...known, ...[...found].filter((id) => !known.includes(id)).toSorted()];
}

export type Movers = {
  up: Row[];
  down: Row[];
  /** How many have too few calls in one of the two periods to be told. */
  untold: number;
};

/** Who has improved most and who has declined most in the overall score, at most so many each. */
export function moversOf(rows: readonly Row[], most = 3): Movers {
  const told = rows.filter((row) => changeOf(row) !== null);
  const going = (way: number) => told.filter((row) => direction("score", changeOf(row)) === way);
  return {
    up: sorted(going(1), "-change").slice(0, most),
    down: sorted(going(-1), "change").slice(0, most),
    untold: rows.length - told.length,
  };
}

/** A measure of two reps as one reads it from the first to the second. */
export function difference(measure: string, a: Compared | undefined, b: Compared | undefined): number | null {
  return shownChange(kindOf(measure), a?.now.mean, b?.now.mean);
}
