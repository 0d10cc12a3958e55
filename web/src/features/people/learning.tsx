import { Link } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import type { CallName, Exercise, LearningPoint } from "@/api/analytics";
import { clock, day } from "@/components/format";
import { Card } from "@/components/ui";
import { calls } from "./measures";

type Moment = LearningPoint["evidence"][number];

/** What recurs in calls: each theme with what to do, and the words that show it. */
export function LearningPoints({
  title,
  items,
  none,
  named = false,
}: {
  title: string;
  items: readonly LearningPoint[];
  none: string;
  /** Says whose words they are. */
  named?: boolean;
}) {
  return (
    <Card title={title} className="min-w-0">
      {items.length === 0 && <p className="p-4 text-soft">{none}</p>}
      <ul>
        {items.map((point) => (
          <li key={`${point.rubric} ${point.dimension} ${point.check}`} className="border-b border-line last:border-0">
            <Point point={point} named={named} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Point({ point, named }: { point: LearningPoint; named: boolean }) {
  const [first, ...more] = point.evidence;
  const all = point.met + point.unmet;
  return (
    <article className="px-4 py-3">
      <div className="flex items-baseline gap-3">
        <h3 className="min-w-0 flex-1 font-semibold">
          {point.theme} <span className="text-xs font-normal text-soft">{point.dimension_name}</span>
        </h3>
        <span className="figures text-xs whitespace-nowrap text-soft">
          met in {point.met} of {calls(all)}
        </span>
      </div>
      <Share value={point.met / Math.max(all, 1)} />
      <p>{point.about}</p>
      <p className="mt-1.5">
        <span className="font-medium">{point.side === "gap" ? "Do" : "Keep"}: </span>
        {point.recommendation}
      </p>
      {first ? (
        <Said moment={first} check={point.check} named={named} />
      ) : (
        <p className="mt-2 text-xs text-soft">
          No single place in a call shows it: <Calls items={point.calls} check={point.check} named={named} />
        </p>
      )}
      {more.length > 0 && (
        <details className="group mt-2">
          <summary className="inline-flex cursor-pointer list-none items-center gap-1 rounded text-soft hover:text-ink">
            <ChevronRight aria-hidden className="size-4 transition-transform group-open:rotate-90" />
            {more.length === 1 ? "One more call" : `${more.length} more calls`}
            <span className="sr-only">that show {point.theme}</span>
          </summary>
          <div className="mt-1 grid gap-1">
            {more.map((moment) => (
              <Said key={moment.call_id} moment={moment} check={point.check} named={named} />
            ))}
          </div>
        </details>
      )}
    </article>
  );
}

function Share({ value }: { value: number }) {
  return (
    <div aria-hidden className="my-2 h-1 overflow-hidden rounded-full bg-sunken">
      <div className={value > 0.5 ? "h-full bg-good" : "h-full bg-poor"} style={{ width: `${value * 100}%` }} />
    </div>
  );
}

/** Words that show a check, and the way to where they were said. */
function Said({ moment, check, named }: { moment: Moment; check: string; named: boolean }) {
  const known = [named && moment.rep.name, moment.speaker, moment.started_at && day(moment.started_at)];
  return (
    <div className="mt-2 py-1">
      <p className="text-soft">{moment.reason}</p>
      <blockquote className="touchline my-1.5 ml-3">
        <mark>{moment.quote}</mark>
      </blockquote>
      <p className="text-xs text-soft">
        {[...new Set(known.filter(Boolean))].map((words) => `${words} · `)}
        <ToWords moment={moment} check={check} />
      </p>
    </div>
  );
}

const LINK = "font-medium text-pitch underline-offset-2 hover:underline";

function ToWords({ moment, check }: { moment: Moment; check: string }) {
  return (
    <Link
      to="/calls/$id"
      params={{ id: moment.call_id }}
      search={{ at: moment.segment_id, mark: `${moment.offset}-${moment.length}`, check }}
      className={LINK}
    >
      {moment.call_title}
      {typeof moment.start_ms === "number" && ` at ${clock(moment.start_ms)}`}
    </Link>
  );
}

/** Calls by their titles, one after the other. */
function Calls({ items, check, named }: { items: readonly CallName[]; check: string; named: boolean }) {
  return items.map((call, index) => (
    <span key={call.id}>
      {index > 0 && ", "}
      <Link to="/calls/$id" params={{ id: call.id }} search={{ check }} className={LINK}>
        {call.title}
      </Link>
      {named && ` (${call.rep.name})`}
    </span>
  ));
}

/** Things to practise, each with how to know that it worked and what to listen to. */
export function Exercises({ items }: { items: readonly Exercise[] }) {
  return (
    <ol className="grid gap-5 xl:grid-cols-3">
      {items.map((exercise, index) => (
        <li key={`${exercise.rubric} ${exercise.dimension} ${exercise.check}`} className="grid min-w-0">
          <Card>
            <article className="p-4">
              <h3 className="font-semibold">
                {index + 1}. {exercise.name}
              </h3>
              <p className="mt-1.5">{exercise.practise}</p>
              <p className="mt-1.5 text-soft">{exercise.sign}</p>
              <h4 className="mt-3 text-xs font-medium text-soft">To listen to</h4>
              <ul className="mt-1 grid gap-1">
                {exercise.moments.map((moment) => (
                  <li key={`${moment.call_id} ${moment.segment_id}`} className="min-w-0">
                    <ToWords moment={moment} check={exercise.check} />
                  </li>
                ))}
                {exercise.calls
                  .filter(({ id }) => !exercise.moments.some(({ call_id }) => call_id === id))
                  .map((call) => (
                    <li key={call.id} className="min-w-0">
                      <Calls items={[call]} check={exercise.check} named={false} />
                    </li>
                  ))}
              </ul>
            </article>
          </Card>
        </li>
      ))}
    </ol>
  );
}
