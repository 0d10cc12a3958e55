import { useQuery, useQueryClient } from "@tanstack/react-query";
import clsx from "clsx";
import { Fragment, type ReactNode, useEffect, useState } from "react";
import { api, taken } from "@/api/client";
import { meQuery } from "@/api/queries";
import { inOrder } from "@/components/day-range";
import { day, number, sentence, time } from "@/components/format";
import { Button, Card, Failed, Field, Tag, Waiting } from "@/components/ui";
import { longDay } from "../people/dates";
import {
  type BackfillForm,
  cancelWords,
  costOf,
  meantBy,
  NO_FORM,
  notHere,
  nowOf,
  parted,
  questionsOf,
  readyOf,
  stateOf,
  wishOf,
} from "./backfill";
import { By } from "./by";
import { Deed, refusalOf, useDoing } from "./doing";
import { Refused, SelectField } from "./fields";
import { type Backfill, backfillsQuery, modelQuery, rubricsQuery } from "./queries";

/** So many that are over are listed. */
const OVER = 5;

const LIST = backfillsQuery.queryKey;

/** Many calls that a model judges in batches: the one that is under way, those that are over, and the way to begin one. */
export function Backfills() {
  const admin = useQuery(meQuery).data?.role === "admin";
  const who = useQuery(modelQuery);
  const all = useQuery(backfillsQuery);
  useCostsOf(all.data);
  const failed = [who, all].find(({ isError }) => isError);
  const { open, over } = parted(all.data ?? [], OVER);
  const why = who.data && notHere(who.data);
  return (
    <Card
      title="Many calls at once"
      aside={open && <Tag tone={stateOf(open).tone}>{stateOf(open).name}</Tag>}
      className="min-w-0 overflow-hidden"
    >
      {(who.isPending || all.isPending) && !failed && <Waiting rows={4} label="Loading many calls at once" />}
      {failed && <Failed error={failed.error} retry={() => [who, all].forEach((query) => void query.refetch())} />}
      {who.data && all.data && !failed && (
        <>
          <p className="px-4 py-3.5">
            The calls of a time are judged together, at half the price. Answers come within a day, often much sooner.
            {why && <span className="mt-1 block text-soft">{why}</span>}
            {!why && !admin && !open && over.length === 0 && (
              <span className="mt-1 block text-soft">Nobody has begun that yet; admins can.</span>
            )}
          </p>
          {open && <Open backfill={open} admin={admin} />}
          {admin && !open && !why && <Begin />}
          {over.length > 0 && <Over backfills={over} />}
        </>
      )}
    </Card>
  );
}

/** Has what models cost read again when a batch has added to it. */
function useCostsOf(all: readonly Backfill[] | undefined) {
  const queries = useQueryClient();
  const spent = all?.reduce((sum, { cost_micros }) => sum + (cost_micros ?? 0), 0);
  const [known, setKnown] = useState<number>();
  useEffect(() => {
    if (spent === undefined || spent === known) return;
    if (known !== undefined) void queries.invalidateQueries({ queryKey: ["model", "costs"] });
    setKnown(spent);
  }, [queries, spent, known]);
}

function RubricName({ id }: { id: string }) {
  return useQuery(rubricsQuery).data?.find((rubric) => rubric.id === id)?.name ?? id;
}

function Fact({ name, note, children }: { name: string; note?: string | undefined; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-soft">{name}</dt>
      <dd className="figures mt-0.5 font-semibold">{children}</dd>
      {note && <dd className="mt-0.5 text-xs text-soft">{note}</dd>}
    </div>
  );
}

const when = (at: string) => `${day(at)}, ${time(at)}`;

function Open({ backfill, admin }: { backfill: Backfill; admin: boolean }) {
  const [asks, setAsks] = useState(false);
  const ready = readyOf(backfill);
  const questions = questionsOf(backfill);
  return (
    <section aria-label="Under way" className="border-t border-line px-4 py-3.5">
      <div
        role="progressbar"
        aria-label="Calls that have their answers"
        aria-valuemin={0}
        aria-valuemax={backfill.calls}
        aria-valuenow={backfill.calls - backfill.waiting}
        aria-valuetext={ready.words}
        className="mb-3 h-1.5 overflow-hidden rounded-full bg-sunken"
      >
        <span className="block h-full rounded-full bg-pitch" style={{ width: `${ready.share * 100}%` }} />
      </div>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 md:grid-cols-4">
        <Fact name="Calls ready" note={`${number(backfill.waiting)} waiting`}>
          {ready.words}
        </Fact>
        <Fact name="Questions answered" note={questions.note}>
          {questions.words}
        </Fact>
        <Fact name="Batches sent">{number(backfill.batches)}</Fact>
        <Fact name="Spent so far">{costOf(backfill)}</Fact>
      </dl>
      <div className="mt-3.5 flex flex-wrap items-end justify-between gap-3">
        <div className="min-w-0">
          <p role="status">{nowOf(backfill, time)}</p>
          <p className="mt-0.5 text-xs text-soft">
            Begun {when(backfill.created_at)} by <By actor={backfill.created_by} /> ·{" "}
            <span className="whitespace-nowrap">{backfill.model}</span>
            {backfill.rubric && (
              <>
                {" "}
                · <RubricName id={backfill.rubric} />
              </>
            )}
          </p>
        </div>
        {admin && backfill.state === "open" && (
          <Button kind="danger" onClick={() => setAsks(true)}>
            Cancel…
          </Button>
        )}
      </div>
      {asks && (
        <Deed
          title="Cancel judging these calls?"
          about={cancelWords(backfill)}
          deed="Cancel it"
          keep="Let it go on"
          run={() =>
            taken(
              api.POST("/api/v1/model/backfills/{id}/cancel", { params: { path: { id: backfill.id }, header: {} } }),
            )
          }
          lists={[LIST]}
          done="It is cancelled."
          close={() => setAsks(false)}
        />
      )}
    </section>
  );
}

const FIELDS = ["since", "until", "rubric"];

function Begin() {
  const queries = useQueryClient();
  const rubrics = useQuery(rubricsQuery).data ?? [];
  const [form, setForm] = useState(NO_FORM);
  const [half, setHalf] = useState<string>();
  const set = (change: Partial<BackfillForm>) => {
    setHalf(undefined);
    setForm({ ...form, ...change });
  };
  const begin = useDoing({
    run: () => taken(api.POST("/api/v1/model/backfills", { params: { header: {} }, body: wishOf(form) })),
    lists: [LIST],
    done: "It has begun.",
  });
  const wrong = refusalOf(begin.error);
  const order = inOrder(form) ? undefined : "The last day is before the first";
  const halfDay = (name: string) => (half === name ? "Write the whole day, or none" : undefined);
  const usual = rubrics.find((rubric) => rubric.usual);
  return (
    <form
      noValidate
      aria-label="Have many calls judged at once"
      className="grid gap-4 border-t border-line px-4 py-3.5"
      onSubmit={(event) => {
        event.preventDefault();
        // A day that is half typed reads as none, which would mean all calls.
        const bad = [...event.currentTarget.querySelectorAll("input")].find(({ validity }) => validity.badInput);
        setHalf(bad?.name);
        // Somebody else may have begun one meanwhile.
        if (!bad && !order)
          begin.mutate(undefined, { onError: () => void queries.invalidateQueries({ queryKey: LIST }) });
      }}
    >
      <div className="grid items-start gap-4 sm:grid-cols-2 lg:grid-cols-[10rem_10rem_minmax(0,1fr)]">
        <Field
          label="From"
          name="since"
          type="date"
          value={form.since}
          error={halfDay("since") ?? wrong?.field("since")}
          onChange={({ target }) => set({ since: target.value })}
        />
        <Field
          label="To"
          name="until"
          type="date"
          value={form.until}
          error={halfDay("until") ?? order ?? wrong?.field("until")}
          onChange={({ target }) => set({ until: target.value })}
        />
        <SelectField
          label="Rubric"
          className="sm:max-lg:col-span-2 lg:max-w-xs"
          value={form.rubric}
          error={wrong?.field("rubric")}
          onChange={({ target }) => set({ rubric: target.value })}
        >
          <option value="">{usual ? `${usual.name} (the usual one)` : "The usual one"}</option>
          {rubrics
            .filter((rubric) => !rubric.usual)
            .map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
        </SelectField>
      </div>
      <Refused error={begin.error} fields={FIELDS} />
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <p className="min-w-0 flex-1 basis-56 text-xs text-soft">
          This means {meantBy(form, longDay)}; those that are up to date stay as they are. A budget holds here as well.
        </p>
        <Button type="submit" kind="primary" busy={begin.isPending} disabled={order !== undefined}>
          Begin
        </Button>
      </div>
    </form>
  );
}

function Over({ backfills }: { backfills: readonly Backfill[] }) {
  return (
    <table className="w-full border-t border-line text-left">
      <caption className="sr-only">Those that are over</caption>
      <thead className="border-b border-line text-xs text-soft">
        <tr>
          <th scope="col" className="py-2 pr-3 pl-4 font-medium">
            Begun
          </th>
          <th scope="col" className="px-3 py-2 font-medium max-md:hidden">
            By
          </th>
          <th scope="col" className="px-3 py-2 text-right font-medium max-sm:hidden">
            Calls
          </th>
          <th scope="col" className="px-3 py-2 text-right font-medium max-md:hidden">
            Questions
          </th>
          <th scope="col" className="px-3 py-2 text-right font-medium">
            Spent
          </th>
          <th scope="col" className="w-full py-2 pr-4 pl-3 font-medium">
            State
          </th>
        </tr>
      </thead>
      <tbody>
        {backfills.map((backfill) => (
          <Fragment key={backfill.id}>
            <tr className={clsx(!backfill.why && "border-b border-line last:border-0")}>
              <th scope="row" className="figures py-2 pr-3 pl-4 text-left font-medium whitespace-nowrap">
                {when(backfill.created_at)}
              </th>
              <td className="px-3 py-2 whitespace-nowrap max-md:hidden">
                <By actor={backfill.created_by} />
              </td>
              <td className="figures px-3 py-2 text-right max-sm:hidden">{number(backfill.calls)}</td>
              <td className="figures px-3 py-2 text-right whitespace-nowrap max-md:hidden">
                {questionsOf(backfill).words}
              </td>
              <td className="figures px-3 py-2 text-right whitespace-nowrap">{costOf(backfill)}</td>
              <td className="py-2 pr-4 pl-3">
                <Tag tone={stateOf(backfill).tone}>{stateOf(backfill).name}</Tag>
              </td>
            </tr>
            {backfill.why && (
              <tr className="border-b border-line last:border-0">
                <td colSpan={6} className="px-4 pb-2 text-xs text-soft">
                  {sentence(backfill.why)}
                </td>
              </tr>
            )}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}
