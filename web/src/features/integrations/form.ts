// A connection as a form has it, and back.

import type { Schemas } from "@/api/client";
import type { Connection } from "@/api/connections";
import { type Connectable, isCrm } from "./search";

export type Way = "key" | "oauth";
export type ProofChoice = Schemas["Proof"] | "none";

type Settings = Schemas["ConnectionSettings"];

export type Form = {
  kind: Connectable;
  name: string;
  /** Empty, as a number of requests a second: the service's usual one. */
  base_url: string;
  way: Way;
  access_key: string;
  client_id: string;
  /** Secrets are empty where they stay as they are: the program never tells them. */
  secret: string;
  client_secret: string;
  webhook_secret: string;
  proof: ProofChoice;
  public_key: string;
  webhook_url: string;
  workspace: string;
  include_private: boolean;
  strangers_are_customers: boolean;
  requests_per_second: string;
  requests_per_day: string;
  overlap_hours: string;
  authorize_url: string;
  token_url: string;
  product_field: string;
  segment_field: string;
  health_field: string;
  api_version: string;
};

/** As the program sets up a connection of which nothing is said. */
const USUAL: Settings = {
  access_key: null,
  api_version: null,
  authorize_url: null,
  base_url: "",
  client_id: null,
  health_field: null,
  include_private: false,
  overlap_hours: 48,
  product_field: null,
  proof: "hmac",
  public_key: null,
  requests_per_day: 10_000,
  requests_per_second: 0,
  segment_field: null,
  strangers_are_customers: true,
  timeout_seconds: 30,
  token_url: null,
  webhook_url: null,
  workspace: null,
};

/** Where Fireflies answers, and the requests a second that it allows: what the program writes where nothing was written. */
export const FIREFLIES = { base_url: "https://api.fireflies.ai/graphql", requests_per_second: 1 };

/** The same of HubSpot. */
export const HUBSPOT = { base_url: "https://api.hubapi.com", requests_per_second: 4 };
/** The version of Salesforce's API that is asked where none is set. */
export const SALESFORCE_VERSION = "v67.0";

/** What a new connection begins with: the address of Gong differs from company to company. */
const FIRST: Record<Connectable, Settings> = {
  gong: { ...USUAL, base_url: "https://api.gong.io", proof: "jwt", requests_per_second: 3 },
  fireflies: USUAL,
  push: USUAL,
  salesforce: { ...USUAL, proof: null, requests_per_second: 3 },
  hubspot: { ...USUAL, proof: null },
};

/** What the program writes where a service has one address for everybody. */
const USUALLY: Partial<Record<Connectable, typeof FIREFLIES>> = { fireflies: FIREFLIES, hubspot: HUBSPOT };

/** The fields that the form of a kind has: what else is refused stands above the buttons. */
export const FIELDS: Record<Connectable, readonly (keyof Form | "since")[]> = {
  gong: [
    "name",
    "base_url",
    "access_key",
    "secret",
    "client_id",
    "client_secret",
    "webhook_secret",
    "public_key",
    "webhook_url",
    "workspace",
    "requests_per_second",
    "requests_per_day",
    "overlap_hours",
    "authorize_url",
    "token_url",
    "since",
  ],
  fireflies: [
    "name",
    "base_url",
    "secret",
    "webhook_secret",
    "requests_per_second",
    "requests_per_day",
    "overlap_hours",
    "since",
  ],
  push: ["name", "webhook_secret"],
  salesforce: [
    "name",
    "base_url",
    "client_id",
    "client_secret",
    "secret",
    "product_field",
    "segment_field",
    "health_field",
    "api_version",
    "requests_per_second",
    "requests_per_day",
    "overlap_hours",
    "since",
  ],
  hubspot: [
    "name",
    "base_url",
    "secret",
    "product_field",
    "segment_field",
    "health_field",
    "requests_per_second",
    "requests_per_day",
    "overlap_hours",
    "since",
  ],
};

/** The connection that a form begins with: one that is there, or one of a kind that is to be made. */
export type Begin = { name: string; kind: Connectable; settings?: Settings };

export function formOf({ name, kind, settings = FIRST[kind] }: Begin): Form {
  const usual = USUALLY[kind];
  const { base_url, requests_per_second } = settings;
  return {
    kind,
    name,
    base_url: base_url === usual?.base_url ? "" : base_url,
    way: settings.client_id && !settings.access_key ? "oauth" : "key",
    access_key: settings.access_key ?? "",
    client_id: settings.client_id ?? "",
    secret: "",
    client_secret: "",
    webhook_secret: "",
    proof: settings.proof ?? "none",
    public_key: settings.public_key ?? "",
    webhook_url: settings.webhook_url ?? "",
    workspace: settings.workspace ?? "",
    include_private: settings.include_private,
    strangers_are_customers: settings.strangers_are_customers,
    requests_per_second: [0, usual?.requests_per_second].includes(requests_per_second)
      ? ""
      : String(requests_per_second),
    requests_per_day: String(settings.requests_per_day),
    overlap_hours: String(settings.overlap_hours),
    authorize_url: settings.authorize_url ?? "",
    token_url: settings.token_url ?? "",
    product_field: settings.product_field ?? "",
    segment_field: settings.segment_field ?? "",
    health_field: settings.health_field ?? "",
    api_version: settings.api_version ?? "",
  };
}

const given = (text: string) => text.trim() || null;

/** A number as somebody wrote it, with or without a comma between thousands; `undefined` where it is none. */
export function numberOf(text: string): number | undefined {
  const read = Number(text.replace(/[,\s]/g, ""));
  return text.trim() !== "" && Number.isFinite(read) ? read : undefined;
}

/** All that a connection is set to; `before`: what it was set to, where there is one. What has no field stays. */
export function settingsOf(form: Form, origin: string, before: Settings = USUAL): Settings {
  const proof = form.proof === "none" ? null : form.proof;
  if (form.kind === "push") return { ...before, proof };
  const settings = {
    ...before,
    proof,
    base_url: form.base_url.trim(),
    requests_per_second: numberOf(form.requests_per_second) ?? 0,
    requests_per_day: numberOf(form.requests_per_day) ?? 0,
    overlap_hours: numberOf(form.overlap_hours) ?? 0,
  };
  if (form.kind === "fireflies") return settings;
  if (isCrm(form.kind)) {
    const own = form.kind === "salesforce" ? { client_id: given(form.client_id) } : {};
    return {
      ...settings,
      ...own,
      proof: null,
      product_field: given(form.product_field),
      segment_field: given(form.segment_field),
      health_field: given(form.health_field),
      api_version: given(form.api_version),
    };
  }
  return {
    ...settings,
    access_key: form.way === "key" ? given(form.access_key) : null,
    // Its secret is kept as well, and both belong together.
    client_id: form.way === "oauth" ? given(form.client_id) : before.client_id,
    authorize_url: given(form.authorize_url),
    token_url: given(form.token_url),
    public_key: given(form.public_key),
    webhook_url: form.proof === "jwt" ? webhookUrl(form, origin) : given(form.webhook_url),
    workspace: given(form.workspace),
    include_private: form.include_private,
    strangers_are_customers: form.strangers_are_customers,
  };
}

/** Whether a way in by a key and its secret is chosen, or the only one. */
const byKey = ({ kind, way }: Form) => kind === "fireflies" || isCrm(kind) || (kind === "gong" && way === "key");
const byClient = ({ kind, way }: Form) => kind === "salesforce" || (kind === "gong" && way === "oauth");
const bySecret = ({ proof }: Form) => proof === "hmac" || proof === "url_key";

/** The secrets that were typed; the others stay. */
export function secretsOf(form: Form): Schemas["Secrets"] {
  const typed: [keyof Schemas["Secrets"], string, boolean][] = [
    ["secret", form.secret, byKey(form)],
    ["client_secret", form.client_secret, byClient(form)],
    ["webhook_secret", form.webhook_secret, bySecret(form)],
  ];
  const some = typed.filter(([, value, used]) => used && value.trim() !== "");
  return Object.fromEntries(some.map(([name, value]) => [name, value.trim()])) as Schemas["Secrets"];
}

/** What is missing or unreadable before it is sent: field and sentence. `set` are the secrets that the program has. */
export function missing(form: Form, set: readonly string[]): Partial<Record<keyof Form, string>> {
  const wrong: Partial<Record<keyof Form, string>> = {};
  const need = (field: keyof Form, why: string) => {
    if (typeof form[field] === "string" && form[field].trim() === "" && !set.includes(field)) wrong[field] = why;
  };
  need("name", "Write a name");
  if (form.kind === "fireflies") need("secret", "Write the API key");
  else if (form.kind === "hubspot") need("secret", "Write the access token");
  else if (form.kind === "salesforce") {
    need("base_url", "Write your My Domain address");
    need("client_id", "Write the consumer key");
    need("client_secret", "Write the consumer secret");
  } else if (byKey(form)) {
    need("access_key", "Write the access key");
    need("secret", "Write the secret of the access key");
  } else if (byClient(form)) {
    need("client_id", "Write the client id");
    need("client_secret", "Write the client secret");
  }
  if (form.proof === "jwt") need("public_key", "Copy the public key from Gong’s rule, or take no webhooks for now");
  if (bySecret(form)) need("webhook_secret", "Write a secret, or make one");
  // It has to be entered there as well.
  const long = form.webhook_secret.trim().length > LENGTH;
  if (form.kind === "fireflies" && form.proof === "hmac" && long)
    wrong.webhook_secret = `Fireflies takes ${LENGTH} characters at most`;
  if (form.kind === "push") return wrong;
  for (const field of ["requests_per_second", "requests_per_day", "overlap_hours"] as const) {
    const usual = USUALLY[form.kind] !== undefined && field === "requests_per_second" && form[field].trim() === "";
    if (numberOf(form[field]) === undefined && !usual) wrong[field] = "Write a number";
  }
  for (const field of ["requests_per_day", "overlap_hours"] as const)
    if (!Number.isInteger(numberOf(form[field]) ?? 0) || form[field].trim().startsWith("-"))
      wrong[field] = "Write a whole number";
  return wrong;
}

/** Where it is delivered for a connection; its last part is the secret where that is the proof. */
export function deliveryUrl(origin: string, kind: Connectable, name: string, key?: string): string {
  const url = `${origin}/webhooks/${kind}/${encodeURIComponent(name.trim() || "NAME")}`;
  return key === undefined ? url : `${url}/${encodeURIComponent(key)}`;
}

/** The address that Gong signs: as it was written, else this program's. */
export function webhookUrl({ webhook_url, name }: Pick<Form, "webhook_url" | "name">, origin: string): string {
  return webhook_url.trim() || deliveryUrl(origin, "gong", name);
}

/** Where somebody comes back who let this program in at Gong. */
export function returnUrl(origin: string): string {
  return `${origin}/oauth/gong/callback`;
}

/** Five bits each: no letter more likely than another. */
const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
/** As long as Fireflies takes one at most. */
const LENGTH = 32;

/** A secret that nobody can guess, of letters and digits alone, so that it may be a part of an address. */
export function newSecret(
  random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array = crypto.getRandomValues.bind(crypto),
): string {
  return [...random(new Uint8Array(LENGTH))].map((byte) => LETTERS[byte % LETTERS.length]).join("");
}

/** What a new connection is called where nobody says otherwise, unless another one is called so. */
export function nameFor(kind: Connectable, known: readonly Pick<Connection, "name">[]): string {
  const usual = { gong: "main", fireflies: "fireflies", push: "", salesforce: "salesforce", hubspot: "hubspot" }[kind];
  return known.some(({ name }) => name === usual) ? "" : usual;
}

/** When a day begins where clocks go by this zone, the reader's where none is told. */
export function dayBegins(day: string, timeZone?: string | undefined): string {
  if (!timeZone) return new Date(`${day}T00:00:00`).toISOString();
  const utc = Date.parse(`${day}T00:00:00Z`);
  const shown = (at: number) => {
    const parts = new Intl.DateTimeFormat("en", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    }).formatToParts(at);
    const part = (name: string) => parts.find(({ type }) => type === name)?.value;
    return Date.parse(
      `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}:${part("second")}Z`,
    );
  };
  // Twice: where clocks are changed that day, the first guess may lie on the other side of it.
  let at = utc;
  for (let turn = 0; turn < 2; turn++) at = at + (utc - shown(at));
  return new Date(at).toISOString();
}
