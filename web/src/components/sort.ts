// How a table is sorted, as it stands in the address: a column, with `-` before it the highest first.

/** Names begin with A; of numbers and days one looks for the highest first. */
export type Sorts = "text" | "figure" | "day";

export function wayOf(column: string, sort: string): "ascending" | "descending" | undefined {
  return sort === column ? "ascending" : sort === `-${column}` ? "descending" : undefined;
}

/** What the next press of a column's head sorts by. */
export function nextSort(column: string, sort: string, sorts: Sorts): string {
  const way = wayOf(column, sort);
  if (sorts === "text") return way === "ascending" ? `-${column}` : column;
  return way === "descending" ? column : `-${column}`;
}
