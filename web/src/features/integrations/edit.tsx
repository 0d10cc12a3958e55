import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { ApiError, api, type Schemas, taken } from "@/api/client";
import { type Connection, connectionQuery, connectionsQuery } from "@/api/connections";
import { NoSuch } from "@/components/no-such";
import { Button, Card, Empty, Failed, Field, PageHead, Waiting } from "@/components/ui";
import { zone } from "@/components/zone";
import { today } from "../people/dates";
import { refusalOf, useDoing } from "../settings/doing";
import { Buttons, Radios, Refused } from "../settings/fields";
import { CrmMore, HubspotAccess, SalesforceAccess } from "./edit-crm";
import { GongAccess, GongMore } from "./edit-gong";
import { FirefliesAccess, FirefliesMore, PushExample } from "./edit-others";
import { dayBegins, FIELDS, type Form, formOf, missing, nameFor, secretsOf, settingsOf } from "./form";
import { Deliveries, type Filling } from "./parts";
import { Code, LINK_BUTTON } from "./pieces";
import { type Connectable, isCrm, readNewSearch } from "./search";

const KINDS: { value: Connectable; name: string; hint: string; title: string; note: string }[] = [
  {
    value: "gong",
    name: "Gong",
    hint: "Calls. Takes an access key, or an integration that is registered with Gong.",
    title: "Connect Gong",
    note: "Calls come in by themselves from the day on that you choose.",
  },
  {
    value: "fireflies",
    name: "Fireflies",
    hint: "Calls. Takes an API key.",
    title: "Connect Fireflies",
    note: "Calls come in by themselves from the day on that you choose.",
  },
  {
    value: "push",
    name: "A program of yours",
    hint: "Calls. A dialler, a script, another service: it sends transcripts by itself.",
    title: "Connect a program",
    note: "What it sends comes in at once.",
  },
  {
    value: "salesforce",
    name: "Salesforce",
    hint: "Deals, with their firms, people and e-mails. Takes a connected app.",
    title: "Connect Salesforce",
    note: "Deals come in by themselves, with all that is changed from the day on that you choose.",
  },
  {
    value: "hubspot",
    name: "HubSpot",
    hint: "Deals, with their firms, people and e-mails. Takes a private app.",
    title: "Connect HubSpot",
    note: "Deals come in by themselves, with all that is changed from the day on that you choose.",
  },
];

/** Makes a connection. */
export function NewConnectionPage() {
  const known = useQuery(connectionsQuery);
  const { kind = "gong" } = useSearch({
    from: "/frame/settings/integrations/new",
    select: readNewSearch,
    structuralSharing: true,
  });
  const navigate = useNavigate({ from: "/settings/integrations/new" });
  if (known.isError) return <Failed error={known.error} retry={() => void known.refetch()} />;
  const about = KINDS.find(({ value }) => value === kind);
  return (
    <>
      <PageHead title={about?.title ?? "Connect"} note={about?.note} />
      <Card className="max-w-2xl">
        <div className="border-b border-line px-4 py-4">
          <Radios
            label="What to connect"
            value={kind}
            set={(kind) => void navigate({ search: { kind }, replace: true, resetScroll: false })}
            choices={KINDS}
          />
        </div>
        {known.data ? (
          // Another one begins anew: keys of one are none of the other.
          <ConnectionForm key={kind} kind={kind} name={nameFor(kind, known.data)} />
        ) : (
          <Waiting rows={8} />
        )}
      </Card>
    </>
  );
}

/** Changes a connection. */
export function EditConnectionPage() {
  const { id } = useParams({ from: "/frame/settings/integrations/$id/edit" });
  const connection = useQuery({ ...connectionQuery(id), refetchInterval: false });
  const { data, error } = connection;
  if (error instanceof ApiError && error.problem.status === 404) return <NoConnection />;
  if (error && !data) return <Failed error={error} retry={() => void connection.refetch()} />;
  return (
    <>
      <PageHead title={data ? `Edit ${data.name}` : "Edit the connection"} note="What is changed holds at once." />
      <Card className="max-w-2xl">
        {!data && <Waiting rows={8} />}
        {data?.kind === "folder" && (
          <Empty
            title="There is nothing to change here"
            action={
              <Link to="/settings/integrations/$id" params={{ id }} className={LINK_BUTTON}>
                Back to {data.name}
              </Link>
            }
          >
            Which folder is watched is set where Sideline runs: <Code>watch_folder</Code>.
          </Empty>
        )}
        {data && data.kind !== "folder" && (
          <ConnectionForm key={data.id} kind={data.kind} name={data.name} before={data} />
        )}
      </Card>
    </>
  );
}

export function NoConnection() {
  return <NoSuch what="connection" why="It was removed" to="/settings/integrations" back="To the integrations" />;
}

/** What a kind has of its own: how this program gets in, what is told beside, and what lies under "More", with the fields that are there. */
const PARTS: Record<
  Connectable,
  {
    /** In the hint of the name: who calls the address, where there is one. */
    caller?: string;
    access?: (filling: Filling & { before?: Connection | undefined }) => ReactNode;
    beside?: (filling: Filling) => ReactNode;
    more?: (filling: Filling) => ReactNode;
    hidden: readonly (keyof Form)[];
    /** Its calls are fetched from a day on. */
    fetched: boolean;
  }
> = {
  gong: {
    caller: "Gong",
    access: GongAccess,
    more: GongMore,
    hidden: ["workspace", "requests_per_second", "requests_per_day", "overlap_hours", "authorize_url", "token_url"],
    fetched: true,
  },
  fireflies: {
    caller: "Fireflies",
    access: FirefliesAccess,
    more: FirefliesMore,
    hidden: ["base_url", "requests_per_second", "requests_per_day", "overlap_hours"],
    fetched: true,
  },
  push: { caller: "the program", beside: PushExample, hidden: [], fetched: false },
  salesforce: {
    access: SalesforceAccess,
    more: CrmMore,
    hidden: [
      "product_field",
      "segment_field",
      "health_field",
      "api_version",
      "requests_per_second",
      "requests_per_day",
      "overlap_hours",
    ],
    fetched: true,
  },
  hubspot: {
    access: HubspotAccess,
    more: CrmMore,
    hidden: [
      "base_url",
      "product_field",
      "segment_field",
      "health_field",
      "requests_per_second",
      "requests_per_day",
      "overlap_hours",
    ],
    fetched: true,
  },
};

function ConnectionForm({ kind, name, before }: { kind: Connectable; name: string; before?: Connection }) {
  const navigate = useNavigate();
  const { origin } = window.location;
  const { caller, access: Access, beside: Beside, more: More, hidden, fetched } = PARTS[kind];
  const [form, setForm] = useState<Form>(() => formOf({ name, kind, ...(before && { settings: before.settings }) }));
  const [since, setSince] = useState(today());
  const [lacks, setLacks] = useState<ReturnType<typeof missing>>({});
  const set = (change: Partial<Form>) => {
    const same = Object.fromEntries(Object.entries(lacks).filter(([field]) => !(field in change)));
    setLacks(same);
    setForm({ ...form, ...change });
  };
  const secrets = before?.secrets ?? [];
  const save = useDoing({
    run: (): Promise<Connection> => {
      const body = { settings: settingsOf(form, origin, before?.settings), secrets: secretsOf(form) };
      if (before) {
        const params = { path: { id: before.id } };
        return taken(api.PATCH("/api/v1/connections/{id}", { params, body: body as Schemas["ConnectionChange"] }));
      }
      const from = fetched ? { since: dayBegins(since, zone()) } : {};
      const made = { ...body, ...from, kind, name: form.name.trim() };
      return taken(api.POST("/api/v1/connections", { params: { header: {} }, body: made }));
    },
    lists: [["connections"]],
    done: before ? "The connection is saved." : "The connection is made.",
    after: ({ id }) => void navigate({ to: "/settings/integrations/$id", params: { id } }),
  });
  const refusal = refusalOf(save.error);
  const wrong = (field: string) => lacks[field as keyof Form] ?? refusal?.field(field);
  const text = (field: keyof Form) => ({
    value: form[field] as string,
    error: wrong(field),
    autoComplete: "off",
    autoCapitalize: "none",
    spellCheck: false,
    onChange: ({ target }: { target: { value: string } }) => set({ [field]: target.value }),
  });
  const filling = { form, set, text, secrets };
  // What is wrong is not left out of sight.
  const box = useRef<HTMLFormElement>(null);
  const [more, setMore] = useState(false);
  const outOfSight = hidden.some((field) => wrong(field));
  const refused = Object.keys(lacks).length > 0 || refusal !== undefined;
  useEffect(() => {
    if (outOfSight) setMore(true);
  }, [outOfSight]);
  useEffect(() => {
    if (refused) box.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [refused]);
  return (
    <form
      ref={box}
      noValidate
      className="grid gap-6 px-4 py-4"
      onSubmit={(event) => {
        event.preventDefault();
        const found = missing(form, secrets);
        setLacks(found);
        if (Object.keys(found).length === 0 && since !== "") save.mutate();
      }}
    >
      {!before && (
        <Field
          {...text("name")}
          label="Name"
          required
          maxLength={40}
          className="max-w-xs"
          hint={`Letters from a to z, digits and hyphens.${caller ? ` It stands in the address that ${caller} calls.` : ""}`}
        />
      )}
      {Access && <Access {...filling} before={before} />}
      {!before && fetched && (
        <Field
          label={isCrm(kind) ? "Changed since" : "Calls from"}
          type="date"
          required
          max={today()}
          className="max-w-48"
          value={since}
          error={since === "" ? "Write the whole day" : refusal?.field("since")}
          onChange={({ target }) => setSince(target.value)}
        />
      )}
      <Deliveries {...filling} />
      {Beside && <Beside {...filling} />}
      {More && (
        <details
          open={more}
          onToggle={({ currentTarget }) => setMore(currentTarget.open)}
          className="border-t border-line pt-4"
        >
          <summary className="cursor-pointer font-medium">More</summary>
          <div className="mt-4 grid gap-5">
            <More {...filling} />
          </div>
        </details>
      )}
      <Refused error={save.error} fields={FIELDS[kind]} />
      <Buttons>
        {before ? (
          <Link to="/settings/integrations/$id" params={{ id: before.id }} className={LINK_BUTTON}>
            Cancel
          </Link>
        ) : (
          <Link to="/settings/integrations" className={LINK_BUTTON}>
            Cancel
          </Link>
        )}
        <Button type="submit" kind="primary" busy={save.isPending}>
          {before ? "Save" : "Make the connection"}
        </Button>
      </Buttons>
    </form>
  );
}
