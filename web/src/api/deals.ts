// What the pages ask about deals: how they stand, what warns of them, their calls and e-mails.

import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import { api, type Schemas, taken } from "./client";
import { filled } from "./queries";

export type Deal = Schemas["Opportunity"];
export type DealDetails = Schemas["OpportunityDetails"];
export type DealFacets = Schemas["OpportunityFacets"];
export type DealSignal = Schemas["DealSignal"];
export type DealLink = Schemas["DealLink"];
export type DealStatus = Schemas["OpportunityStatus"];
export type DealWarning = Schemas["DealWarning"];
/** Its bounds are the smallest and the greatest threshold. */
export type DealRule = Omit<Schemas["DealWarningRule"], "bounds"> & { bounds: readonly number[] };
export type WarningKind = Schemas["DealWarningKind"];
export type CallDeal = Schemas["CallOpportunity"];
export type TimelineEntry = Schemas["TimelineEntry"];
export type TimelineCall = Extract<TimelineEntry, { kind: "call" }>;
export type TimelineEmail = Extract<TimelineEntry, { kind: "email" }>;
export type DealCoaching = Schemas["DealCoaching"];
export type DealMoment = Schemas["DealMoment"];
export type DealPoint = Schemas["DealPoint"];
export type DealTopic = Schemas["DealTopic"];
export type DealFile = "opportunities" | "emails" | "links";

/** What a list of deals is asked by. */
export type DealsFilter = {
  owner_id?: string | undefined;
  status?: DealStatus | undefined;
  stage?: string | undefined;
  product?: string | undefined;
  min_health?: number | undefined;
  max_health?: number | undefined;
  close_since?: string | undefined;
  close_until?: string | undefined;
  warning?: WarningKind | undefined;
  q?: string | undefined;
  sort?: "close_date" | "health" | "amount" | "name" | undefined;
  order?: "asc" | "desc" | undefined;
};

/** Milliseconds until it is looked again: soon while a deal is being reckoned. */
const [SOON, LATER] = [2_000, 60_000];

export const dealsQuery = (filter: DealsFilter) =>
  infiniteQueryOptions({
    queryKey: ["deals", "list", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam: cursor }) => {
      const query = filled({ ...filter, limit: 50, cursor, total: cursor === undefined ? true : undefined });
      return taken(api.GET("/api/v1/opportunities", { params: { query }, signal }));
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: LATER,
  });

/** The first so many of a list. */
export const someDealsQuery = (filter: DealsFilter, limit: number) =>
  queryOptions({
    queryKey: ["deals", "some", filter, limit],
    queryFn: async ({ signal }) => {
      const query = filled({ ...filter, limit });
      return (await taken(api.GET("/api/v1/opportunities", { params: { query }, signal }))).items;
    },
  });

/** What the deals that one sees can be filtered by. */
export const dealFacetsQuery = queryOptions({
  queryKey: ["deals", "facets"],
  staleTime: 60_000,
  queryFn: ({ signal }) => taken(api.GET("/api/v1/opportunities/facets", { signal })),
});

export const dealQuery = (id: string) =>
  queryOptions({
    queryKey: ["deals", "one", id],
    queryFn: ({ signal }) => taken(api.GET("/api/v1/opportunities/{id}", { params: { path: { id } }, signal })),
    // What has changed is reckoned within seconds.
    refetchInterval: ({ state }) => (state.data && !state.data.assessed_at ? SOON : LATER),
  });

/** What the calls of a deal have in common. */
export const dealCoachingQuery = (id: string) =>
  queryOptions({
    queryKey: ["deals", "coaching", id],
    queryFn: ({ signal }) =>
      taken(api.GET("/api/v1/opportunities/{id}/coaching", { params: { path: { id } }, signal })),
  });

/** Has the model word what its calls have in common; that is asked for anew then. */
export const writeDealCoaching = (id: string) =>
  taken(api.POST("/api/v1/opportunities/{id}/coaching/write", { params: { path: { id }, header: {} } }));

/** Entries of a timeline that are asked for at a time. */
export const ENTRIES = 20;

export const timelineQuery = (
  id: string,
  filter: { kind?: "call" | "email" | undefined; person?: string | undefined },
) =>
  infiniteQueryOptions({
    queryKey: ["deals", "timeline", id, filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam: cursor }) => {
      const query = filled({ ...filter, limit: ENTRIES, cursor });
      return taken(api.GET("/api/v1/opportunities/{id}/timeline", { params: { path: { id }, query }, signal }));
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

/** The deals to which a call belongs. */
export const callDealsQuery = (id: string) =>
  queryOptions({
    queryKey: ["deals", "of-call", id],
    queryFn: ({ signal }) => taken(api.GET("/api/v1/calls/{id}/opportunities", { params: { path: { id } }, signal })),
  });

export const dealRulesQuery = queryOptions({
  queryKey: ["deals", "rules"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/deal-warnings", { signal })),
});

/** Says whether a call belongs to a deal. */
export function sayLinked(deal: string, call: string, belongs: boolean): Promise<unknown> {
  const params = { path: { id: deal, call_id: call } };
  return taken(
    belongs
      ? api.PUT("/api/v1/opportunities/{id}/calls/{call_id}", { params })
      : api.DELETE("/api/v1/opportunities/{id}/calls/{call_id}", { params }),
  );
}

/** Brings a file of deals, e-mails or links: all of it or nothing. */
export function bringDeals(what: DealFile, type: "text/csv" | "application/json", text: string) {
  return taken(
    api.POST("/api/v1/opportunities/import", {
      params: { query: { what }, header: {} },
      headers: { "content-type": type },
      // The text as it is: what is wrong with it the program says better.
      body: text,
      bodySerializer: (body) => body as string,
    }),
  );
}

/** Milliseconds after which deals have been reckoned anew: the program looks every two seconds. */
const RECKONED = [2_500, 5_000];

/** Has all that is shown of deals read again, now and when they have been reckoned. */
export function renewDeals(queries: QueryClient): void {
  const renew = () => void queries.invalidateQueries({ queryKey: ["deals"] });
  renew();
  for (const ms of RECKONED) setTimeout(renew, ms);
}
