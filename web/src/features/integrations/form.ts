// A connection as a form has it, and back.

import type { Schemas } from "@/api/client";
import type { Connection } from "@/api/connections";

export type Way = "key" | "oauth";
export type ProofChoice = Schemas["Proof"] | "none";

export type Form = {
  name: string;
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
};

/** As the program sets up a connection of which nothing is said. */
const USUAL: Schemas["ConnectionSettings"] = {
  access_key: null,
  authorize_url: null,
  base_url: "https://api.gong.io",
  client_id: null,
  include_private: false,
  overlap_hours: 48,
  proof: "jwt",
  public_key: null,
  requests_per_day: 10_000,
  requests_per_second: 3,
  strangers_are_customers: true,
  timeout_seconds: 30,
  token_url: null,
  webhook_url: null,
  workspace: null,
};

export function formOf(of: Pick<Connection, "name" | "settings"> | { name: string }): Form {
  const settings = "settings" in of ? of.settings : USUAL;
  return {
    name: of.name,
    base_url: settings.base_url,
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
    requests_per_second: String(settings.requests_per_second),
    requests_per_day: String(settings.requests_per_day),
    overlap_hours: String(settings.overlap_hours),
    authorize_url: settings.authorize_url ?? "",
    token_url: settings.token_url ?? "",
  };
}

const given = (text: string) => text.trim() || null;

/** A number as somebody wrote it, with or without a comma between thousands; `undefined` where it is none. */
export function numberOf(text: string): number | undefined {
  const read = Number(text.replace(/[,\s]/g, ""));
  return text.trim() !== "" && Number.isFinite(read) ? read : undefined;
}

/** All that a connection is set to; `before`: what it was set to, where there is one. */
export function settingsOf(
  form: Form,
  origin: string,
  before?: Schemas["ConnectionSettings"],
): Schemas["ConnectionSettings"] {
  return {
    base_url: form.base_url.trim(),
    access_key: form.way === "key" ? given(form.access_key) : null,
    // Its secret is kept as well, and both belong together.
    client_id: form.way === "oauth" ? given(form.client_id) : (before?.client_id ?? null),
    authorize_url: given(form.authorize_url),
    token_url: given(form.token_url),
    proof: form.proof === "none" ? null : form.proof,
    public_key: given(form.public_key),
    webhook_url: form.proof === "jwt" ? webhookUrl(form, origin) : given(form.webhook_url),
    workspace: given(form.workspace),
    include_private: form.include_private,
    strangers_are_customers: form.strangers_are_customers,
    requests_per_second: numberOf(form.requests_per_second) ?? 0,
    requests_per_day: numberOf(form.requests_per_day) ?? 0,
    overlap_hours: numberOf(form.overlap_hours) ?? 0,
    // What has no field stays.
    timeout_seconds: (before ?? USUAL).timeout_seconds,
  };
}

/** The secrets that were typed; the others stay. */
export function secretsOf(form: Form): Schemas["Secrets"] {
  const typed: [keyof Schemas["Secrets"], string, boolean][] = [
    ["secret", form.secret, form.way === "key"],
    ["client_secret", form.client_secret, form.way === "oauth"],
    ["webhook_secret", form.webhook_secret, form.proof === "hmac" || form.proof === "url_key"],
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
  if (form.way === "key") {
    need("access_key", "Write the access key");
    need("secret", "Write the secret of the access key");
  } else {
    need("client_id", "Write the client id");
    need("client_secret", "Write the client secret");
  }
  if (form.proof === "jwt") need("public_key", "Copy the public key from Gong’s rule, or take no webhooks for now");
  if (form.proof === "hmac" || form.proof === "url_key") need("webhook_secret", "Write a secret, or make one");
  for (const field of ["requests_per_second", "requests_per_day", "overlap_hours"] as const)
    if (numberOf(form[field]) === undefined) wrong[field] = "Write a number";
  for (const field of ["requests_per_day", "overlap_hours"] as const)
    if (!Number.isInteger(numberOf(form[field]) ?? 0) || form[field].trim().startsWith("-"))
      wrong[field] = "Write a whole number";
  return wrong;
}

/** Where Gong delivers for a connection; its last part is the secret where that is the proof. */
export function deliveryUrl(origin: string, name: string, key?: string): string {
  const url = `${origin}/webhooks/gong/${encodeURIComponent(name.trim() || "NAME")}`;
  return key === undefined ? url : `${url}/${encodeURIComponent(key)}`;
}

/** The address that Gong signs: as it was written, else this program's. */
export function webhookUrl({ webhook_url, name }: Pick<Form, "webhook_url" | "name">, origin: string): string {
  return webhook_url.trim() || deliveryUrl(origin, name);
}

/** Where somebody comes back who let this program in at Gong. */
export function returnUrl(origin: string): string {
  return `${origin}/oauth/gong/callback`;
}

/** Five bits each: no letter more likely than another. */
const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
const LENGTH = 32;

/** A secret that nobody can guess, of letters and digits alone, so that it may be a part of an address. */
export function newSecret(
  random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array = crypto.getRandomValues.bind(crypto),
): string {
  return [...random(new Uint8Array(LENGTH))].map((byte) => LETTERS[byte % LETTERS.length]).join("");
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
