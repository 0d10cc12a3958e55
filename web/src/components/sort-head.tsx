import clsx from "clsx";
import { ArrowDown, ArrowUp } from "lucide-react";
import { nextSort, type Sorts, wayOf } from "./sort";

/** The head of a column by which a table can be sorted. Its room is the table's own. */
export function SortHead({
  column,
  name,
  sorts,
  sort,
  set,
  className,
}: {
  column: string;
  name: string;
  sorts: Sorts;
  /** What the table is sorted by. */
  sort: string;
  set: (sort: string) => void;
  className?: string | undefined;
}) {
  const way = wayOf(column, sort);
  const Arrow = way === "ascending" ? ArrowUp : ArrowDown;
  const figure = sorts === "figure";
  return (
    <th
      scope="col"
      aria-sort={way}
      className={clsx("py-2 align-bottom font-medium", figure ? "text-right" : "whitespace-nowrap", className)}
    >
      <button
        type="button"
        className={clsx(
          "inline-flex items-end gap-1 hover:text-ink",
          way && "text-ink",
          figure && "max-w-24 text-right",
        )}
        onClick={() => set(nextSort(column, sort, sorts))}
      >
        {name}
        {way && <Arrow aria-hidden className="mb-0.5 size-3 shrink-0" />}
      </button>
    </th>
  );
}
