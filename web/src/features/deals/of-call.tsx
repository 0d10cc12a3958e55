import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Undo2 } from "lucide-react";
import { useState } from "react";
import { type CallDeal, callDealsQuery, type Deal, renewDeals, sayLinked, someDealsQuery } from "@/api/deals";
import { Ask } from "@/components/dialog";
import { SearchField } from "@/components/search-field";
import { Button, Card, Failed, Tag, Waiting } from "@/components/ui";
import { Health, Standing } from "./parts";
import { HOW, money } from "./words";

/** The deals to which a call belongs, how that is known, and how it is put right. */
export function DealsOfCall({ call }: { call: string }) {
  const queries = useQueryClient();
  const deals = useQuery(callDealsQuery(call));
  const [asks, setAsks] = useState(false);
  const [last, setLast] = useState<Deal>();
  const say = useMutation({
    mutationFn: ({ deal, belongs }: { deal: Deal; belongs: boolean }) => sayLinked(deal.id, call, belongs),
    onSuccess: (_, { deal, belongs }) => {
      setLast(belongs ? undefined : deal);
      setAsks(false);
      renewDeals(queries);
    },
  });
  if (deals.isError) return <Failed error={deals.error} retry={() => void deals.refetch()} />;
  if (!deals.data) return null;
  const busy = say.isPending ? say.variables.deal.id : undefined;
  return (
    <Card
      title={deals.data.length > 1 ? "Deals" : "Deal"}
      aside={
        <button type="button" onClick={() => setAsks(true)} className="font-medium text-pitch hover:underline">
          Belongs to a deal…
        </button>
      }
    >
      {deals.data.length === 0 && <p className="px-4 py-3 text-soft">This call belongs to no deal that you see.</p>}
      <ul>
        {deals.data.map((each) => (
          <Linked
            key={each.opportunity.id}
            linked={each}
            busy={busy === each.opportunity.id}
            take={() => say.mutate({ deal: each.opportunity, belongs: false })}
          />
        ))}
      </ul>
      {say.error && !asks && <Failed error={say.error} />}
      <div
        role="status"
        className={
          last ? "flex flex-wrap items-center gap-x-3 border-t border-line bg-pitch-soft px-4 py-2" : "sr-only"
        }
      >
        {last && (
          <>
            <span className="min-w-0">It does not belong to “{last.name}” any more.</span>
            <Button
              kind="plain"
              autoFocus
              busy={say.isPending}
              onClick={() => say.mutate({ deal: last, belongs: true })}
              className="-my-1"
            >
              <Undo2 aria-hidden className="size-4" />
              Undo
            </Button>
          </>
        )}
      </div>
      {asks && (
        <ChooseDeal
          has={new Set(deals.data.map(({ opportunity }) => opportunity.id))}
          busy={busy}
          error={say.error}
          close={() => {
            say.reset();
            setAsks(false);
          }}
          choose={(deal) => say.mutate({ deal, belongs: true })}
        />
      )}
    </Card>
  );
}

function Linked({ linked, busy, take }: { linked: CallDeal; busy: boolean; take: () => void }) {
  const { opportunity: deal, how, stage_then } = linked;
  return (
    <li className="border-b border-line px-4 py-3 last:border-0">
      <div className="flex items-start justify-between gap-3">
        <div className="min-w-0">
          <Link to="/deals/$id" params={{ id: deal.id }} className="font-medium break-words text-pitch hover:underline">
            {deal.name}
          </Link>
          <p className="figures text-xs text-soft">
            {[
              deal.account,
              deal.stage,
              typeof deal.amount_cents === "number" && money(deal.amount_cents, deal.currency),
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
          {stage_then && stage_then !== deal.stage && (
            <p className="text-xs text-soft">At the time of the call in “{stage_then}”</p>
          )}
        </div>
        {deal.status === "open" ? <Health deal={deal} /> : <Standing status={deal.status} />}
      </div>
      <p className="mt-1.5 flex flex-wrap items-center gap-x-2 text-xs">
        {how === "inferred" ? <Tag tone="fair">{HOW[how]}</Tag> : <span className="text-soft">{HOW[how]}</span>}
        <Button
          kind="plain"
          busy={busy}
          onClick={take}
          aria-label={`Not this deal: ${deal.name}`}
          className="h-6 px-1.5 text-xs text-soft underline"
        >
          Not this deal
        </Button>
      </p>
    </li>
  );
}

/** Deals that are offered at a time. */
const OFFERED = 8;

/** Chooses one of all deals by a part of its name or its customer's. */
function ChooseDeal({
  has,
  busy,
  error,
  choose,
  close,
}: {
  has: ReadonlySet<string>;
  busy: string | undefined;
  error: Error | null;
  choose: (deal: Deal) => void;
  close: () => void;
}) {
  const [q, setQ] = useState<string>();
  const found = useQuery(someDealsQuery({ q, sort: "close_date", order: "desc" }, OFFERED + has.size));
  const offered = (found.data ?? []).filter(({ id }) => !has.has(id)).slice(0, OFFERED);
  return (
    <Ask title="To which deal does the call belong?" close={close}>
      <div className="flex">
        <SearchField
          label="Deal or customer"
          placeholder="A part of the deal’s or customer’s name"
          value={q}
          set={setQ}
        />
      </div>
      <div className="mt-3 grid min-h-40 content-start gap-2">
        {error && <Failed error={error} />}
        {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
        {found.isPending && <Waiting rows={4} label="Loading the deals" />}
        {found.isSuccess && offered.length === 0 && (
          <p role="status" className="px-1 py-3 text-soft">
            {q ? "No deal that you see has these words." : "You see no other deal."}
          </p>
        )}
        <ul aria-label="Deals" className="grid gap-0.5">
          {offered.map((deal) => (
            <li key={deal.id}>
              <button
                type="button"
                disabled={busy !== undefined}
                onClick={() => choose(deal)}
                className="flex w-full items-center justify-between gap-3 rounded-md px-2.5 py-1.5 text-left hover:bg-sunken disabled:opacity-60"
              >
                <span className="min-w-0">
                  <span className="block truncate font-medium">{deal.name}</span>
                  <span className="block truncate text-xs text-soft">
                    {[deal.account, deal.stage, deal.owner?.name].filter(Boolean).join(" · ")}
                  </span>
                </span>
                {deal.status !== "open" && <Standing status={deal.status} />}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Ask>
  );
}
