// What the pages ask about people and teams over a period.

import { queryOptions } from "@tanstack/react-query";
import { api, type Schemas, taken } from "./client";
import { everyPage } from "./pages";

export type Agent = Schemas["AgentFigures"];
export type Average = Schemas["Average"];
export type CallName = Schemas["CallName"];
export type CheckCount = Schemas["CheckCount"];
export type Compared = Schemas["Compared"];
export type DimensionCourse = Schemas["DimensionCourse"];
export type Exercise = Schemas["Exercise"];
export type Insights = Schemas["Insights"];
export type LearningPoint = Schemas["LearningPoint"];
export type Period = Schemas["Period"];
export type Point = Schemas["Point"];
export type Team = Schemas["Team"];
export type TeamFigures = Schemas["TeamFigures"];

export const teamsQuery = queryOptions({
  queryKey: ["teams"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/teams", { signal })),
  staleTime: 60_000,
});

/** The figures of everybody who may be seen, page by page until the end: who is compared with whom needs the whole. */
export const agentsQuery = (period: Period, team?: string) =>
  queryOptions({
    queryKey: ["agents", period, team],
    queryFn: ({ signal }) =>
      everyPage((cursor) => {
        const query = { ...period, limit: 200, ...(team && { team_id: team }), ...(cursor && { cursor }) };
        return taken(api.GET("/api/v1/analytics/agents", { params: { query }, signal }));
      }),
  });

export const teamFiguresQuery = (period: Period, team?: string) =>
  queryOptions({
    queryKey: ["team-figures", period, team],
    queryFn: ({ signal }) => {
      const query = { ...period, ...(team && { team_id: team }) };
      return taken(api.GET("/api/v1/analytics/team", { params: { query }, signal }));
    },
  });

export type TrendOf = Period & { measure: string; rep_id?: string; team_id?: string; span?: number };

const trend = (query: TrendOf, signal: AbortSignal) =>
  taken(api.GET("/api/v1/analytics/trends", { params: { query }, signal }));

export const trendQuery = (of: TrendOf) =>
  queryOptions({
    queryKey: ["trend", of],
    queryFn: ({ signal }) => trend(of, signal),
  });

/**
 * The line of somebody in a table, as of when the table was answered. It is never asked for again by itself, since the program knows nothing of who is
 * gone: the next answer of the table says of whom there are lines, and these are others.
 */
export const lineQuery = (of: TrendOf, asOf: number) =>
  queryOptions({
    queryKey: ["line", of, asOf],
    queryFn: ({ signal }) => trend(of, signal),
    staleTime: "static",
  });

export const insightsQuery = (rep: string, period: Period) =>
  queryOptions({
    queryKey: ["insights", rep, period],
    queryFn: ({ signal }) =>
      taken(
        api.POST("/api/v1/coaching/rep-insights", {
          params: { header: {} },
          body: { rep_id: rep, period },
          signal,
        }),
      ),
  });

/** Has the model word the insights of a rep; they are asked for anew then. */
export const writeInsights = (rep: string, period: Period) =>
  taken(api.POST("/api/v1/coaching/rep-insights/write", { params: { header: {} }, body: { rep_id: rep, period } }));

const scoped = (period: Period, team?: string) => ({ ...period, ...(team && { team_id: team }) });

/** What recurs in the calls of a team, or of all who may be seen. */
export const learningPointsQuery = (period: Period, team?: string) =>
  queryOptions({
    queryKey: ["learning-points", period, team],
    queryFn: ({ signal }) =>
      taken(api.GET("/api/v1/coaching/learning-points", { params: { query: scoped(period, team) }, signal })),
  });

export const writeLearningPoints = (period: Period, team?: string) =>
  taken(api.POST("/api/v1/coaching/learning-points/write", { params: { header: {}, query: scoped(period, team) } }));

/** The names of all dimensions by id, in the order of their rubrics. */
export const dimensionsQuery = queryOptions({
  queryKey: ["dimensions"],
  staleTime: 600_000,
  queryFn: async ({ signal }) => {
    const rubrics = await taken(api.GET("/api/v1/rubrics", { signal }));
    const read = await Promise.all(
      rubrics.map(({ id }) => taken(api.GET("/api/v1/rubrics/{id}", { params: { path: { id } }, signal }))),
    );
    const names: Record<string, string> = {};
    for (const { document } of read)
      for (const { id, name } of (document as { dimensions?: { id: string; name: string }[] }).dimensions ?? [])
        names[id] ??= name;
    return names;
  },
});

/** What a rep can learn from won deals, of one dimension or of these reps. It is reckoned when it is asked for, so it is not asked for again soon. */
export const winnersQuery = (rep: string, focus?: string, winners: readonly string[] = []) =>
  queryOptions({
    queryKey: ["winners", rep, focus, winners],
    staleTime: 300_000,
    queryFn: ({ signal }) => {
      const named = winners.length > 0 && { top_performers: [...winners] };
      const body = { rep_id: rep, ...(focus && { focus_area: focus }), ...named };
      return taken(api.POST("/api/v1/coaching/learning-insights", { params: { header: {} }, body, signal }));
    },
  });
