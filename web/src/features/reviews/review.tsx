import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Download } from "lucide-react";
import type { ReactNode } from "react";
import { download } from "@/api/download";
import { type Mover, type Review, reviewQuery } from "@/api/reviews";
import { day, number, time } from "@/components/format";
import { Button, Card, Failed, PageHead, Waiting } from "@/components/ui";
import { ComparedTable } from "../people/compared";
import { calls, shownChange, written } from "../people/measures";
import { Change, Figure, Figures, PartHead, Stat } from "../people/pieces";
import { DealsOfReview } from "./deals";
import { RepOfReview } from "./reps";
import { callsNote, measureOf, type Scope } from "./weeks";
import { WriteAnew } from "./write";

const FILES = [
  { format: "html", name: "HTML" },
  { format: "md", name: "Markdown" },
] as const;

/** One review: figures, what changed, deals, and each rep with moments. */
export function ReviewOf({
  id,
  title,
  scope,
  week,
  chooser,
}: {
  id: string;
  title: string;
  scope: Scope;
  week: string;
  chooser: ReactNode;
}) {
  const read = useQuery(reviewQuery(id));
  const review = read.data;
  const load = useMutation({ mutationFn: download });
  return (
    <>
      <PageHead
        title={title}
        note={review && `${scope.name}, written on ${day(review.written_at)} at ${time(review.written_at)}`}
      >
        {chooser}
        {FILES.map(({ format, name }) => (
          <Button
            key={format}
            disabled={load.isPending}
            title={`Save as ${name}, to print it or to pass it on`}
            onClick={() =>
              load.mutate({
                // Links in the file lead to where this page is.
                of: `weekly-reviews/${id}?format=${format}&base=${encodeURIComponent(window.location.origin)}`,
                as: `Review of ${week}, ${scope.name.replaceAll(/[\\/:*?"<>|]+/g, " ")}.${format}`,
              })
            }
          >
            <Download aria-hidden className="size-4" />
            {name}
          </Button>
        ))}
        <WriteAnew week={week} scope={scope} />
      </PageHead>
      {load.isError && <Failed error={load.error} />}
      {read.isPending && (
        <Card>
          <Waiting rows={10} label="Loading the review" />
        </Card>
      )}
      {read.isError && <Failed error={read.error} retry={() => void read.refetch()} />}
      {review && <Told review={review} />}
    </>
  );
}

function Told({ review }: { review: Review }) {
  const { metrics, movers, deals, reps } = review;
  const then = "the week before";
  const names = Object.fromEntries(metrics.dimensions.map(({ id, name }) => [id, name]));
  return (
    <>
      <Figures>
        <Stat name="Calls" value={number(review.calls.count)}>
          {callsNote(review.calls)}
        </Stat>
        <Figure name="Overall score" of={metrics.overall} kind="score" then={then} />
        <Figure name="Talk ratio" of={metrics.talk_ratio} kind="share" neutral then={then} />
        <Figure name="Customer’s mood" of={metrics.customer_sentiment} kind="mood" then={then} />
      </Figures>
      <div className="mt-5 grid grid-cols-1 items-start gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <ComparedTable
          title="Beside the week before"
          rows={[
            ...metrics.dimensions.map(({ id, score }) => ({ id: `dimension:${id}`, of: score })),
            { id: "sentiment", of: metrics.sentiment },
          ]}
          names={names}
        />
        <Movers movers={movers} />
      </div>
      <DealsOfReview deals={deals} />
      <PartHead title="Reps" note="At most three moments each, the heaviest of a call." />
      {reps.length === 0 && (
        <Card>
          <p className="px-4 py-3 text-soft">Nobody was in the team when this was written.</p>
        </Card>
      )}
      <div className="grid grid-cols-1 gap-5">
        {reps.map((rep) => (
          <RepOfReview key={rep.rep.id} of={rep} />
        ))}
      </div>
    </>
  );
}

/** Which scores changed most, of whom. */
function Movers({ movers }: { movers: readonly Mover[] }) {
  return (
    <Card title="What changed most">
      {movers.length === 0 && (
        <p className="px-4 py-3 text-soft">
          Nothing changed by five points or more, among those with five judged calls in both weeks.
        </p>
      )}
      <ul>
        {movers.map((mover) => (
          <li
            key={`${mover.rep.id} ${mover.measure}`}
            className="flex items-baseline gap-3 border-b border-line px-4 py-2 last:border-0"
          >
            <span className="min-w-0 flex-1">
              <Link
                to="/people/$id"
                params={{ id: mover.rep.id }}
                className="block truncate font-medium hover:text-pitch hover:underline"
              >
                {mover.rep.name}
              </Link>
              <span className="block truncate text-xs text-soft">
                {measureOf(mover) === "overall" ? "Overall score" : mover.name}
              </span>
            </span>
            <span className="figures text-xs whitespace-nowrap text-soft">
              {written("score", mover.score.before.mean)} → {written("score", mover.score.now.mean)},{" "}
              {calls(mover.score.now.n)}
            </span>
            <span className="w-9 text-right">
              <Change value={shownChange("score", mover.score.now.mean, mover.score.before.mean)} kind="score" />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
