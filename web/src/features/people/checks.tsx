import { Link } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import type { CheckCount } from "@/api/analytics";
import { clock, day, percent } from "@/components/format";
import { Card } from "@/components/ui";
import { calls } from "./measures";

type Moment = CheckCount["moments"][number];

/** Checks that are met most often or least often, each with calls that show it. */
export function Checks({ title, items, none }: { title: string; items: readonly CheckCount[]; none: string }) {
  return (
    <Card title={title} className="min-w-0">
      {items.length === 0 && <p className="p-4 text-soft">{none}</p>}
      <ul>
        {items.map((check) => (
          <li key={`${check.rubric} ${check.id}`} className="border-b border-line last:border-0">
            <Check check={check} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Check({ check }: { check: CheckCount }) {
  const [first, ...more] = check.moments;
  const all = check.met + check.unmet;
  return (
    <div className="px-4 py-3">
      <div className="flex items-baseline gap-3">
        <h3 className="min-w-0 flex-1 font-semibold">{check.name}</h3>
        <span className="figures text-xs whitespace-nowrap text-soft">
          met in {check.met} of {calls(all)}
        </span>
      </div>
      <Share value={check.share} />
      {!first && <p className="text-xs text-soft">No single place in a call shows it.</p>}
      {first && <Said moment={first} check={check.id} />}
      {more.length > 0 && (
        <details className="group mt-2">
          <summary className="inline-flex cursor-pointer list-none items-center gap-1 rounded text-soft hover:text-ink">
            <ChevronRight aria-hidden className="size-4 transition-transform group-open:rotate-90" />
            {more.length === 1 ? "One more call" : `${more.length} more calls`}
            <span className="sr-only">that show {check.name}</span>
          </summary>
          <div className="mt-1 grid gap-1">
            {more.map((moment) => (
              <Said key={moment.call_id} moment={moment} check={check.id} />
            ))}
          </div>
        </details>
      )}
    </div>
  );
}

function Share({ value }: { value: number }) {
  return (
    <div className="my-2 h-1 overflow-hidden rounded-full bg-sunken" title={percent(value)}>
      <div className={value > 0.5 ? "h-full bg-good" : "h-full bg-poor"} style={{ width: `${value * 100}%` }} />
    </div>
  );
}

/** Words that show a check, and the way to where they were said. */
function Said({ moment, check }: { moment: Moment; check: string }) {
  return (
    <div className="py-1.5">
      <p className="text-soft">{moment.reason}</p>
      <blockquote className="touchline my-1.5 ml-3">
        <mark>{moment.quote}</mark>
      </blockquote>
      <p className="text-xs text-soft">
        {[moment.speaker, moment.started_at && day(moment.started_at)].filter(Boolean).map((known) => `${known} · `)}
        <Link
          to="/calls/$id"
          params={{ id: moment.call_id }}
          search={{ at: moment.segment_id, mark: `${moment.offset}-${moment.length}`, check }}
          className="font-medium text-pitch underline-offset-2 hover:underline"
        >
          {moment.call_title}
          {typeof moment.start_ms === "number" && ` at ${clock(moment.start_ms)}`}
        </Link>
      </p>
    </div>
  );
}
