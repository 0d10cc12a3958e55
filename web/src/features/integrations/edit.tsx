import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { ApiError, api, type Schemas, taken } from "@/api/client";
import { type Connection, connectionQuery, connectionsQuery } from "@/api/connections";
import { NoSuch } from "@/components/no-such";
import { Button, Card, Failed, Field, PageHead, Waiting } from "@/components/ui";
import { zone } from "@/components/zone";
import { today } from "../people/dates";
import { refusalOf, useDoing } from "../settings/doing";
import { Buttons, CheckField, PasswordField, Radios, Refused, TextField } from "../settings/fields";
import {
  dayBegins,
  deliveryUrl,
  type Form,
  formOf,
  missing,
  newSecret,
  type ProofChoice,
  returnUrl,
  secretsOf,
  settingsOf,
  type Way,
  webhookUrl,
} from "./form";
import { CopyField, LINK_BUTTON } from "./pieces";

/** Makes a connection to Gong. */
export function NewConnectionPage() {
  const known = useQuery(connectionsQuery);
  if (known.isError) return <Failed error={known.error} retry={() => void known.refetch()} />;
  return (
    <>
      <PageHead title="Connect Gong" note="Calls come in by themselves from the day on that you choose." />
      <Card className="max-w-2xl">
        {known.data ? <ConnectionForm name={known.data.length === 0 ? "main" : ""} /> : <Waiting rows={8} />}
      </Card>
    </>
  );
}

/** Changes a connection to Gong. */
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
        {data ? <ConnectionForm key={data.id} name={data.name} before={data} /> : <Waiting rows={8} />}
      </Card>
    </>
  );
}

export function NoConnection() {
  return <NoSuch what="connection" why="It was removed" to="/settings/integrations" back="To the integrations" />;
}

const WAYS: { value: Way; name: string; hint: string }[] = [
  { value: "key", name: "With an access key", hint: "Made in Gong under Company settings › Ecosystem › API." },
  {
    value: "oauth",
    name: "By OAuth",
    hint: "For an integration that is registered with Gong; an admin of Gong then lets it in there.",
  },
];

const PROOFS: { value: ProofChoice; name: string; hint: string }[] = [
  { value: "jwt", name: "Signed by Gong", hint: "The rule has “Signed JWT header”; its public key goes here." },
  { value: "url_key", name: "A secret part of the address", hint: "The rule has “URL includes key”." },
  { value: "hmac", name: "Signed with a secret", hint: "For a relay that signs: HMAC-SHA256 in X-Gong-Signature." },
  { value: "none", name: "Take no webhooks", hint: "Calls come with the nightly sync, or when somebody asks." },
];

/** Fields that lie under "More". */
const MORE = [
  "workspace",
  "requests_per_second",
  "requests_per_day",
  "overlap_hours",
  "authorize_url",
  "token_url",
] as const satisfies (keyof Form)[];

const FIELDS = [
  ...MORE,
  "name",
  "base_url",
  "access_key",
  "secret",
  "client_id",
  "client_secret",
  "webhook_secret",
  "public_key",
  "webhook_url",
  "since",
];

function ConnectionForm({ name, before }: { name: string; before?: Connection }) {
  const navigate = useNavigate();
  const { origin } = window.location;
  const [form, setForm] = useState<Form>(() => formOf(before ?? { name }));
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
      const made = { ...body, kind: "gong" as const, name: form.name.trim(), since: dayBegins(since, zone()) };
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
  // What is wrong is not left out of sight.
  const box = useRef<HTMLFormElement>(null);
  const [more, setMore] = useState(false);
  const hidden = MORE.some((field) => wrong(field));
  const refused = Object.keys(lacks).length > 0 || refusal !== undefined;
  useEffect(() => {
    if (hidden) setMore(true);
  }, [hidden]);
  useEffect(() => {
    if (refused) box.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [refused]);
  // Both parts of a key belong together, and the program lets none of them go: another way in is another connection.
  const fixed = Boolean(before?.settings.access_key ?? before?.settings.client_id);
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
          hint="Letters from a to z, digits and hyphens. It stands in the address that Gong calls."
        />
      )}
      <Field
        {...text("base_url")}
        label="Address of Gong"
        required
        inputMode="url"
        hint="As Gong shows it beside the key, such as https://us-55616.api.gong.io."
      />
      <div className="grid gap-4">
        {fixed ? (
          <p className="font-medium">{WAYS.find(({ value }) => value === form.way)?.name}</p>
        ) : (
          <Radios label="How Sideline gets in" value={form.way} set={(way) => set({ way })} choices={WAYS} />
        )}
        {form.way === "key" ? (
          <div className="grid items-start gap-4 sm:grid-cols-2">
            <Field {...text("access_key")} label="Access key" required />
            <SecretField {...text("secret")} label="Access key secret" there={secrets.includes("secret")} />
          </div>
        ) : (
          <>
            <div className="grid items-start gap-4 sm:grid-cols-2">
              <Field {...text("client_id")} label="Client id" required />
              <SecretField {...text("client_secret")} label="Client secret" there={secrets.includes("client_secret")} />
            </div>
            <CopyField
              label="Redirect address"
              value={returnUrl(origin)}
              hint={
                before
                  ? "It is registered with Gong. Another client id wants a new consent."
                  : "Register it with Gong. When the connection is made, you are led to Gong, where an admin decides."
              }
            />
          </>
        )}
      </div>
      {!before && (
        <Field
          label="Calls from"
          type="date"
          required
          max={today()}
          className="max-w-48"
          value={since}
          error={since === "" ? "Write the whole day" : refusal?.field("since")}
          onChange={({ target }) => setSince(target.value)}
        />
      )}
      <div className="grid gap-4 border-t border-line pt-5">
        <Radios
          label="How Gong tells of calls that have ended"
          value={form.proof}
          set={(proof) => set({ proof })}
          choices={PROOFS}
        />
        {form.proof !== "none" && <Delivery form={form} set={set} text={text} secrets={secrets} />}
      </div>
      <details
        open={more}
        onToggle={({ currentTarget }) => setMore(currentTarget.open)}
        className="border-t border-line pt-4"
      >
        <summary className="cursor-pointer font-medium">More</summary>
        <div className="mt-4 grid gap-5">
          <Field
            {...text("workspace")}
            label="Workspace"
            hint="The id of one workspace of Gong. Empty: the calls of all of them."
          />
          <CheckField
            label="Private calls come in as well"
            checked={form.include_private}
            hint="Calls that are private in Gong are left out otherwise."
            set={(include_private) => set({ include_private })}
          />
          <CheckField
            label="Strangers are customers"
            checked={form.strangers_are_customers}
            hint="Who speaks and is on neither side in Gong is taken for a customer. Otherwise a person is asked who it is."
            set={(strangers_are_customers) => set({ strangers_are_customers })}
          />
          <div className="grid items-start gap-4 sm:grid-cols-3">
            <Field {...text("requests_per_second")} label="Requests a second" inputMode="decimal" />
            <Field {...text("requests_per_day")} label="Requests a day" inputMode="numeric" />
            <Field {...text("overlap_hours")} label="Hours looked back" inputMode="numeric" />
          </div>
          <p className="-mt-3 text-xs text-soft">
            Gong allows 3 requests a second and 10,000 a day, together with your other programs. A sync looks back some
            hours, since some calls become known late.
          </p>
          {form.way === "oauth" && (
            <div className="grid items-start gap-4 sm:grid-cols-2">
              <Field
                {...text("authorize_url")}
                label="Where Gong asks for consent"
                inputMode="url"
                hint="Empty: Gong’s own."
              />
              <Field {...text("token_url")} label="Where Gong gives tokens" inputMode="url" hint="Empty: Gong’s own." />
            </div>
          )}
        </div>
      </details>
      <Refused error={save.error} fields={FIELDS} />
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

type TextOf = (field: keyof Form) => {
  value: string;
  error: string | undefined;
  onChange: (event: { target: { value: string } }) => void;
};

/** By what deliveries are known for Gong's, and the address that Gong calls. */
function Delivery({
  form,
  set,
  text,
  secrets,
}: {
  form: Form;
  set: (change: Partial<Form>) => void;
  text: TextOf;
  secrets: readonly string[];
}) {
  const { origin } = window.location;
  const there = secrets.includes("webhook_secret");
  const key = form.webhook_secret.trim();
  return (
    <>
      {form.proof === "jwt" ? (
        <TextField
          {...text("public_key")}
          label="Public key"
          spellCheck={false}
          hint="Gong shows it beside the rule; with or without its first and last line."
        />
      ) : (
        <SecretField
          {...text("webhook_secret")}
          label="Webhook secret"
          there={there}
          make={() => set({ webhook_secret: newSecret() })}
          hint={
            key
              ? "Copy it now: it is never shown again once it is saved."
              : "16 characters or more that nobody can guess."
          }
        />
      )}
      {form.proof === "jwt" ? (
        <CopyField
          {...text("webhook_url")}
          value={webhookUrl(form, origin)}
          label="Address for Gong"
          inputMode="url"
          hint="As it stands in Gong’s rule, letter by letter: Gong signs it. An automation rule with “Fire webhook” calls it."
        />
      ) : form.proof === "url_key" && !key ? (
        <p className="text-xs text-soft">
          {there
            ? "The address for Gong ends with the secret, which is not shown again. Replace it to get a new address."
            : "The address for Gong comes with the secret."}
        </p>
      ) : (
        <CopyField
          label="Address for Gong"
          value={deliveryUrl(origin, form.name, form.proof === "url_key" ? key : undefined)}
          hint="An automation rule in Gong with “Fire webhook” calls it when a call has ended."
        />
      )}
    </>
  );
}

/** A secret, which is never shown again once it is set: then it can only be replaced. */
function SecretField({
  there,
  make,
  hint,
  ...field
}: ReturnType<TextOf> & { label: string; there: boolean; make?: () => void; hint?: ReactNode }) {
  const [replacing, setReplacing] = useState(false);
  if (there && !replacing)
    return (
      <div className="grid gap-1">
        <span className="font-medium">{field.label}</span>
        <div className="flex h-9 items-center gap-3">
          <span className="text-soft">Set</span>
          <Button aria-label={`Replace: ${field.label}`} onClick={() => setReplacing(true)}>
            Replace
          </Button>
        </div>
      </div>
    );
  if (!make) return <PasswordField {...field} autoComplete="off" hint={hint} />;
  // In the open: it has to be carried to Gong.
  return <CopyField {...field} hint={hint} empty={<Button onClick={make}>Make one</Button>} />;
}
