import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import {
  type Agent,
  agentsQuery,
  type CheckCount,
  type Compared,
  type Insights,
  insightsQuery,
  type Period,
} from "@/api/analytics";
import { LineChart } from "@/components/chart";
import { Choose } from "@/components/choose";
import { Card, Empty, Failed, PageHead, Waiting } from "@/components/ui";
import { shortDay, span } from "./dates";
import { calls, kindOf, nameOf, written } from "./measures";
import { PeriodSwitch, TeamSwitch, usePeople } from "./period";
import { Change, Mean } from "./pieces";
import { difference } from "./rows";
import { readCompareSearch } from "./search";

/** Two reps side by side. */
export function ComparePage() {
  const { a, b } = useSearch({ from: "/frame/people/compare", select: readCompareSearch, structuralSharing: true });
  const navigate = useNavigate({ from: "/people/compare" });
  const { period, team } = usePeople();
  const agents = useQuery(agentsQuery(period, team));
  const reps = agents.data ?? [];
  const left = useSide(a, period);
  const right = useSide(b, period);
  const pick = (change: { a?: string | undefined; b?: string | undefined }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const [one, two] = [
    left.data?.rep.id === a ? left.data : undefined,
    right.data?.rep.id === b ? right.data : undefined,
  ];
  const failed = [left, right].find((side) => side.isError);
  return (
    <>
      <PageHead title="Two reps side by side" note={span(period)}>
        <TeamSwitch />
        <PeriodSwitch />
      </PageHead>
      {agents.isError && <Failed error={agents.error} retry={() => void agents.refetch()} />}
      <div className="mb-5 flex items-center gap-3">
        <Pick label="First rep" value={a} not={b} reps={reps} shown={one} set={(id) => pick({ a: id })} />
        <span className="text-soft">and</span>
        <Pick label="Second rep" value={b} not={a} reps={reps} shown={two} set={(id) => pick({ b: id })} />
      </div>
      {failed && <Failed error={failed.error} retry={() => void failed.refetch()} />}
      {!failed && (!a || !b) && (
        <Card>
          <Empty title="Choose two reps">Their scores, dimensions and gaps then stand beside each other.</Empty>
        </Card>
      )}
      {!failed && a && b && !(one && two) && (
        <Card>
          <Waiting rows={8} />
        </Card>
      )}
      {!failed && one && two && <Both a={one} b={two} />}
    </>
  );
}

function useSide(id: string | undefined, period: Period) {
  return useQuery({ ...insightsQuery(id ?? "", period), enabled: id !== undefined, placeholderData: keepPreviousData });
}

function Pick({
  label,
  value,
  not,
  reps,
  shown,
  set,
}: {
  label: string;
  value: string | undefined;
  not: string | undefined;
  reps: readonly Agent[];
  shown: Insights | undefined;
  set: (id: string | undefined) => void;
}) {
  return (
    <Choose
      label={label}
      className="flex-1 sm:max-w-56"
      choices={reps.map(({ rep }) => ({ value: rep.id, name: rep.name, disabled: rep.id === not }))}
      value={value}
      shown={shown?.rep.name ?? "Somebody else"}
      set={set}
    />
  );
}

type Pair = { id: string; a: Compared | undefined; b: Compared | undefined };

/** The measures of both; a dimension by which only one was judged as well. */
export function pairs(a: Insights, b: Insights): Pair[] {
  const dimensions = [...new Set([...a.dimensions, ...b.dimensions].map(({ id }) => id))];
  return [
    { id: "overall", a: a.overall, b: b.overall },
    ...dimensions.map((id) => ({
      id: `dimension:${id}`,
      a: a.dimensions.find((dimension) => dimension.id === id),
      b: b.dimensions.find((dimension) => dimension.id === id),
    })),
    ...(["talk_ratio", "sentiment", "customer_sentiment"] as const).map((id) => ({ id, a: a[id], b: b[id] })),
  ];
}

function Both({ a, b }: { a: Insights; b: Insights }) {
  const names = Object.fromEntries([...b.dimensions, ...a.dimensions].map(({ id, name }) => [id, name]));
  const cell = "px-1.5 py-2 text-right whitespace-nowrap sm:px-3";
  return (
    <div className="grid gap-5">
      <Card className="overflow-x-auto">
        <table className="w-full text-left">
          <thead className="border-b border-line">
            <tr>
              <th scope="col" className="py-3 pr-1.5 pl-4 text-xs font-medium text-soft sm:pr-4">
                Measure
              </th>
              {[a, b].map(({ rep, calls: n }, which) => (
                <th key={rep.id} scope="col" className="px-1.5 py-3 text-right align-top font-semibold sm:px-3">
                  <Link to="/people/$id" params={{ id: rep.id }} className="hover:text-pitch hover:underline">
                    {rep.name}
                  </Link>
                  <span className="flex items-center justify-end gap-1.5 text-xs font-normal whitespace-nowrap text-soft">
                    <Mark hollow={which === 1} /> {calls(n)}
                  </span>
                </th>
              ))}
              <th scope="col" className="px-1.5 py-3 text-right text-xs font-medium text-soft max-md:pr-4 sm:px-3">
                Difference
              </th>
              <th aria-hidden className="w-2/5 px-4 py-3 text-xs font-medium text-soft max-md:hidden">
                <span className="flex justify-between">
                  <span>0</span>
                  <span>100</span>
                </span>
              </th>
            </tr>
          </thead>
          <tbody>
            {pairs(a, b).map((pair) => (
              <tr key={pair.id} className="border-b border-line last:border-0">
                <th scope="row" className="py-2 pr-1.5 pl-4 text-left font-medium sm:pr-4">
                  {nameOf(pair.id, names)}
                </th>
                {[pair.a, pair.b].map((side, which) => (
                  <td key={which === 0 ? "a" : "b"} className={cell}>
                    <span className="figures mr-2 text-xs text-soft max-sm:sr-only">{calls(side?.now.n ?? 0)}</span>
                    <span className="inline-block min-w-10">
                      <Mean of={side?.now} kind={kindOf(pair.id)} />
                    </span>
                  </td>
                ))}
                <td className={`${cell} max-md:pr-4`}>
                  <Change
                    value={difference(pair.id, pair.a, pair.b)}
                    kind={kindOf(pair.id)}
                    why="One of the two has too few calls"
                    neutral
                  />
                </td>
                <td aria-hidden className="px-4 py-2 max-md:hidden">
                  <Place pair={pair} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Card>
      <Card title="Overall score" aside={<span className="text-xs text-soft">four weeks a point</span>}>
        <div className="p-4 pb-3">
          <LineChart
            title="Overall score of both, each point an average over four weeks"
            lines={[
              { name: a.rep.name, points: a.overall.weekly },
              { name: b.rep.name, points: b.overall.weekly, dashed: true },
            ]}
            write={(value) => written("score", value)}
            week={shortDay}
            tall={224}
          />
        </div>
      </Card>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        {[a, b].map((side) => (
          <Card key={side.rep.id} title={`What ${side.rep.name} misses most`}>
            <Gaps items={side.gaps} none={side.note ?? "No check was missed in half of the calls or more."} />
          </Card>
        ))}
      </div>
    </div>
  );
}

function Mark({ hollow }: { hollow: boolean }) {
  return (
    <span
      aria-hidden
      className={`inline-block size-2.5 rounded-full border-2 ${hollow ? "border-ink bg-surface" : "border-pitch bg-pitch"}`}
    />
  );
}

/** Where both stand between 0 and 100; moods have another measure. */
function Place({ pair }: { pair: Pair }) {
  const kind = kindOf(pair.id);
  const of = (side: Compared | undefined) =>
    typeof side?.now.mean === "number" ? side.now.mean * (kind === "share" ? 100 : 1) : undefined;
  return kind === "mood" ? null : <Track a={of(pair.a)} b={of(pair.b)} />;
}

function Track({ a, b }: { a: number | undefined; b: number | undefined }) {
  const known = [a, b].filter((value) => typeof value === "number");
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const at = "absolute top-1/2 size-3 -translate-x-1/2 -translate-y-1/2 rounded-full border-2";
  return (
    <div className="relative mx-1.5 h-4">
      <span className="absolute inset-x-0 top-1/2 h-px bg-line" />
      {known.length === 2 && (
        <span
          className="absolute top-1/2 h-0.5 -translate-y-1/2 bg-line-strong"
          style={{ left: `${low}%`, width: `${high - low}%` }}
        />
      )}
      {typeof a === "number" && <span className={`${at} border-pitch bg-pitch`} style={{ left: `${a}%` }} />}
      {typeof b === "number" && <span className={`${at} border-ink bg-surface`} style={{ left: `${b}%` }} />}
    </div>
  );
}

function Gaps({ items, none }: { items: readonly CheckCount[]; none: string }) {
  if (items.length === 0) return <p className="p-4 text-soft">{none}</p>;
  return (
    <ul className="px-4 py-2">
      {items.map((check) => {
        const moment = check.moments[0];
        return (
          <li key={`${check.rubric} ${check.id}`} className="flex items-baseline gap-3 py-1.5">
            <span className="min-w-0 flex-1">
              {moment ? (
                <Link
                  to="/calls/$id"
                  params={{ id: moment.call_id }}
                  search={{ at: moment.segment_id, mark: `${moment.offset}-${moment.length}`, check: check.id }}
                  className="font-medium hover:text-pitch hover:underline"
                >
                  {check.name}
                </Link>
              ) : (
                <span className="font-medium">{check.name}</span>
              )}
            </span>
            <span className="figures text-xs whitespace-nowrap text-soft">
              met in {check.met} of {calls(check.met + check.unmet)}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
