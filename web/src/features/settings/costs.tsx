import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import clsx from "clsx";
import type { Schemas } from "@/api/client";
import { meQuery } from "@/api/queries";
import { LineChart } from "@/components/chart";
import { dollars, many, number, percent } from "@/components/format";
import { Card, Empty, Failed, PageHead, Tag, Waiting } from "@/components/ui";
import { shortDay, span, weekday } from "../people/dates";
import { PeriodSwitch, usePeople } from "../people/period";
import { Figures, Stat } from "../people/pieces";
import { Backfills } from "./backfills";
import { bare, elsewhere, filling, moneyScale, spots, tokens } from "./money";
import { type Costs, costsQuery, modelQuery } from "./queries";

type Cost = Schemas["Cost"];

/** What models cost: in a period, by days and by reps, and what of the budgets is left. */
export function CostsPage() {
  const { data: me } = useQuery(meQuery);
  const { period } = usePeople();
  const costs = useQuery({ ...costsQuery(period), placeholderData: keepPreviousData });
  const { data } = costs;
  const none = data !== undefined && data.total.requests + data.total.cached === 0;
  return (
    <>
      <PageHead title="Costs" note={`What models cost, ${span(period)}`}>
        <PeriodSwitch />
      </PageHead>
      <div className="grid grid-cols-1 gap-5">
        {costs.isPending && (
          <Card>
            <Waiting rows={8} label="Loading what models cost" />
          </Card>
        )}
        {costs.isError && <Failed error={costs.error} retry={() => void costs.refetch()} />}
        {data && !costs.isError && (
          <>
            {none ? <Nothing /> : <Totals total={data.total} rate={data.hit_rate} days={data.days.length} />}
            {!none && data.total.unpriced + data.total.failed > 0 && <Notes total={data.total} />}
            {(!none || budgeted(data)) && <Budgets costs={data} admin={me?.role === "admin"} />}
            <Backfills />
            {!none && <Days days={data.days} />}
            {!none && <Reps reps={data.reps} total={data.total} partly={me?.role === "manager"} />}
          </>
        )}
      </div>
    </>
  );
}

function budgeted({ month_micros, budget_day_micros, budget_month_micros }: Costs): boolean {
  return month_micros > 0 || typeof (budget_day_micros ?? budget_month_micros) === "number";
}

function Nothing() {
  const who = useQuery(modelQuery).data;
  return (
    <Card>
      <Empty
        title="Nothing was asked in this time"
        action={
          <Link to="/settings/model" className="font-medium text-pitch underline">
            {who && !who.model ? "How a model is set up" : "To the model"}
          </Link>
        }
      >
        {who && !who.model
          ? "No model is set up: the offline analyst judges, which costs nothing."
          : "As soon as a call is judged by a model, what it costs stands here."}
      </Empty>
    </Card>
  );
}

function Totals({ total, rate, days }: { total: Cost; rate: number | null | undefined; days: number }) {
  return (
    <Figures>
      <Stat name="Spent" value={dollars(total.cost_micros)}>
        {total.unpriced > 0 ? "without what has no known price" : `in ${many(days, "day")}`}
      </Stat>
      <Stat name="Questions" value={number(total.requests + total.cached)}>
        {number(total.requests)} sent, {number(total.cached)} answered before
      </Stat>
      <Stat
        name="Answers used again"
        value={percent(rate)}
        note={typeof rate === "number" ? undefined : "no questions"}
      >
        they cost nothing
      </Stat>
      <Stat name="Tokens" value={tokens(read(total) + total.output_tokens)}>
        {tokens(read(total))} read, {tokens(total.output_tokens)} written
      </Stat>
    </Figures>
  );
}

function read({ input_tokens, cache_write_tokens, cache_read_tokens }: Cost): number {
  return input_tokens + cache_write_tokens + cache_read_tokens;
}

function Notes({ total: { unpriced, failed } }: { total: Cost }) {
  return (
    <div className="grid gap-1 rounded-md bg-fair-soft px-4 py-2">
      {unpriced > 0 && (
        <p>
          {many(unpriced, "question")} went to a model whose price is not known; what {unpriced === 1 ? "it" : "they"}{" "}
          cost is in no sum.
        </p>
      )}
      {failed > 0 && <p>{many(failed, "question")} had no answer, or none that was understood.</p>}
    </div>
  );
}

function Budgets({ costs, admin }: { costs: Costs; admin: boolean }) {
  const rows = [
    ["Today", costs.today_micros, costs.budget_day_micros],
    ["This month", costs.month_micros, costs.budget_month_micros],
  ] as const;
  return (
    <Card
      title="Budgets"
      aside={
        <Link to="/settings/model" className="font-medium text-pitch underline">
          {admin ? "Change" : "To the model"}
          {admin && <span className="sr-only"> the budgets</span>}
        </Link>
      }
    >
      <table className="w-full text-left">
        <thead className="sr-only">
          <tr>
            <th scope="col">When</th>
            <th scope="col">Spent</th>
            <th scope="col">Left</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, spent, budget]) => (
            <Budget key={name} name={name} spent={spent} budget={budget ?? undefined} />
          ))}
        </tbody>
      </table>
    </Card>
  );
}

const FILLS = { good: "bg-good", fair: "bg-fair", poor: "bg-poor", none: "bg-line-strong" };

function Budget({ name, spent, budget }: { name: string; spent: number; budget: number | undefined }) {
  const filled = budget === undefined ? undefined : filling(spent, budget);
  const left = !filled ? "no limit" : filled.share < 1 ? filled.words : <Tag tone="poor">{filled.words}</Tag>;
  return (
    <tr className="border-b border-line last:border-0">
      <th scope="row" className="py-3 pr-3 pl-4 align-top font-medium whitespace-nowrap sm:align-middle">
        {name}
      </th>
      <td className="w-full py-3 pr-4 pl-3 sm:pr-3">
        <span className="figures block">
          <span className="whitespace-nowrap">{dollars(spent)}</span>
          {budget !== undefined && <span className="whitespace-nowrap text-soft"> of {dollars(budget)}</span>}
        </span>
        {filled && (
          <span aria-hidden className="mt-1.5 block h-1.5 max-w-md overflow-hidden rounded-full bg-sunken">
            <span
              className={clsx("block h-full rounded-full", FILLS[filled.tone])}
              style={{ width: `${filled.share * 100}%` }}
            />
          </span>
        )}
        <span className="figures mt-1 block text-xs text-soft sm:hidden">{left}</span>
      </td>
      <td className="figures py-3 pr-4 pl-3 text-right whitespace-nowrap text-soft max-sm:hidden">{left}</td>
    </tr>
  );
}

function Days({ days }: { days: Costs["days"] }) {
  const { step, points } = spots(days);
  const title = step === "Day" ? "Day by day" : "Week by week";
  return (
    <Card title={title} aside={<span className="text-xs text-soft">US$</span>} className="min-w-0">
      <div className="p-4 pb-3">
        <LineChart
          title={`Spent, ${title.toLowerCase()}`}
          lines={[{ name: "Spent", points }]}
          scale={moneyScale(points.map(({ mean }) => mean ?? 0))}
          write={dollars}
          mark={bare}
          week={shortDay}
          step={step}
          tell={({ mean }) => dollars(mean)}
          tall={200}
          plain
        />
        {step === "Day" ? (
          <Dearest days={days} />
        ) : (
          <p className="mt-2 text-xs text-soft">Weeks from Monday; of the first and the last only a part may count.</p>
        )}
      </div>
    </Card>
  );
}

function Dearest({ days }: { days: Costs["days"] }) {
  const most = days.toSorted((a, b) => b.cost_micros - a.cost_micros)[0];
  if (!most || most.cost_micros === 0) return null;
  return (
    <p className="mt-2 text-xs text-soft">
      Most on {weekday(most.day)}: {dollars(most.cost_micros)}.
    </p>
  );
}

function Reps({ reps, total, partly }: { reps: Costs["reps"]; total: Cost; partly: boolean }) {
  const listed = reps.reduce((sum, { cost_micros }) => sum + cost_micros, 0);
  const rest = total.cost_micros - listed;
  return (
    <Card title="By whose calls" className="overflow-hidden">
      {reps.length === 0 ? (
        <p className="px-4 py-3 text-soft">None of these calls are of people whom you see.</p>
      ) : (
        <table className="w-full text-left">
          <thead className="border-b border-line text-xs text-soft">
            <tr>
              <th scope="col" className="w-full px-4 py-2 font-medium">
                Rep
              </th>
              <th scope="col" className="px-3 py-2 text-right font-medium">
                Calls
              </th>
              <th scope="col" className="px-3 py-2 text-right font-medium max-sm:hidden">
                Questions
              </th>
              <th scope="col" className="px-3 py-2 text-right font-medium whitespace-nowrap max-md:hidden">
                Used again
              </th>
              <th scope="col" className="px-3 py-2 text-right font-medium max-md:hidden">
                Tokens
              </th>
              <th scope="col" className="py-2 pr-4 pl-3 text-right font-medium">
                Spent
              </th>
            </tr>
          </thead>
          <tbody>
            {reps.map((rep) => (
              <Row key={rep.rep_id ?? "nobody"} rep={rep} />
            ))}
          </tbody>
        </table>
      )}
      {rest > 0 && (
        <p className="border-t border-line px-4 py-2 text-xs text-soft">
          {dollars(rest)} more went to {elsewhere(reps.length, partly)}.
        </p>
      )}
    </Card>
  );
}

function Row({ rep }: { rep: Costs["reps"][number] }) {
  const questions = rep.requests + rep.cached;
  return (
    <tr className="border-b border-line last:border-0 hover:bg-sunken">
      <th scope="row" className="max-w-0 truncate px-4 py-2 text-left font-medium">
        {rep.rep_id ? (
          <Link to="/people/$id" params={{ id: rep.rep_id }} className="hover:text-pitch">
            {rep.name ?? "Without a name"}
          </Link>
        ) : (
          <span className="font-normal whitespace-normal text-soft">Nobody’s, or of people who were removed</span>
        )}
      </th>
      <td className="figures px-3 py-2 text-right">{number(rep.calls)}</td>
      <td className="figures px-3 py-2 text-right max-sm:hidden">{number(questions)}</td>
      <td className="figures px-3 py-2 text-right max-md:hidden">
        {percent(questions > 0 ? rep.cached / questions : null)}
      </td>
      <td className="figures px-3 py-2 text-right whitespace-nowrap max-md:hidden">
        {tokens(read(rep) + rep.output_tokens)}
      </td>
      <td className="figures py-2 pr-4 pl-3 text-right whitespace-nowrap">{dollars(rep.cost_micros)}</td>
    </tr>
  );
}
