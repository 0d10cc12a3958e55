import { useQueries, useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { PenLine } from "lucide-react";
import { meQuery } from "@/api/queries";
import { allRubricsQuery, type RubricHead, rubricsQuery, rubricVersionsQuery } from "@/api/rubrics";
import { day } from "@/components/format";
import { Card, Empty, Failed, PageHead, Tag, Waiting } from "@/components/ui";
import { readRubricsSearch } from "./search";
import { Tabs } from "./tabs";
import { BUTTON } from "./tones";

/** Versions that are named in a row; the others stand on the rubric's page. */
const NAMED = 4;

/** The rubrics that calls can be judged by. */
export function RubricsPage() {
  const { retired = false } = useSearch({ strict: false, select: readRubricsSearch, structuralSharing: true });
  const rubrics = useQuery(retired ? allRubricsQuery : rubricsQuery);
  const { data: me } = useQuery(meQuery);
  const all = rubrics.data ?? [];
  const usual = all.find((rubric) => rubric.usual);
  const first = usual ?? all[0];
  return (
    <>
      <PageHead title="Rubrics" note="What good looks like: each call is judged by one of these, check by check.">
        {me?.role === "admin" && first && (
          <Link to="/rubrics/$id" params={{ id: first.id }} search={{ write: "copy" }} className={BUTTON}>
            <PenLine aria-hidden className="size-4" /> Write a rubric
          </Link>
        )}
      </PageHead>
      <Tabs />
      <Card className="overflow-hidden">
        {rubrics.isPending && <Waiting rows={3} />}
        {rubrics.isError && <Failed error={rubrics.error} retry={() => void rubrics.refetch()} />}
        {rubrics.isSuccess && all.length === 0 && (
          <Empty title="No rubric is offered">Without one no call can be judged.</Empty>
        )}
        {all.length > 0 && <Table rubrics={all} />}
      </Card>
      {all.length > 0 && (
        <p className="mt-3 max-w-prose text-xs text-soft">
          {usual && <>A call is judged by “{usual.name}” where nobody asks for another one. </>}
          Retired rubrics judge no more calls; those that they judged still lead to them.{" "}
          <Link
            to="."
            search={{ retired: retired ? undefined : true }}
            replace
            className="whitespace-nowrap text-pitch underline"
          >
            {retired ? "Hide retired rubrics" : "Show retired rubrics"}
          </Link>
        </p>
      )}
    </>
  );
}

function Table({ rubrics }: { rubrics: readonly RubricHead[] }) {
  // A list has the latest versions only; there are few rubrics, and a page of each is likely to be opened.
  const versions = useQueries({ queries: rubrics.map(({ id }) => rubricVersionsQuery(id)) });
  const head = "px-3 py-2 font-medium whitespace-nowrap";
  return (
    <table className="w-full text-left">
      <thead className="border-b border-line text-xs text-soft">
        <tr>
          <th scope="col" className={`${head} w-full pl-4`}>
            Rubric
          </th>
          <th scope="col" className={head}>
            Versions
          </th>
          <th scope="col" className={`${head} max-md:hidden`}>
            Source
          </th>
          <th scope="col" className={`${head} text-right max-md:hidden`}>
            Dimensions
          </th>
          <th scope="col" className={`${head} text-right max-md:hidden`}>
            Checks
          </th>
          <th scope="col" className={`${head} pr-4 max-sm:hidden`}>
            State
          </th>
        </tr>
      </thead>
      <tbody>
        {rubrics.map((rubric, row) => (
          <Row
            key={rubric.id}
            rubric={rubric}
            versions={versions[row]?.data?.map(({ version }) => version) ?? [rubric.version]}
          />
        ))}
      </tbody>
    </table>
  );
}

function Row({ rubric, versions }: { rubric: RubricHead; versions: readonly number[] }) {
  const { id, name, description, source, dimensions, checks, created_at, retired_at, usual } = rubric;
  const state = retired_at ? <Tag tone="poor">Retired</Tag> : usual ? <Tag tone="good">Usual</Tag> : <Tag>Offered</Tag>;
  const cell = "px-3 py-3 align-top whitespace-nowrap";
  return (
    <tr className="group border-b border-line last:border-0 hover:bg-sunken">
      <td className="relative py-3 pr-3 pl-4 align-top">
        <Link
          to="/rubrics/$id"
          params={{ id }}
          className="font-medium after:absolute after:inset-0 group-hover:text-pitch"
        >
          {name}
        </Link>
        <span className="block max-w-prose text-soft">{description}</span>
        <span className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-soft md:hidden">
          {source === "own" ? "Your own" : "Built in"} · {dimensions} dimensions · {checks} checks
          <span className="sm:hidden">{state}</span>
        </span>
      </td>
      <td className={cell}>
        <span className="figures flex gap-1">
          {versions.slice(0, NAMED).map((version) => (
            <Link
              key={version}
              to="/rubrics/$id"
              params={{ id }}
              search={{ version }}
              aria-label={`${name}, version ${version}`}
              className="grid h-6 min-w-6 place-items-center rounded border border-line bg-surface px-1 text-xs hover:border-pitch hover:text-pitch"
            >
              {version}
            </Link>
          ))}
          {versions.length > NAMED && (
            <span className="self-center text-xs text-soft">and {versions.length - NAMED} more</span>
          )}
        </span>
        {source === "own" && <span className="mt-1 block text-xs text-soft">{day(created_at)}</span>}
      </td>
      <td className={`${cell} max-md:hidden`}>{source === "own" ? "Your own" : "Built in"}</td>
      <td className={`${cell} figures text-right max-md:hidden`}>{dimensions}</td>
      <td className={`${cell} figures text-right max-md:hidden`}>{checks}</td>
      <td className={`${cell} pr-4 max-sm:hidden`}>{state}</td>
    </tr>
  );
}
