import { useQuery } from "@tanstack/react-query";
import { dealFacetsQuery } from "@/api/deals";
import { meQuery } from "@/api/queries";
import { DayRange } from "@/components/day-range";
import { FilterChoice } from "@/components/filter-choice";
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
      <FilterChoice
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
      </FilterChoice>
      {me && me.role !== "rep" && (
        <FilterChoice label="Owner" value={search.owner} set={(owner) => set({ owner })}>
          {search.owner !== undefined && !owners.some(({ id }) => id === search.owner) && (
            <option value={search.owner}>One owner</option>
          )}
          {owners.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </FilterChoice>
      )}
      <FilterChoice label="Stage" value={search.stage} set={(stage) => set({ stage })}>
        {known(facets?.stages, search.stage).map((stage) => (
          <option key={stage}>{stage}</option>
        ))}
      </FilterChoice>
      {products.length > 0 && (
        <FilterChoice label="Product" value={search.product} set={(product) => set({ product })}>
          {products.map((product) => (
            <option key={product}>{product}</option>
          ))}
        </FilterChoice>
      )}
      <FilterChoice
        label="Health"
        value={search.health}
        set={(health) => set({ health: HEALTHS.find(({ id }) => id === health)?.id })}
      >
        {HEALTHS.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </FilterChoice>
      <FilterChoice
        label="Warning"
        value={search.warning}
        set={(warning) => set({ warning: WARNINGS.find((kind) => kind === warning) })}
      >
        {WARNINGS.map((kind) => (
          <option key={kind} value={kind}>
            {WARNING[kind].name}
          </option>
        ))}
      </FilterChoice>
      <fieldset className="flex items-center gap-1.5 max-sm:w-full max-sm:flex-wrap">
        <legend className="sr-only">Close date</legend>
        <span aria-hidden className="text-soft max-sm:w-full">
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
