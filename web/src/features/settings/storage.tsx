import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { api, taken } from "@/api/client";
import { day, number, sentence, time } from "@/components/format";
import { Button, Card, Failed, PageHead, Waiting } from "@/components/ui";
import { Deed, refusalOf, useDoing } from "./doing";
import { Buttons, Refused } from "./fields";
import { type Retention, retentionQuery, type Settings, type Storage, settingsQuery, storageQuery } from "./queries";
import { SearchIndexCard } from "./search-index";
import { bars, type Days, daysChanged, GOING, ROOM, size, wouldGo, wrongDays } from "./storing";

/** What takes room, and what goes after a time. */
export function StoragePage() {
  const storage = useQuery(storageQuery);
  const retention = useQuery(retentionQuery);
  return (
    <>
      <PageHead title="Storage and retention" note="What takes how much room, and what is not kept for ever." />
      <div className="grid max-w-3xl grid-cols-1 gap-5">
        <Card
          title="Room"
          aside={
            storage.data?.measured_at && (
              <span className="text-xs text-soft">
                measured on {day(storage.data.measured_at)} at {time(storage.data.measured_at)}
              </span>
            )
          }
        >
          {storage.isPending && <Waiting rows={8} label="Loading what takes room" />}
          {storage.isError && <Failed error={storage.error} retry={() => void storage.refetch()} />}
          {storage.data && <Room of={storage.data} />}
        </Card>
        <Card title="What is not kept for ever">
          {retention.isPending && <Waiting rows={6} label="Loading what is not kept for ever" />}
          {retention.isError && <Failed error={retention.error} retry={() => void retention.refetch()} />}
          {retention.data && <Kept of={retention.data} />}
        </Card>
        <SearchIndexCard />
      </div>
    </>
  );
}

function Room({ of }: { of: Storage }) {
  if (!of.measured_at)
    return <p className="px-4 py-3 text-soft">It was not measured yet. That happens every night, and at the start.</p>;
  return (
    <>
      <p className="px-4 pt-3">
        <span className="figures mr-1 text-2xl font-semibold tracking-tight">{size(of.total_bytes)}</span>{" "}
        <span className="text-soft">in all: the database and the original files</span>
      </p>
      {!of.exact && (
        <p className="mt-1 px-4 text-soft">
          This database does not tell what each kind takes; all of it stands under “{ROOM.other.name}”.
        </p>
      )}
      <table className="mt-3 w-full text-left sm:table-fixed">
        <colgroup>
          <col className="sm:w-72" />
          <col className="max-sm:hidden" />
          <col className="sm:w-24" />
        </colgroup>
        <thead className="sr-only">
          <tr>
            <th scope="col">What</th>
            <th scope="col" className="max-sm:hidden">
              Beside the largest
            </th>
            <th scope="col">Room</th>
          </tr>
        </thead>
        <tbody>
          {bars(of).map(({ kind, bytes, share }) => (
            <tr key={kind} className="border-t border-line">
              <th scope="row" className="w-full px-4 py-2 text-left font-medium">
                {ROOM[kind].name}
                <span className="block text-xs font-normal text-soft">{ROOM[kind].about}</span>
                <Bar share={share} free={kind === "free"} className="mt-1.5 sm:hidden" />
              </th>
              <td className="px-3 py-2 max-sm:hidden">
                <Bar share={share} free={kind === "free"} />
              </td>
              <td className="figures py-2 pr-4 pl-3 text-right whitespace-nowrap">{size(bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Bar({ share, free, className = "" }: { share: number; free: boolean; className?: string }) {
  return (
    <span aria-hidden className={`block h-1.5 overflow-hidden rounded-full bg-sunken ${className}`}>
      <span
        className={`block h-full min-w-0.5 rounded-full ${free ? "bg-line-strong" : "bg-pitch"}`}
        style={{ width: `${share * 100}%` }}
      />
    </span>
  );
}

const asForm = ({ email_days, crm_days }: Pick<Retention, "email_days" | "crm_days">): Days => ({
  email_days: `${email_days}`,
  crm_days: `${crm_days}`,
});

const FIELDS: { name: keyof Days; label: string; hint: string }[] = [
  { name: "email_days", label: "Words of e-mails", hint: "after an e-mail was sent" },
  { name: "crm_days", label: "Copies of the CRM", hint: "after a deal was closed" },
];

/** After how many days what goes, what that is now, and the way to have it go at once. */
function Kept({ of }: { of: Retention }) {
  const queries = useQueryClient();
  const [form, setForm] = useState(() => asForm(of));
  const [asked, setAsked] = useState(false);
  const refused = FIELDS.some(({ name }) => wrongDays(form[name]));
  const change = refused ? {} : daysChanged(of, form);
  const changed = FIELDS.some(({ name }) => form[name] !== asForm(of)[name]);
  const save = useDoing({
    run: async () => {
      const settings = await taken(api.PATCH("/api/v1/settings", { body: change as Settings }));
      // What would go by the new days stands there before it is said that they are saved.
      const now = await queries.fetchQuery({ ...retentionQuery, staleTime: 0 });
      return { settings, now };
    },
    lists: [],
    done: "The days are saved. What is older goes in the night; it stands below.",
    after: ({ settings, now }) => {
      queries.setQueryData(settingsQuery.queryKey, settings);
      setForm(asForm(now));
    },
  });
  const going = wouldGo(of);
  return (
    <>
      <form
        noValidate
        className="grid gap-4 px-4 py-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!refused && changed) save.mutate();
        }}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          {FIELDS.map(({ name, label, hint }) => (
            <DaysField
              key={name}
              label={label}
              hint={hint}
              value={form[name]}
              error={wrongDays(form[name]) ?? refusalOf(save.error)?.field(name)}
              set={(value) => setForm({ ...form, [name]: value })}
            />
          ))}
        </div>
        <Refused error={save.error} fields={FIELDS.map(({ name }) => name)} />
        <Buttons>
          <Button
            disabled={!changed}
            onClick={() => {
              save.reset();
              setForm(asForm(of));
            }}
          >
            Undo changes
          </Button>
          <Button type="submit" kind="primary" busy={save.isPending} disabled={!changed || refused}>
            Save
          </Button>
        </Buttons>
      </form>
      <Due of={of} />
      <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line px-4 py-3">
        <p className="text-soft">
          {going ? "It goes by itself in the coming night." : "Nothing is old enough to go."}
          {changed && " The days above are not saved yet."}
        </p>
        <Button kind="danger" disabled={!going || changed} onClick={() => setAsked(true)}>
          Take it away now…
        </Button>
      </div>
      {asked && going && (
        <Deed
          title="Take it away now?"
          about={
            <>
              {sentence(going).slice(0, -1)} will go, and {of.items.some(({ count }) => count > 1) ? "do" : "does"} not
              come back. Calls, scores, who wrote when, and which deals were won or lost stay.
            </>
          }
          deed="Take it away"
          close={() => setAsked(false)}
          run={() => taken(api.POST("/api/v1/retention", { params: { header: {} } }))}
          lists={[retentionQuery.queryKey, storageQuery.queryKey, ["deals"]]}
          done={`It is gone: ${going}.`}
        />
      )}
    </>
  );
}

function DaysField({
  label,
  hint,
  value,
  error,
  set,
}: {
  label: string;
  hint: string;
  value: string;
  error: string | undefined;
  set: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="grid content-start gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <div className="flex items-center gap-2">
        <input
          id={id}
          type="number"
          inputMode="numeric"
          min={0}
          max={3650}
          value={value}
          aria-invalid={error ? true : undefined}
          aria-describedby={`${id}-hint${error ? ` ${id}-error` : ""}`}
          onChange={({ target }) => set(target.value)}
          className={`figures h-9 w-24 rounded-md border bg-surface px-2.5 text-right ${error ? "border-poor" : "border-line-strong"}`}
        />
        <span id={`${id}-hint`} className="text-soft">
          {value.trim() !== "" && Number(value) === 0 ? "days: kept for ever" : `days ${hint}`}
        </span>
      </div>
      {error && (
        <p id={`${id}-error`} className="text-xs text-poor">
          {error}
        </p>
      )}
    </div>
  );
}

/** What would go now, by kind. */
function Due({ of }: { of: Retention }) {
  return (
    <table className="w-full border-t border-line text-left">
      <thead className="border-b border-line text-xs text-soft">
        <tr>
          <th scope="col" className="w-full px-4 py-2 font-medium">
            What would go now
          </th>
          <th scope="col" className="px-3 py-2 font-medium whitespace-nowrap max-sm:hidden">
            Older than
          </th>
          <th scope="col" className="px-3 py-2 text-right font-medium max-sm:pr-4">
            Count
          </th>
          <th scope="col" className="py-2 pr-4 pl-3 text-right font-medium max-sm:hidden">
            Text
          </th>
        </tr>
      </thead>
      <tbody>
        {of.items.map(({ kind, before, count, bytes }) => (
          <tr key={kind} className="border-b border-line last:border-0">
            <th scope="row" className="px-4 py-2 text-left font-medium">
              {GOING[kind].name}
              <span className="block text-xs font-normal text-soft">{GOING[kind].about}</span>
            </th>
            <td className="figures px-3 py-2 whitespace-nowrap text-soft max-sm:hidden">
              {before ? day(before) : "kept for ever"}
            </td>
            <td className="figures px-3 py-2 text-right max-sm:pr-4">{number(count)}</td>
            <td className="figures py-2 pr-4 pl-3 text-right whitespace-nowrap text-soft max-sm:hidden">
              {size(bytes)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
