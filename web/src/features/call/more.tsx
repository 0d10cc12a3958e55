import { type ReactNode, useState } from "react";
import { number } from "@/components/format";
import { Button } from "@/components/ui";

/** Places that are shown at once, and how many come with each step: ten hours have thousands. */
const [SOME, MORE] = [8, 50];

/** The first of many, and the way to the next of them. */
export function useSome<T>(all: readonly T[], some = SOME): [shown: readonly T[], way: ReactNode] {
  const [count, setCount] = useState(some);
  const left = all.length - count;
  const way = left > 0 && (
    <div className="flex items-center justify-between gap-3 border-t border-line px-4 py-2">
      <Button onClick={() => setCount(count + MORE)}>{left > MORE ? `${MORE} more` : `${left} more`}</Button>
      <span className="figures text-xs text-soft">
        {count} of {number(all.length)}
      </span>
    </div>
  );
  return [all.slice(0, count), way];
}
