import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import clsx from "clsx";
import { Mail, Phone } from "lucide-react";
import { useState } from "react";
import { type DealDetails, type DealLink, type DealSignal, type TimelineEntry, timelineQuery } from "@/api/deals";
import { clock, day, many } from "@/components/format";
import { Card, Empty } from "@/components/ui";
import { noHealth } from "./parts";
import { readDealSearch } from "./search";
import { BASE, points, sumOf } from "./words";

/** Ways to what a signal rests on that are shown at once. */
const SHOWN = 3;

/** The health as a sum: what speaks for the deal, and what against it. */
export function HealthCard({ deal }: { deal: DealDetails }) {
  const { signals } = deal;
  const search = useSearch({ from: "/frame/deals/$id", select: readDealSearch, structuralSharing: true });
  // What is there of the timeline tells when each call was.
  const { kind, person } = search;
  const entries = useInfiniteQuery(timelineQuery(deal.id, { kind, person })).data?.pages.flatMap(({ items }) => items);
  const known = new Map((entries ?? []).map((entry) => [entry.id, entry]));
  const speaking = [
    ["Speaks for it", signals.filter((signal) => signal.points >= 0), "Nothing yet."],
    ["Speaks against it", signals.filter((signal) => signal.points < 0), "Nothing."],
  ] as const;
  if (deal.health === null || deal.health === undefined)
    return (
      <Card title="Health">
        <Empty title="No health yet">{noHealth(deal)}.</Empty>
      </Card>
    );
  return (
    <Card title="What the health is made of">
      <Sum signals={signals} />
      {speaking.map(([title, list, none]) => (
        <section key={title} className="border-t border-line px-4 py-3">
          <h3 className="mb-1.5 text-xs font-semibold text-soft">{title}</h3>
          {list.length === 0 && <p className="text-soft">{none}</p>}
          <ul className="grid gap-2.5">
            {list.map((signal) => (
              <Signal key={signal.kind} deal={deal.id} signal={signal} known={known} />
            ))}
          </ul>
        </section>
      ))}
    </Card>
  );
}

/** `50 + 15 − 10 = 55`. */
function Sum({ signals }: { signals: readonly DealSignal[] }) {
  const { terms, total, cut } = sumOf(signals);
  return (
    <p className="figures flex flex-wrap items-baseline gap-x-2 px-4 py-3">
      <span title="Every deal begins with this">{BASE}</span>
      {terms.map((term, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: these stand where they stand
        <span key={n} className={term.startsWith("−") ? "text-poor" : "text-good"}>
          {term}
        </span>
      ))}
      <span className="font-semibold">= {total}</span>
      {cut && <span className="text-xs text-soft">({cut})</span>}
    </p>
  );
}

function Signal({
  deal,
  signal: { points: worth, text, links },
  known,
}: {
  deal: string;
  signal: DealSignal;
  known: ReadonlyMap<string, TimelineEntry>;
}) {
  const [all, setAll] = useState(false);
  const shown = all ? links : links.slice(0, SHOWN);
  return (
    <li className="grid grid-cols-[2rem_1fr] gap-x-2">
      <span className={clsx("figures text-right font-semibold", worth < 0 ? "text-poor" : "text-good")}>
        {points(worth)}
      </span>
      <div className="min-w-0">
        <p>{text}</p>
        {links.length > 0 && (
          <ul className="mt-0.5 flex flex-wrap gap-x-3 gap-y-0.5 text-xs">
            {shown.map((link) => (
              <li key={keyOf(link)}>
                <Way deal={deal} link={link} known={known} />
              </li>
            ))}
            {shown.length < links.length && (
              <li>
                <button
                  type="button"
                  onClick={() => setAll(true)}
                  className="py-0.5 text-soft underline hover:text-ink"
                >
                  {many(links.length - shown.length, "more place")}
                </button>
              </li>
            )}
          </ul>
        )}
      </div>
    </li>
  );
}

const keyOf = (link: DealLink) => (link.kind === "call" ? `${link.call_id} ${link.segment_id ?? ""}` : link.email_id);

const WAY = "inline-flex items-center gap-1 py-0.5 font-medium text-pitch hover:underline";

/** The way to the words in a call, or to an e-mail in the timeline. */
function Way({ deal, link, known }: { deal: string; link: DealLink; known: ReadonlyMap<string, TimelineEntry> }) {
  const entry = known.get(link.kind === "call" ? link.call_id : link.email_id);
  const when = entry && day(entry.at);
  if (link.kind === "email")
    return (
      <Link
        to="/deals/$id"
        params={{ id: deal }}
        // Within all of it: what narrows the timeline may hide the e-mail.
        search={{ entry: link.email_id }}
        resetScroll={false}
        className={WAY}
      >
        <Mail aria-hidden className="size-3" />
        E-mail{when && `, ${when}`}
      </Link>
    );
  const { call_id, segment_id, start_ms } = link;
  const place = typeof start_ms === "number" ? ` at ${clock(start_ms)}` : "";
  return (
    <Link to="/calls/$id" params={{ id: call_id }} search={segment_id ? { at: segment_id } : {}} className={WAY}>
      <Phone aria-hidden className="size-3" />
      Call{when && `, ${when}`}
      {place}
      {entry?.kind === "call" && <span className="sr-only"> of {entry.title}</span>}
    </Link>
  );
}
