import { useQuery } from "@tanstack/react-query";
import { type CoachingSession, sessionsQuery } from "@/api/queries";
import { day, score, time } from "@/components/format";
import { waits } from "./judged";

/** By what a call was judged, and the way to earlier judgements. */
export function Sessions({
  id,
  session,
  choose,
}: {
  id: string;
  session: CoachingSession;
  choose: (session: string | undefined) => void;
}) {
  const { data: all = [] } = useQuery(sessionsQuery(id));
  const by = `By the rubric ${session.rubric_id}, version ${session.rubric_version}`;
  if (all.length < 2) return <span className="text-xs text-soft">{by}</span>;
  const last = all[0]?.id;
  return (
    <label className="min-w-0 text-xs text-soft">
      <span className="sr-only">Judgement</span>
      <select
        value={session.id}
        onChange={({ target }) => choose(target.value === last ? undefined : target.value)}
        className="h-7 w-full max-w-96 rounded-md border border-line-strong bg-surface px-1.5 text-ink"
      >
        {all.map((one) => (
          <option key={one.id} value={one.id}>
            {day(one.finished_at)}, {time(one.finished_at)} · {one.analyst} · {one.rubric_id} v{one.rubric_version} ·{" "}
            {typeof one.overall_score === "number" ? score(one.overall_score) : waits(one) ? "withheld" : "–"}
          </option>
        ))}
      </select>
    </label>
  );
}
