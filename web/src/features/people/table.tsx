import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import clsx from "clsx";
import { type ComponentProps, useEffect, useRef, useState } from "react";
import { lineQuery, type Period } from "@/api/analytics";
import { Sparkline, spoken } from "@/components/chart";
import { closeScale } from "@/components/series";
import { SortHead } from "@/components/sort-head";
import { Button, Card, Empty } from "@/components/ui";
import { kindOf, nameOf, written } from "./measures";
import { Change, CountedMean } from "./pieces";
import { averageOf, changeOf, dimensionsOf, type Row, sorted } from "./rows";
import { longer } from "./search";

const PAGE = 50;
/** Over how many weeks a point of one rep's line is an average: few have five calls in one. */
const SPAN = 4;

/** The reps of a team with their figures. A row leads to the rep. */
export function RepsTable({
  rows,
  names,
  sort,
  setSort,
  period,
  asOf,
}: {
  rows: readonly Row[];
  names: Record<string, string>;
  sort: string;
  setSort: (sort: string) => void;
  period: Period;
  /** When the rows were answered. */
  asOf: number;
}) {
  const [most, setMost] = useState(PAGE);
  const dimensions = dimensionsOf(rows, names).map((id) => `dimension:${id}`);
  const head = { sort, set: setSort };
  if (rows.length === 0)
    return (
      <Card>
        <Empty
          title="No reps here"
          action={
            <Link to="/calls" className="font-medium text-pitch underline">
              To the calls
            </Link>
          }
        >
          Nobody whose calls you may see stands here yet. Reps appear with their first call.
        </Empty>
      </Card>
    );
  return (
    <Card className="overflow-x-auto">
      <table className="w-full text-left">
        <thead className="border-b border-line text-xs text-soft">
          <tr>
            <Head {...head} column="name" name="Rep" sorts="text" className="sticky left-0 z-[1] bg-surface" />
            <Head {...head} column="calls" name="Calls" sorts="figure" />
            <Head {...head} column="overall" name="Overall" sorts="figure" />
            <Head {...head} column="change" name="Change" sorts="figure" className="max-sm:hidden" />
            <th
              scope="col"
              className="px-2 py-2 align-bottom font-medium whitespace-nowrap sm:px-3"
              title={`Overall, ${SPAN} weeks a point`}
            >
              Trend
            </th>
            {dimensions.map((id) => (
              <Head key={id} {...head} column={id} name={nameOf(id, names)} sorts="figure" className="max-lg:hidden" />
            ))}
            <Head {...head} column="talk_ratio" name="Talk ratio" sorts="figure" className="max-md:hidden" />
            <Head
              {...head}
              column="customer_sentiment"
              name="Customer’s mood"
              sorts="figure"
              className="max-md:hidden"
            />
          </tr>
        </thead>
        <tbody>
          {sorted(rows, sort)
            .slice(0, most)
            .map((row) => (
              <RepRow key={row.now.rep.id} row={row} dimensions={dimensions} period={period} asOf={asOf} />
            ))}
        </tbody>
      </table>
      {rows.length > most && (
        <div className="grid justify-center border-t border-line p-3">
          <Button onClick={() => setMost(most + PAGE)}>More reps ({rows.length - most})</Button>
        </div>
      )}
    </Card>
  );
}

/** The head of a column of the reps. */
function Head({ className, ...rest }: ComponentProps<typeof SortHead>) {
  return <SortHead {...rest} className={clsx("px-2 first:pl-4 sm:px-3 sm:first:pl-4 sm:last:pr-4", className)} />;
}

function RepRow({
  row,
  dimensions,
  period,
  asOf,
}: {
  row: Row;
  dimensions: readonly string[];
  period: Period;
  asOf: number;
}) {
  const { rep, calls, judged, overall } = row.now;
  const cell = "figures px-2 py-2 sm:px-3 sm:last:pr-4 text-right whitespace-nowrap";
  return (
    <tr className="group border-b border-line last:border-0 hover:bg-sunken">
      <th
        scope="row"
        className="sticky left-0 z-[1] max-w-56 min-w-28 bg-surface py-2 pr-2 pl-4 text-left font-medium group-hover:bg-sunken"
      >
        <Link
          to="/people/$id"
          params={{ id: rep.id }}
          className="block truncate group-hover:text-pitch after:absolute after:inset-0"
        >
          {rep.name}
        </Link>
      </th>
      <td className={cell} title={judged < calls ? `${judged} of them judged` : undefined}>
        {calls}
      </td>
      <td className={cell}>
        <CountedMean of={overall} kind="score" among={calls} />
      </td>
      <td className={clsx(cell, "max-sm:hidden")}>
        <Change value={changeOf(row)} kind="score" why="Not enough calls now or in the period before" />
      </td>
      <td className="px-2 py-2 sm:px-3">
        <LazyLine rep={rep.id} period={period} asOf={asOf} />
      </td>
      {dimensions.map((id) => (
        <td key={id} className={clsx(cell, "max-lg:hidden")}>
          <CountedMean of={averageOf(row.now, id)} kind="score" among={calls} />
        </td>
      ))}
      {(["talk_ratio", "customer_sentiment"] as const).map((id) => (
        <td key={id} className={clsx(cell, "max-md:hidden")}>
          <CountedMean of={row.now[id]} kind={kindOf(id)} among={calls} />
        </td>
      ))}
    </tr>
  );
}

/** A rep's line, which is asked for when its row comes into sight. */
function LazyLine({ rep, period, asOf }: { rep: string; period: Period; asOf: number }) {
  const ref = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!ref.current || seen) return;
    const watch = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setSeen(true),
      { rootMargin: "200px" },
    );
    watch.observe(ref.current);
    return () => watch.disconnect();
  }, [seen]);
  const of = { ...longer(period, 13), measure: "overall", rep_id: rep, span: SPAN };
  const { data, isError } = useQuery({ ...lineQuery(of, asOf), enabled: seen, placeholderData: keepPreviousData });
  return (
    <div ref={ref} className="h-6 w-16 sm:w-24">
      {data && (
        <Sparkline
          points={data.points}
          scale={closeScale(data.points)}
          label={spoken(data.points, (value) => written("score", value))}
        />
      )}
      {isError && (
        <span className="text-soft" title="The line could not be read">
          –<span className="sr-only">The line could not be read</span>
        </span>
      )}
    </div>
  );
}
