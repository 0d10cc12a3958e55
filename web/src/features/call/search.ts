// What the page of a call shows, as it stands in its address.

export type CallSearch = {
  /** The segment that is looked at, and the words in it that are marked: where they begin and how many characters they are. */
  at?: number;
  mark?: string;
  /** The check whose evidence is open. */
  check?: string;
};

/** The state in an address; what is not understood is left out. */
export function readCallSearch(search: Record<string, unknown>): CallSearch {
  const at = Number(search.at);
  return {
    ...(Number.isInteger(at) && at > 0 && { at }),
    ...(typeof search.mark === "string" && /^\d+-\d+$/.test(search.mark) && { mark: search.mark }),
    ...(typeof search.check === "string" && { check: search.check }),
  };
}
