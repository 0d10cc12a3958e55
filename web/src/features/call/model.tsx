import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import type { Schemas } from "@/api/client";
import { type CoachingSession, meQuery } from "@/api/queries";
import { day, dollars } from "@/components/format";
import { Button, Failed } from "@/components/ui";
import { useJudgeAgain } from "./judge-again";
import { asked, failedNotice, hasMore, notAsked, took, whoJudged } from "./judged";

/** Who judged, in one quiet line; what it took where a model was asked, on demand. */
export function WhoJudged({ session }: { session: CoachingSession }) {
  const { data: me } = useQuery(meQuery);
  const line = whoJudged(session);
  if (!hasMore(session.model)) return <p className="text-xs text-soft">{line}</p>;
  const leads = me?.role === "manager" || me?.role === "admin";
  return (
    <details className="group/who text-xs text-soft">
      <summary className="flex cursor-pointer list-none items-start gap-1 rounded hover:text-ink [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden
          className="mt-px -ml-0.5 size-3.5 shrink-0 transition-transform group-open/who:rotate-90"
        />
        {line}
      </summary>
      <div className="mt-1.5 mb-1 grid gap-1.5 border-l border-line pl-3 text-ink">
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
          {took(session.model).map(([name, words]) => (
            <div key={name} className="contents">
              <dt className="text-soft">{name}</dt>
              <dd className="figures">{words}</dd>
            </div>
          ))}
          {typeof session.call_cost_micros === "number" && (
            <div className="contents">
              <dt className="text-soft">For this call in all</dt>
              <dd className="figures">{dollars(session.call_cost_micros)}</dd>
            </div>
          )}
        </dl>
        {leads && (
          <p>
            <Link to="/settings/costs" className="text-pitch underline">
              What models cost
            </Link>
          </p>
        )}
      </div>
    </details>
  );
}

/** That scores were withheld and a person looked. */
export function Confirmed({ session }: { session: CoachingSession }) {
  if (!session.withheld || !session.confirmed_at) return null;
  return (
    <p className="text-xs text-soft">
      Scores were withheld and shown after a person looked ({day(session.confirmed_at)})
    </p>
  );
}

/** How the model judged a dimension, where that was not as usual. */
export function DimensionModel({ dimension }: { dimension: Schemas["DimensionView"] }) {
  const [why, how] = [notAsked(dimension), asked(dimension)];
  return (
    <>
      {why && <p className="px-4 pb-1 text-xs text-poor">{why}</p>}
      {how && <p className="px-4 pb-1 text-xs text-soft">{how}</p>}
    </>
  );
}

/** That the model judged nothing and the offline analyst's scores stand, and the way to try again. */
export function ModelFailed({
  call,
  failure,
  judged,
}: {
  call: string;
  failure: Schemas["ModelFailure"];
  /** Told when the call is being judged again; nothing where an earlier judgement is looked at. */
  judged: (() => void) | undefined;
}) {
  const judge = useJudgeAgain(call, () => judged?.());
  return (
    <div className="no-print mb-4">
      <div
        role="status"
        className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 rounded-md bg-fair-soft px-4 py-2"
      >
        <p className="min-w-0 flex-1 basis-64">{failedNotice(failure)}</p>
        {judged && (
          <Button busy={judge.isPending} onClick={() => judge.mutate()}>
            Judge again
          </Button>
        )}
      </div>
      {judge.isError && (
        <div className="mt-2">
          <Failed error={judge.error} />
        </div>
      )}
    </div>
  );
}
