// How connections do, and how their calls come in, in words.

import type { Schemas } from "@/api/client";
import type { CallSource, Connection, SourceCall, SyncRun, WebhookEvent } from "@/api/connections";
import { many, number, sentence } from "@/components/format";
import type { Tone } from "@/components/score";

type State = { name: string; tone: Tone };

type Kind = Connection["kind"];

type Service = {
  /** As it stands beside the name of a connection. */
  name: string;
  /** Within a sentence. */
  called: string;
  /** Its calls are listed when it is asked; where not, they are sent. */
  asked: boolean;
  /** A service elsewhere: it has an address, allows so many requests a day, and tells calls by their day. */
  remote: boolean;
  /** It sends something by itself. */
  sends: boolean;
  /** It has deals, and no calls. */
  crm?: true;
  /** People set it up here; where not, a setting of the machine does. */
  editable: boolean;
};

/** What each kind of connection is called, and what it has. */
export const SERVICES: Record<Kind, Service> = {
  gong: { name: "Gong", called: "Gong", asked: true, remote: true, sends: true, editable: true },
  fireflies: { name: "Fireflies", called: "Fireflies", asked: true, remote: true, sends: true, editable: true },
  push: { name: "Sent by a program", called: "the program", asked: false, remote: false, sends: true, editable: true },
  folder: { name: "Watched folder", called: "the folder", asked: true, remote: false, sends: false, editable: false },
  salesforce: {
    name: "Salesforce",
    called: "Salesforce",
    asked: true,
    remote: true,
    sends: false,
    editable: true,
    crm: true,
  },
  hubspot: { name: "HubSpot", called: "HubSpot", asked: true, remote: true, sends: false, editable: true, crm: true },
};

/** The service that a call came from by its own word; nothing where that is none, as with files. */
export function serviceOf(source: string): string | undefined {
  return source in SERVICES ? SERVICES[source as Kind].name : undefined;
}

/** How a connection does, in a word or two. */
export function stateOf({
  kind,
  paused,
  alarming,
  error,
  tried_at,
  backlog,
}: Pick<Connection, "kind" | "paused" | "alarming" | "error" | "tried_at"> & {
  backlog: Pick<Connection["backlog"], "kept">;
}): State {
  if (paused) return { name: "Paused", tone: "none" };
  if (alarming) return { name: "Fails again and again", tone: "poor" };
  if (error) return { name: "Failed last time", tone: "fair" };
  // What is not asked is never tried: it works once something came.
  if (!SERVICES[kind].asked && backlog.kept === 0) return { name: "Nothing came yet", tone: "none" };
  return tried_at || !SERVICES[kind].asked ? { name: "Works", tone: "good" } : { name: "Not tried yet", tone: "none" };
}

/** Why a call is not here, as a sentence; the name of a file at its beginning stays as it is written. */
export function whyNot(why: string): string {
  const written = sentence(why);
  return /^[^:]+\.(json|md|srt|text|txt|vtt): /i.test(why) ? why.charAt(0) + written.slice(1) : written;
}

/** What a pause means. */
export function restOf({ kind }: Pick<Connection, "kind">): string {
  if (SERVICES[kind].crm) return "No deals are fetched while it is paused.";
  if (kind === "folder") return "No file is taken from the folder while it is paused.";
  return kind === "push"
    ? "What the program sends is refused while it is paused."
    : "Nothing is fetched and no webhook is taken while it is paused.";
}

/** Whether Gong itself still has to let this program in. */
export function wantsConsent({ kind, settings, secrets }: Pick<Connection, "kind" | "settings" | "secrets">): boolean {
  return kind === "gong" && !settings.access_key && Boolean(settings.client_id) && !secrets.includes("tokens");
}

const CAUSES: Record<SyncRun["cause"], string> = {
  schedule: "On schedule",
  asked: "Asked for",
  backfill: "Backfill",
};

/** Why a round began. */
export const causeOf = ({ cause }: Pick<SyncRun, "cause">): string => CAUSES[cause];

/** How far a round is. */
export const RUN_STATES: Record<SyncRun["state"], State> = {
  running: { name: "Under way", tone: "good" },
  waiting: { name: "Waiting", tone: "fair" },
  done: { name: "Done", tone: "none" },
  failed: { name: "Failed", tone: "poor" },
};

/** What a round found: `12 calls, 3 of them new`. */
export function foundBy({ found, new_calls }: Pick<SyncRun, "found" | "new_calls">, crm = false): string {
  // What is read of a CRM is told together: deals, firms, people and e-mails.
  if (crm) return found === 0 ? "Nothing new" : many(found, "record");
  if (found === 0) return "No calls";
  return `${many(found, "call")}, ${new_calls === 0 ? "none" : number(new_calls)} new`;
}

/** Why a round waits or failed; `time` writes when it goes on. */
export function whyOf(
  { state, error, wait_until }: Pick<SyncRun, "state" | "error" | "wait_until">,
  time: (at: string) => string,
): string | undefined {
  if (state !== "waiting") return error ? sentence(error) : undefined;
  const until = wait_until ? `Goes on ${time(wait_until)}.` : "";
  return [error ? sentence(error) : "", until].filter(Boolean).join(" ") || undefined;
}

/** How far a call is that a connection knows. */
export const CALL_STATES: Record<SourceCall["state"], State> = {
  open: { name: "On its way", tone: "fair" },
  failed: { name: "Given up", tone: "poor" },
  skipped: { name: "Left out", tone: "none" },
  kept: { name: "Here", tone: "none" },
};

/** A call of a connection in a word; one that was here and went is not here. */
export function callState({ state, call_id }: Pick<SourceCall, "state" | "call_id">): State {
  return state === "kept" && !call_id ? { name: "Deleted here", tone: "none" } : CALL_STATES[state];
}

/** What may be done with a call that did not come in; nothing where it did. */
export function againWords({ state }: Pick<SourceCall, "state">): string | undefined {
  if (state === "kept") return undefined;
  return state === "open" ? "Try now" : state === "skipped" ? "Bring it in" : "Try again";
}

/** How a call became known through a connection of a kind. */
export function knownBy({ known_by }: Pick<SourceCall, "known_by">, kind: Kind): string {
  if (known_by === "webhook") return `${SERVICES[kind].called} told of it`;
  if (known_by === "push") return "sent by the program";
  if (known_by === "sync") return kind === "folder" ? "found in the folder" : "found by a sync";
  return known_by;
}

/** What a call is called among those of its connection; files have no time of their own, and the hash of one is long. */
export function callName(
  { began_at, external_id }: Pick<SourceCall, "began_at" | "external_id">,
  kind: Kind,
  time: (at: string) => string,
): string {
  if (kind === "folder") return `File ${external_id.slice(0, 8)}`;
  if (began_at) return time(began_at);
  return kind === "push" ? external_id : "It is not known when";
}

const STEPS: Record<Schemas["IntakeStep"], string> = {
  fetch_call: "Asked who was in it",
  fetch_transcript: "Fetched what was said",
  store_call_metadata: "Kept the call",
  store_speakers: "Kept who spoke",
  store_transcripts: "Kept what was said",
  queue_for_analysis: "Put in line to be judged",
};

type Step = CallSource["steps"][number];

/** A step by which a call came in. */
export const stepName = ({ step }: Pick<Step, "step">): string => STEPS[step];

/** What was odd about a step: how often it was tried, or why it waits. */
export function stepNote({ attempts, state, error }: Pick<Step, "attempts" | "state" | "error">): string | undefined {
  const tries = attempts > 1 ? `tried ${many(attempts, "time")}` : undefined;
  const why = state === "done" ? undefined : (error ?? (state === "waiting" ? "waits" : state));
  return [tries, why].filter(Boolean).join("; ") || undefined;
}

/** How far an event is. */
export const EVENT_STATES: Record<WebhookEvent["status"], State> = {
  received: { name: "On its way", tone: "fair" },
  processed: { name: "Done", tone: "none" },
  failed: { name: "Call given up", tone: "poor" },
  test: { name: "Test", tone: "none" },
  refused: { name: "Refused", tone: "poor" },
};

/** Whether the call of an event may be asked for again: it is not here, and the event was genuine. */
export function replays({ status, call_id, source_call_id }: WebhookEvent): boolean {
  return Boolean(source_call_id) && !call_id && status !== "refused" && status !== "test";
}

/** `412 bytes`, `3.1 kB`. */
export function bytes(n: number): string {
  if (n < 1_000) return many(n, "byte");
  return n < 1e6 ? `${number(Math.round(n / 100) / 10)} kB` : `${number(Math.round(n / 1e5) / 10)} MB`;
}

/** How much of a day's requests is used, from 0 to 1, and in which colour. */
export function quotaOf({ requests_today, settings }: Pick<Connection, "requests_today" | "settings">): {
  share: number;
  tone: Tone;
  words: string;
} {
  const { requests_per_day: most } = settings;
  const share = Math.min(1, requests_today / most);
  return {
    share,
    tone: share >= 1 ? "poor" : share >= 0.8 ? "fair" : "none",
    words: `${number(requests_today)} of ${number(most)}`,
  };
}
