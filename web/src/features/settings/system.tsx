import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { meQuery } from "@/api/queries";
import { number, time } from "@/components/format";
import { Button, Card, Failed, PageHead, Tag, Waiting } from "@/components/ui";
import { counted, STATE } from "./figures";
import { type Health, healthQuery, queueQuery } from "./queries";

/** How the program is: what it needs to work, and what waits. */
export function SystemPage() {
  const queries = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const health = useQuery(healthQuery);
  const again = () => {
    void health.refetch();
    void queries.invalidateQueries({ queryKey: ["jobs", "queue"] });
  };
  return (
    <>
      <PageHead
        title="System"
        note={health.data ? `As it was at ${time(new Date(health.dataUpdatedAt).toISOString())}` : undefined}
      >
        <Button busy={health.isFetching && !health.isPending} onClick={again}>
          Look again
        </Button>
      </PageHead>
      <div className="grid gap-5">
        <Card
          title="Program"
          aside={health.data && <span className="figures text-xs text-soft">Version {health.data.version}</span>}
        >
          {health.isPending && <Waiting rows={3} />}
          {health.isError && <Failed error={health.error} retry={again} />}
          {health.data && !health.isError && <Dependencies health={health.data} />}
        </Card>
        {me?.role === "admin" && <Queue />}
      </div>
    </>
  );
}

function Dependencies({ health }: { health: Health }) {
  return (
    <>
      <p className="flex items-center gap-2 px-4 py-3">
        <Tag tone={health.status === "ok" ? "good" : "poor"}>{health.status === "ok" ? "Ready" : "Not ready"}</Tag>
        {health.status === "ok" ? "It answers, and so does all that it needs." : "Something that it needs is missing."}
      </p>
      <table className="w-full border-t border-line text-left">
        <thead className="border-b border-line text-xs text-soft">
          <tr>
            <th scope="col" className="w-full px-4 py-2 font-medium">
              What it needs
            </th>
            <th scope="col" className="px-3 py-2 font-medium">
              State
            </th>
            <th scope="col" className="px-4 py-2 text-right font-medium whitespace-nowrap">
              Answered in
            </th>
          </tr>
        </thead>
        <tbody>
          {health.dependencies.map(({ name, ok, ms, problem }) => (
            <tr key={name} className="border-b border-line last:border-0">
              <th scope="row" className="px-4 py-2 text-left font-medium">
                {NEEDS[name] ?? name}
                {problem && <span className="block text-xs font-normal text-poor">{problem}</span>}
              </th>
              <td className="px-3 py-2">
                <Tag tone={ok ? "good" : "poor"}>{ok ? "Answers" : "Away"}</Tag>
              </td>
              <td className="figures px-4 py-2 text-right whitespace-nowrap">{number(ms)} ms</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

const NEEDS: Record<string, string> = { database: "Database", originals: "Store of the originals" };

const SHOWN = [
  { state: "queued", note: "Not begun yet" },
  { state: "running", note: "A worker has them" },
  { state: "dead", note: "Failed for good; look at why" },
] as const;

function Queue() {
  return (
    <Card title="Queue" className="overflow-hidden">
      <dl className="grid gap-px bg-line sm:grid-cols-3">
        {SHOWN.map((each) => (
          <Figure key={each.state} {...each} />
        ))}
      </dl>
    </Card>
  );
}

function Figure({ state, note }: (typeof SHOWN)[number]) {
  const jobs = useQuery(queueQuery(state));
  return (
    <div className="bg-surface px-4 py-3">
      <dt className="text-xs text-soft">{STATE[state].name}</dt>
      <dd className="figures mt-0.5 text-2xl font-semibold tracking-tight">{counted(jobs.data)}</dd>
      <dd className="mt-0.5 text-xs text-soft">
        {jobs.isError ? (
          jobs.error.message
        ) : (
          <>
            {note} ·{" "}
            <Link to="/settings/jobs" search={{ state }} className="font-medium text-pitch underline">
              Show<span className="sr-only"> the jobs: {STATE[state].name}</span>
            </Link>
          </>
        )}
      </dd>
    </div>
  );
}
