import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { dimensionsQuery, type TeamFigures, teamFiguresQuery, teamsQuery } from "@/api/analytics";
import { number } from "@/components/format";
import { Card, Failed, PageHead, Waiting } from "@/components/ui";
import { ComparedTable } from "./compared";
import { span } from "./dates";
import { calls } from "./measures";
import { PeriodSwitch, TeamSwitch, usePeople } from "./period";
import { Figure, Figures, PartHead, Stat } from "./pieces";
import { readTeamSearch } from "./search";
import { CompareLink, TeamParts } from "./team-parts";

/** A team over a period: its figures, who moved, and its reps. */
export function TeamPage() {
  const { sort, measure } = useSearch({ from: "/frame/team", select: readTeamSearch, structuralSharing: true });
  const navigate = useNavigate({ from: "/team" });
  const { period, team } = usePeople();
  const teams = useQuery(teamsQuery).data ?? [];
  const figures = useQuery(teamFiguresQuery(period, team));
  const names = useQuery(dimensionsQuery).data ?? {};
  const title = teams.find(({ id }) => id === team)?.name ?? (teams.length === 1 && teams[0] ? teams[0].name : "Team");
  const dimensions = Object.entries(figures.data?.dimensions ?? {});
  return (
    <>
      <PageHead title={title} note={span(period)}>
        <TeamSwitch />
        <PeriodSwitch />
        <CompareLink />
      </PageHead>
      {figures.isPending && (
        <Card>
          <Waiting rows={3} />
        </Card>
      )}
      {figures.isError && <Failed error={figures.error} retry={() => void figures.refetch()} />}
      {figures.isSuccess && <TeamHead of={figures.data} />}
      <PartHead title="Reps" />
      <TeamParts
        period={period}
        team={team}
        view={{ sort, measure }}
        set={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
      />
      {figures.isSuccess && dimensions.length > 0 && (
        <>
          <PartHead
            title="What changed"
            note={`Against the period before, ${span(figures.data.before)}. Each call weighs the same.`}
          />
          <ComparedTable
            className="max-w-4xl"
            rows={[
              { id: "overall", of: figures.data.overall },
              ...Object.keys(names)
                .filter((id) => figures.data.dimensions[id])
                .concat(dimensions.map(([id]) => id).filter((id) => !names[id]))
                .flatMap((id) => {
                  const of = figures.data.dimensions[id];
                  return of ? [{ id: `dimension:${id}`, of }] : [];
                }),
              { id: "talk_ratio", of: figures.data.talk_ratio },
              { id: "sentiment", of: figures.data.sentiment },
              { id: "customer_sentiment", of: figures.data.customer_sentiment },
            ]}
            names={names}
          />
        </>
      )}
    </>
  );
}

function TeamHead({ of }: { of: TeamFigures }) {
  const waiting = (of.by_status.queued ?? 0) + (of.by_status.needs_sides ?? 0);
  const failed = of.by_status.failed ?? 0;
  const rest = [waiting > 0 && `${waiting} not judged yet`, failed > 0 && `${failed} failed`].filter(Boolean);
  return (
    <Figures>
      <Stat name={of.reps === 1 ? "Calls of one rep" : `Calls of ${of.reps} reps`} value={number(of.calls)}>
        {calls(of.calls_before)} in the period before{rest.length > 0 && ` · ${rest.join(", ")}`}
      </Stat>
      <Figure name="Overall score" of={of.overall} kind="score" />
      <Figure name="Talk ratio" of={of.talk_ratio} kind="share" neutral />
      <Figure name="Customer’s mood" of={of.customer_sentiment} kind="mood" />
    </Figures>
  );
}
