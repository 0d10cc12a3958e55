// What the pages ask about the knowledge base: documents in versions, their sections, and what answers cite of them.

import { queryOptions } from "@tanstack/react-query";
import { api, type Schemas, taken } from "./client";

export type DocumentHead = Schemas["DocumentHead"];
export type KnowledgeDocument = Schemas["KnowledgeDocument"];
export type KnowledgeSection = Schemas["KnowledgeSection"];
export type CitedSection = Schemas["CitedSection"];

/** The latest version of each document in use, or of those that were retired as well. */
export const documentsQuery = (retired: boolean) =>
  queryOptions({
    queryKey: ["knowledge", "list", retired],
    queryFn: ({ signal }) => taken(api.GET("/api/v1/knowledge", { params: { query: { retired } }, signal })),
  });

/** A version of a document with its sections; the latest where none is named. */
export const documentQuery = (id: string, version?: number) =>
  queryOptions({
    queryKey: ["knowledge", "one", id, version],
    queryFn: ({ signal }) =>
      taken(
        api.GET("/api/v1/knowledge/{id}", {
          params: { path: { id }, query: version === undefined ? {} : { version } },
          signal,
        }),
      ),
  });

/** The sections that answers cite, in the version that was cited; ids that name none are left out. */
export const citedQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ["knowledge", "cited", ids.join(",")],
    queryFn: ({ signal }) =>
      taken(api.GET("/api/v1/knowledge/sections", { params: { query: { ids: ids.join(",") } }, signal })),
  });

/** Sends a file as a document of its own, or as the next version of one. */
export function bring(file: File, into: string | undefined): Promise<KnowledgeDocument> {
  const form = new FormData();
  form.append("file", file, file.name);
  // The description has the bytes of a file as a string; what is sent is the form.
  const sent = { body: { file: file.name }, bodySerializer: () => form };
  return taken(
    into === undefined
      ? api.POST("/api/v1/knowledge", { params: { header: {} }, ...sent })
      : api.POST("/api/v1/knowledge/{id}/versions", { params: { path: { id: into }, header: {} }, ...sent }),
  );
}
