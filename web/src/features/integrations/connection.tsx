import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useParams, useSearch } from "@tanstack/react-router";
import clsx from "clsx";
import { Fragment, useEffect, useRef } from "react";
import { ApiError, api, taken } from "@/api/client";
import {
  type Connection,
  connectionQuery,
  MOST,
  moves,
  runsQuery,
  type SourceCall,
  type SyncRun,
  sourceCallsQuery,
} from "@/api/connections";
import { number, sentence } from "@/components/format";
import { Button, Card, Empty, Failed, PageHead, Tag, Waiting } from "@/components/ui";
import { useSome } from "../call/more";
import { By } from "../settings/by";
import { useDoing } from "../settings/doing";
import { took } from "../settings/figures";
import { ConnectionCard } from "./card";
import { NoConnection } from "./edit";
import { LINK_BUTTON, when } from "./pieces";
import { readConnectionSearch, CALL_STATES as STATES } from "./search";
import {
  againWords,
  CALL_STATES,
  callName,
  callState,
  causeOf,
  foundBy,
  knownBy,
  RUN_STATES,
  SERVICES,
  whyNot,
  whyOf,
} from "./words";

/** One connection: how it does, its syncs, and the calls that it knows. */
export function ConnectionPage() {
  const { id } = useParams({ from: "/frame/settings/integrations/$id" });
  const connection = useQuery(connectionQuery(id));
  const { data, error } = connection;
  if (error instanceof ApiError && error.problem.status === 404) return <NoConnection />;
  if (error && !data) return <Failed error={error} retry={() => void connection.refetch()} />;
  if (!data)
    return (
      <Card>
        <Waiting rows={10} label="Loading the connection" />
      </Card>
    );
  const service = SERVICES[data.kind];
  return (
    <>
      <PageHead
        title={data.name}
        note={
          <>
            {service.name}
            {service.remote && (
              <>
                {" "}
                at <span className="break-all">{data.settings.base_url}</span>
              </>
            )}
          </>
        }
      >
        {service.sends && (
          <Link to="/settings/integrations/events" search={{ connection: id }} className={LINK_BUTTON}>
            Events
          </Link>
        )}
      </PageHead>
      <div className="grid grid-cols-1 gap-5">
        <ConnectionCard connection={data} title="How it is" />
        {!service.crm && <Calls connection={data} />}
        {service.asked && <Syncs connection={data} />}
      </div>
    </>
  );
}

const HEAD = "px-3 py-2 font-medium whitespace-nowrap";

/** How its calls come in, where none is here yet. */
const FIRST: Partial<Record<Connection["kind"], string>> = {
  gong: "They come with the first sync.",
  fireflies: "They come with the first sync.",
  push: "They come as the program sends them.",
  folder: "They come as files are put into the folder.",
};

function Calls({ connection }: { connection: Connection }) {
  const { kind } = connection;
  const { state } = useSearch({
    from: "/frame/settings/integrations/$id",
    select: readConnectionSearch,
    structuralSharing: true,
  });
  const calls = useQuery(sourceCallsQuery(connection.id, state, moves(connection)));
  const items = calls.data ?? [];
  // Who comes by a figure sees what it counts.
  const box = useRef<HTMLDivElement>(null);
  const meant = useLocation({ select: ({ hash }) => hash === "calls" });
  const loaded = calls.data !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another state is another list
  useEffect(() => {
    if (meant && loaded) box.current?.scrollIntoView({ block: "start" });
  }, [meant, loaded, state]);
  const { open, failed, skipped, kept } = connection.backlog;
  const counts = { open, failed, skipped, kept };
  const [shown, way] = useSome(items, 10);
  const choice = (of: typeof state, name: string, count: number) => (
    <li key={name}>
      <Link
        to="/settings/integrations/$id"
        params={{ id: connection.id }}
        search={{ state: of }}
        replace
        resetScroll={false}
        aria-current={of === state ? "true" : undefined}
        className={clsx(
          "inline-flex h-8 items-center gap-1.5 rounded-md px-2.5 whitespace-nowrap hover:bg-sunken",
          of === state ? "bg-sunken font-semibold" : "text-soft",
        )}
      >
        {name} <span className="figures text-xs font-normal text-soft">{number(count)}</span>
      </Link>
    </li>
  );
  return (
    <div ref={box} id="calls" className="scroll-mt-5">
      <Card title="Its calls" className="min-w-0 overflow-hidden">
        {/* What is sent is here at once, or refused. */}
        {SERVICES[kind].asked && (
          <ul aria-label="Which calls" className="flex flex-wrap gap-1 border-b border-line px-2 py-2">
            {choice(undefined, "All", open + failed + skipped + kept)}
            {STATES.map((each) => choice(each, CALL_STATES[each].name, counts[each]))}
          </ul>
        )}
        {calls.isPending && <Waiting rows={6} label="Loading its calls" />}
        {calls.isError && <Failed error={calls.error} retry={() => void calls.refetch()} />}
        {calls.isSuccess && items.length === 0 && (
          <Empty title="No such calls">{state ? "None is in this state." : FIRST[kind]}</Empty>
        )}
        {items.length > 0 && (
          <table className="w-full text-left">
            <thead className="border-b border-line text-xs text-soft">
              <tr>
                <th scope="col" className={`${HEAD} w-full pl-4`}>
                  Call
                </th>
                <th scope="col" className={`${HEAD} max-md:hidden`}>
                  Became known
                </th>
                <th scope="col" className={HEAD}>
                  State
                </th>
                <th scope="col" className="px-3 py-2 max-sm:hidden">
                  <span className="sr-only">What can be done</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((call) => (
                <CallRow key={call.id} call={call} kind={kind} />
              ))}
            </tbody>
          </table>
        )}
        {way}
        {items.length === MOST && (
          <p className="border-t border-line px-4 py-2 text-xs text-soft">
            These are the {number(MOST)} that became known last.
          </p>
        )}
      </Card>
    </div>
  );
}

/** Why it failed is to be seen; what is odd about one that is here may be passed over. */
const WHYS: Partial<Record<SourceCall["state"], string>> = { failed: "text-poor", kept: "text-soft" };

function CallRow({ call, kind }: { call: SourceCall; kind: Connection["kind"] }) {
  const { name, tone } = callState(call);
  const title = callName(call, kind, when);
  const again = <Again call={call} called={kind === "folder" ? title : `call ${call.external_id}`} />;
  return (
    <tr className="border-b border-line align-baseline last:border-0 hover:bg-sunken">
      <th scope="row" className="px-4 py-2 text-left font-normal">
        {call.call_id ? (
          <Link to="/calls/$id" params={{ id: call.call_id }} className="figures font-medium text-pitch underline">
            {title}
          </Link>
        ) : (
          <span className="figures font-medium">{title}</span>
        )}
        {kind !== "folder" && title !== call.external_id && (
          <span className="figures block text-xs break-all text-soft">{call.external_id}</span>
        )}
        {call.why && (
          <span className={clsx("block max-w-prose text-xs break-words", WHYS[call.state])}>{whyNot(call.why)}</span>
        )}
        {call.next_try_at && Date.parse(call.next_try_at) > Date.now() && (
          <span className="figures block text-xs text-soft">Next try {when(call.next_try_at)}</span>
        )}
        <span className="mt-1.5 block empty:hidden sm:hidden">{again}</span>
      </th>
      <td className="px-3 py-2 text-soft max-md:hidden">
        <span className="figures whitespace-nowrap">{when(call.known_at)}</span>
        <span className="block text-xs whitespace-nowrap">{sentence(knownBy(call, kind)).slice(0, -1)}</span>
      </td>
      <td className="px-3 py-2 whitespace-nowrap">
        {/* What is as usual needs no colour. */}
        {tone === "none" ? <span className="text-soft">{name}</span> : <Tag tone={tone}>{name}</Tag>}
      </td>
      <td className="py-1 pr-3 pl-1 text-right max-sm:hidden">{again}</td>
    </tr>
  );
}

function Again({ call, called }: { call: SourceCall; called: string }) {
  const again = useDoing({
    run: () =>
      taken(
        api.POST("/api/v1/connections/{id}/calls/{source_call}/retry", {
          params: { path: { id: call.connection_id, source_call: call.id }, header: {} },
        }),
      ),
    lists: [["connections"]],
    done: "The call is tried again.",
  });
  const words = againWords(call);
  if (!words) return null;
  return (
    <>
      <Button busy={again.isPending} onClick={() => again.mutate()} aria-label={`${words}: ${called}`}>
        {words}
      </Button>
      {again.error && (
        <span role="alert" className="mt-1 block max-w-56 text-xs whitespace-normal text-poor">
          {sentence(again.error.message)}
        </span>
      )}
    </>
  );
}

/** Rounds in which its calls were listed. */
function Syncs({ connection }: { connection: Connection }) {
  const { kind } = connection;
  const runs = useQuery(runsQuery(connection.id, moves(connection)));
  const items = runs.data ?? [];
  const { called, remote, crm } = SERVICES[kind];
  return (
    <Card title="Its syncs" className="min-w-0 overflow-hidden">
      {runs.isPending && <Waiting rows={4} label="Loading its syncs" />}
      {runs.isError && <Failed error={runs.error} retry={() => void runs.refetch()} />}
      {runs.isSuccess && items.length === 0 && (
        <Empty title="None yet">
          {crm
            ? `A sync reads what was changed in ${called}: deals, firms, people and e-mails.`
            : remote
              ? `A sync lists the calls that ${called} has, and fetches those that are not here.`
              : "New files come in without one. A sync looks at all that is in the folder."}
        </Empty>
      )}
      {items.length > 0 && (
        <table className="w-full text-left">
          <thead className="border-b border-line text-xs text-soft">
            <tr>
              <th scope="col" className={`${HEAD} pl-4`}>
                Begun
              </th>
              <th scope="col" className={`${HEAD} max-md:hidden`}>
                By
              </th>
              {remote && (
                <th scope="col" className={`${HEAD} max-lg:hidden`}>
                  {crm ? "Changed since" : "Calls from"}
                </th>
              )}
              <th scope="col" className={`${HEAD} w-full`}>
                Found
              </th>
              <th scope="col" className={`${HEAD} text-right max-md:hidden`}>
                Took
              </th>
              <th scope="col" className={`${HEAD} pr-4`}>
                State
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((run) => (
              <RunRow key={run.id} run={run} from={remote} crm={crm} />
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

/** `from`: whether calls were listed from a day on. */
function RunRow({ run, from, crm }: { run: SyncRun; from: boolean; crm: true | undefined }) {
  const { name, tone } = RUN_STATES[run.state];
  const why = whyOf(run, when);
  const edge = !why && "border-b border-line last:border-0";
  return (
    <Fragment>
      <tr className={clsx("align-baseline", edge)}>
        <th scope="row" className="figures py-2 pr-3 pl-4 text-left font-normal whitespace-nowrap">
          {when(run.started_at)}
        </th>
        <td className="px-3 py-2 whitespace-nowrap max-md:hidden">
          {causeOf(run)}
          {run.asked_by !== "" && (
            <span className="block text-xs text-soft">
              <By actor={run.asked_by} />
            </span>
          )}
        </td>
        {from && <td className="figures px-3 py-2 whitespace-nowrap text-soft max-lg:hidden">{when(run.since)}</td>}
        <td className="figures px-3 py-2">{foundBy(run, crm)}</td>
        <td className="figures px-3 py-2 text-right whitespace-nowrap text-soft max-md:hidden">
          {took(run.started_at, run.finished_at)}
        </td>
        <td className="py-2 pr-4 pl-3 whitespace-nowrap">
          {tone === "none" ? <span className="text-soft">{name}</span> : <Tag tone={tone}>{name}</Tag>}
        </td>
      </tr>
      {why && (
        <tr className="border-b border-line last:border-0">
          <td colSpan={6} className={clsx("px-4 pb-2 text-xs", run.state === "failed" ? "text-poor" : "text-soft")}>
            {why}
          </td>
        </tr>
      )}
    </Fragment>
  );
}
