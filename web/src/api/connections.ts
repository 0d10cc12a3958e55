// What is asked about connections: how they do, what they know, and what services sent.

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, type Schemas, taken } from "./client";
import { filled } from "./queries";

export type Connection = Schemas["ConnectionView"];
export type CallSource = Schemas["CallSource"];
export type SourceCall = Schemas["SourceCall"];
export type SyncRun = Schemas["SyncRun"];
export type WebhookEvent = Schemas["WebhookEvent"];

/** Milliseconds until it is looked again: soon while something is on its way, else now and then. */
const [SOON, LATER] = [3_000, 30_000];

/** Whether something of a connection is under way, so that it will be otherwise soon. */
export function moves({ backlog, last_sync, paused }: Pick<Connection, "backlog" | "last_sync" | "paused">): boolean {
  if (last_sync?.state === "running") return true;
  return !paused && backlog.open + backlog.unjudged > 0;
}

export const connectionsQuery = queryOptions({
  queryKey: ["connections", "list"],
  queryFn: async ({ signal }) => (await taken(api.GET("/api/v1/connections", { signal }))).items,
  refetchInterval: ({ state }) => (state.data?.some(moves) ? SOON : LATER),
});

export const connectionQuery = (id: string) =>
  queryOptions({
    queryKey: ["connections", "one", id],
    queryFn: ({ signal }) => taken(api.GET("/api/v1/connections/{id}", { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data && moves(state.data) ? SOON : LATER),
  });

/** The latest rounds of a connection; looked at as often as the connection itself. */
export const runsQuery = (id: string, soon: boolean) =>
  queryOptions({
    queryKey: ["connections", "runs", id],
    queryFn: async ({ signal }) =>
      (await taken(api.GET("/api/v1/connections/{id}/runs", { params: { path: { id } }, signal }))).items,
    refetchInterval: soon ? SOON : LATER,
  });

/** So many calls of a connection are listed: the program has no second page of them. */
export const MOST = 200;

/** The calls that a connection knows, in a state or in any. */
export const sourceCallsQuery = (id: string, state: Schemas["SourceCallState"] | undefined, soon: boolean) =>
  queryOptions({
    queryKey: ["connections", "calls", id, state],
    queryFn: async ({ signal }) => {
      const query = filled({ state, limit: MOST });
      return (await taken(api.GET("/api/v1/connections/{id}/calls", { params: { path: { id }, query }, signal })))
        .items;
    },
    refetchInterval: soon ? SOON : LATER,
  });

export type EventsFilter = {
  connection_id?: string | undefined;
  status?: Schemas["EventStatus"] | undefined;
  external_id?: string | undefined;
};

/** What services sent by themselves, the latest first. */
export const eventsQuery = (filter: EventsFilter) =>
  infiniteQueryOptions({
    queryKey: ["connections", "events", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam: cursor }) =>
      taken(api.GET("/api/v1/webhook-events", { params: { query: filled({ ...filter, limit: 50, cursor }) }, signal })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: ({ state: { data } }) => {
      const waits = data?.pages.some(({ items }) => items.some(({ status }) => status === "received"));
      return waits ? SOON : LATER;
    },
  });

/** An event with what was sent. */
export const eventQuery = (id: string) =>
  queryOptions({
    queryKey: ["connections", "event", id],
    queryFn: ({ signal }) => taken(api.GET("/api/v1/webhook-events/{id}", { params: { path: { id } }, signal })),
  });

/** Where a call came from; nothing where somebody brought it. */
export const sourceQuery = (id: string) =>
  queryOptions({
    queryKey: ["call", id, "source"],
    queryFn: async ({ signal }) =>
      (await taken(api.GET("/api/v1/calls/{id}/source", { params: { path: { id } }, signal }))).source ?? null,
  });
