import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { api, taken } from "@/api/client";
import { type DealRule, dealRulesQuery, renewDeals } from "@/api/deals";
import { Button, Card, Failed, PageHead, Tag, Waiting } from "@/components/ui";
import { byWeight, WARNING } from "../deals/words";
import { changesOf, formOf, isUsual, type RuleForm, wrongOf } from "./deal-rules";
import { useDoing } from "./doing";
import { Buttons } from "./fields";

/** What warns of deals, and from when on. */
export function DealWarningsPage() {
  const rules = useQuery(dealRulesQuery);
  return (
    <>
      <PageHead
        title="Deal warnings"
        note="What warns of an open deal, for everybody. Each warning also takes points from its health."
      />
      <Card className="max-w-3xl">
        {rules.isPending && <Waiting rows={8} label="Loading the warnings" />}
        {rules.isError && <Failed error={rules.error} retry={() => void rules.refetch()} />}
        {rules.data && <Rules before={rules.data} />}
      </Card>
    </>
  );
}

function Rules({ before }: { before: readonly DealRule[] }) {
  const queries = useQueryClient();
  const [form, setForm] = useState(() => formOf(before));
  const changes = changesOf(before, form);
  const refused = before.some((rule) => wrongOf(rule, form[rule.kind]?.threshold ?? ""));
  const save = useDoing({
    run: () => taken(api.PUT("/api/v1/deal-warnings", { body: { rules: changes } })),
    lists: [],
    done: "The warnings are saved. Deals are reckoned anew within seconds.",
    after: (rules) => {
      queries.setQueryData(dealRulesQuery.queryKey, rules);
      setForm(formOf(rules));
      renewDeals(queries);
    },
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!refused && changes.length > 0) save.mutate();
      }}
    >
      <ul>
        {byWeight(before).map((rule) => (
          <Rule
            key={rule.kind}
            rule={rule}
            value={form[rule.kind] ?? { enabled: rule.enabled, threshold: `${rule.threshold}` }}
            set={(change) => setForm((form) => ({ ...form, [rule.kind]: change }))}
          />
        ))}
      </ul>
      <div className="grid gap-3 border-t border-line px-4 py-3">
        {save.error && <Failed error={save.error} />}
        <Buttons>
          <Button
            disabled={changes.length === 0}
            onClick={() => {
              save.reset();
              setForm(formOf(before));
            }}
          >
            Undo changes
          </Button>
          <Button type="submit" kind="primary" busy={save.isPending} disabled={changes.length === 0 || refused}>
            Save
          </Button>
        </Buttons>
      </div>
    </form>
  );
}

function Rule({
  rule,
  value,
  set,
}: {
  rule: DealRule;
  value: RuleForm[string];
  set: (value: RuleForm[string]) => void;
}) {
  const id = useId();
  const { name, tone, means, ask } = WARNING[rule.kind];
  const wrong = wrongOf(rule, value.threshold);
  const [before, after] = ask;
  return (
    <li className="grid gap-x-6 gap-y-2 border-b border-line px-4 py-3 last:border-0 sm:grid-cols-[minmax(0,1fr)_15rem]">
      <div className="flex items-start gap-2.5">
        <input
          id={id}
          type="checkbox"
          checked={value.enabled}
          onChange={({ target }) => set({ ...value, enabled: target.checked })}
          aria-describedby={`${id}-means`}
          className="mt-1 size-4 shrink-0 accent-pitch"
        />
        <div className="min-w-0">
          <label htmlFor={id} className="font-medium">
            <Tag tone={value.enabled ? tone : "none"}>{name}</Tag>
          </label>
          <p id={`${id}-means`} className="mt-1 text-soft">
            {means(wrong ? rule.threshold : Number(value.threshold))}
          </p>
        </div>
      </div>
      <div className="max-sm:pl-6.5">
        <label className="flex items-center gap-2">
          <span className="flex-1 text-right text-soft max-sm:flex-none">{before}</span>
          <input
            type="number"
            inputMode="numeric"
            min={rule.bounds[0]}
            max={rule.bounds[1]}
            value={value.threshold}
            disabled={!value.enabled}
            aria-invalid={wrong ? true : undefined}
            aria-describedby={wrong ? `${id}-wrong` : undefined}
            onChange={({ target }) => set({ ...value, threshold: target.value })}
            className={`figures h-8 w-18 rounded-md border bg-surface px-2 text-right disabled:opacity-60 ${wrong ? "border-poor" : "border-line-strong"}`}
          />
          <span className="w-12 text-soft">
            {after}
            <span className="sr-only">: {name}</span>
          </span>
        </label>
        {wrong && (
          <p id={`${id}-wrong`} className="mt-1 text-right text-xs text-poor max-sm:text-left">
            {wrong}
          </p>
        )}
        {!isUsual(rule, value) && (
          <p className="mt-1 text-right text-xs text-soft max-sm:text-left">
            <button
              type="button"
              onClick={() => set({ enabled: true, threshold: `${rule.usual}` })}
              className="py-0.5 underline hover:text-ink"
            >
              Back to the usual {rule.usual}
              <span className="sr-only">: {name}</span>
            </button>
          </p>
        )}
      </div>
    </li>
  );
}
