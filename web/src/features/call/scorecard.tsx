import clsx from "clsx";
import { Check, CircleSlash, HelpCircle, type LucideIcon, X } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import type { Schemas } from "@/api/client";
import type { CoachingSession } from "@/api/queries";
import { clock } from "@/components/format";
import { Card, Score } from "@/components/ui";
import { Cited } from "@/features/knowledge/cited";
import { RubricLink } from "@/features/rubrics/link";
import { waits } from "./judged";
import { Confirmed, DimensionModel, WhoJudged } from "./model";
import type { Go } from "./scrubber";
import { type CallSearch, wide } from "./search";

type CheckView = Schemas["CheckView"];

export const VERDICTS: Record<string, { name: string; icon: LucideIcon; look: string }> = {
  met: { name: "met", icon: Check, look: "text-good" },
  unmet: { name: "not met", icon: X, look: "text-poor" },
  not_applicable: { name: "does not apply", icon: CircleSlash, look: "text-soft" },
  cannot_assess: { name: "cannot be judged from the words", icon: HelpCircle, look: "text-soft" },
};

/** Dimensions, their checks, and for each the reason, the advice and the words it rests on. */
export function Scorecard({
  session,
  state,
  change,
  go,
  aside,
}: {
  session: CoachingSession;
  state: CallSearch;
  change: (next: Partial<CallSearch>) => void;
  go: Go;
  aside: ReactNode;
}) {
  // Verdicts that somebody in the call may have steered are not told either.
  const waiting = waits(session);
  return (
    <Card>
      <header className="grid gap-1.5 px-4 py-3">
        <h2 className="sr-only">Scorecard</h2>
        {waiting ? (
          <p className="text-soft">The scorecard comes when a person has looked at the words above.</p>
        ) : (
          session.summary && <p>{session.summary}</p>
        )}
        <WhoJudged session={session} />
        <Confirmed session={session} />
        {aside}
      </header>
      <div className="min-[137rem]:columns-2 min-[137rem]:gap-0 min-[137rem]:[column-rule:1px_solid_var(--line)]">
        {(waiting ? [] : session.dimensions).map((dimension) => (
          <section key={dimension.dimension} className="break-inside-avoid border-t border-line">
            <header className="flex items-center justify-between gap-3 px-4 pt-3 pb-1">
              <h3 className="mr-auto font-semibold">{dimension.title}</h3>
              <RubricLink
                rubric={session.rubric_id}
                version={session.rubric_version}
                check={dimension.dimension}
                name={dimension.title}
              />
              <Score value={dimension.score} note={dimension.note} />
            </header>
            {dimension.note && <p className="px-4 pb-1 text-xs text-soft">{dimension.note}</p>}
            {/* Where the model judged nothing at all, that stands above. */}
            {!session.model?.failure && <DimensionModel dimension={dimension} />}
            <ul className="pb-2">
              {dimension.checks.map((check) => (
                <CheckRow
                  key={check.id}
                  check={check}
                  sources={dimension.model?.sources?.[check.id]}
                  rubric={{ rubric: session.rubric_id, version: session.rubric_version }}
                  open={state.check === check.id}
                  state={state}
                  change={change}
                  go={go}
                />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Card>
  );
}

function CheckRow({
  check,
  sources = [],
  rubric,
  open,
  state,
  change,
  go,
}: {
  check: CheckView;
  /** The sections of the knowledge base that its verdict rests on. */
  sources: readonly string[] | undefined;
  rubric: { rubric: string; version: number };
  open: boolean;
  state: CallSearch;
  change: (next: Partial<CallSearch>) => void;
  go: Go;
}) {
  const row = useRef<HTMLLIElement>(null);
  const words = state.at !== undefined;
  // Who comes by a link to a check sees it; on a phone, where only one of both is seen, the words.
  useEffect(() => {
    if (open && (wide() || !words)) row.current?.scrollIntoView({ block: "nearest" });
  }, [open, words]);
  const verdict = VERDICTS[check.verdict] ?? VERDICTS.cannot_assess;
  if (!verdict) return null;
  const Icon = verdict.icon;
  const id = `check-${check.id}`;
  return (
    <li ref={row}>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => change({ check: open ? undefined : check.id })}
        className={clsx("flex w-full items-start gap-2 px-4 py-1.5 text-left hover:bg-sunken", open && "font-semibold")}
      >
        <Icon aria-hidden className={clsx("mt-0.5 size-4 shrink-0", verdict.look)} />
        <span>
          {check.name}
          <span className="sr-only">, {verdict.name}</span>
        </span>
        {check.level !== null && check.level !== undefined && (
          <span className="figures ml-auto text-soft">{check.level} of 3</span>
        )}
      </button>
      {open && (
        <div id={id} className="grid gap-2 px-4 pt-1 pb-3 pl-10">
          <p className="text-soft">{check.reason}</p>
          {check.advice && (
            <p>
              <span className="font-semibold">Next time: </span>
              {check.advice}
            </p>
          )}
          {check.evidence.map((quote) => {
            const mark = `${quote.offset}-${quote.length}`;
            return (
              <button
                key={`${quote.segment_id} ${mark}`}
                type="button"
                aria-current={state.at === quote.segment_id && state.mark === mark}
                onClick={() => go({ segment: quote.segment_id, mark, check: check.id })}
                className="rounded-md border border-line px-3 py-2 text-left hover:border-line-strong aria-[current=true]:border-pitch"
              >
                <mark>{quote.quote}</mark>
                <span className="mt-0.5 block text-xs text-soft">
                  {quote.speaker}, {clock(quote.start_ms)}
                </span>
              </button>
            );
          })}
          {sources.length > 0 && <Cited ids={sources} />}
          {check.evidence.length === 0 && (
            <p className="text-xs text-soft">
              There are no words for it: it rests on what was not said, or on a figure.
            </p>
          )}
          <p className="text-xs">
            <RubricLink {...rubric} check={check.id} name={check.name}>
              What is looked for
            </RubricLink>
          </p>
        </div>
      )}
    </li>
  );
}
