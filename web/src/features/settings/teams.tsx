import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import clsx from "clsx";
import { useState } from "react";
import { teamsQuery } from "@/api/analytics";
import { meQuery } from "@/api/queries";
import { many } from "@/components/format";
import { Button, Card, Empty, Failed, PageHead, Waiting } from "@/components/ui";
import { NameTeam } from "./name-team";
import { readTeamsSearch } from "./search";
import { TeamCard } from "./team";

/** The teams, and who belongs to the one that is chosen. */
export function TeamsPage() {
  const { data: me } = useQuery(meQuery);
  const teams = useQuery(teamsQuery);
  const { team: id } = useSearch({ from: "/frame/settings/teams", select: readTeamsSearch, structuralSharing: true });
  const navigate = useNavigate({ from: "/settings/teams" });
  const [making, setMaking] = useState(false);
  const admin = me?.role === "admin";
  const items = teams.data ?? [];
  const shown = items.find((team) => team.id === id) ?? (id === undefined ? items[0] : undefined);
  const go = (team: string | undefined) => void navigate({ search: { team }, replace: true });
  const make = admin && (
    <Button kind="primary" onClick={() => setMaking(true)}>
      Make a team
    </Button>
  );
  return (
    <>
      <PageHead title="Teams" note="A manager sees the calls of everybody in the teams they belong to.">
        {items.length > 0 && make}
      </PageHead>
      {teams.isPending && (
        <Card>
          <Waiting rows={5} />
        </Card>
      )}
      {teams.isError && <Failed error={teams.error} retry={() => void teams.refetch()} />}
      {teams.isSuccess && items.length === 0 && (
        <Card>
          <Empty title="No teams yet" action={make}>
            {admin ? "Put managers and their reps into one." : "An admin puts you into one."}
          </Empty>
        </Card>
      )}
      {items.length > 0 && (
        <div className="grid items-start gap-5 md:grid-cols-[14rem_minmax(0,1fr)]">
          <Card className="p-1">
            <ul aria-label="Teams">
              {items.map((team) => (
                <li key={team.id}>
                  <Link
                    to="/settings/teams"
                    search={{ team: team.id }}
                    aria-current={team.id === shown?.id ? "true" : undefined}
                    className={clsx(
                      "flex items-center justify-between gap-3 rounded-md px-3 py-2 hover:bg-sunken",
                      team.id === shown?.id && "bg-sunken font-semibold",
                    )}
                  >
                    <span className="min-w-0 truncate">{team.name}</span>
                    <span className="figures text-xs font-normal whitespace-nowrap text-soft">
                      {many(team.members, "member")}
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          </Card>
          {shown ? (
            <TeamCard key={shown.id} team={shown} admin={admin} gone={() => go(undefined)} />
          ) : (
            <Card>
              <Empty title="There is no such team">It was deleted, or you do not belong to it.</Empty>
            </Card>
          )}
        </div>
      )}
      {making && <NameTeam close={() => setMaking(false)} made={go} />}
    </>
  );
}
