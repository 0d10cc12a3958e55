import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { type Moment, meQuery, momentsQuery } from "@/api/queries";
import { clock, day } from "@/components/format";
import { Card, Empty, Failed, PageHead, Score, Waiting } from "@/components/ui";

/** The start page: what to coach this week. */
export function StartPage() {
  const { week } = useSearch({ from: "/frame/" });
  const { data: me } = useQuery(meQuery);
  const moments = useQuery(momentsQuery(week));
  const mine = me?.role === "rep";
  return (
    <>
      <PageHead
        title={mine ? "What to work on this week" : "3 moments to coach this week"}
        note={moments.data && `Week of ${day(moments.data.week)}`}
      />
      {moments.isPending && (
        <Card>
          <Waiting rows={5} />
        </Card>
      )}
      {moments.isError && <Failed error={moments.error} retry={() => void moments.refetch()} />}
      {moments.data?.items.length === 0 && (
        <Card>
          <Empty
            title="No moments this week"
            action={
              <Link to="/calls" className="font-medium text-pitch underline">
                To the calls
              </Link>
            }
          >
            As soon as calls of this week are judged, the moments that cost most stand here.
          </Empty>
        </Card>
      )}
      <ol className="grid gap-4 xl:grid-cols-3">
        {moments.data?.items.map((moment) => (
          <li key={`${moment.call_id} ${moment.id}`} className="grid">
            <MomentCard moment={moment} />
          </li>
        ))}
      </ol>
    </>
  );
}

function MomentCard({ moment }: { moment: Moment }) {
  return (
    <Card className="flex flex-col p-4">
      <div className="mb-2 flex items-center justify-between gap-2 text-xs text-soft">
        <span className="truncate">
          <span className="font-semibold text-ink">{moment.rep.name}</span> · {day(moment.started_at)}
        </span>
        <Score value={moment.overall_score} />
      </div>
      <h2 className="font-semibold">{moment.name}</h2>
      <p className="text-soft">{moment.why}</p>
      <blockquote className="touchline my-3 ml-3 text-base leading-snug">
        <mark>{moment.quote}</mark>
        <footer className="mt-1 text-xs text-soft">
          {moment.speaker}, {clock(moment.start_ms)}
        </footer>
      </blockquote>
      {moment.advice && <p>{moment.advice}</p>}
      <Link
        to="/calls/$id"
        params={{ id: moment.call_id }}
        search={{ at: moment.segment_id, check: moment.id }}
        className="mt-auto inline-flex items-center gap-1 pt-3 font-medium text-pitch hover:underline"
      >
        Open at {clock(moment.start_ms)}
        <ArrowRight aria-hidden className="size-4" />
        <span className="sr-only">of {moment.call_title}</span>
      </Link>
    </Card>
  );
}
