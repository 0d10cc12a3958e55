import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { type DealsFilter, someDealsQuery } from "@/api/deals";
import { number } from "@/components/format";
import { Card, Failed } from "@/components/ui";
import { today } from "../people/dates";
import { CloseDate, Health, WarningChips } from "./parts";
import { closesBy, money, ofTheWeek, togetherOf } from "./words";

/** Deals that are read of each kind to find those of the week: those of which nothing is known, the worst, and those that close soon. */
const READ = 50;

/** The open deals to look at now; nothing where there are no open deals at all. */
export function DealsOfWeek({ own }: { own: boolean }) {
  const now = today();
  const open = (filter: DealsFilter) =>
    someDealsQuery({ status: "open", sort: "health", order: "asc", ...filter }, READ);
  // Those without a health come first, so that the worst are asked for by themselves.
  const reads = useQueries({
    queries: [open({}), open({ min_health: 0 }), open({ close_since: now, close_until: closesBy(now) })],
  });
  const failed = reads.find(({ isError }) => isError);
  if (failed) return <Failed error={failed.error} retry={() => void failed.refetch()} />;
  const [all, healthy, soon] = reads.map(({ data }) => data);
  if (!all || !healthy || !soon || all.length === 0) return null;
  const read = togetherOf(all, healthy, READ);
  const deals = ofTheWeek([...read.deals, ...soon], now);
  return (
    <Card
      title={own ? "My deals of the week" : "Deals of the week"}
      className="@container mt-5 min-w-0"
      aside={
        <Link
          to="/deals"
          search={{ sort: "health" }}
          className="inline-flex items-center gap-1 font-medium whitespace-nowrap text-pitch hover:underline"
        >
          All<span className="sr-only"> deals</span>
          <ArrowRight aria-hidden className="size-4" />
        </Link>
      }
    >
      {deals.length === 0 && (
        <p className="px-4 py-3 text-soft">
          No open deal closes within two weeks, and nothing warns of{" "}
          {read.whole ? "one" : `the ${number(read.deals.length)} that were looked at first`}.
        </p>
      )}
      <ul>
        {deals.map((deal) => (
          <li
            key={deal.id}
            className="group relative grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2 last:border-0 hover:bg-sunken @3xl:grid-cols-[minmax(0,1fr)_minmax(0,22rem)_8rem_7rem_5rem]"
          >
            <div className="min-w-0">
              <Link
                to="/deals/$id"
                params={{ id: deal.id }}
                className="block truncate font-medium group-hover:text-pitch after:absolute after:inset-0"
              >
                {deal.name}
              </Link>
              <span className="block truncate text-xs text-soft">
                {[deal.account, own ? undefined : deal.owner?.name, deal.stage].filter(Boolean).join(" · ")}
              </span>
            </div>
            <div className="relative w-fit max-w-full @max-3xl:order-last @max-3xl:col-span-2">
              <WarningChips warnings={deal.warnings} most={3} />
            </div>
            <span className="@max-3xl:hidden">
              <CloseDate deal={deal} />
            </span>
            <span className="figures text-right whitespace-nowrap @max-3xl:hidden">
              {money(deal.amount_cents, deal.currency)}
            </span>
            <span className="flex items-center justify-end gap-3">
              <span className="@3xl:hidden">
                <CloseDate deal={deal} />
              </span>
              <Health deal={deal} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
