import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight, Link2 } from "lucide-react";
import { Tabs } from "radix-ui";
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { ApiError, type Schemas } from "@/api/client";
import {
  analysesQuery,
  type CallsFilter,
  callQuery,
  metricsQuery,
  neighboursQuery,
  type SegmentItem,
} from "@/api/queries";
import { day, length } from "@/components/format";
import { useKeys } from "@/components/keys";
import { NoSuch } from "@/components/no-such";
import { Button, Card, Empty, Failed, PageHead, Score, Tag, Waiting } from "@/components/ui";
import { DealsOfCall } from "../deals/of-call";
import { NextSteps, SimilarCalls } from "../search/of-call";
import { Actions } from "./actions";
import { useCopied } from "./copied";
import { Receipt } from "./delete";
import { Flags } from "./flags";
import { waits } from "./judged";
import { CallMap, MapWaits } from "./map";
import { readMeasured } from "./measures";
import { Mentions } from "./mentions";
import { ModelFailed } from "./model";
import { Numbers } from "./numbers";
import { Player } from "./player";
import { pointsOf, stepPoint } from "./points";
import { makePosition } from "./position";
import { Report, usePrinting } from "./report";
import { useSaid } from "./said";
import { Scorecard } from "./scorecard";
import type { Go, Scrub } from "./scrubber";
import type { CallSearch, Tab } from "./search";
import { readCallSearch } from "./search";
import { Sessions } from "./sessions";
import { placeOf, shapeOf, withSecond } from "./shape";
import { SidesCard } from "./sides";
import { Source } from "./source";
import { Transcript, type TranscriptHandle } from "./transcript";
import { Withheld } from "./withheld";

/** Cards below each other; where there is room, beside each other. */
const COLUMNS = "grid grid-cols-1 items-start gap-5 outline-none min-[137rem]:grid-cols-2";
const NONE: SegmentItem[] = [];
const WHOLE: CallsFilter = {};
/** The program keeps none yet. */
const RECORDING = undefined;

/** One call; another one begins anew. */
export function CallPage() {
  const { id } = useParams({ from: "/frame/calls/$id" });
  return <OneCall key={id} id={id} />;
}

/** Its map, what was said, how it was judged; every claim opens at the words. */
function OneCall({ id }: { id: string }) {
  const asked = useSearch({ from: "/frame/calls/$id", select: readCallSearch, structuralSharing: true });
  const navigate = useNavigate({ from: "/calls/$id" });
  const [receipt, setReceipt] = useState<Schemas["DeletionReceipt"]>();
  // The session that stood when the call was sent to be judged again.
  const [again, setAgain] = useState<{ session: string | null | undefined }>();
  const call = useQuery({
    ...callQuery(id),
    enabled: !receipt,
    refetchInterval: ({ state: { data } }) =>
      data?.status === "queued" || (again && data?.session_id === again.session) ? 3_000 : false,
  });
  // Without the stream of events the rest is asked for again as soon as the call has come further.
  const queries = useQueryClient();
  const { status: came, session_id: latest } = call.data ?? {};
  // biome-ignore lint/correctness/useExhaustiveDependencies: these say that the call has come further
  useEffect(() => {
    for (const part of ["analyses", "sessions", "metrics"])
      void queries.invalidateQueries({ queryKey: ["call", id, part] }, { cancelRefetch: false });
  }, [queries, id, came, latest]);
  const analyses = useQuery({ ...analysesQuery(id, asked.session), enabled: !receipt });
  const measured = useQuery({ ...metricsQuery(id), enabled: !receipt });
  const said = useSaid(id, asked.at, !receipt);
  const segments = said.whole ?? NONE;
  const session = analyses.data?.session ?? undefined;
  const { metrics, trackers, bands } = useMemo(() => readMeasured(measured.data), [measured.data]);
  // The words come first; the map is made of them while they can be read already.
  const heard = useDeferredValue(segments);
  const shape = useMemo(() => shapeOf(heard), [heard]);
  const state = useMemo(() => withSecond(asked, shape), [asked, shape]);
  const [position] = useState(makePosition);
  const here = useMemo(() => (state.at === undefined ? undefined : placeOf(shape.places, state.at)), [shape, state.at]);
  useEffect(() => here && position.move(here.from), [here, position]);
  const points = useMemo(() => pointsOf(session, metrics, trackers, shape.places), [session, metrics, trackers, shape]);
  const list = state.list ?? WHOLE;
  const beside = useQuery({ ...neighboursQuery(id, list), enabled: call.data !== undefined && !receipt }).data;
  const neighbours = { before: beside?.before ?? undefined, after: beside?.after ?? undefined };
  const printing = usePrinting();
  const [copied, copy] = useCopied();

  const change = useCallback(
    (next: Partial<CallSearch>) =>
      void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false }),
    [navigate],
  );
  const go: Go = useCallback(
    ({ segment, mark, check }) => change({ at: segment, mark, t: undefined, ...(check && { check, tab: undefined }) }),
    [change],
  );
  const handle = useRef<TranscriptHandle>(null);
  const scrub: Scrub = useCallback(
    (segment, mark, ms) => {
      handle.current?.scrub(segment, mark);
      position.move(ms ?? here?.from ?? 0);
    },
    [position, here],
  );
  const window_ = useRef<HTMLSpanElement>(null);
  const ends = useRef<[SegmentItem | undefined, SegmentItem | undefined]>([undefined, undefined]);
  const seen = useCallback(
    (first: SegmentItem | undefined, last: SegmentItem | undefined) => {
      ends.current = [first, last];
      // By hand: scrolling draws nothing of the page anew but the words.
      const span = window_.current;
      if (!span || shape.end === 0 || typeof first?.start_ms !== "number" || typeof last?.end_ms !== "number") return;
      span.style.display = "block";
      span.style.left = `${(100 * first.start_ms) / shape.end}%`;
      span.style.right = `${100 - (100 * last.end_ms) / shape.end}%`;
    },
    [shape],
  );
  // The map may come after the words.
  useEffect(() => seen(...ends.current), [seen]);
  const step = (by: 1 | -1) => {
    const index = segments.findIndex(({ id: one }) => one === state.at);
    const next = segments[index < 0 ? 0 : index + by];
    if (next) go({ segment: next.id });
  };
  const claim = (by: 1 | -1) => {
    const claims = points.filter(({ kind }) => kind === "evidence" || kind === "flags");
    const next = stepPoint(claims, state.at, state.mark, by);
    if (next) go({ segment: next.segment, mark: next.mark, check: next.check });
  };
  const open = (other: string | undefined) =>
    other && void navigate({ to: "/calls/$id", params: { id: other }, search: state.list ? { list: state.list } : {} });
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    n: () => claim(1),
    p: () => claim(-1),
    f: () => change({ follow: state.follow ? undefined : true }),
    "/": () => handle.current?.search(),
    "]": () => void open(neighbours.after),
    "[": () => void open(neighbours.before),
  });

  if (receipt) return <Receipt title={call.data?.title ?? ""} receipt={receipt} />;
  if (call.error instanceof ApiError && call.error.problem.status === 404)
    return <NoSuch what="call" why="It was deleted, or it is not yours to see" to="/calls" back="To the calls" />;
  if (call.isError) return <Failed error={call.error} retry={() => void call.refetch()} />;
  if (!call.data) return <Waiting rows={12} label="Loading the call" />;
  const { title, customer, rep, started_at, imported_at, duration_ms, status, overall_score, warnings } = call.data;
  const notes = [
    rep?.name,
    customer,
    day(started_at ?? imported_at),
    duration_ms === null || duration_ms === undefined ? "without times" : length(duration_ms),
  ]
    .filter(Boolean)
    .join(" · ");
  const judging = status === "queued" || (again !== undefined && again.session === call.data.session_id);
  const judgedAgain = () => {
    setAgain({ session: call.data.session_id });
    change({ session: undefined });
  };
  const earlier = state.session !== undefined && session !== undefined && session.id !== call.data.session_id;
  return (
    <>
      <PageHead title={title} note={notes}>
        <span className="flex">
          <Neighbour
            name="Call before ([)"
            go={() => open(neighbours.before)}
            there={neighbours.before}
            icon={ChevronLeft}
          />
          <Neighbour
            name="Call after (])"
            go={() => open(neighbours.after)}
            there={neighbours.after}
            icon={ChevronRight}
          />
        </span>
        <Button onClick={() => copy(window.location.href)}>
          <Link2 aria-hidden className="size-4" /> <span aria-live="polite">{copied ? "Copied" : "Copy link"}</span>
        </Button>
        <Actions call={call.data} segments={said.whole} judged={judgedAgain} deleted={setReceipt} />
        {(session || typeof overall_score === "number") && (
          <Score value={session ? session.overall_score : overall_score} note={session?.overall_note} size="lg" />
        )}
      </PageHead>
      {judging && session && (
        <p role="status" className="mb-4 rounded-md bg-pitch-soft px-4 py-2">
          The call is being judged again; the scorecard changes by itself.
        </p>
      )}
      {earlier && (
        <p role="status" className="mb-4 flex flex-wrap items-center gap-x-3 rounded-md bg-fair-soft px-4 py-2">
          This is an earlier judgement, of {day(session.finished_at)}.
          <button
            type="button"
            className="font-medium text-pitch underline"
            onClick={() => change({ session: undefined })}
          >
            To the latest
          </button>
        </p>
      )}
      {session?.model?.failure && !judging && (
        <ModelFailed call={id} failure={session.model.failure} judged={earlier ? undefined : judgedAgain} />
      )}
      {session && waits(session) && <Withheld key={session.id} call={id} session={session} go={go} />}
      {warnings.length > 0 && <Warnings warnings={warnings} />}
      {status === "needs_sides" && said.whole && <SidesCard call={call.data} segments={segments} />}
      {heard === NONE && typeof duration_ms === "number" && <MapWaits tracks={call.data.participants.length} />}
      {heard !== NONE && (
        <CallMap
          shape={shape}
          points={points}
          metrics={metrics}
          state={state}
          change={change}
          go={go}
          scrub={scrub}
          seen={window_}
          position={position}
        />
      )}
      <div className="no-print grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_minmax(22rem,26rem)] min-[110rem]:grid-cols-[minmax(0,60rem)_minmax(0,1fr)]">
        <Card className="min-w-0 lg:sticky lg:top-4">
          <h2 className="sr-only">What was said</h2>
          {said.error && <Failed error={said.error} retry={said.retry} />}
          {!said.rows && !said.error && <Waiting rows={14} label="Loading what was said" />}
          {said.rows && (
            <Transcript
              rows={said.rows}
              whole={said.whole !== undefined}
              duration={duration_ms}
              state={state}
              change={change}
              go={go}
              handle={handle}
              seen={seen}
            />
          )}
        </Card>
        <Tabs.Root
          value={state.tab ?? "scorecard"}
          onValueChange={(tab) => change({ tab: tab as Tab })}
          className="grid min-w-0 gap-3"
        >
          <Tabs.List aria-label="About the call" className="flex gap-1 border-b border-line">
            <Tabber tab="scorecard">Scorecard</Tabber>
            <Tabber tab="numbers">Numbers</Tabber>
            <Tabber tab="mentions">Mentions</Tabber>
            <Tabber tab="next">What next</Tabber>
          </Tabs.List>
          <Tabs.Content value="scorecard" tabIndex={-1} className="grid grid-cols-1 gap-5 outline-none">
            {analyses.isError && <Failed error={analyses.error} retry={() => void analyses.refetch()} />}
            {analyses.isPending && (
              <Card>
                <Waiting rows={8} label="Loading how it was judged" />
              </Card>
            )}
            {session && (
              <Scorecard
                session={session}
                state={state}
                change={change}
                go={go}
                aside={<Sessions id={id} session={session} choose={(chosen) => change({ session: chosen })} />}
              />
            )}
            {analyses.isSuccess && !session && <NotJudged status={status} />}
            {session && <Flags session={session} go={go} />}
            <DealsOfCall call={id} />
            <Source id={id} from={call.data.source} />
          </Tabs.Content>
          <Tabs.Content value="numbers" tabIndex={-1} className={COLUMNS}>
            <Numbers id={id} go={go} />
          </Tabs.Content>
          <Tabs.Content value="mentions" tabIndex={-1} className={COLUMNS}>
            <Mentions id={id} go={go} />
          </Tabs.Content>
          <Tabs.Content value="next" tabIndex={-1} className={COLUMNS}>
            <NextSteps call={id} segments={segments} go={go} />
            <SimilarCalls call={id} />
          </Tabs.Content>
        </Tabs.Root>
      </div>
      <Player recording={RECORDING} position={position} end={shape.end} />
      {printing && <Report session={session} metrics={metrics} bands={bands} segments={said.whole} />}
    </>
  );
}

function Tabber({ tab, children }: { tab: Tab; children: string }) {
  return (
    <Tabs.Trigger
      value={tab}
      className="-mb-px border-b-2 border-transparent px-3 py-1.5 whitespace-nowrap text-soft max-[24rem]:px-2 hover:text-ink data-[state=active]:border-pitch data-[state=active]:font-semibold data-[state=active]:text-ink"
    >
      {children}
    </Tabs.Trigger>
  );
}

function Neighbour({
  name,
  go,
  there,
  icon: Icon,
}: {
  name: string;
  go: () => void;
  there: string | undefined;
  icon: typeof ChevronLeft;
}) {
  return (
    <button
      type="button"
      aria-label={name}
      title={name}
      disabled={there === undefined}
      onClick={go}
      className="grid size-8 place-items-center border border-line bg-surface first:rounded-l-md last:-ml-px last:rounded-r-md hover:border-line-strong disabled:text-soft disabled:opacity-50"
    >
      <Icon aria-hidden className="size-4" />
    </button>
  );
}

function Warnings({ warnings }: { warnings: Schemas["ImportWarning"][] }) {
  return (
    <details className="no-print mb-4 rounded-md bg-fair-soft px-4 py-2">
      <summary className="cursor-pointer">
        <Tag tone="fair">{warnings.length}</Tag> {warnings.length === 1 ? "place" : "places"} of the file could not be
        read as {warnings.length === 1 ? "it" : "they"} should
      </summary>
      <ul className="mt-2 grid gap-1">
        {warnings.map(({ line, message }) => (
          <li key={`${line} ${message}`}>
            {line > 0 && <span className="figures text-soft">Line {line}: </span>}
            {message}
          </li>
        ))}
      </ul>
    </details>
  );
}

function NotJudged({ status }: { status: string }) {
  return (
    <Card>
      {status === "queued" && (
        <Empty title="Being coached">The scorecard comes by itself; nothing has to be done.</Empty>
      )}
      {status === "needs_sides" && (
        <Empty title="Who is who?">Say above who is of your side; then the call is judged.</Empty>
      )}
      {status === "failed" && (
        <Empty title="The call could not be judged">
          “Judge again” in the menu above tries it once more. Why it failed, an admin sees under the jobs.
        </Empty>
      )}
    </Card>
  );
}
