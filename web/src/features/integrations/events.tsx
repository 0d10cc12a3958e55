import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ChevronDown, ChevronRight, X } from "lucide-react";
import { Fragment } from "react";
import { api, taken } from "@/api/client";
import { connectionsQuery, eventQuery, eventsQuery, type WebhookEvent } from "@/api/connections";
import { number, sentence } from "@/components/format";
import { Button, Card, Empty, Failed, PageHead, Tag, Waiting } from "@/components/ui";
import { useDoing } from "../settings/doing";
import { when } from "./pieces";
import { EVENT_STATUSES, type EventsSearch, readEventsSearch } from "./search";
import { bytes, EVENT_STATES, replays, SERVICES } from "./words";

const CHOICE = "h-8 min-w-0 rounded-md border border-line-strong bg-surface px-2";

/** What services sent by themselves, the latest first. */
export function EventsPage() {
  const search = useSearch({
    from: "/frame/settings/integrations/events",
    select: readEventsSearch,
    structuralSharing: true,
  });
  const { connection, status, call } = search;
  const navigate = useNavigate({ from: "/settings/integrations/events" });
  const senders = (useQuery(connectionsQuery).data ?? []).filter(({ kind }) => SERVICES[kind].sends);
  const events = useInfiniteQuery(eventsQuery({ connection_id: connection, status, external_id: call }));
  const set = (change: EventsSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const items = events.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = connection !== undefined || status !== undefined || call !== undefined;
  return (
    <>
      <PageHead
        title="Events"
        note="What services and programs sent by themselves, the latest first. It is kept for 90 days."
      >
        <Link to="/settings/integrations" className="font-medium text-pitch underline">
          Integrations
        </Link>
      </PageHead>
      <search className="mb-3 flex flex-wrap gap-2">
        <select
          aria-label="Connection"
          value={connection ?? ""}
          onChange={({ target }) => set({ connection: target.value || undefined, event: undefined })}
          className={CHOICE}
        >
          <option value="">Every connection</option>
          {senders.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <select
          aria-label="State"
          value={status ?? ""}
          onChange={({ target }) =>
            set({ status: EVENT_STATUSES.find((each) => each === target.value), event: undefined })
          }
          className={CHOICE}
        >
          <option value="">Every state</option>
          {EVENT_STATUSES.map((each) => (
            <option key={each} value={each}>
              {EVENT_STATES[each].name}
            </option>
          ))}
        </select>
        {call && (
          <Button className="min-w-0" onClick={() => set({ call: undefined, event: undefined })}>
            <span className="figures truncate">Call {call}</span>
            <X aria-label="take this filter away" className="size-3.5 shrink-0" />
          </Button>
        )}
      </search>
      <Card className="overflow-hidden">
        {events.isPending && <Waiting rows={8} label="Loading the events" />}
        {events.isError && <Failed error={events.error} retry={() => void events.refetch()} />}
        {events.isSuccess && items.length === 0 && (
          <Empty title={filtered ? "No such events" : "No events yet"}>
            {filtered
              ? "Nothing that was sent is like that."
              : "They come when a service or a program calls the address of its connection."}
          </Empty>
        )}
        {items.length > 0 && (
          <table className="w-full text-left">
            <thead className="border-b border-line text-xs text-soft">
              <tr>
                <th scope="col" className="w-full px-4 py-2 font-medium">
                  Received
                </th>
                <th scope="col" className="px-3 py-2 font-medium whitespace-nowrap max-md:hidden">
                  Call at its source
                </th>
                <th scope="col" className="px-3 py-2 font-medium max-md:hidden">
                  Connection
                </th>
                <th scope="col" className="px-3 py-2 text-right font-medium max-md:hidden">
                  Times
                </th>
                <th scope="col" className="py-2 pr-4 pl-3 font-medium">
                  State
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((event) => (
                <Row
                  key={event.id}
                  event={event}
                  open={event.id === search.event}
                  turn={() => set({ event: event.id === search.event ? undefined : event.id })}
                />
              ))}
            </tbody>
          </table>
        )}
      </Card>
      {events.hasNextPage && (
        <div className="mt-3 grid justify-center">
          <Button busy={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
            Earlier ones
          </Button>
        </div>
      )}
    </>
  );
}

function Row({ event, open, turn }: { event: WebhookEvent; open: boolean; turn: () => void }) {
  const { name, tone } = EVENT_STATES[event.status];
  const Sign = open ? ChevronDown : ChevronRight;
  return (
    <Fragment>
      <tr className="relative border-b border-line align-top last:border-0 hover:bg-sunken">
        <th scope="row" className="px-4 py-2 text-left font-normal">
          <button
            type="button"
            aria-expanded={open}
            aria-controls={`event-${event.id}`}
            onClick={turn}
            className="figures flex items-center gap-1.5 text-left font-medium sm:whitespace-nowrap"
          >
            <Sign aria-hidden className="-ml-1 size-4 shrink-0 text-soft" />
            {when(event.received_at)}
            {/* All of the row opens it. */}
            <span aria-hidden className="absolute inset-0" />
          </button>
          <span className="figures block pl-4.5 text-xs break-all text-soft md:hidden">{event.external_id}</span>
          {event.reason && (
            <span className="block max-w-prose pl-4.5 text-xs break-words text-poor">{sentence(event.reason)}</span>
          )}
        </th>
        <td className="figures px-3 py-2 whitespace-nowrap text-soft max-md:hidden">{event.external_id ?? "–"}</td>
        <td className="px-3 py-2 whitespace-nowrap text-soft max-md:hidden">{event.connection}</td>
        <td className="figures px-3 py-2 text-right text-soft max-md:hidden">{number(event.deliveries)}</td>
        <td className="py-2 pr-4 pl-3 whitespace-nowrap">
          {tone === "none" ? <span className="text-soft">{name}</span> : <Tag tone={tone}>{name}</Tag>}
        </td>
      </tr>
      {open && (
        <tr className="border-b border-line last:border-0">
          <td id={`event-${event.id}`} colSpan={5} className="max-w-0 bg-sunken px-4 py-3">
            <Opened event={event} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

/** An event with what was sent, and what can be done about it. */
function Opened({ event }: { event: WebhookEvent }) {
  const read = useQuery(eventQuery(event.id));
  const replay = useDoing({
    run: () =>
      taken(api.POST("/api/v1/webhook-events/{id}/replay", { params: { path: { id: event.id }, header: {} } })),
    lists: [["connections"]],
    done: "Its call is tried again.",
  });
  const payload = read.data?.payload ?? undefined;
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p className="min-w-0 text-xs text-soft">
          {event.signature_valid ? "Genuine" : "Not genuine"} · {bytes(event.bytes)} ·{" "}
          {event.deliveries === 1 ? "came once" : `came ${number(event.deliveries)} times`}
          {event.processed_at && ` · its call was here ${when(event.processed_at)}`}
        </p>
        <span className="ml-auto flex flex-wrap items-center gap-3">
          {event.call_id && (
            <Link to="/calls/$id" params={{ id: event.call_id }} className="font-medium text-pitch underline">
              The call
            </Link>
          )}
          {/* A call that was deleted does not come again. */}
          {payload !== undefined && replays(event) && (
            <Button busy={replay.isPending} onClick={() => replay.mutate()}>
              Replay
            </Button>
          )}
        </span>
      </div>
      {replay.error && <Failed error={replay.error} />}
      {read.isPending && <Waiting rows={4} label="Loading what was sent" />}
      {read.isError && <Failed error={read.error} retry={() => void read.refetch()} />}
      {read.isSuccess &&
        (payload === undefined ? (
          <p className="text-soft">What was sent is not kept: it was refused, or its call was deleted.</p>
        ) : (
          <section
            aria-label="What was sent"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys
            tabIndex={0}
            className="max-h-96 overflow-auto rounded-md border border-line bg-surface"
          >
            <pre className="p-3 text-xs">{JSON.stringify(payload, undefined, 2)}</pre>
          </section>
        ))}
    </div>
  );
}
