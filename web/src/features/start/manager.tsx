import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import clsx from "clsx";
import { Card, Empty, Failed, PageHead, Waiting } from "@/components/ui";
import { DealsOfWeek } from "@/features/deals/of-week";
import { span, today, weekday } from "@/features/people/dates";
import { PeriodSwitch, TeamSwitch, usePeople } from "@/features/people/period";
import { PartHead } from "@/features/people/pieces";
import { CompareLink, TeamParts } from "@/features/people/team-parts";
import { ReviewNote } from "../reviews/note";
import { beside, MomentCard, WeekSwitch } from "./moments";
import { readStartSearch } from "./search";
import { momentsTitle, useMoments, weekName } from "./weeks";
import { WithheldNote } from "./withheld";

/** What to coach this week, and how the team does. */
export function ManagerStart() {
  const { week, sort, measure } = useSearch({ from: "/frame/", select: readStartSearch, structuralSharing: true });
  const navigate = useNavigate({ from: "/" });
  const { period, team } = usePeople();
  const moments = useMoments(week, team);
  const when = moments.data ? weekName(moments.data.week, today()) : "this week";
  const count = moments.data?.items.length ?? 0;
  return (
    <>
      <PageHead
        title={moments.data ? momentsTitle(count, when) : "Moments to coach this week"}
        note={
          moments.data &&
          `Week of ${weekday(moments.data.week)}${moments.earlier ? "; this week has no moments yet" : ""}`
        }
      >
        <TeamSwitch />
        {moments.data && <WeekSwitch week={week ?? moments.data.week} />}
      </PageHead>
      <WithheldNote />
      <ReviewNote />
      {moments.isPending && (
        <Card>
          <Waiting rows={5} />
        </Card>
      )}
      {moments.isError && <Failed error={moments.error} retry={moments.refetch} />}
      {moments.data?.items.length === 0 && (
        <Card>
          <Empty
            title="Nothing to coach here"
            action={
              <Link to="/calls" className="font-medium text-pitch underline">
                To the calls
              </Link>
            }
          >
            {when === "this week"
              ? "As soon as calls of this week are judged, the moments that cost most stand here."
              : `No judged call of ${when} has words that cost it points. Look at another week.`}
          </Empty>
        </Card>
      )}
      <ol aria-busy={moments.stale} className={clsx(beside(count), moments.stale && "opacity-60")}>
        {moments.data?.items.map((moment) => (
          <li key={`${moment.call_id} ${moment.id}`} className="grid min-w-0">
            <MomentCard moment={moment} own={false} />
          </li>
        ))}
      </ol>
      <DealsOfWeek own={false} />
      <PartHead title="The team" note={span(period)}>
        <PeriodSwitch />
        <CompareLink />
      </PartHead>
      <TeamParts
        period={period}
        team={team}
        view={{ sort, measure }}
        set={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
      />
    </>
  );
}
