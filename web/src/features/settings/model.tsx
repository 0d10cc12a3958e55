import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { api, type Schemas, taken } from "@/api/client";
import { meQuery } from "@/api/queries";
import { lasted, number, sentence } from "@/components/format";
import { Button, Card, Empty, Failed, Field, PageHead, Tag, Waiting } from "@/components/ui";
import { longDay, today } from "../people/dates";
import { refusalOf, useDoing } from "./doing";
import { Buttons, CheckField, Refused } from "./fields";
import {
  budgetWords,
  type ModelForm,
  modelChange,
  modelForm,
  providerName,
  type Spent,
  spentBudget,
  stateOf,
  withCode,
  wrongAmount,
} from "./money";
import { costsQuery, modelQuery, type Settings, type SetUp, settingsQuery, type Tested } from "./queries";

/** Which model judges calls, whether it answers, and what it may spend. */
export function ModelPage() {
  const { data: me } = useQuery(meQuery);
  const who = useQuery(modelQuery);
  const settings = useQuery(settingsQuery);
  const admin = me?.role === "admin";
  const spent = useSpent(who.data?.judge === "model");
  return (
    <>
      <PageHead title="Model" note="Calls are judged by a language model where one is set up." />
      <div className="grid max-w-2xl gap-5">
        <Card title="Who judges" aside={who.data && <Judge {...who.data} spent={spent} />}>
          {who.isPending && <Waiting rows={5} />}
          {who.isError && <Failed error={who.error} retry={() => void who.refetch()} />}
          {who.data?.model && (
            <OfModel model={who.data.model} off={who.data.judge !== "model"} spent={spent} admin={admin} />
          )}
          {who.data && !who.data.model && <None how={who.data.how} />}
        </Card>
        {who.data?.model && (
          <Card
            title="Judging and budgets"
            aside={
              <Link to="/settings/costs" className="font-medium whitespace-nowrap text-pitch underline">
                What it costs
              </Link>
            }
          >
            {settings.isPending && <Waiting rows={5} />}
            {settings.isError && <Failed error={settings.error} retry={() => void settings.refetch()} />}
            {settings.data && admin && <SettingsForm before={settings.data} />}
            {settings.data && me && !admin && <SettingsRead settings={settings.data} />}
          </Card>
        )}
      </div>
    </>
  );
}

/** The budget that is spent, where there is one, looked at again as time goes by. */
function useSpent(asked: boolean): Spent | undefined {
  const day = today();
  const costs = useQuery({ ...costsQuery({ since: day, until: day }), enabled: asked, refetchInterval: 60_000 });
  return asked && costs.data ? spentBudget(costs.data, day) : undefined;
}

function Judge({ judge, model, spent }: Schemas["WhoJudges"] & { spent: Spent | undefined }) {
  if (judge === "model") return <Tag tone={spent ? "fair" : "good"}>{spent?.name ?? "The model judges"}</Tag>;
  return <Tag tone={model ? "fair" : "none"}>The offline analyst judges</Tag>;
}

function None({ how }: { how: string | null | undefined }) {
  return (
    <Empty title="No model is set up">
      {how &&
        withCode(how).map(({ text, code }) =>
          code ? (
            <code key={text} className="rounded bg-sunken px-1 py-0.5 text-xs whitespace-nowrap text-ink">
              {text}
            </code>
          ) : (
            text
          ),
        )}
    </Empty>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid gap-x-6 gap-y-0.5 border-b border-line px-4 py-2.5 last:border-0 sm:grid-cols-[9rem_1fr]">
      <dt className="text-soft">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}

function OfModel({
  model,
  off,
  spent,
  admin,
}: {
  model: SetUp;
  off: boolean;
  spent: Spent | undefined;
  admin: boolean;
}) {
  const state = stateOf(model.breaker, off, spent) ?? { name: model.breaker, tone: "none" as const, words: "" };
  return (
    <>
      <dl>
        <Fact name="Model">
          <span className="font-medium">{model.name}</span>
          <span className="text-soft"> by {providerName(model.provider)}</span>
        </Fact>
        <Fact name="State">
          <Tag tone={state.tone}>{state.name}</Tag> <span className="ml-1">{state.words}</span>
        </Fact>
        <Fact name="Price">
          {model.price ? (
            <Prices price={model.price} />
          ) : (
            "It is not in the table of prices: what it costs is not known."
          )}
          <span className="mt-1 block text-xs text-soft">By the table of prices of {longDay(model.prices_as_of)}</span>
        </Fact>
      </dl>
      {admin && <Test />}
    </>
  );
}

const KINDS = [
  ["input", "Read afresh"],
  ["cache_write", "Read afresh and remembered"],
  ["cache_read", "Remembered from before"],
  ["output", "Written"],
] as const;

function Prices({ price }: { price: Schemas["Price"] }) {
  return (
    <table className="w-full max-w-xs">
      <caption className="pb-1 text-left text-xs text-soft">US$ for a million tokens</caption>
      <tbody>
        {KINDS.map(([kind, name]) => (
          <tr key={kind}>
            <th scope="row" className="py-0.5 text-left font-normal">
              {name}
            </th>
            <td className="figures py-0.5 text-right">
              {number(price[kind], { minimumFractionDigits: 2, maximumFractionDigits: 4 })}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Test() {
  const queries = useQueryClient();
  const test = useMutation({
    mutationFn: () => taken(api.POST("/api/v1/model/test", { params: { header: {} } })),
    // It may have come back, and costs a little.
    onSuccess: () => queries.invalidateQueries({ queryKey: ["model"] }),
  });
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3">
      <Button busy={test.isPending} onClick={() => test.mutate()}>
        Test the connection
      </Button>
      <div role="status" className="min-w-0 flex-1 basis-56">
        {test.data && <Answer tested={test.data} />}
        {!test.data && !test.isError && (
          <span className="text-xs text-soft">Asks it for one word, which costs a few tokens.</span>
        )}
      </div>
      {test.isError && (
        <div className="w-full">
          <Failed error={test.error} />
        </div>
      )}
    </div>
  );
}

function Answer({ tested: { answers, took_ms, model, failure } }: { tested: Tested }) {
  if (answers)
    return (
      <p>
        <Tag tone="good">It answers</Tag>{" "}
        <span className="figures ml-1">
          {model} in {lasted(took_ms)}
        </span>
      </p>
    );
  return (
    <p>
      <Tag tone="poor">It does not answer</Tag>{" "}
      <span className="ml-1">{failure ? sentence(failure.sentence) : "Nothing came back."}</span>
    </p>
  );
}

/** As whoever may not change it reads it. */
function SettingsRead({ settings }: { settings: Settings }) {
  const { judges, repeats } = modelForm(settings);
  return (
    <dl>
      <Fact name="Judges calls">{judges ? "Yes" : "No: the offline analyst does"}</Fact>
      <Fact name="Near a border">{repeats ? "A dimension is judged three times" : "Judged once, as elsewhere"}</Fact>
      <Fact name="Budget for a day">{budgetWords(settings.model_budget_day)}</Fact>
      <Fact name="Budget for a month">{budgetWords(settings.model_budget_month)}</Fact>
    </dl>
  );
}

const FIELDS = ["model_judges", "model_repeats", "model_budget_day", "model_budget_month"];

function SettingsForm({ before }: { before: Settings }) {
  const queries = useQueryClient();
  const [form, setForm] = useState(modelForm(before));
  const set = (change: Partial<ModelForm>) => setForm({ ...form, ...change });
  const change = modelChange(before, form);
  const unread = wrongAmount(form.day) ?? wrongAmount(form.month);
  const same = Object.keys(change).length === 0;
  const save = useDoing({
    run: () => taken(api.PATCH("/api/v1/settings", { body: change as Settings })),
    lists: [["model"]],
    done: "The settings are saved.",
    after: (settings) => {
      queries.setQueryData(settingsQuery.queryKey, settings);
      setForm(modelForm(settings));
    },
  });
  const wrong = refusalOf(save.error);
  return (
    <form
      noValidate
      className="grid gap-5 px-4 py-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!unread) save.mutate();
      }}
    >
      <CheckField
        label="The model judges calls"
        checked={form.judges}
        hint="If not, the offline analyst does: without costs, and without sending anything anywhere."
        error={wrong?.field("model_judges")}
        set={(judges) => set({ judges })}
      />
      <CheckField
        label="Judge three times near a border"
        checked={form.repeats}
        hint="Where a dimension lies near the border of a level, it is judged three times, and what most say holds. Costs more."
        error={wrong?.field("model_repeats")}
        set={(repeats) => set({ repeats })}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Budget for a day, US$"
          inputMode="decimal"
          autoComplete="off"
          value={form.day}
          error={wrongAmount(form.day) ?? wrong?.field("model_budget_day")}
          onChange={({ target }) => set({ day: target.value })}
        />
        <Field
          label="Budget for a month, US$"
          inputMode="decimal"
          autoComplete="off"
          value={form.month}
          error={wrongAmount(form.month) ?? wrong?.field("model_budget_month")}
          onChange={({ target }) => set({ month: target.value })}
        />
        <p className="-mt-2 text-xs text-soft sm:col-span-2">
          Empty: as the program was started. 0: no limit. When a budget is spent, the offline analyst judges.
        </p>
      </div>
      <Refused error={save.error} fields={FIELDS} />
      <Buttons>
        <Button
          disabled={same && !unread}
          onClick={() => {
            save.reset();
            setForm(modelForm(before));
          }}
        >
          Undo changes
        </Button>
        <Button type="submit" kind="primary" busy={save.isPending} disabled={same || unread !== undefined}>
          Save
        </Button>
      </Buttons>
    </form>
  );
}
