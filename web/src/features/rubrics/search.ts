// What the pages about rubrics and trackers show, as it stands in their addresses.

export type RubricSearch = {
  /** The version that is read; the latest where none is named. */
  version?: number | undefined;
  /** The version that it is compared with. */
  against?: number | undefined;
  /** What is being written: its next version, or a copy under another id. */
  write?: "version" | "copy" | undefined;
};

export type RubricsSearch = {
  /** Whether the retired ones are shown as well. */
  retired?: true | undefined;
};

export type TrackersSearch = { q?: string | undefined };

function kept<T extends object>(read: T): T {
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined)) as T;
}

const version = (value: unknown) => {
  const read = typeof value === "string" ? Number(value) : value;
  return typeof read === "number" && Number.isInteger(read) && read >= 1 && read <= 1_000_000 ? read : undefined;
};

/** The state in an address; what is not understood is left out. */
export function readRubricSearch(search: Record<string, unknown>): RubricSearch {
  const write = search.write === "version" || search.write === "copy" ? search.write : undefined;
  return kept({ version: version(search.version), against: version(search.against), write });
}

export function readRubricsSearch(search: Record<string, unknown>): RubricsSearch {
  return kept({ retired: search.retired === true || search.retired === "true" ? (true as const) : undefined });
}

export function readTrackersSearch(search: Record<string, unknown>): TrackersSearch {
  return kept({ q: typeof search.q === "string" && search.q.trim() !== "" ? search.q : undefined });
}
