import { expect, test } from "vitest";
import { type Connection, moves, type SyncRun, type WebhookEvent } from "@/api/connections";
import { CONNECTABLE, readConnectionSearch, readEventsSearch, readIntegrationsSearch, readNewSearch } from "./search";
import {
  againWords,
  bytes,
  callName,
  callState,
  foundBy,
  knownBy,
  quotaOf,
  replays,
  restOf,
  SERVICES,
  serviceOf,
  stateOf,
  stepNote,
  wantsConsent,
  whyNot,
  whyOf,
} from "./words";

const ID = "01a20052-2cc5-71cb-a2a2-368a616e3577";
const FINE = {
  kind: "gong" as Connection["kind"],
  backlog: { kept: 0 },
  paused: false,
  alarming: false,
  error: null,
  tried_at: "2026-11-22T10:00:00Z",
};
const SETTINGS: Connection["settings"] = {
  access_key: "KEY",
  api_version: null,
  authorize_url: null,
  base_url: "https://api.gong.io",
  client_id: null,
  health_field: null,
  include_private: false,
  overlap_hours: 48,
  product_field: null,
  proof: null,
  public_key: null,
  requests_per_day: 10_000,
  requests_per_second: 3,
  segment_field: null,
  strangers_are_customers: true,
  timeout_seconds: 30,
  token_url: null,
  webhook_url: null,
  workspace: null,
};

test("only Gong is asked for a consent, and a CRM tells records and not calls", () => {
  const client = { settings: { ...SETTINGS, access_key: null, client_id: "CLIENT" }, secrets: ["client_secret"] };
  expect(wantsConsent({ kind: "gong", ...client })).toBe(true);
  expect(wantsConsent({ kind: "salesforce", ...client })).toBe(false);
  expect(foundBy({ found: 12, new_calls: 0 }, true)).toBe("12 records");
  expect(foundBy({ found: 0, new_calls: 0 }, true)).toBe("Nothing new");
  expect(restOf({ kind: "hubspot" })).toBe("No deals are fetched while it is paused.");
});

test("a pause hides what went wrong, an alarm is more than one failure", () => {
  expect(stateOf(FINE)).toEqual({ name: "Works", tone: "good" });
  expect(stateOf({ ...FINE, tried_at: null }).name).toBe("Not tried yet");
  expect(stateOf({ ...FINE, error: "no" })).toEqual({ name: "Failed last time", tone: "fair" });
  expect(stateOf({ ...FINE, error: "no", alarming: true }).tone).toBe("poor");
  expect(stateOf({ ...FINE, error: "no", alarming: true, paused: true }).name).toBe("Paused");
});

test("what is never asked works once something came from it", () => {
  const push = { ...FINE, kind: "push" as const, tried_at: null };
  expect(stateOf(push).name).toBe("Nothing came yet");
  expect(stateOf({ ...push, backlog: { kept: 1 } })).toEqual({ name: "Works", tone: "good" });
  expect(stateOf({ ...push, paused: true }).name).toBe("Paused");
  expect(stateOf({ ...FINE, kind: "folder", tried_at: null }).name).toBe("Not tried yet");
});

test("each kind has what can be done with it", () => {
  const kinds = (of: "asked" | "remote" | "sends" | "editable") =>
    (Object.keys(SERVICES) as Connection["kind"][]).filter((kind) => SERVICES[kind][of]);
  expect(kinds("asked")).toEqual(["gong", "fireflies", "folder", "salesforce", "hubspot"]);
  expect(kinds("remote")).toEqual(["gong", "fireflies", "salesforce", "hubspot"]);
  expect(kinds("sends")).toEqual(["gong", "fireflies", "push"]);
  // What people make they change, and nothing else.
  expect(kinds("editable")).toEqual([...CONNECTABLE]);
});

test("a pause says what does not happen meanwhile", () => {
  expect(restOf({ kind: "fireflies" })).toBe("Nothing is fetched and no webhook is taken while it is paused.");
  expect(restOf({ kind: "push" })).toBe("What the program sends is refused while it is paused.");
  expect(restOf({ kind: "folder" })).toBe("No file is taken from the folder while it is paused.");
});

test("a call tells from where it came; files are files, whatever brought them", () => {
  expect(["gong", "fireflies", "push", "file", "sample"].map(serviceOf)).toEqual([
    "Gong",
    "Fireflies",
    "Sent by a program",
    undefined,
    undefined,
  ]);
});

test("only a connection by OAuth without tokens waits for a consent", () => {
  const oauth = { ...SETTINGS, access_key: null, client_id: "client" };
  expect(wantsConsent({ kind: "gong", settings: oauth, secrets: ["client_secret"] })).toBe(true);
  expect(wantsConsent({ kind: "gong", settings: oauth, secrets: ["client_secret", "tokens"] })).toBe(false);
  expect(wantsConsent({ kind: "gong", settings: { ...oauth, access_key: "KEY" }, secrets: [] })).toBe(false);
  expect(wantsConsent({ kind: "gong", settings: SETTINGS, secrets: ["secret"] })).toBe(false);
});

test("a round says what it found, why it waits and when it goes on", () => {
  expect(foundBy({ found: 0, new_calls: 0 })).toBe("No calls");
  expect(foundBy({ found: 1, new_calls: 1 })).toBe("1 call, 1 new");
  expect(foundBy({ found: 1_200, new_calls: 0 })).toBe("1,200 calls, none new");
  const at = (time: string) => `at ${time}`;
  const run = (change: Partial<SyncRun>) => whyOf({ state: "done", error: null, wait_until: null, ...change }, at);
  expect(run({})).toBeUndefined();
  expect(run({ state: "failed", error: "the key is wrong" })).toBe("The key is wrong.");
  expect(run({ state: "waiting", error: "too many requests", wait_until: "10:00" })).toBe(
    "Too many requests. Goes on at 10:00.",
  );
  expect(run({ state: "waiting", wait_until: "10:00" })).toBe("Goes on at 10:00.");
});

test("the name of a file stays as it is written where a sentence begins with it", () => {
  expect(whyNot("broken.json: line 1: this is no JSON")).toBe("broken.json: line 1: this is no JSON.");
  expect(whyNot("it is private there")).toBe("It is private there.");
  expect(whyNot("line 1: a.txt is empty")).toBe("Line 1: a.txt is empty.");
});

test("a call that was here and was deleted is not said to be here, and cannot be asked for again", () => {
  expect(callState({ state: "kept", call_id: ID }).name).toBe("Here");
  expect(callState({ state: "kept", call_id: null }).name).toBe("Deleted here");
  expect(againWords({ state: "kept" })).toBeUndefined();
  expect((["open", "failed", "skipped"] as const).map((state) => againWords({ state }))).toEqual([
    "Try now",
    "Try again",
    "Bring it in",
  ]);
});

test("how a call became known, by whom; what is not known here by its own name", () => {
  const told = (kind: Connection["kind"], ...ways: string[]) => ways.map((known_by) => knownBy({ known_by }, kind));
  expect(told("gong", "webhook", "sync", "letter")).toEqual(["Gong told of it", "found by a sync", "letter"]);
  expect(told("fireflies", "webhook", "sync")).toEqual(["Fireflies told of it", "found by a sync"]);
  expect(told("push", "push")).toEqual(["sent by the program"]);
  expect(told("folder", "sync")).toEqual(["found in the folder"]);
});

test("a call is called by when it began, a file by the beginning of its hash", () => {
  const at = (time: string) => `at ${time}`;
  const call = { began_at: "10:00", external_id: "7782342274025937895" };
  expect(callName(call, "gong", at)).toBe("at 10:00");
  expect(callName({ ...call, began_at: null }, "gong", at)).toBe("It is not known when");
  expect(callName({ began_at: null, external_id: "D-17" }, "push", at)).toBe("D-17");
  expect(callName({ began_at: "10:00", external_id: "D-17" }, "push", at)).toBe("at 10:00");
  expect(callName({ began_at: null, external_id: "3f2a9c81e0d4".repeat(5) }, "folder", at)).toBe("File 3f2a9c81");
});

test("a step is noted where it was not as usual", () => {
  expect(stepNote({ attempts: 1, state: "done", error: null })).toBeUndefined();
  expect(stepNote({ attempts: 3, state: "done", error: null })).toBe("tried 3 times");
  expect(stepNote({ attempts: 1, state: "waiting", error: "no transcript yet" })).toBe("no transcript yet");
  // What was wrong before it went well is over.
  expect(stepNote({ attempts: 2, state: "done", error: "no transcript yet" })).toBe("tried 2 times");
});

test("an event is replayed where its call is not here", () => {
  const event = { status: "failed", call_id: null, source_call_id: ID } as WebhookEvent;
  expect(replays(event)).toBe(true);
  expect(replays({ ...event, call_id: ID })).toBe(false);
  expect(replays({ ...event, source_call_id: null })).toBe(false);
  expect(replays({ ...event, status: "refused" })).toBe(false);
});

test("requests of a day fill a bar, which takes colour from four fifths on", () => {
  const quota = (requests_today: number) => quotaOf({ requests_today, settings: SETTINGS });
  expect(quota(0)).toEqual({ share: 0, tone: "none", words: "0 of 10,000" });
  expect(quota(7_999).tone).toBe("none");
  expect(quota(8_000).tone).toBe("fair");
  expect(quota(12_000)).toEqual({ share: 1, tone: "poor", words: "12,000 of 10,000" });
});

test("sizes are written in the unit that fits", () => {
  expect([1, 999, 1_049, 2_560_000].map(bytes)).toEqual(["1 byte", "999 bytes", "1 kB", "2.6 MB"]);
});

test("it is looked at often while something is on its way", () => {
  const backlog = { open: 0, waiting: 0, unjudged: 0, kept: 4, failed: 1, skipped: 2 };
  const still = { backlog, last_sync: null, paused: false };
  const running = { state: "running" } as SyncRun;
  expect(moves(still)).toBe(false);
  expect(moves({ ...still, last_sync: running })).toBe(true);
  expect(moves({ ...still, backlog: { ...backlog, open: 1 } })).toBe(true);
  expect(moves({ ...still, backlog: { ...backlog, unjudged: 1 } })).toBe(true);
  expect(moves({ ...still, backlog: { ...backlog, open: 1 }, paused: true })).toBe(false);
});

test("an address says what is shown, and what is not understood is left out", () => {
  expect(readIntegrationsSearch({ connected: 2024, problem: " " })).toEqual({ connected: "2024" });
  expect(readNewSearch({ kind: "fireflies" })).toEqual({ kind: "fireflies" });
  expect(readNewSearch({ kind: "folder" })).toEqual({});
  expect(readConnectionSearch({ state: "failed" })).toEqual({ state: "failed" });
  expect(readConnectionSearch({ state: "lost" })).toEqual({});
  const search = { connection: ID, status: "refused", call: "7782342274025937895", event: ID };
  expect(readEventsSearch(search)).toEqual(search);
  expect(readEventsSearch({ connection: "main", status: "lost", call: "", event: 1 })).toEqual({});
});
