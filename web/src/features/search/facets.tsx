import clsx from "clsx";
import { Check } from "lucide-react";
import { useState } from "react";
import type { Facet, Facets } from "@/api/search";
import { number } from "@/components/format";
import type { FindSearch } from "./search";
import { daysOfMonth, languageName, monthName } from "./words";

/** So many of each are shown at first. */
const FEW = 6;

/** What there is among what was found, with how many calls; each narrows to itself. */
export function FacetLists({
  facets,
  search,
  set,
}: {
  facets: Facets;
  search: FindSearch;
  set: (change: Partial<FindSearch>) => void;
}) {
  const month = (value: string) => {
    const { since, until } = daysOfMonth(value);
    return search.since === since && search.until === until;
  };
  return (
    <div className="grid gap-5">
      {facets.of_latest && (
        <p className="text-xs text-soft">
          Too much to count: these are calls of the latest thousand passages, and of what means something like it.
        </p>
      )}
      <List
        name="Reps"
        facets={facets.agents}
        on={(value) => search.agent === value}
        turn={(value, on) => set({ agent: on ? value : undefined })}
      />
      <List
        name="Customers"
        facets={facets.customers}
        on={(value) => search.customer === value}
        turn={(value, on) => set({ customer: on ? value : undefined })}
      />
      <List
        name="Months"
        facets={facets.months}
        shown={monthName}
        on={month}
        turn={(value, on) => set(on ? daysOfMonth(value) : { since: undefined, until: undefined })}
      />
      {(facets.languages.length > 1 || search.language) && (
        <List
          name="Languages"
          facets={facets.languages}
          shown={languageName}
          on={(value) => search.language === value}
          turn={(value, on) => set({ language: on ? value : undefined })}
        />
      )}
    </div>
  );
}

function List({
  name,
  facets,
  shown,
  on,
  turn,
}: {
  name: string;
  facets: readonly Facet[];
  shown?: (value: string) => string;
  on: (value: string) => boolean;
  turn: (value: string, on: boolean) => void;
}) {
  const [all, setAll] = useState(false);
  if (facets.length === 0) return null;
  const rest = facets.length - FEW;
  return (
    <section aria-label={name}>
      <h3 className="mb-1 flex items-baseline justify-between text-xs font-semibold text-soft">
        {name} <span className="font-normal">calls</span>
      </h3>
      <ul className="-mx-2">
        {facets.slice(0, all ? undefined : FEW).map(({ value, label, calls }) => {
          const chosen = on(value);
          const words = shown?.(value) ?? label;
          return (
            <li key={value}>
              <button
                type="button"
                aria-pressed={chosen}
                onClick={() => turn(value, !chosen)}
                className={clsx(
                  "flex min-h-7 w-full items-baseline gap-2 rounded px-2 py-1 text-left hover:bg-sunken",
                  chosen && "font-semibold",
                )}
              >
                {chosen && <Check aria-hidden className="size-3.5 shrink-0 self-center text-pitch" />}
                <span className="min-w-0 flex-1 truncate" title={words}>
                  {words}
                </span>
                <span className="figures text-xs text-soft">
                  {number(calls)}
                  <span className="sr-only"> {calls === 1 ? "call" : "calls"}</span>
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      {rest > 0 && (
        <button
          type="button"
          aria-expanded={all}
          onClick={() => setAll(!all)}
          className="mt-0.5 min-h-6 text-xs font-medium text-pitch hover:underline"
        >
          {all ? "Fewer" : `${number(rest)} more`}
        </button>
      )}
    </section>
  );
}
