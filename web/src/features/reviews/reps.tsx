import { Link } from "@tanstack/react-router";
import clsx from "clsx";
import type { ReviewRep } from "@/api/reviews";
import { day } from "@/components/format";
import { Card } from "@/components/ui";
import { calls, shownChange } from "../people/measures";
import { Change, Mean, whyNot } from "../people/pieces";
import { SaidWithin } from "../start/moments";

/** As many columns as there are moments, where there is room for them; lines between them either way. */
const COLUMNS: Record<number, string> = { 2: "md:grid-cols-2", 3: "xl:grid-cols-3" };
const LINES: Record<number, string> = {
  2: "not-first:border-t md:not-first:border-t-0 md:not-first:border-l",
  3: "not-first:border-t xl:not-first:border-t-0 xl:not-first:border-l",
};

/** A rep in a week: how many calls, how they went, and the moments to look at. */
export function RepOfReview({ of: { rep, calls: count, before, overall, moments = [] } }: { of: ReviewRep }) {
  const told = typeof overall.now.mean === "number";
  return (
    <Card
      title={
        <Link to="/people/$id" params={{ id: rep.id }} className="hover:text-pitch hover:underline">
          {rep.name}
        </Link>
      }
      aside={
        <span className="flex flex-wrap items-center justify-end gap-x-3 text-xs text-soft">
          <span className="figures whitespace-nowrap">
            {calls(count)}
            <span className="max-sm:sr-only"> ({before} in the week before)</span>
          </span>
          {told ? (
            <span className="flex items-center gap-1.5">
              <Change
                value={shownChange("score", overall.now.mean, overall.before.mean)}
                kind="score"
                why={whyNot(overall)}
              />
              <Mean of={overall.now} kind="score" />
            </span>
          ) : (
            count > 0 && (
              <span className="whitespace-nowrap" title={overall.now.note ?? undefined}>
                too few for a score
              </span>
            )
          )}
        </span>
      }
      className="break-inside-avoid"
    >
      {moments.length === 0 ? (
        <p className="px-4 py-3 text-soft">
          {count === 0 ? "No call in this week." : "No words of these calls lost points."}
        </p>
      ) : (
        <ol className={clsx("grid", COLUMNS[moments.length])}>
          {moments.map((moment) => (
            <li
              key={`${moment.call_id} ${moment.segment_id} ${moment.offset}`}
              className={clsx("flex min-w-0 flex-col border-line p-4", LINES[moments.length])}
            >
              <SaidWithin
                head={
                  <>
                    <span className="truncate">{moment.call_title}</span>
                    {moment.started_at && (
                      <span className="shrink-0 whitespace-nowrap">· {day(moment.started_at)}</span>
                    )}
                  </>
                }
                title={<h3 className="font-semibold">{moment.name}</h3>}
                why={moment.reason}
                said={{ ...moment, start_ms: moment.start_ms ?? null, speaker: moment.speaker ?? null }}
                check={undefined}
              >
                <p>{moment.advice}</p>
              </SaidWithin>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
