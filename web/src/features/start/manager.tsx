import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { momentsQuery } from "@/api/queries";
import { day } from "@/components/format";
import { Card, Empty, Failed, PageHead, Waiting } from "@/components/ui";
import { span } from "@/features/people/dates";
import { PeriodSwitch, TeamSwitch, usePeople } from "@/features/people/period";
import { PartHead } from "@/features/people/pieces";
import { CompareLink, TeamParts } from "@/features/people/team-parts";
import { MomentCard, WeekSwitch } from "./moments";

/** What to coach this week, and how the team does. */
export function ManagerStart() {
  const { week, sort, measure } = useSearch({ from: "/frame/" });
  const navigate = useNavigate({ from: "/" });
  const { period, team } = usePeople();
  const moments = useQuery({ ...momentsQuery(week, team), placeholderData: keepPreviousData });
  return (
    <>
      <PageHead
        title="3 moments to coach this week"
        note={moments.data && `Week of ${day(`${moments.data.week}T12:00:00`)}`}
      >
        <TeamSwitch />
        {moments.data && <WeekSwitch week={moments.data.week} />}
      </PageHead>
      {moments.isPending && (
        <Card>
          <Waiting rows={5} />
        </Card>
      )}
      {moments.isError && <Failed error={moments.error} retry={() => void moments.refetch()} />}
      {moments.data?.items.length === 0 && (
        <Card>
          <Empty
            title="No moments this week"
            action={
              <Link to="/calls" className="font-medium text-pitch underline">
                To the calls
              </Link>
            }
          >
            As soon as calls of this week are judged, the moments that cost most stand here. Or look at the week before.
          </Empty>
        </Card>
      )}
      <ol className="grid gap-4 lg:grid-cols-3">
        {moments.data?.items.map((moment) => (
          <li key={`${moment.call_id} ${moment.id}`} className="grid min-w-0">
            <MomentCard moment={moment} own={false} />
          </li>
        ))}
      </ol>
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
