import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import clsx from "clsx";
import { ArrowRight } from "lucide-react";
import { insightsQuery, type Period } from "@/api/analytics";
import type { Me } from "@/api/queries";
import { day } from "@/components/format";
import { Card, Empty, Failed, PageHead, Waiting } from "@/components/ui";
import { DealsOfWeek } from "@/features/deals/of-week";
import { LatestCalls } from "@/features/people/calls";
import { span, today } from "@/features/people/dates";
import { Dimensions } from "@/features/people/dimensions";
import { LearnFromWinners } from "@/features/people/learn-winners";
import { calls } from "@/features/people/measures";
import { PeriodSwitch, usePeople } from "@/features/people/period";
import { Figure, Figures, PartHead } from "@/features/people/pieces";
import { beside, MomentCard, Said, WeekSwitch } from "./moments";
import { type Task, tasksOf, withGaps } from "./own";
import { readStartSearch } from "./search";
import { useMoments, weekName, workNote, workTitle } from "./weeks";

/** What a rep works on this week, how it goes, and the latest calls. */
export function RepStart({ me }: { me: Me }) {
  const { week } = useSearch({ from: "/frame/", select: readStartSearch, structuralSharing: true });
  const { period } = usePeople();
  const moments = useMoments(week);
  const insights = useQuery({ ...insightsQuery(me.id, period), placeholderData: keepPreviousData });
  const gaps = withGaps(week, today());
  const ready = moments.data !== undefined && !(gaps && insights.isPending);
  const tasks = moments.data && ready ? tasksOf(moments.data.items, (gaps && insights.data?.gaps) || []) : [];
  const when = moments.data ? weekName(moments.data.week, today()) : "this week";
  return (
    <>
      <PageHead title={workTitle(when)} note={moments.data && workNote(when, gaps, moments.earlier)}>
        {moments.data && <WeekSwitch week={week ?? moments.data.week} />}
      </PageHead>
      {!ready && !moments.isError && (
        <Card>
          <Waiting rows={5} />
        </Card>
      )}
      {moments.isError && <Failed error={moments.error} retry={moments.refetch} />}
      {ready && tasks.length === 0 && (
        <Card>
          <Empty
            title={gaps ? "Nothing to work on yet" : "Nothing to work on here"}
            action={
              <Link to="/calls" className="font-medium text-pitch underline">
                To my calls
              </Link>
            }
          >
            {gaps
              ? "As soon as your calls of this week are judged, the moments that cost most stand here."
              : `No judged call of ${when} has words that cost it points. Look at another week.`}
          </Empty>
        </Card>
      )}
      <ol aria-busy={moments.stale} className={clsx(beside(tasks.length), moments.stale && "opacity-60")}>
        {tasks.map((task) => (
          <li key={keyOf(task)} className="grid min-w-0">
            <TaskCard task={task} period={insights.data?.period ?? period} />
          </li>
        ))}
      </ol>
      <DealsOfWeek own />
      <PartHead title="How it goes" note={span(period)}>
        <PeriodSwitch />
        <Link
          to="/people/$id"
          params={{ id: me.id }}
          className="inline-flex h-8 items-center gap-1 font-medium text-pitch hover:underline"
        >
          Strengths and gaps
          <ArrowRight aria-hidden className="size-4" />
        </Link>
      </PartHead>
      {insights.isPending && (
        <Card>
          <Waiting rows={5} />
        </Card>
      )}
      {insights.isError && <Failed error={insights.error} retry={() => void insights.refetch()} />}
      {insights.isSuccess && (
        <div className="grid gap-5">
          <Figures>
            <Figure name="Overall score" of={insights.data.overall} kind="score" />
            <Figure name="Talk ratio" of={insights.data.talk_ratio} kind="share" neutral />
            <Figure name="My mood" of={insights.data.sentiment} kind="mood" />
            <Figure name="Customer’s mood" of={insights.data.customer_sentiment} kind="mood" />
          </Figures>
          <Dimensions of={insights.data} />
        </div>
      )}
      <LearnFromWinners rep={me.id} own />
      <div className="mt-5">
        <LatestCalls title="My latest calls" most={5} filter={{ agent: me.id }} />
      </div>
    </>
  );
}

const keyOf = (task: Task) => (task.kind === "gap" ? task.check.id : `${task.moment.call_id} ${task.moment.id}`);

function TaskCard({ task, period }: { task: Task; period: Period }) {
  if (task.kind === "moment") return <MomentCard moment={task.moment} own />;
  const { check, said } = task;
  return (
    <Said
      head={
        <>
          <span className="truncate">{said.call_title}</span>
          {said.started_at && <span className="shrink-0 whitespace-nowrap">· {day(said.started_at)}</span>}
        </>
      }
      name={check.name}
      why={`Met in ${check.met} of ${calls(check.met + check.unmet)}, ${span(period)}.`}
      said={said}
      check={check.id}
    >
      <p>{said.reason}</p>
    </Said>
  );
}
