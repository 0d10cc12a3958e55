// What the start page shows, as it stands in its address.

export type StartSearch = {
  /** A day of the week whose moments are shown. */
  week?: string;
};

/** The state in an address; what is not understood is left out. */
export function readStartSearch(search: Record<string, unknown>): StartSearch {
  const { week } = search;
  return typeof week === "string" && /^\d{4}-\d{2}-\d{2}$/.test(week) ? { week } : {};
}
