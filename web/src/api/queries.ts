// What the pages ask for. One place a question, so that each answer is kept once.

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, type Schemas, taken } from "./client";
import { everyPageAtOnce, PAGE } from "./pages";

export type Me = Schemas["Me"];
export type CallItem = Schemas["CallItem"];
export type CallDetails = Schemas["CallDetails"];
export type CoachingSession = Schemas["CoachingSession"];
export type SegmentItem = Schemas["SegmentItem"];
export type Moment = Schemas["Moment"];

/** What is to be known before one logs in. */
export const installationQuery = queryOptions({
  queryKey: ["installation"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/installation", { signal })),
});

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/auth/me", { signal })),
  staleTime: 60_000,
});

export type CallsFilter = {
  agent?: string | undefined;
  customer?: string | undefined;
  q?: string | undefined;
  status?: Schemas["CallStatus"] | undefined;
  /** Only those whose scores are withheld. */
  withheld?: true | undefined;
  sentiment?: "negative" | "neutral" | "positive" | undefined;
  min_score?: number | undefined;
  max_score?: number | undefined;
  since?: string | undefined;
  until?: string | undefined;
  sort?: string | undefined;
};

/** The filter without what is left open; the API refuses empty values. */
export function filled<T extends object>(filter: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const some = Object.entries(filter).filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(some) as { [K in keyof T]: Exclude<T[K], undefined> };
}

export const callsQuery = (filter: CallsFilter) =>
  infiniteQueryOptions({
    queryKey: ["calls", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam: cursor }) =>
      taken(
        api.GET("/api/v1/calls", {
          params: { query: filled({ ...filter, limit: 50, cursor, total: cursor === undefined ? true : undefined }) },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

export const callQuery = (id: string) =>
  queryOptions({
    queryKey: ["call", id],
    queryFn: ({ signal }) => taken(api.GET("/api/v1/calls/{id}", { params: { path: { id } }, signal })),
  });

/** The calls above and below one in a list. */
export const neighboursQuery = (id: string, list: CallsFilter) =>
  queryOptions({
    queryKey: ["calls", "beside", id, list],
    queryFn: ({ signal }) =>
      taken(api.GET("/api/v1/calls/{id}/neighbours", { params: { path: { id }, query: filled(list) }, signal })),
  });

/** The latest calls whose titles have these words. */
export const foundCallsQuery = (q: string) =>
  queryOptions({
    queryKey: ["calls", "found", q],
    queryFn: ({ signal }) =>
      taken(api.GET("/api/v1/calls", { params: { query: filled({ q: q || undefined, limit: 7 }) }, signal })),
  });

/** What was judged in a call: last, or in an earlier session. */
export const analysesQuery = (id: string, session?: string) =>
  queryOptions({
    queryKey: ["call", id, "analyses", session],
    queryFn: ({ signal }) =>
      taken(
        api.GET("/api/v1/calls/{id}/analyses", {
          params: { path: { id }, query: filled({ session_id: session }) },
          signal,
        }),
      ),
  });

export const sessionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["call", id, "sessions"],
    queryFn: ({ signal }) => taken(api.GET("/api/v1/calls/{id}/sessions", { params: { path: { id } }, signal })),
  });

export const metricsQuery = (id: string) =>
  queryOptions({
    queryKey: ["call", id, "metrics"],
    queryFn: ({ signal }) => taken(api.GET("/api/v1/calls/{id}/metrics", { params: { path: { id } }, signal })),
  });

/** A page of what is said in a call, and how long the whole is. */
export const transcriptPageQuery = (id: string, page: number) =>
  queryOptions({
    queryKey: ["call", id, "transcript", page],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const query = { limit: PAGE, offset: page * PAGE, total: true };
      const { items, total } = await taken(
        api.GET("/api/v1/calls/{id}/transcript", { params: { path: { id }, query }, signal }),
      );
      return { page, items, total: total ?? items.length };
    },
  });

/** All that is said in a call: search, the map and evidence need the whole. */
export const transcriptQuery = (id: string) =>
  queryOptions({
    queryKey: ["call", id, "transcript"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ client }) => everyPageAtOnce((page) => client.fetchQuery(transcriptPageQuery(id, page))),
  });

export const momentsQuery = (week?: string, team?: string) =>
  queryOptions({
    queryKey: ["moments", week, team],
    queryFn: ({ signal }) =>
      taken(api.GET("/api/v1/coaching/moments", { params: { query: filled({ week, team_id: team }) }, signal })),
  });

/** How many calls are made up; admins may ask. */
export const samplesQuery = queryOptions({
  queryKey: ["samples"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/samples", { signal })),
});

/** How many of the calls that one sees are not judged yet. */
export const queuedQuery = queryOptions({
  queryKey: ["calls", "queued"],
  queryFn: async ({ signal }) => {
    const query = { status: "queued", limit: 1, total: true } as const;
    return (await taken(api.GET("/api/v1/calls", { params: { query }, signal }))).total ?? 0;
  },
});

/** How many of the calls that one sees wait for somebody to look, their scores withheld. */
export const withheldQuery = queryOptions({
  queryKey: ["calls", "withheld"],
  queryFn: async ({ signal }) => {
    const query = { withheld: true, limit: 1, total: true } as const;
    return (await taken(api.GET("/api/v1/calls", { params: { query }, signal }))).total ?? 0;
  },
});

/** People that one sees, by a part of the name. */
export const peopleQuery = (q: string) =>
  queryOptions({
    queryKey: ["users", "named", q],
    queryFn: ({ signal }) =>
      taken(api.GET("/api/v1/users", { params: { query: filled({ q: q || undefined, limit: 100 }) }, signal })),
  });
