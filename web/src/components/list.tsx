// What long lists have in common: a card with a table in which each row leads somewhere, page by page.

import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import clsx from "clsx";
import type { ReactNode } from "react";
import type { Sorts } from "./sort";
import { SortHead } from "./sort-head";
import { Button, Card, Failed, Waiting } from "./ui";

type Read = Pick<
  UseInfiniteQueryResult<unknown>,
  "data" | "isPending" | "error" | "refetch" | "hasNextPage" | "isFetchingNextPage" | "fetchNextPage"
>;

/** A list with what stands in its place while it is read or cannot be, and the way to its next page. */
export function ListCard({
  read,
  loading,
  more,
  children,
}: {
  read: Read;
  loading: string;
  /** What the button to the next page says. */
  more: string;
  /** The rows, or what is said where there are none. */
  children: ReactNode;
}) {
  return (
    <>
      <Card className="@container overflow-x-auto">
        {read.isPending && <Waiting rows={10} label={loading} />}
        {read.error && <Failed error={read.error} retry={() => void read.refetch()} />}
        {read.data !== undefined && children}
      </Card>
      {read.hasNextPage && (
        <div className="mt-3 grid justify-center">
          <Button busy={read.isFetchingNextPage} onClick={() => void read.fetchNextPage()}>
            {more}
          </Button>
        </div>
      )}
    </>
  );
}

export type Column = {
  /** What the list is asked to be sorted by; nothing where it cannot be. */
  key: string | undefined;
  name: string;
  sorts: Sorts | undefined;
  className: string;
};

/** Between the columns, and to the edge of the card. */
const ROOM = "px-3 first:pl-4 last:pr-4";

/** The head of the table, by which it is sorted. */
export function ListHead({
  columns,
  sort,
  set,
}: {
  columns: readonly Column[];
  sort: string;
  set: (sort: string) => void;
}) {
  return (
    <thead className="border-b border-line text-xs text-soft">
      <tr>
        {columns.map(({ key, name, sorts, className }) =>
          key && sorts ? (
            <SortHead
              key={name}
              column={key}
              name={name}
              sorts={sorts}
              sort={sort}
              set={set}
              className={clsx(ROOM, className)}
            />
          ) : (
            <th key={name} scope="col" className={clsx("py-2 font-medium whitespace-nowrap", ROOM, className)}>
              {name}
            </th>
          ),
        )}
      </tr>
    </thead>
  );
}

/** What the link of a row has, so that all of the row opens it: it is as wide as the card. (Not every browser lets a row hold what lies over it.) */
export const ROW_LINK =
  "block font-medium after:absolute after:inset-y-0 after:left-0 after:z-[1] after:w-[100cqi] group-hover:text-pitch";
