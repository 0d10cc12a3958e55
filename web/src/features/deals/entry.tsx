import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import clsx from "clsx";
import { ChevronDown, ChevronRight, Mail, MailOpen, Phone } from "lucide-react";
import { useState } from "react";
import type { TimelineCall, TimelineEmail, TimelineEntry } from "@/api/deals";
import { PAGE } from "@/api/pages";
import { type SegmentItem, transcriptPageQuery } from "@/api/queries";
import { clock, day, length, number, time } from "@/components/format";
import { Button, Failed, Score, Tag, Waiting } from "@/components/ui";
import { firstOf, HOW } from "./words";

/** A call or an e-mail of the timeline; it opens to what was said or written. */
export function Entry({
  entry,
  stage,
  open,
  asked,
  turn,
  take,
  busy,
}: {
  entry: TimelineEntry;
  /** The stage that the deal has now. */
  stage: string;
  open: boolean;
  /** Whether the address means this one. */
  asked: boolean;
  turn: () => void;
  /** Says that a call does not belong here. */
  take: (call: TimelineCall) => void;
  busy: boolean;
}) {
  const Sign = open ? ChevronDown : ChevronRight;
  const Kind = entry.kind === "call" ? Phone : entry.incoming ? MailOpen : Mail;
  const call = entry.kind === "call";
  return (
    <li
      id={`entry-${entry.id}`}
      data-asked={asked || undefined}
      className={clsx("scroll-mt-24 border-b border-line last:border-0", asked && "bg-pitch-soft")}
    >
      <div className="group relative grid grid-cols-[1rem_minmax(0,1fr)_auto] items-start gap-x-3 px-4 py-2.5 hover:bg-sunken">
        <Kind aria-hidden className={clsx("mt-0.5 size-4", call ? "text-pitch" : "text-soft")} />
        <div className="min-w-0">
          <button
            type="button"
            aria-expanded={open}
            aria-controls={`body-${entry.id}`}
            onClick={turn}
            className="flex max-w-full items-center gap-1 text-left font-medium"
          >
            <span className="sr-only">
              {call ? "Call" : entry.incoming ? "E-mail of the customer" : "E-mail of ours"}:{" "}
            </span>
            <span className={clsx(open ? "break-words" : "truncate")}>
              {call ? entry.title : entry.subject || "Without a subject"}
            </span>
            <Sign aria-hidden className="size-4 shrink-0 text-soft" />
            {/* All of the row opens it. */}
            <span aria-hidden className="absolute inset-0" />
          </button>
          <p className={clsx("text-xs text-soft", !open && "truncate")}>
            {call ? firstOf(entry.people) : fromTo(entry)}
          </p>
          {call && entry.stage_then && entry.stage_then !== stage && (
            <p className="text-xs text-soft">Then in “{entry.stage_then}”</p>
          )}
        </div>
        <div className="flex items-center gap-2.5 text-right">
          <span className="figures text-xs whitespace-nowrap text-soft">
            {day(entry.at)}
            <span className="block">
              {time(entry.at)}
              {call && typeof entry.duration_ms === "number" && ` · ${length(entry.duration_ms)}`}
            </span>
          </span>
          {call && (
            <span className="relative max-sm:hidden">
              <Score value={entry.overall_score} note="Not judged, or its score is withheld" />
            </span>
          )}
        </div>
      </div>
      {call && entry.how === "inferred" && (
        <p className="-mt-1.5 flex flex-wrap items-center gap-x-2 gap-y-0.5 px-4 pb-2 pl-11 text-xs">
          <Tag tone="fair">{HOW.inferred}</Tag>
          <Button
            kind="plain"
            busy={busy}
            onClick={() => take(entry)}
            aria-label={`Not this deal: ${entry.title}`}
            className="relative h-6 px-1.5 text-xs text-soft underline"
          >
            Not this deal
          </Button>
        </p>
      )}
      {open && (
        <div id={`body-${entry.id}`} className="border-t border-line bg-paper">
          {call ? <Call call={entry} take={take} busy={busy} /> : <Email email={entry} />}
        </div>
      )}
    </li>
  );
}

function fromTo({ sender, recipients }: TimelineEmail): string {
  const to = firstOf(
    recipients.map((name) => ({ name })),
    2,
  );
  return to ? `${sender} to ${to}` : sender;
}

function Email({ email: { snippet } }: { email: TimelineEmail }) {
  return (
    <div className="px-4 py-3 pl-11">
      {snippet ? (
        <p className="max-w-prose break-words whitespace-pre-line">{snippet}</p>
      ) : (
        <p className="text-soft">What it says is not kept any more.</p>
      )}
    </div>
  );
}

/** What was said, asked for only now; each line opens the call there. */
function Call({ call, take, busy }: { call: TimelineCall; take: (call: TimelineCall) => void; busy: boolean }) {
  const { id, how, people, title } = call;
  const [pages, setPages] = useState(1);
  const read = useQueries({ queries: Array.from({ length: pages }, (_, page) => transcriptPageQuery(id, page)) });
  const segments = read.flatMap(({ data }) => data?.items ?? []);
  const failed = read.find(({ isError }) => isError);
  const total = read[0]?.data?.total ?? 0;
  const left = total - pages * PAGE;
  return (
    <div className="grid grid-cols-1 gap-2 px-4 py-3 pl-11 max-sm:pl-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs">
        <Link to="/calls/$id" params={{ id }} className="font-medium text-pitch underline">
          Open the call<span className="sr-only">: {title}</span>
        </Link>
        {how !== "inferred" && (
          <>
            <span className="text-soft">{HOW[how]}</span>
            <Button
              kind="plain"
              busy={busy}
              onClick={() => take(call)}
              aria-label={`Not this deal: ${title}`}
              className="h-6 px-1.5 text-xs text-soft underline"
            >
              Not this deal
            </Button>
          </>
        )}
      </div>
      {people.some((person) => person.title) && (
        <p className="text-xs text-soft">
          {people.map((person) => (person.title ? `${person.name}, ${person.title}` : person.name)).join(" · ")}
        </p>
      )}
      {failed && <Failed error={failed.error} retry={() => void failed.refetch()} />}
      {read[0]?.isPending && <Waiting rows={5} label="Loading what was said" />}
      {segments.length > 0 && (
        <section
          aria-label={`What was said in ${title}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys
          tabIndex={0}
          className="max-h-96 overflow-y-auto rounded-md border border-line bg-surface py-1.5"
        >
          <ol>
            {segments.map((segment, n) => (
              <Line key={segment.id} call={id} segment={segment} before={segments[n - 1]} />
            ))}
          </ol>
          {left > 0 && (
            <div className="grid justify-center py-2">
              <Button busy={read.at(-1)?.isFetching ?? false} onClick={() => setPages(pages + 1)}>
                {number(left)} more lines
              </Button>
            </div>
          )}
        </section>
      )}
      {read[0]?.isSuccess && segments.length === 0 && <p className="text-soft">Nothing was said in it.</p>}
    </div>
  );
}

function Line({ call, segment, before }: { call: string; segment: SegmentItem; before: SegmentItem | undefined }) {
  const { speaker, start_ms } = segment;
  const at = typeof start_ms === "number" ? clock(start_ms) : `№ ${segment.id}`;
  const named = speaker && (speaker.name !== before?.speaker?.name || before === undefined);
  return (
    <li className={clsx("relative grid grid-cols-[3rem_1fr] gap-x-2 px-3 hover:bg-sunken", named && "pt-1.5")}>
      <Link
        to="/calls/$id"
        params={{ id: call }}
        search={{ at: segment.id }}
        aria-label={`Open the call at ${at}`}
        className="figures py-0.5 text-right text-xs leading-5 text-soft after:absolute after:inset-0 hover:text-pitch"
      >
        {at}
      </Link>
      <p className="min-w-0 py-0.5 break-words">
        {named && (
          <span
            className={clsx(
              "block text-xs font-semibold",
              speaker.side === "internal" ? "text-ours" : speaker.side === "external" ? "text-theirs" : "text-soft",
            )}
          >
            {speaker.name}
          </span>
        )}
        {segment.text}
      </p>
    </li>
  );
}
