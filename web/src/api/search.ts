// What the pages ask about what was said: moments that are found, answers, searches that are kept, calls that are alike.

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { createParser } from "eventsource-parser";
import { ApiError, api, type Schemas, signed, taken } from "./client";
import { problem } from "./error";
import { filled } from "./queries";

export type Found = Schemas["SearchFound"];
export type FoundIn = Schemas["FoundIn"];
export type FoundCall = Schemas["FoundCall"];
export type FoundMoment = Schemas["FoundMoment"];
export type FoundLine = Schemas["FoundLine"];
export type Facet = Schemas["SearchFacet"];
export type Facets = Schemas["SearchFacets"];
export type Highlight = Schemas["Highlight"];
export type Ranks = Schemas["SearchRanks"];
export type SearchMode = Schemas["SearchMode"];
export type Suggestion = Schemas["Suggestion"];
export type SavedSearch = Schemas["SavedSearch"];
export type SavedHit = Schemas["SavedSearchHit"];
export type Recommendation = Schemas["Recommendation"];
export type SearchIndex = Schemas["SearchIndex"];
export type Citation = Schemas["Citation"];
export type AnswerSentence = Schemas["AnswerSentence"];
export type AnswerEnd = Schemas["AnswerEnd"];
export type Reading = Schemas["QuestionReading"];

/** What is looked for, page by page. */
export type Wanted = Omit<Schemas["SearchRequest"], "limit" | "offset" | "facets">;

/** How a query was read, as far as the pages tell of it; the description leaves its shape open. */
export type ReadQuery = {
  text: string;
  wanted: { forms: string[]; is_common: boolean }[];
  unwanted: unknown[];
  /** What was not taken as it may have been meant, in sentences. */
  notes: string[];
};

export const readOf = (found: Pick<Found, "query">) => found.query as unknown as ReadQuery;

/** Moments that are asked for at a time, and how far one can go. */
const [PAGE, FURTHEST] = [20, 500];

export const foundQuery = (wanted: Wanted) =>
  infiniteQueryOptions({
    queryKey: ["search", "found", wanted],
    initialPageParam: 0,
    queryFn: ({ signal, pageParam: offset }) => {
      // What there is among them does not change from page to page.
      const body = { ...wanted, limit: PAGE, offset, facets: offset === 0 };
      return taken(api.POST("/api/v1/coaching/search", { params: { header: {} }, body, signal }));
    },
    getNextPageParam: ({ more }, _, offset) => (more && offset + PAGE <= FURTHEST ? offset + PAGE : undefined),
  });

/** What somebody may mean who has begun to write. */
export const suggestQuery = (q: string) =>
  queryOptions({
    queryKey: ["search", "suggest", q],
    queryFn: ({ signal }) =>
      taken(api.GET("/api/v1/search/suggest", { params: { query: { q: q.slice(0, 200) } }, signal })),
    staleTime: 60_000,
  });

/** Calls that are like one. */
export const similarQuery = (call: string, limit: number) =>
  queryOptions({
    queryKey: ["call", call, "similar", limit],
    queryFn: ({ signal }) =>
      taken(api.POST("/api/v1/search/similar", { params: { header: {} }, body: { call_id: call, limit }, signal })),
  });

/** What to do next after a call. */
export const recommendationsQuery = (call: string) =>
  queryOptions({
    queryKey: ["call", call, "recommendations"],
    queryFn: ({ signal }) =>
      taken(api.GET("/api/v1/calls/{id}/recommendations", { params: { path: { id: call } }, signal })),
  });

/** My searches; looked at again each minute, since calls come in. */
export const savedQuery = queryOptions({
  queryKey: ["search", "saved"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/saved-searches", { signal })),
  refetchInterval: 60_000,
});

/** What is new in one of my searches. */
export const savedHitsQuery = (id: string) =>
  queryOptions({
    queryKey: ["search", "saved", id, "hits"],
    queryFn: ({ signal }) => taken(api.GET("/api/v1/saved-searches/{id}/hits", { params: { path: { id } }, signal })),
  });

export const keepSearch = (body: Schemas["NewSavedSearch"]) =>
  taken(api.POST("/api/v1/saved-searches", { params: { header: {} }, body }));

export const changeSearch = (id: string, change: { name?: string; alert?: boolean }) =>
  taken(api.PATCH("/api/v1/saved-searches/{id}", { params: { path: { id } }, body: filled(change) }));

export const dropSearch = (id: string) =>
  taken(api.DELETE("/api/v1/saved-searches/{id}", { params: { path: { id } } }));

/** Marks what is new in one of my searches as looked at. */
export const sawSearch = (id: string) =>
  taken(api.POST("/api/v1/saved-searches/{id}/seen", { params: { path: { id }, header: {} } }));

/** Milliseconds until the index is looked at again that is not complete. */
const SOON = 2_000;

/** Whether all calls can be found by words, and by meaning where something makes vectors. */
export function isComplete({ calls, indexed, embedded, meaning_off }: SearchIndex): boolean {
  return indexed >= calls && (typeof meaning_off === "string" || embedded >= calls);
}

/** How far the index has come; admins may ask. */
export const indexQuery = queryOptions({
  queryKey: ["search", "index"],
  queryFn: ({ signal }) => taken(api.GET("/api/v1/search/index", { signal })),
  refetchInterval: ({ state }) => (state.data && !isComplete(state.data) ? SOON : false),
});

export const indexAnew = (what: "words" | "vectors") =>
  taken(
    api.POST("/api/v1/search/index", {
      params: { header: {} },
      body: { words: what === "words", vectors: what === "vectors" },
    }),
  );

/** Told of each event of an answer: its name and its data, which is JSON. */
export type Hear = (name: string, data: string) => void;

/** A parser of server-sent events: fed with text as it comes, it tells of each event as soon as that is whole. */
export function events(hear: Hear): (text: string) => void {
  const parser = createParser({ onEvent: ({ event, data }) => hear(event ?? "message", data) });
  return (text) => parser.feed(text);
}

/**
 * Asks a question, and tells of the answer as it comes, until it ends or is stopped.
 *
 * @throws ApiError where the program refuses it; what the browser throws where it is stopped or the program is away.
 */
export async function askQuestion(question: string, signal: AbortSignal, hear: Hear): Promise<void> {
  const response = await signed((headers) =>
    fetch("/api/v1/search/ask", {
      method: "POST",
      signal,
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ question }),
    }),
  );
  if (!response.ok || !response.body)
    throw new ApiError(problem(await response.json().catch(() => undefined), response.status));
  const feed = events(hear);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) feed(read.value);
}
