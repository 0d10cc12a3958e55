import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { CalendarCheck } from "lucide-react";
import {
  dimensionsQuery,
  learningPointsQuery,
  type Period,
  type TeamFigures,
  teamFiguresQuery,
  teamsQuery,
  writeLearningPoints,
} from "@/api/analytics";
import { meQuery } from "@/api/queries";
import { number, sentence } from "@/components/format";
import { Card, Failed, PageHead, Waiting } from "@/components/ui";
import { readsReviews } from "../reviews/weeks";
import { ComparedTable } from "./compared";
import { span } from "./dates";
import { LearningPoints } from "./learning";
import { calls } from "./measures";
import { PeriodSwitch, TeamSwitch, usePeople } from "./period";
import { Figure, Figures, PartHead, Stat } from "./pieces";
import { readTeamSearch } from "./search";
import { CompareLink, TeamParts } from "./team-parts";
import { Wording } from "./worded";

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
        <ReviewsLink team={team} />
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
      <TeamLearning period={period} team={team} />
    </>
  );
}

/** The way to the reviews of weeks, which on a phone have no place in the navigation. */
function ReviewsLink({ team }: { team: string | undefined }) {
  const { data: me } = useQuery(meQuery);
  if (!readsReviews(me?.role)) return null;
  return (
    <Link
      to="/reviews"
      search={team ? { team } : {}}
      className="inline-flex h-8 items-center gap-1.5 rounded-md border border-line bg-surface px-3 font-medium whitespace-nowrap hover:border-line-strong md:hidden"
    >
      <CalendarCheck aria-hidden className="size-4" />
      Weekly reviews
    </Link>
  );
}

/** What recurs in the calls of several reps. */
function TeamLearning({ period, team }: { period: Period; team: string | undefined }) {
  const points = useQuery(learningPointsQuery(period, team));
  const of = points.data;
  return (
    <>
      <PartHead
        title="Learning points"
        note={
          of && of.reps > 1
            ? `What shows in the calls of two reps or more. ${calls(of.calls)} of ${of.reps} reps.`
            : undefined
        }
      />
      {points.isPending && (
        <Card>
          <Waiting rows={4} />
        </Card>
      )}
      {points.isError && <Failed error={points.error} retry={() => void points.refetch()} />}
      {of && (
        <>
          <Wording
            key={`${team} ${of.period.since} ${of.period.until}`}
            points={of.learning_points}
            written={of.written}
            write={() => writeLearningPoints(period, team)}
            shown={learningPointsQuery(period, team).queryKey}
          />
          <div className="grid items-start gap-5 xl:grid-cols-2">
            <LearningPoints
              title="Gaps"
              items={of.learning_points.filter(({ side }) => side === "gap")}
              none={of.note ? sentence(of.note) : "No check is missed in half of the calls or more by several reps."}
              named={of.reps > 1}
            />
            <LearningPoints
              title="Strengths"
              items={of.learning_points.filter(({ side }) => side === "strength")}
              none={of.note ? sentence(of.note) : "No check is met in more than half of the calls by several reps."}
              named={of.reps > 1}
            />
          </div>
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
