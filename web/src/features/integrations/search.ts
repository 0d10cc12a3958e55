// What the pages of the integrations show, as it stands in their addresses.

import type { Schemas } from "@/api/client";

export const CALL_STATES = [
  "open",
  "failed",
  "skipped",
  "kept",
] as const satisfies readonly Schemas["SourceCallState"][];
export const EVENT_STATUSES = [
  "received",
  "processed",
  "failed",
  "test",
  "refused",
] as const satisfies readonly Schemas["EventStatus"][];

/** The kinds of connections that people make here. */
export const CONNECTABLE = [
  "gong",
  "fireflies",
  "push",
  "salesforce",
  "hubspot",
] as const satisfies readonly Schemas["ConnectionKind"][];
export type Connectable = (typeof CONNECTABLE)[number];
/** Those that are asked for deals, and not for calls. */
export type Crm = "salesforce" | "hubspot";

export function isCrm<T extends string>(kind: T | Crm): kind is Crm {
  return kind === "salesforce" || kind === "hubspot";
}

/** How it went where somebody let this program in: the connection's name, or what was wrong. */
export type IntegrationsSearch = { connected?: string | undefined; problem?: string | undefined };
/** What is to be connected. */
export type NewSearch = { kind?: Connectable | undefined };
export type ConnectionSearch = { state?: Schemas["SourceCallState"] | undefined };
export type EventsSearch = {
  connection?: string | undefined;
  status?: Schemas["EventStatus"] | undefined;
  /** A call, as its service names it. */
  call?: string | undefined;
  /** The event that is open. */
  event?: string | undefined;
};

const ID = /^[0-9a-f-]{36}$/i;
const id = (value: unknown) => (typeof value === "string" && ID.test(value) ? value : undefined);
const one = <T extends string>(value: unknown, of: readonly T[]) => of.find((known) => known === value);
const text = (value: unknown) => {
  const read = typeof value === "number" ? String(value) : value;
  return typeof read === "string" && read.trim() !== "" ? read.trim() : undefined;
};

function kept<T extends object>(read: T): T {
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined)) as T;
}

export function readIntegrationsSearch(search: Record<string, unknown>): IntegrationsSearch {
  return kept({ connected: text(search.connected), problem: text(search.problem) });
}

export function readNewSearch(search: Record<string, unknown>): NewSearch {
  return kept({ kind: one(search.kind, CONNECTABLE) });
}

export function readConnectionSearch(search: Record<string, unknown>): ConnectionSearch {
  return kept({ state: one(search.state, CALL_STATES) });
}

export function readEventsSearch(search: Record<string, unknown>): EventsSearch {
  return kept({
    connection: id(search.connection),
    status: one(search.status, EVENT_STATUSES),
    call: text(search.call),
    event: id(search.event),
  });
}
