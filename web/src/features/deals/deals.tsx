import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type Deal, dealFacetsQuery, dealsQuery } from "@/api/deals";
import { meQuery } from "@/api/queries";
import { day, many } from "@/components/format";
import { type Column, ListCard, ListHead, ROW_LINK } from "@/components/list";
import { Button, Empty, PageHead } from "@/components/ui";
import { PRIMARY_LINK } from "../integrations/pieces";
import { Filters } from "./filters";
import { ImportDeals } from "./import";
import { CloseDate, Health, Standing, WarningChips } from "./parts";
import { type DealsSearch, filterOf, readDealsSearch, USUAL_SORT } from "./search";
import { isNone, money, sums } from "./words";

/** The deals, and for admins the place to drop files of them. */
export function DealsPage() {
  const { data: me } = useQuery(meQuery);
  if (me?.role !== "admin") return <Deals admin={false} />;
  return <ImportDeals>{(choose) => <Deals admin choose={choose} />}</ImportDeals>;
}

/** All deals that one may see: filtered, sorted, page by page. */
function Deals({ admin, choose }: { admin: boolean; choose?: () => void }) {
  const search = useSearch({ from: "/frame/deals", select: readDealsSearch, structuralSharing: true });
  const navigate = useNavigate({ from: "/deals" });
  const deals = useInfiniteQuery(dealsQuery(filterOf(search)));
  const facets = useQuery(dealFacetsQuery);
  const set = (change: Partial<DealsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const items = deals.data?.pages.flatMap((page) => page.items) ?? [];
  const total = deals.data?.pages[0]?.total;
  const { sort, ...narrow } = search;
  const filtered = Object.keys(narrow).length > 0;
  const clear = () => void navigate({ search: sort ? { sort } : {} });
  const none = deals.isSuccess && items.length === 0 && facets.data !== undefined && isNone(facets.data);
  const worth = deals.hasNextPage ? [] : sums(items);
  const count = typeof total === "number" ? `${many(total, "deal")}${filtered ? "" : " open"}` : undefined;
  const bring = choose && <Button onClick={choose}>Bring a file</Button>;
  return (
    <>
      <PageHead title="Deals" note={none ? undefined : [count, ...worth].filter(Boolean).join(" · ") || undefined}>
        {!none && bring}
      </PageHead>
      {!none && <Filters search={search} set={set} clear={filtered ? clear : undefined} />}
      <ListCard read={deals} loading="Loading the deals" more="More deals">
        {items.length > 0 && <Table items={items} search={search} set={(next) => set({ sort: next })} />}
        {none && <NoDeals admin={admin} bring={bring} />}
        {items.length === 0 && !none && (
          <Empty
            title="No deal fits"
            action={filtered ? <Button onClick={clear}>Clear the filters</Button> : undefined}
          >
            {filtered ? "Take a filter away, or look for something else." : "None of the deals that you see is open."}
          </Empty>
        )}
      </ListCard>
    </>
  );
}

/** How deals come in, where there are none. */
function NoDeals({ admin, bring }: { admin: boolean; bring: ReactNode }) {
  if (!admin)
    return (
      <Empty title="No deals yet">
        Your deals appear here, with their calls and e-mails, when an admin connects the CRM or brings a file of them.
      </Empty>
    );
  return (
    <Empty
      title="No deals yet"
      action={
        <span className="flex flex-wrap justify-center gap-2">
          <Link to="/settings/integrations/new" search={{ kind: "salesforce" }} className={PRIMARY_LINK}>
            Connect a CRM
          </Link>
          {bring}
        </span>
      }
    >
      Deals come in by themselves from a CRM that is connected under Integrations. Without one, bring a file: deals,
      their e-mails, and which call belongs to which. Calls find their deals by mail domain and dates.
    </Empty>
  );
}

const COLUMNS = [
  { key: "name", name: "Deal", sorts: "text", className: "w-full min-w-44 lg:w-1/3" },
  { key: undefined, name: "Owner", sorts: undefined, className: "max-lg:hidden" },
  { key: undefined, name: "Stage", sorts: undefined, className: "max-md:hidden" },
  { key: "amount", name: "Amount", sorts: "figure", className: "max-md:hidden" },
  { key: "close_date", name: "Closes", sorts: "day", className: "max-sm:hidden" },
  { key: "health", name: "Health", sorts: "figure", className: "max-lg:!pr-4" },
  { key: undefined, name: "Warnings", sorts: undefined, className: "max-lg:hidden" },
  { key: undefined, name: "Last activity", sorts: undefined, className: "max-xl:hidden" },
] as const satisfies readonly Column[];

function Table({ items, search, set }: { items: Deal[]; search: DealsSearch; set: (sort: string) => void }) {
  const sort = search.sort ?? USUAL_SORT;
  return (
    <table className="w-full text-left">
      <ListHead columns={COLUMNS} sort={sort} set={set} />
      <tbody>
        {items.map((deal) => (
          <Row key={deal.id} deal={deal} standing={search.status !== undefined} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ deal, standing }: { deal: Deal; standing: boolean }) {
  const { name, account, owner, stage, warnings, last_activity_at } = deal;
  return (
    <tr className="group border-b border-line last:border-0 hover:bg-sunken">
      <td className="relative max-w-0 py-2 pr-3 pl-4">
        <Link to="/deals/$id" params={{ id: deal.id }} className={ROW_LINK}>
          <span title={name} className="block truncate">
            {name}
          </span>
        </Link>
        <span className="block truncate text-xs text-soft">
          {[account, deal.product].filter(Boolean).join(" · ")}
          <span className="lg:hidden">{owner && ` · ${owner.name}`}</span>
        </span>
        {/* What has no column on a phone. */}
        <span className="mt-0.5 flex flex-wrap items-center gap-x-2 text-xs md:hidden">
          <span className="figures">{money(deal.amount_cents, deal.currency)}</span>
          <span className="text-soft">{stage}</span>
          <span className="sm:hidden">
            <CloseDate deal={deal} row />
          </span>
        </span>
        {warnings.length > 0 && (
          <div className="relative z-[2] mt-1 w-fit lg:hidden">
            <WarningChips warnings={warnings} most={2} />
          </div>
        )}
      </td>
      <td className="max-w-36 truncate px-3 py-2 max-lg:hidden">
        {owner?.name ?? <span className="text-soft">nobody</span>}
      </td>
      <td className="max-w-40 px-3 py-2 max-md:hidden">
        <span className="flex items-center gap-1.5">
          <span className="truncate">{stage}</span>
          {standing && deal.status !== "open" && <Standing status={deal.status} />}
        </span>
      </td>
      <td className="figures px-3 py-2 text-right whitespace-nowrap max-md:hidden">
        {money(deal.amount_cents, deal.currency)}
      </td>
      <td className="px-3 py-2 max-sm:hidden">
        <CloseDate deal={deal} />
      </td>
      <td className="relative py-2 pr-4 pl-3 text-right whitespace-nowrap lg:pr-3">
        <Health deal={deal} />
      </td>
      <td className="relative px-3 py-2 max-lg:hidden">
        {warnings.length > 0 && (
          <div className="relative z-[2] w-fit">
            <WarningChips warnings={warnings} most={2} />
          </div>
        )}
      </td>
      <td className="figures py-2 pr-4 pl-3 whitespace-nowrap text-soft max-xl:hidden">
        {last_activity_at ? day(last_activity_at) : "–"}
      </td>
    </tr>
  );
}
