import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Link2, Printer } from "lucide-react";
import { useState } from "react";
import { analysesQuery, type CoachingSession, callQuery, transcriptQuery } from "@/api/queries";
import { day, length } from "@/components/format";
import { Button, Card, Empty, Failed, PageHead, Score, Tag, Waiting } from "@/components/ui";
import { CallMap } from "./map";
import { Scorecard } from "./scorecard";
import type { CallSearch } from "./search";
import { Sides } from "./sides";
import { Transcript } from "./transcript";

/** One call: its map, what was said, how it was judged; every claim opens at the words. */
export function CallPage() {
  const { id } = useParams({ from: "/frame/calls/$id" });
  const state = useSearch({ from: "/frame/calls/$id" });
  const navigate = useNavigate({ from: "/calls/$id" });
  const call = useQuery(callQuery(id));
  const analyses = useQuery(analysesQuery(id));
  const transcript = useQuery(transcriptQuery(id));
  const show = (next: CallSearch) => void navigate({ search: next, replace: true, resetScroll: false });
  if (call.isError) return <Failed error={call.error} retry={() => void call.refetch()} />;
  if (!call.data) return <Waiting rows={12} label="Loading the call" />;
  const { title, customer, rep, started_at, imported_at, duration_ms, status, overall_score } = call.data;
  const session = analyses.data?.session ?? undefined;
  const notes = [rep?.name, customer, day(started_at ?? imported_at), length(duration_ms)].filter(Boolean).join(" · ");
  return (
    <>
      <PageHead title={title} note={notes}>
        <CopyLink />
        <Button onClick={() => window.print()}>
          <Printer aria-hidden className="size-4" /> Print
        </Button>
        <Score value={overall_score} note={session?.overall_note} size="lg" />
      </PageHead>
      {status === "needs_sides" && <Sides call={call.data} />}
      {transcript.data && (
        <CallMap segments={transcript.data} session={session} at={state.at} show={(at) => show({ ...state, at })} />
      )}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_minmax(22rem,26rem)]">
        <Card title="What was said" className="min-w-0">
          {transcript.isError && <Failed error={transcript.error} retry={() => void transcript.refetch()} />}
          {transcript.isPending && <Waiting rows={14} label="Loading what was said" />}
          {transcript.data && <Transcript segments={transcript.data} state={state} show={show} />}
        </Card>
        <div className="grid gap-5">
          {analyses.isError && <Failed error={analyses.error} retry={() => void analyses.refetch()} />}
          {analyses.isPending && (
            <Card>
              <Waiting rows={8} label="Loading how it was judged" />
            </Card>
          )}
          {session && <Scorecard session={session} state={state} show={show} />}
          {analyses.isSuccess && !session && <NotJudged status={status} />}
          {session && <Flags session={session} show={(at, mark) => show({ at, mark })} />}
        </div>
      </div>
    </>
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
      {status === "failed" && <Empty title="The call could not be judged">An admin sees why under the jobs.</Empty>}
    </Card>
  );
}

const FLAGS: Record<string, string> = {
  repeated_question: "Asked again",
  contradicted_fact: "Contradicted",
  unanswered_question: "Left unanswered",
  unresolved_request: "Not taken up",
  compliance_phrase: "Must not be promised",
};

function Flags({ session, show }: { session: CoachingSession; show: (at: number, mark: string) => void }) {
  if (session.flags.length === 0) return null;
  return (
    <Card title="Look at">
      <ul>
        {session.flags.map((flag) => (
          <li
            key={`${flag.kind} ${flag.evidence[0]?.segment_id}`}
            className="border-b border-line px-4 py-3 last:border-0"
          >
            <Tag tone="fair">{FLAGS[flag.kind] ?? flag.kind}</Tag>
            <p className="mt-1">{flag.reason}</p>
            {flag.evidence.map((quote) => (
              <button
                key={`${quote.segment_id} ${quote.offset}`}
                type="button"
                onClick={() => show(quote.segment_id, `${quote.offset}-${quote.length}`)}
                className="mt-1.5 block text-left hover:underline"
              >
                <mark>{quote.quote}</mark>
              </button>
            ))}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function CopyLink() {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    // Pages over plain HTTP from elsewhere have no clipboard: the address bar has the same link.
    await navigator.clipboard?.writeText(window.location.href);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <Button onClick={() => void copy()}>
      <Link2 aria-hidden className="size-4" /> <span aria-live="polite">{copied ? "Copied" : "Copy link"}</span>
    </Button>
  );
}
