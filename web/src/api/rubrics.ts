// What the pages ask about what good looks like: rubrics, trackers, and which rubric is the usual one.

import { queryOptions } from "@tanstack/react-query";
import { api, type Schemas, taken } from "./client";

export type RubricHead = Schemas["RubricHead"];
export type KeptRubric = Schemas["KeptRubric"];
export type Tracker = Schemas["KeptTracker"];

export const rubricsQuery = queryOptions({
  queryKey: ["rubrics"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/rubrics", { signal })),
});

/** The same with those that were retired. */
export const allRubricsQuery = queryOptions({
  queryKey: ["rubrics", "all"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/rubrics", { params: { query: { retired: true } }, signal })),
});

export const rubricVersionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["rubrics", id, "versions"],
    queryFn: ({ signal }) => taken(api.GET("/api/v1/rubrics/{id}/versions", { params: { path: { id } }, signal })),
  });

/** A version of a rubric; the latest where none is named. */
export const rubricQuery = (id: string, version?: number) =>
  queryOptions({
    queryKey: ["rubrics", id, "version", version],
    queryFn: ({ signal }) =>
      taken(
        api.GET("/api/v1/rubrics/{id}", {
          params: { path: { id }, query: version === undefined ? {} : { version } },
          signal,
        }),
      ),
  });

/** The dimensions of the usual rubric, in its order. */
export const usualDimensionsQuery = queryOptions({
  queryKey: ["rubrics", "usual", "dimensions"],
  staleTime: 600_000,
  queryFn: async ({ signal }) => {
    const usual = (await taken(api.GET("/api/v1/rubrics", { signal }))).find((rubric) => rubric.usual);
    if (!usual) return [];
    const { document } = await taken(api.GET("/api/v1/rubrics/{id}", { params: { path: { id: usual.id } }, signal }));
    return (document as { dimensions?: { id: string; name: string }[] }).dimensions ?? [];
  },
});

export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/settings", { signal })),
});

export const trackersQuery = queryOptions({
  queryKey: ["trackers"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/trackers", { signal })),
});
