import clsx from "clsx";
import type { ReactNode } from "react";
import type { Compared } from "@/api/analytics";
import { Card } from "@/components/ui";
import { calls, kindOf, nameOf, shownChange } from "./measures";
import { Change, Mean, whyNot } from "./pieces";

/** Measures as they were and as they are, with how many calls each rests on. */
export function ComparedTable({
  rows,
  names,
  title,
  aside,
  className,
}: {
  title?: string;
  aside?: ReactNode;
  className?: string;
  rows: readonly { id: string; of: Compared }[];
  names: Record<string, string>;
}) {
  return (
    <Card className={clsx("min-w-0 overflow-x-auto", className)} title={title} aside={aside}>
      <table className="w-full text-left">
        <thead className="border-b border-line text-xs text-soft">
          <tr>
            <th scope="col" className="w-full px-4 py-2 font-medium">
              Measure
            </th>
            {["Before", "Now", "Change"].map((name) => (
              <th key={name} scope="col" className="px-4 py-2 text-right font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, of }) => (
            <tr key={id} className="border-b border-line last:border-0">
              <th scope="row" className="px-4 py-2 text-left font-medium">
                {nameOf(id, names)}
              </th>
              {[of.before, of.now].map((average, n) => (
                <td key={n === 0 ? "before" : "now"} className="px-4 py-2 text-right whitespace-nowrap">
                  <span className="figures mr-2 text-xs text-soft max-sm:sr-only">{calls(average.n)}</span>
                  <span className="inline-block min-w-10">
                    <Mean of={average} kind={kindOf(id)} />
                  </span>
                </td>
              ))}
              <td className="px-4 py-2 text-right">
                <Change
                  value={shownChange(kindOf(id), of.now.mean, of.before.mean)}
                  kind={kindOf(id)}
                  why={whyNot(of)}
                  neutral={id === "talk_ratio"}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
