import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, taken } from "@/api/client";
import { day, time } from "@/components/format";
import { Button, Card, Empty, Failed, PageHead, Tag, Waiting } from "@/components/ui";
import { Deed, Named, useDoing } from "./doing";
import { deedOf, deletes, KNOWN, kindName, STATE, took } from "./figures";
import { type Job, jobsQuery } from "./queries";
import { type JobsSearch, readJobsSearch, STATES } from "./search";

const CHOICE = "h-8 min-w-0 rounded-md border border-line-strong bg-surface px-2";

/** What the program does by itself, the latest first. */
export function JobsPage() {
  const filter = useSearch({ from: "/frame/settings/jobs", select: readJobsSearch, structuralSharing: true });
  const navigate = useNavigate({ from: "/settings/jobs" });
  const jobs = useInfiniteQuery(jobsQuery(filter));
  const [cancelled, setCancelled] = useState<Job>();
  const set = (change: JobsSearch) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const items = jobs.data?.pages.flatMap((page) => page.items) ?? [];
  const kinds = [...new Set([...KNOWN, ...items.map(({ kind }) => kind), ...(filter.kind ? [filter.kind] : [])])];
  return (
    <>
      <PageHead title="Jobs" note="What the program does by itself, the latest first.">
        <Button busy={jobs.isRefetching} onClick={() => void jobs.refetch()}>
          Look again
        </Button>
      </PageHead>
      <search className="mb-3 flex flex-wrap gap-2">
        <select
          aria-label="State"
          value={filter.state ?? ""}
          onChange={({ target }) => set({ state: STATES.find((state) => state === target.value) })}
          className={CHOICE}
        >
          <option value="">Every state</option>
          {STATES.map((state) => (
            <option key={state} value={state}>
              {STATE[state].name}
            </option>
          ))}
        </select>
        <select
          aria-label="Kind"
          value={filter.kind ?? ""}
          onChange={({ target }) => set({ kind: target.value || undefined })}
          className={CHOICE}
        >
          <option value="">Every kind</option>
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {kindName(kind)}
            </option>
          ))}
        </select>
      </search>
      <Card className="overflow-hidden">
        {jobs.isPending && <Waiting rows={8} />}
        {jobs.isError && <Failed error={jobs.error} retry={() => void jobs.refetch()} />}
        {jobs.isSuccess && items.length === 0 && (
          <Empty title="No such jobs">Nothing of this kind is in this state.</Empty>
        )}
        {items.length > 0 && <Table jobs={items} cancel={setCancelled} />}
      </Card>
      {jobs.hasNextPage && (
        <div className="mt-3 grid justify-center">
          <Button busy={jobs.isFetchingNextPage} onClick={() => void jobs.fetchNextPage()}>
            More jobs
          </Button>
        </div>
      )}
      {cancelled && (
        <Deed
          title="Cancel this job?"
          about={
            <>
              <Named>{kindName(cancelled.kind)}</Named>, written down {day(cancelled.created_at)},{" "}
              {time(cancelled.created_at)}, is not done any more, until somebody has it done again.
            </>
          }
          deed="Cancel the job"
          keep="Let it go on"
          run={() =>
            taken(api.POST("/api/v1/jobs/{id}/cancel", { params: { path: { id: cancelled.id }, header: {} } }))
          }
          lists={[["jobs"]]}
          done="The job is cancelled."
          close={() => setCancelled(undefined)}
        />
      )}
    </>
  );
}

function Table({ jobs, cancel }: { jobs: Job[]; cancel: (job: Job) => void }) {
  return (
    <table className="w-full text-left">
      <thead className="border-b border-line text-xs text-soft">
        <tr>
          <th scope="col" className="w-full px-4 py-2 font-medium">
            What
          </th>
          <th scope="col" className="px-3 py-2 font-medium max-md:hidden">
            Asked for
          </th>
          <th scope="col" className="px-3 py-2 text-right font-medium max-md:hidden">
            Tries
          </th>
          <th scope="col" className="px-3 py-2 text-right font-medium max-md:hidden">
            Took
          </th>
          <th scope="col" className="px-3 py-2 font-medium">
            State
          </th>
          <th scope="col" className="px-3 py-2 max-sm:hidden">
            <span className="sr-only">What can be done</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <Row key={job.id} job={job} cancel={() => cancel(job)} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ job, cancel }: { job: Job; cancel: () => void }) {
  const { name, tone } = STATE[job.state];
  const when = `${day(job.created_at)}, ${time(job.created_at)}`;
  return (
    <tr className="border-b border-line align-baseline last:border-0 hover:bg-sunken">
      <th scope="row" className="px-4 py-2 text-left font-normal">
        <span className="font-medium">{kindName(job.kind)}</span>
        {job.call_id && (
          <>
            {" "}
            <Link to="/calls/$id" params={{ id: job.call_id }} className="ml-1 text-xs text-pitch underline">
              The call
            </Link>
          </>
        )}
        <span className="block text-xs text-soft md:hidden">{when}</span>
        {job.error && <span className="block max-w-prose text-xs break-words text-poor">{job.error}</span>}
        <span className="mt-1.5 block empty:hidden sm:hidden">
          <Does job={job} cancel={cancel} />
        </span>
      </th>
      <td className="figures px-3 py-2 whitespace-nowrap text-soft max-md:hidden">{when}</td>
      <td className="figures px-3 py-2 text-right whitespace-nowrap text-soft max-md:hidden">
        {job.attempts} of {job.max_attempts}
      </td>
      <td className="figures px-3 py-2 text-right whitespace-nowrap text-soft max-md:hidden">
        {took(job.started_at, job.finished_at)}
      </td>
      <td className="px-3 py-2 whitespace-nowrap">
        {/* What is as usual needs no colour. */}
        {job.state === "done" ? <span className="text-soft">{name}</span> : <Tag tone={tone}>{name}</Tag>}
      </td>
      <td className="py-1 pr-3 pl-1 text-right max-sm:hidden">
        <Does job={job} cancel={cancel} />
      </td>
    </tr>
  );
}

function Does({ job, cancel }: { job: Job; cancel: () => void }) {
  const [asked, setAsked] = useState(false);
  const again = {
    run: () => taken(api.POST("/api/v1/jobs/{id}/retry", { params: { path: { id: job.id }, header: {} } })),
    lists: [["jobs"]],
    done: "The job waits again.",
  };
  const retry = useDoing(again);
  const deed = deedOf(job);
  if (!deed) return null;
  const about = `${kindName(job.kind)}, ${day(job.created_at)}, ${time(job.created_at)}`;
  return deed === "cancel" ? (
    <Button onClick={cancel} aria-label={`Cancel: ${about}`}>
      Cancel…
    </Button>
  ) : (
    <>
      <Button
        busy={retry.isPending}
        onClick={() => (deletes(job) ? setAsked(true) : retry.mutate())}
        aria-label={`Do again: ${about}`}
      >
        {deletes(job) ? "Do again…" : "Do again"}
      </Button>
      {asked && (
        <Deed
          title="Have this done again?"
          about={
            <>
              <Named>{kindName(job.kind)}</Named>, written down {day(job.created_at)}, {time(job.created_at)}: a file
              that is deleted cannot be brought back.
            </>
          }
          deed="Do it again"
          keep="Leave it"
          {...again}
          close={() => setAsked(false)}
        />
      )}
      {retry.error && (
        <span role="alert" className="mt-1 block max-w-56 text-xs whitespace-normal text-poor">
          {retry.error.message}
        </span>
      )}
    </>
  );
}
