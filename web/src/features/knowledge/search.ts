// What the pages about the knowledge base show, as it stands in their addresses.

export type KnowledgeSearch = {
  /** Whether the retired ones are shown as well. */
  retired?: true | undefined;
};

export type DocumentSearch = {
  /** The version that is read; the latest where none is named. */
  version?: number | undefined;
};

/** The state in an address; what is not understood is left out. */
export function readKnowledgeSearch({ retired }: Record<string, unknown>): KnowledgeSearch {
  return retired === true || retired === "true" ? { retired: true } : {};
}

export function readDocumentSearch({ version }: Record<string, unknown>): DocumentSearch {
  const read = typeof version === "string" ? Number(version) : version;
  return typeof read === "number" && Number.isInteger(read) && read >= 1 && read <= 1_000_000 ? { version: read } : {};
}
