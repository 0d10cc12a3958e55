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

export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/settings", { signal })),
});

export const trackersQuery = queryOptions({
  queryKey: ["trackers"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/trackers", { signal })),
});
