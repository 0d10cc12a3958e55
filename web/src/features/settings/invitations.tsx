import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { teamsQuery } from "@/api/analytics";
import { api, taken } from "@/api/client";
import { day, time } from "@/components/format";
import { Button, Card, Empty, Failed, PageHead, Waiting } from "@/components/ui";
import { ROLE_NAMES } from "./accounts";
import { Deed, Named } from "./doing";
import { takesInvitations } from "./installation";
import { Invite } from "./invite";
import { type Invitation, invitationsQuery, settingsQuery } from "./queries";

/** Who is invited and has not come yet. */
export function InvitationsPage() {
  const invitations = useQuery(invitationsQuery);
  const [inviting, setInviting] = useState(false);
  const [withdrawn, setWithdrawn] = useState<Invitation>();
  const invite = (
    <Button kind="primary" onClick={() => setInviting(true)}>
      Invite somebody
    </Button>
  );
  const items = invitations.data ?? [];
  return (
    <>
      <PageHead title="Invitations" note="Each is good once, for a week, for the address that it names.">
        {items.length > 0 && invite}
      </PageHead>
      <Door />
      <Card className="overflow-hidden">
        {invitations.isPending && <Waiting rows={4} />}
        {invitations.isError && <Failed error={invitations.error} retry={() => void invitations.refetch()} />}
        {invitations.isSuccess && items.length === 0 && (
          <Empty title="No open invitations" action={invite}>
            Whoever gets a link chooses user name and password by themselves.
          </Empty>
        )}
        {items.length > 0 && <Table invitations={items} withdraw={setWithdrawn} />}
      </Card>
      {inviting && <Invite close={() => setInviting(false)} />}
      {withdrawn && (
        <Deed
          title="Withdraw this invitation?"
          about={
            <>
              The link that <Named>{withdrawn.email}</Named> got does not open anything any more.
            </>
          }
          deed="Withdraw"
          run={() => taken(api.DELETE("/api/v1/invitations/{id}", { params: { path: { id: withdrawn.id } } }))}
          lists={[["invitations"]]}
          done={`The invitation of ${withdrawn.email} is withdrawn.`}
          close={() => setWithdrawn(undefined)}
        />
      )}
    </>
  );
}

/** Whether invitations open anything: where registering is closed they do not. */
function Door() {
  const { data } = useQuery(settingsQuery);
  if (!data || takesInvitations(data)) return null;
  const known = takesInvitations(data) === false;
  return (
    <p className="mb-3 rounded-md bg-fair-soft px-4 py-2.5">
      {known
        ? "Registering is closed: no invitation opens anything. "
        : "Who may register is as the program was started, which usually is nobody: then no invitation opens anything. "}
      <Link to="/settings/organisation" className="font-medium text-pitch underline">
        Say who may register
      </Link>
    </p>
  );
}

function Table({ invitations, withdraw }: { invitations: Invitation[]; withdraw: (invitation: Invitation) => void }) {
  const teams = useQuery(teamsQuery).data ?? [];
  return (
    <table className="w-full text-left">
      <thead className="border-b border-line text-xs text-soft">
        <tr>
          <th scope="col" className="w-full px-4 py-2 font-medium">
            Who
          </th>
          {["Role", "Team", "Good until"].map((name) => (
            <th key={name} scope="col" className="px-3 py-2 font-medium whitespace-nowrap max-sm:hidden">
              {name}
            </th>
          ))}
          <th scope="col" className="px-3 py-2">
            <span className="sr-only">What can be done</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {invitations.map((invitation) => {
          const team = teams.find(({ id }) => id === invitation.team_id)?.name;
          const until = `${day(invitation.expires_at)}, ${time(invitation.expires_at)}`;
          return (
            <tr key={invitation.id} className="border-b border-line last:border-0 hover:bg-sunken">
              <th scope="row" className="max-w-0 px-4 py-2 text-left font-normal">
                <span className="block truncate font-medium">{invitation.email}</span>
                <span className="block truncate text-xs text-soft">
                  <span className="sm:hidden">
                    {[ROLE_NAMES[invitation.role], team, `until ${day(invitation.expires_at)}`]
                      .filter(Boolean)
                      .join(" · ")}
                  </span>
                  <span className="max-sm:hidden">Invited {day(invitation.created_at)}</span>
                </span>
              </th>
              <td className="px-3 py-2 whitespace-nowrap max-sm:hidden">{ROLE_NAMES[invitation.role]}</td>
              <td className="px-3 py-2 whitespace-nowrap max-sm:hidden">
                {team ?? <span className="text-soft">none</span>}
              </td>
              <td className="figures px-3 py-2 whitespace-nowrap text-soft max-sm:hidden">{until}</td>
              <td className="py-1.5 pr-3 pl-1 text-right">
                <Button
                  onClick={() => withdraw(invitation)}
                  aria-label={`Withdraw the invitation of ${invitation.email}`}
                >
                  Withdraw…
                </Button>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
