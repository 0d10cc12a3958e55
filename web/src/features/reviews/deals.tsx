import { Link } from "@tanstack/react-router";
import type { Schemas } from "@/api/client";
import type { ReviewDeal } from "@/api/reviews";
import { many } from "@/components/format";
import { Card, Score } from "@/components/ui";
import { money, sums } from "../deals/words";
import { shortDay } from "../people/dates";
import { PartHead } from "../people/pieces";

type Deals = Schemas["ReviewDeals"];
type List = Schemas["ReviewDealList"];

/** What became of deals, in the order in which one asks for it. */
const KINDS = [
  { kind: "won", name: "Won", day: "won on" },
  { kind: "lost", name: "Lost", day: "lost on" },
  { kind: "new", name: "New", day: "opened on" },
  { kind: "at_risk", name: "At risk", day: "to close on" },
] as const satisfies readonly { kind: keyof Deals; name: string; day: string }[];

/** What became of deals in a week. Where nothing did, that is one sentence. */
export function DealsOfReview({ deals }: { deals: Deals }) {
  const some = KINDS.filter(({ kind }) => deals[kind].count > 0);
  const none = KINDS.filter(({ kind }) => deals[kind].count === 0).map(({ name }) => name.toLowerCase());
  return (
    <>
      <PartHead
        title="Deals"
        note={
          some.length > 0 && none.length > 0
            ? `As they stood when this was written. None ${none.length > 1 ? `${none.slice(0, -1).join(", ")} or ${none.at(-1)}` : none[0]}.`
            : some.length > 0
              ? "As they stood when this was written."
              : undefined
        }
      />
      {some.length === 0 && (
        <Card>
          <p className="px-4 py-3 text-soft">No deal was won, lost or opened in this week, and none is at risk.</p>
        </Card>
      )}
      <div className="grid grid-cols-1 items-start gap-5 xl:grid-cols-2">
        {some.map(({ kind, name, day }) => (
          <Card
            key={kind}
            title={`${name}: ${deals[kind].count}`}
            aside={<span className="figures text-xs text-soft">{worth(deals[kind])}</span>}
            className="min-w-0"
          >
            <ul>
              {deals[kind].items.map((deal) => (
                <Row key={deal.id} deal={deal} day={day} />
              ))}
            </ul>
            {deals[kind].count > deals[kind].items.length && (
              <p className="border-t border-line px-4 py-2 text-xs text-soft">
                {many(deals[kind].count - deals[kind].items.length, "more deal")} not listed here.
              </p>
            )}
          </Card>
        ))}
      </div>
    </>
  );
}

function worth({ amounts }: List): string {
  return sums(amounts.map(({ cents, currency }) => ({ amount_cents: cents, currency: currency ?? null }))).join(" · ");
}

function Row({ deal, day }: { deal: ReviewDeal; day: string }) {
  const { name, account, owner, stage, warnings, health } = deal;
  return (
    <li className="group relative grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-4 border-b border-line px-4 py-2 last:border-0 hover:bg-sunken">
      <div className="min-w-0">
        <Link
          to="/deals/$id"
          params={{ id: deal.id }}
          className="block truncate font-medium group-hover:text-pitch after:absolute after:inset-0"
        >
          {name}
        </Link>
        <span className="block truncate text-xs text-soft">{[account, owner, stage].filter(Boolean).join(" · ")}</span>
        {warnings.length > 0 && (
          <ul className="mt-1 grid gap-0.5 text-xs">
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        )}
      </div>
      <div className="figures text-right whitespace-nowrap">
        <span className="flex items-center justify-end gap-2">
          {money(deal.amount_cents, deal.currency)}
          {typeof health === "number" && <Score value={health} />}
        </span>
        {deal.day && (
          <span className="block text-xs text-soft">
            {day} {shortDay(deal.day)}
          </span>
        )}
      </div>
    </li>
  );
}
