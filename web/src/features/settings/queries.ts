// What the settings ask for.

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { ApiError, api, type Schemas, taken } from "@/api/client";
import { everyPage } from "@/api/pages";
import { filled } from "@/api/queries";
import type { AuditSearch, JobsSearch, UsersSearch } from "./search";

export type AuditEvent = Schemas["AuditEvent"];
export type Invitation = Schemas["Invitation"];
export type Job = Schemas["JobView"];
export type Login = Schemas["Session"];
export type Role = Schemas["Role"];
export type Settings = Schemas["Settings"];
export type User = Schemas["User"];

const PAGE = 50;

export { rubricsQuery, settingsQuery } from "@/api/rubrics";

export const loginsQuery = queryOptions({
  queryKey: ["logins"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/auth/sessions", { signal })),
});

export type Costs = Schemas["Costs"];
export type SetUp = Schemas["SetUp"];
export type Tested = Schemas["Tested"];

/** Who judges: a model, or the offline analyst. */
export const modelQuery = queryOptions({
  queryKey: ["model", "set-up"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/model", { signal })),
});

export type Backfill = Schemas["Backfill"];

/** The latest backfills, looked at again as long as one is not over. */
export const backfillsQuery = queryOptions({
  queryKey: ["model", "backfills"],
  queryFn: async ({ signal }) => (await taken(api.GET("/api/v1/model/backfills", { signal }))).items,
  refetchInterval: ({ state }) => (state.data?.some(({ finished_at }) => !finished_at) ? 5_000 : 60_000),
});

/** What models cost from one day to another. */
export const costsQuery = (period: Schemas["Period"]) =>
  queryOptions({
    queryKey: ["model", "costs", period],
    queryFn: ({ signal }) => taken(api.GET("/api/v1/model/costs", { params: { query: period }, signal })),
  });

export const usersQuery = (filter: UsersSearch) =>
  infiniteQueryOptions({
    queryKey: ["users", "list", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam: cursor }) => {
      const query = filled({ ...filter, limit: PAGE, cursor, total: cursor === undefined ? true : undefined });
      return taken(api.GET("/api/v1/users", { params: { query }, signal }));
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

/** Everybody who may log in, in a role or in any: whoever is chosen has to be among them. */
export const everybodyQuery = (role?: Role) =>
  queryOptions({
    queryKey: ["users", "everybody", role],
    queryFn: ({ signal }) =>
      everyPage((cursor) => {
        const query = { limit: 200, ...(role && { role }), ...(cursor && { cursor }) };
        return taken(api.GET("/api/v1/users", { params: { query }, signal }));
      }),
  });

/** Whom calls name so without an address: who gets an account may be one of them. */
export const namesakesQuery = (name: string) =>
  queryOptions({
    queryKey: ["users", "namesakes", name],
    queryFn: async ({ signal }) => {
      const query = { q: name, inactive: true, limit: 200 };
      const { items } = await taken(api.GET("/api/v1/users", { params: { query }, signal }));
      return items;
    },
  });

/** Somebody's name, of whom the trail knows the id. */
export const userQuery = (id: string) =>
  queryOptions({
    queryKey: ["users", "one", id],
    queryFn: ({ signal }) => taken(api.GET("/api/v1/users/{id}", { params: { path: { id } }, signal })),
    staleTime: 60_000,
  });

export const assignmentsQuery = queryOptions({
  queryKey: ["assignments"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/coach-assignments", { signal })),
});

export const invitationsQuery = queryOptions({
  queryKey: ["invitations"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/invitations", { signal })),
});

// Not below "teams": who deletes a team has the list read again, and not who belonged to what is gone.
export const membersQuery = (id: string) =>
  queryOptions({
    queryKey: ["members", id],
    queryFn: ({ signal }) => taken(api.GET("/api/v1/teams/{id}/members", { params: { path: { id } }, signal })),
  });

export const jobsQuery = (filter: JobsSearch) =>
  infiniteQueryOptions({
    queryKey: ["jobs", "list", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam: cursor }) =>
      taken(
        api.GET("/api/v1/jobs", {
          params: { query: filled({ ...filter, limit: PAGE, cursor }) },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

/** The first 200 jobs in a state: that many are counted. */
export const queueQuery = (state: Schemas["JobState"]) =>
  queryOptions({
    queryKey: ["jobs", "queue", state],
    queryFn: ({ signal }) => taken(api.GET("/api/v1/jobs", { params: { query: { state, limit: 200 } }, signal })),
    refetchInterval: 15_000,
  });

export const auditQuery = (filter: AuditSearch) =>
  infiniteQueryOptions({
    queryKey: ["audit", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam: cursor }) => {
      const query = filled({ ...filter, limit: PAGE, cursor, total: cursor === undefined ? true : undefined });
      return taken(api.GET("/api/v1/audit", { params: { query }, signal }));
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

export type Health = {
  status: string;
  version: string;
  dependencies: { name: string; ok: boolean; ms: number; problem?: string }[];
};

export type Storage = Schemas["Storage"];
export type Retention = Schemas["Retention"];

/** How much room things take, as it was measured last. */
export const storageQuery = queryOptions({
  queryKey: ["storage"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/storage", { signal })),
});

/** What is not kept for ever, and what of it would go now. */
export const retentionQuery = queryOptions({
  queryKey: ["retention"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/retention", { signal })),
});

/** Outside the API and open to everybody; a program that is not ready answers as well, with 503. */
export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: async ({ signal }) => {
    const away = new ApiError({
      type: "/problems/away",
      title: "Away",
      status: 0,
      detail: "Sideline does not say how it is. Look whether the program runs and the network is there.",
    });
    const response = await fetch("/health/ready", { signal, cache: "no-store" }).catch(() => Promise.reject(away));
    const read = (await response.json().catch(() => Promise.reject(away))) as Partial<Health>;
    if (!Array.isArray(read.dependencies)) throw away;
    return read as Health;
  },
  refetchInterval: 15_000,
});
