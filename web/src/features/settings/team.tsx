import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import type { Team } from "@/api/analytics";
import { api, type Schemas, taken } from "@/api/client";
import { Choose } from "@/components/choose";
import { Button, Card, Failed, Waiting } from "@/components/ui";
import { Deed, Named, useDoing } from "./doing";
import { NameTeam } from "./name-team";
import { everybodyQuery, membersQuery } from "./queries";

type Member = Schemas["Member"];

/** One team: who belongs to it, and for admins what can be done with it. */
export function TeamCard({ team, admin, gone }: { team: Team; admin: boolean; gone: () => void }) {
  const members = useQuery(membersQuery(team.id));
  const [open, setOpen] = useState<"rename" | "delete">();
  const [leaving, setLeaving] = useState<Member>();
  const close = () => setOpen(undefined);
  const path = { id: team.id };
  return (
    <Card
      title={team.name}
      aside={
        admin && (
          <span className="flex gap-2">
            <Button onClick={() => setOpen("rename")}>Rename…</Button>
            <Button kind="danger" onClick={() => setOpen("delete")}>
              Delete…
            </Button>
          </span>
        )
      }
    >
      {members.isPending && <Waiting rows={5} />}
      {members.isError && <Failed error={members.error} retry={() => void members.refetch()} />}
      {members.data?.length === 0 && <p className="px-4 py-6 text-soft">Nobody belongs to it yet.</p>}
      <ul aria-label={`Members of ${team.name}`}>
        {members.data?.map((member) => (
          <li
            key={member.id}
            className="flex min-h-11 items-center justify-between gap-3 border-b border-line py-1 pr-2 pl-4 last:border-0"
          >
            <span className="min-w-0 truncate">{member.name}</span>
            {admin && (
              <button
                type="button"
                aria-label={`Take ${member.name} out of ${team.name}`}
                onClick={() => setLeaving(member)}
                className="grid size-8 place-items-center rounded-md text-soft hover:bg-sunken hover:text-ink"
              >
                <X aria-hidden className="size-4" />
              </button>
            )}
          </li>
        ))}
      </ul>
      {admin && members.data && <AddMember team={team} members={members.data} />}
      {open === "rename" && <NameTeam team={team} close={close} />}
      {open === "delete" && (
        <Deed
          title="Delete this team?"
          about={
            <>
              <Named>{team.name}</Named> goes; its {team.members} {team.members === 1 ? "member keeps" : "members keep"}{" "}
              their accounts and calls. Managers see the calls of its members only by another team.
            </>
          }
          deed="Delete the team"
          run={() => taken(api.DELETE("/api/v1/teams/{id}", { params: { path } }))}
          lists={[["teams"], ["users"]]}
          done={`${team.name} is deleted.`}
          close={close}
          after={gone}
        />
      )}
      {leaving && (
        <Deed
          title="Take somebody out of the team?"
          about={
            <>
              <Named>{leaving.name}</Named> does not belong to <Named>{team.name}</Named> any more: its managers do not
              see their calls, unless by another team.
            </>
          }
          deed="Take out"
          keep="Let them stay"
          run={() =>
            taken(
              api.DELETE("/api/v1/teams/{id}/members/{user_id}", {
                params: { path: { ...path, user_id: leaving.id } },
              }),
            )
          }
          lists={[["teams"], ["members"], ["users"]]}
          done={`${leaving.name} does not belong to ${team.name} any more.`}
          close={() => setLeaving(undefined)}
        />
      )}
    </Card>
  );
}

function AddMember({ team, members }: { team: Team; members: Member[] }) {
  const everybody = useQuery(everybodyQuery());
  const [who, setWho] = useState<string>();
  const others = everybody.data?.filter(({ id }) => !members.some((member) => member.id === id)) ?? [];
  const add = useDoing({
    run: (user_id: string) =>
      taken(api.PUT("/api/v1/teams/{id}/members/{user_id}", { params: { path: { id: team.id, user_id } } })),
    lists: [["teams"], ["members"], ["users"]],
    done: (id) => `${others.find((user) => user.id === id)?.name} belongs to ${team.name}.`,
    after: () => setWho(undefined),
  });
  if (everybody.isError) return <Failed error={everybody.error} retry={() => void everybody.refetch()} />;
  return (
    <>
      <form
        className="flex items-end gap-2 border-t border-line px-4 py-3.5"
        onSubmit={(event) => {
          event.preventDefault();
          if (who) add.mutate(who);
        }}
      >
        <Choose
          labelled
          label={`Put somebody into ${team.name}`}
          placeholder="Choose somebody"
          className="flex-1 sm:max-w-xs"
          choices={others.map(({ id, name, role }) => ({ value: id, name, note: role }))}
          value={who}
          set={setWho}
          waiting={everybody.isPending}
        />
        <Button type="submit" className="h-9" busy={add.isPending} disabled={!who}>
          Put in
        </Button>
      </form>
      {add.error && <Failed error={add.error} />}
    </>
  );
}
