import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import type { ReactNode } from "react";
import { dealFacetsQuery } from "@/api/deals";
import { meQuery } from "@/api/queries";
import { DayRange } from "@/components/day-range";
import { SearchField } from "@/components/search-field";
import { Button } from "@/components/ui";
import { type DealsSearch, HEALTHS, STANDINGS } from "./search";
import { WARNING, WARNINGS } from "./words";

const STANDING = { won: "Won", lost: "Lost", all: "Open and closed" } as const;

/** What narrows the list of deals. */
export function Filters({
  search,
  set,
  clear,
}: {
  search: DealsSearch;
  set: (change: Partial<DealsSearch>) => void;
  clear: (() => void) | undefined;
}) {
  const { data: me } = useQuery(meQuery);
  const { data: facets } = useQuery(dealFacetsQuery);
  // Who is known by a name alone has no id to ask by.
  const owners = (facets?.owners ?? []).flatMap(({ id, name }) => (id ? [{ id, name }] : []));
  const known = (list: readonly string[] | undefined, chosen: string | undefined) =>
    chosen !== undefined && !list?.includes(chosen) ? [...(list ?? []), chosen] : (list ?? []);
  const products = known(facets?.products, search.product);
  return (
    <search className="mb-3 flex flex-wrap items-center gap-2">
      <SearchField label="Name" placeholder="Deal or customer" value={search.q} set={(q) => set({ q })} />
      <Choice
        label="Standing"
        none="Open"
        value={search.status}
        set={(status) => set({ status: STANDINGS.find((each) => each === status) })}
      >
        {STANDINGS.map((each) => (
          <option key={each} value={each}>
            {STANDING[each]}
          </option>
        ))}
      </Choice>
      {me && me.role !== "rep" && (
        <Choice label="Owner" value={search.owner} set={(owner) => set({ owner })}>
          {search.owner !== undefined && !owners.some(({ id }) => id === search.owner) && (
            <option value={search.owner}>One owner</option>
          )}
          {owners.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Choice>
      )}
      <Choice label="Stage" value={search.stage} set={(stage) => set({ stage })}>
        {known(facets?.stages, search.stage).map((stage) => (
          <option key={stage}>{stage}</option>
        ))}
      </Choice>
      {products.length > 0 && (
        <Choice label="Product" value={search.product} set={(product) => set({ product })}>
          {products.map((product) => (
            <option key={product}>{product}</option>
          ))}
        </Choice>
      )}
      <Choice
        label="Health"
        value={search.health}
        set={(health) => set({ health: HEALTHS.find(({ id }) => id === health)?.id })}
      >
        {HEALTHS.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Choice>
      <Choice
        label="Warning"
        value={search.warning}
        set={(warning) => set({ warning: WARNINGS.find((kind) => kind === warning) })}
      >
        {WARNINGS.map((kind) => (
          <option key={kind} value={kind}>
            {WARNING[kind].name}
          </option>
        ))}
      </Choice>
      <fieldset className="flex items-center gap-1.5 max-sm:w-full">
        <legend className="sr-only">Close date</legend>
        <span aria-hidden className="text-soft max-sm:hidden">
          Close date
        </span>
        <DayRange
          open
          since={search.since ?? ""}
          until={search.until ?? ""}
          set={({ since, until }) => set({ since: since || undefined, until: until || undefined })}
          className="max-sm:w-full"
        />
      </fieldset>
      {clear && (
        <Button kind="plain" onClick={clear}>
          Clear
        </Button>
      )}
    </search>
  );
}

function Choice({
  label,
  none = label,
  value,
  set,
  children,
}: {
  label: string;
  /** What is chosen where nothing is. */
  none?: string;
  value: string | undefined;
  set: (value: string | undefined) => void;
  children: ReactNode;
}) {
  return (
    <select
      aria-label={label}
      value={value ?? ""}
      onChange={({ target }) => set(target.value || undefined)}
      className={clsx(
        "h-8 max-w-44 rounded-md border bg-surface px-2 max-sm:flex-1",
        value ? "border-pitch font-medium" : "border-line-strong text-soft",
      )}
    >
      <option value="">{none}</option>
      {children}
    </select>
  );
}
