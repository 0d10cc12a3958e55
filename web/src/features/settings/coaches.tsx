import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import { useState } from "react";
import { api, taken } from "@/api/client";
import { Choose } from "@/components/choose";
import { many } from "@/components/format";
import { Button, Card, Empty, Failed, PageHead, Waiting } from "@/components/ui";
import { Deed, Named, useDoing } from "./doing";
import { assignmentsQuery, everybodyQuery, type User } from "./queries";

/** Whose calls each coach sees. */
export function CoachesPage() {
  const coaches = useQuery(everybodyQuery("coach"));
  const everybody = useQuery(everybodyQuery());
  const assignments = useQuery(assignmentsQuery);
  const all = [coaches, everybody, assignments];
  const failed = all.find(({ isError }) => isError);
  const ready = coaches.data && everybody.data && assignments.data;
  return (
    <>
      <PageHead title="Coaches" note="A coach sees the calls of the reps assigned to them, and nobody else’s." />
      {failed && <Failed error={failed.error} retry={() => all.forEach((query) => void query.refetch())} />}
      {!ready && !failed && (
        <Card>
          <Waiting rows={4} />
        </Card>
      )}
      {ready && coaches.data.length === 0 && (
        <Card>
          <Empty
            title="No coaches yet"
            action={
              <Link to="/settings/users" className="font-medium text-pitch underline">
                To the users
              </Link>
            }
          >
            Give somebody the role of a coach; then say here whose calls they see.
          </Empty>
        </Card>
      )}
      {ready && (
        <div className="grid gap-5">
          {coaches.data.map((coach) => {
            const theirs = assignments.data.filter(({ coach_id }) => coach_id === coach.id).map(({ rep_id }) => rep_id);
            return <Coach key={coach.id} coach={coach} reps={theirs} everybody={everybody.data} />;
          })}
        </div>
      )}
    </>
  );
}

function Coach({ coach, reps, everybody }: { coach: User; reps: string[]; everybody: User[] }) {
  const [rep, setRep] = useState<string>();
  const [ending, setEnding] = useState<{ id: string; name: string }>();
  // Somebody who may not log in any more is not among them, but the assignment holds.
  const nameOf = (id: string) => everybody.find((user) => user.id === id)?.name ?? "Somebody deactivated";
  const assigned = reps.map((id) => ({ id, name: nameOf(id) })).toSorted((a, b) => a.name.localeCompare(b.name));
  const others = everybody.filter(({ id, role }) => role === "rep" && !reps.includes(id));
  const assign = useDoing({
    run: (id: string) =>
      taken(
        api.PUT("/api/v1/coach-assignments/{coach_id}/{rep_id}", {
          params: { path: { coach_id: coach.id, rep_id: id } },
        }),
      ),
    lists: [["assignments"]],
    done: (id) => `${coach.name} sees the calls of ${nameOf(id)}.`,
    after: () => setRep(undefined),
  });
  return (
    <Card title={coach.name} aside={<span className="text-xs text-soft">{many(reps.length, "rep")}</span>}>
      <div className="grid gap-4 px-4 py-3.5">
        {assigned.length === 0 ? (
          <p className="text-soft">Sees nobody’s calls yet.</p>
        ) : (
          <ul className="flex flex-wrap gap-2">
            {assigned.map(({ id, name }) => (
              <li key={id} className="flex items-center rounded-md border border-line pl-2.5">
                {name}
                <button
                  type="button"
                  aria-label={`Take ${name} from ${coach.name}`}
                  onClick={() => setEnding({ id, name })}
                  className="ml-1 grid size-8 place-items-center rounded-md text-soft hover:bg-sunken hover:text-ink"
                >
                  <X aria-hidden className="size-3.5" />
                </button>
              </li>
            ))}
          </ul>
        )}
        {others.length > 0 && (
          <form
            className="flex items-end gap-2"
            onSubmit={(event) => {
              event.preventDefault();
              if (rep) assign.mutate(rep);
            }}
          >
            <Choose
              labelled
              label={`Assign a rep to ${coach.name}`}
              placeholder="Choose a rep"
              className="flex-1 sm:max-w-xs"
              choices={others.map(({ id, name }) => ({ value: id, name }))}
              value={rep}
              set={setRep}
            />
            <Button type="submit" className="h-9" busy={assign.isPending} disabled={!rep}>
              Assign
            </Button>
          </form>
        )}
      </div>
      {assign.error && <Failed error={assign.error} />}
      {ending && (
        <Deed
          title="Take this rep from the coach?"
          about={
            <>
              <Named>{coach.name}</Named> does not see the calls of <Named>{ending.name}</Named> any more.
            </>
          }
          deed="Take away"
          run={() =>
            taken(
              api.DELETE("/api/v1/coach-assignments/{coach_id}/{rep_id}", {
                params: { path: { coach_id: coach.id, rep_id: ending.id } },
              }),
            )
          }
          lists={[["assignments"]]}
          done={`${coach.name} does not see the calls of ${ending.name} any more.`}
          close={() => setEnding(undefined)}
        />
      )}
    </Card>
  );
}
