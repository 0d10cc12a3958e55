import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { Tabs } from "radix-ui";
import type { ReactNode } from "react";
import { ApiError } from "@/api/client";
import { type DealDetails, dealQuery } from "@/api/deals";
import { day, many } from "@/components/format";
import { NoSuch } from "@/components/no-such";
import { Card, Failed, PageHead, Score, Waiting } from "@/components/ui";
import { Coaching } from "./coaching";
import { CloseDate, noHealth, Standing, WarningChips } from "./parts";
import { readDealSearch } from "./search";
import { HealthCard } from "./signals";
import { Timeline } from "./timeline";
import { money, systemName, theirs } from "./words";

/** One deal: how it stands, what speaks for it and against it, and all that happened. */
export function DealPage() {
  const { id } = useParams({ from: "/frame/deals/$id" });
  const deal = useQuery(dealQuery(id));
  if (deal.error instanceof ApiError && deal.error.problem.status === 404)
    return <NoSuch what="deal" why="It is not there, or it is not yours to see" to="/deals" back="To the deals" />;
  if (deal.isError && !deal.data) return <Failed error={deal.error} retry={() => void deal.refetch()} />;
  if (!deal.data) return <Waiting rows={12} label="Loading the deal" />;
  const { name, account, owner, product, segment, warnings } = deal.data;
  return (
    <>
      <PageHead
        title={name}
        note={[account, product, segment, owner?.name ?? "nobody owns it"].filter(Boolean).join(" · ")}
      >
        <Link to="/deals" className="inline-flex h-8 items-center gap-1 font-medium text-pitch hover:underline">
          <ArrowLeft aria-hidden className="size-4" />
          All deals
        </Link>
      </PageHead>
      <Facts deal={deal.data} />
      {warnings.length > 0 && (
        <section aria-label="Warnings" className="mb-5">
          <WarningChips warnings={warnings} />
        </section>
      )}
      <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-[minmax(0,1fr)_minmax(20rem,26rem)]">
        {/* First for who hears the page or has a phone; at the right where there is room. */}
        <div className="grid min-w-0 gap-5 lg:col-start-2 lg:row-start-1">
          <HealthCard deal={deal.data} />
        </div>
        <Parts key={id} deal={deal.data} />
      </div>
    </>
  );
}

const TAB =
  "-mb-px border-b-2 border-transparent px-3 py-1.5 text-soft hover:text-ink data-[state=active]:border-pitch data-[state=active]:font-semibold data-[state=active]:text-ink";

/** What happened, and what its calls have in common. */
function Parts({ deal }: { deal: DealDetails }) {
  const { tab } = useSearch({ from: "/frame/deals/$id", select: readDealSearch, structuralSharing: true });
  const navigate = useNavigate({ from: "/deals/$id" });
  return (
    <Tabs.Root
      value={tab ?? "timeline"}
      onValueChange={(next) =>
        void navigate({
          search: (before) => ({ ...before, tab: next === "coaching" ? next : undefined }),
          replace: true,
          resetScroll: false,
        })
      }
      className="grid min-w-0 grid-cols-1 gap-3 lg:col-start-1 lg:row-start-1"
    >
      <Tabs.List aria-label="About the deal" className="flex gap-1 border-b border-line">
        <Tabs.Trigger value="timeline" className={TAB}>
          Timeline
        </Tabs.Trigger>
        <Tabs.Trigger value="coaching" className={TAB}>
          Coaching
        </Tabs.Trigger>
      </Tabs.List>
      <Tabs.Content value="timeline" tabIndex={-1} className="min-w-0 outline-none">
        <Timeline deal={deal} />
      </Tabs.Content>
      <Tabs.Content value="coaching" tabIndex={-1} className="min-w-0 outline-none">
        <Coaching deal={deal.id} />
      </Tabs.Content>
    </Tabs.Root>
  );
}

/** How it stands, in one row of figures. */
function Facts({ deal }: { deal: DealDetails }) {
  const { stage, stage_since, status, closed_at, source_health, system } = deal;
  return (
    <Card className="mb-3 overflow-hidden">
      <dl className="grid grid-cols-2 gap-px bg-line sm:grid-cols-3 lg:grid-cols-6">
        <Fact name="Status" below={status !== "open" && closed_at ? day(closed_at) : undefined}>
          <Standing status={status} />
        </Fact>
        <Fact name="Stage" below={stage_since ? `since ${day(stage_since)}` : undefined}>
          {stage}
        </Fact>
        <Fact name="Amount">
          <span className="figures">{money(deal.amount_cents, deal.currency)}</span>
        </Fact>
        <Fact name={status === "open" ? "Closes" : "Close date"}>
          <CloseDate deal={deal} />
        </Fact>
        <Fact name="Health" below={deal.assessed_at || status !== "open" ? undefined : "being reckoned anew"}>
          <Score value={deal.health} note={noHealth(deal)} />
        </Fact>
        <Fact
          name={system === "import" ? "Health in the file" : `Health in ${systemName(system)}`}
          below={typeof source_health === "number" ? undefined : "not told"}
        >
          <span className="figures" title={`As ${theirs(system)} tells it`}>
            {typeof source_health === "number" ? Math.round(source_health) : "–"}
          </span>
        </Fact>
      </dl>
      <p className="sr-only">
        {many(deal.calls, "call")}, {many(deal.emails, "e-mail")}.
      </p>
    </Card>
  );
}

function Fact({ name, below, children }: { name: string; below?: string | undefined; children: ReactNode }) {
  return (
    <div className="bg-surface px-4 py-3">
      <dt className="mb-1 text-xs text-soft">{name}</dt>
      <dd className="min-h-6 font-semibold break-words">
        {children}
        {below && <span className="block text-xs font-normal text-soft">{below}</span>}
      </dd>
    </div>
  );
}
