import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { GitCompareArrows } from "lucide-react";
import { agentsQuery, dimensionsQuery, type Period } from "@/api/analytics";
import { Card, Failed, Waiting } from "@/components/ui";
import { before } from "./dates";
import { Movers } from "./movers";
import { rowsOf } from "./rows";
import { RepsTable } from "./table";
import { TeamTrend } from "./trend";

type View = { sort?: string | undefined; measure?: string | undefined };

/** What the start page and the page of the team have in common: who moved, the trend, and the reps. */
export function TeamParts({
  period,
  team,
  view,
  set,
}: {
  period: Period;
  team: string | undefined;
  view: View;
  set: (change: View) => void;
}) {
  const names = useQuery(dimensionsQuery).data ?? {};
  const [now, then] = useQueries({ queries: [agentsQuery(period, team), agentsQuery(before(period), team)] });
  const rows = rowsOf(now.data ?? [], then.data ?? []);
  const failed = [now, then].find((query) => query.isError);
  return (
    <div className="grid gap-5">
      {now.isPending && (
        <Card>
          <Waiting rows={6} />
        </Card>
      )}
      {failed && <Failed error={failed.error} retry={() => void Promise.all([now.refetch(), then.refetch()])} />}
      {now.isSuccess && (
        <RepsTable
          rows={rows}
          names={names}
          sort={view.sort ?? "-overall"}
          setSort={(sort) => set({ sort: sort === "-overall" ? undefined : sort })}
          period={period}
          asOf={now.dataUpdatedAt}
        />
      )}
      <div className="grid gap-5 xl:grid-cols-[1fr_24rem]">
        <TeamTrend
          period={period}
          team={team}
          measure={view.measure ?? "overall"}
          setMeasure={(measure) => set({ measure: measure === "overall" ? undefined : measure })}
          names={names}
        />
        {now.isSuccess && then.isSuccess && rows.length > 0 && <Movers rows={rows} />}
      </div>
    </div>
  );
}

/** The way to where two reps stand side by side. */
export function CompareLink({ a, b }: { a?: string | undefined; b?: string | undefined }) {
  return (
    <Link
      to="/people/compare"
      search={{ a, b }}
      className="inline-flex h-8 items-center gap-1.5 rounded-md border border-line bg-surface px-3 font-medium whitespace-nowrap hover:border-line-strong"
    >
      <GitCompareArrows aria-hidden className="size-4" />
      Compare reps
    </Link>
  );
}
