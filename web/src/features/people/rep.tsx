import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { agentsQuery, type Insights, insightsQuery, writeInsights } from "@/api/analytics";
import { ApiError } from "@/api/client";
import { meQuery } from "@/api/queries";
import { LineChart } from "@/components/chart";
import { Choose } from "@/components/choose";
import { sentence } from "@/components/format";
import { NoSuch } from "@/components/no-such";
import { Card, Failed, PageHead, Waiting } from "@/components/ui";
import { LatestCalls } from "./calls";
import { ComparedTable } from "./compared";
import { shortDay, span } from "./dates";
import { Dimensions } from "./dimensions";
import { LearnFromWinners } from "./learn-winners";
import { Exercises, LearningPoints } from "./learning";
import { calls, written } from "./measures";
import { PeriodSwitch, usePeople } from "./period";
import { Figure, Figures, PartHead } from "./pieces";
import { isId } from "./search";
import { Wording } from "./worded";

/** What the calls of a rep over a period have in common. */
export function RepPage() {
  const id = useParams({ from: "/frame/people/$id" }).id.toLowerCase();
  // What is no id the program does not understand, and says so in its own terms.
  const known = isId(id);
  const { period } = usePeople();
  const { data: me } = useQuery(meQuery);
  const insights = useQuery({ ...insightsQuery(id, period), placeholderData: keepPreviousData, enabled: known });
  // What stays from another rep's page is not shown on this one.
  const data = insights.data?.rep.id === id ? insights.data : undefined;
  const own = me?.id === id;
  if (!known || (insights.error instanceof ApiError && insights.error.problem.status === 404))
    return (
      <NoSuch what="person" why="They are gone, or their calls are not yours to see" to="/team" back="To the team" />
    );
  return (
    <>
      <PageHead
        title={own ? "My progress" : (data?.rep.name ?? "Rep")}
        note={data && `${span(data.period)} · ${data.calls === 0 ? "no calls" : calls(data.calls)} judged`}
      >
        <PeriodSwitch />
        {me && me.role !== "rep" && <CompareWith id={id} />}
      </PageHead>
      {insights.isError && <Failed error={insights.error} retry={() => void insights.refetch()} />}
      {!data && insights.isPending && (
        <Card>
          <Waiting rows={8} />
        </Card>
      )}
      {data && !insights.isError && <About of={data} own={own} />}
    </>
  );
}

function About({ of, own }: { of: Insights; own: boolean }) {
  const names = Object.fromEntries(of.dimensions.map(({ id, name }) => [id, name]));
  return (
    <>
      <Figures>
        <Figure name="Overall score" of={of.overall} kind="score" />
        <Figure name="Talk ratio" of={of.talk_ratio} kind="share" neutral />
        <Figure name="Rep’s mood" of={of.sentiment} kind="mood" />
        <Figure name="Customer’s mood" of={of.customer_sentiment} kind="mood" />
      </Figures>
      <div className="mt-5 grid gap-5 xl:grid-cols-2">
        <Card title="Overall score" aside={<span className="text-xs text-soft">four weeks a point</span>}>
          <p className="px-4 pt-3 text-soft">{of.trend}</p>
          <div className="p-4 pb-3">
            <LineChart
              title="Overall score, each point an average over four weeks"
              lines={[{ name: "Overall score", points: of.overall.weekly }]}
              write={(value) => written("score", value)}
              week={shortDay}
              tall={224}
              plain
            />
          </div>
        </Card>
        <ComparedTable
          title="What changed"
          aside={<span className="text-right text-xs text-soft">before: {span(of.before)}</span>}
          rows={[
            { id: "overall", of: of.overall },
            ...of.dimensions.map((dimension) => ({ id: `dimension:${dimension.id}`, of: dimension })),
          ]}
          names={names}
        />
      </div>
      <PartHead title="Learning points" note="Checks met in half of the calls or fewer, and in more than half." />
      <Wording
        key={`${of.rep.id} ${of.period.since} ${of.period.until}`}
        points={of.learning_points}
        written={of.written}
        write={() => writeInsights(of.rep.id, of.period)}
        shown={insightsQuery(of.rep.id, of.period).queryKey}
      />
      <div className="grid items-start gap-5 xl:grid-cols-2">
        <LearningPoints
          title="Gaps"
          items={of.learning_points.filter(({ side }) => side === "gap")}
          none={of.note ? sentence(of.note) : "No check was missed in half of the calls or more."}
        />
        <LearningPoints
          title="Strengths"
          items={of.learning_points.filter(({ side }) => side === "strength")}
          none={of.note ? sentence(of.note) : "No check was met in more than half of the calls."}
        />
      </div>
      {(of.exercises.length > 0 || of.exercises_note) && (
        <PartHead title="Exercises" note={of.exercises_note && sentence(of.exercises_note)} />
      )}
      <Exercises items={of.exercises} />
      <LearnFromWinners rep={of.rep.id} own={own} />
      <PartHead title="By dimension" note="Each point is an average over four weeks up to its own." />
      <Dimensions of={of} />
      <div className="mt-9">
        <LatestCalls
          title="Calls of the period"
          most={10}
          filter={{ agent: of.rep.id, since: of.period.since, until: of.period.until }}
        />
      </div>
    </>
  );
}

function CompareWith({ id }: { id: string }) {
  const { period } = usePeople();
  const navigate = useNavigate();
  const others = (useQuery(agentsQuery(period)).data ?? []).filter(({ rep }) => rep.id !== id);
  if (others.length === 0) return null;
  return (
    <Choose
      label="Compare with"
      placeholder="Compare with…"
      size="sm"
      className="w-44"
      choices={others.map(({ rep }) => ({ value: rep.id, name: rep.name }))}
      value={undefined}
      set={(b) => b && void navigate({ to: "/people/compare", search: { a: id, b } })}
    />
  );
}
