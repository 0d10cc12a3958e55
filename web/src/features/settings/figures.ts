// How jobs and their queue are written.

import { fixed, lasted } from "@/components/format";
import type { Tone } from "@/components/score";
import type { Job } from "./queries";

/** How many there are in a page: `0`, `17`, `200 or more` where it does not end with it. */
export function counted(page: { items: readonly unknown[]; next_cursor?: string | null } | undefined): string {
  if (!page) return "–";
  return page.next_cursor ? `${page.items.length} or more` : `${page.items.length}`;
}

/** How long something took: `< 0.1 s`, `0.4 s`, `12 s`, `3 min 05 s`. */
export function took(from: string | null | undefined, to: string | null | undefined): string {
  if (!from || !to) return "–";
  const seconds = Math.max(0, Date.parse(to) - Date.parse(from)) / 1000;
  if (Number.isNaN(seconds)) return "–";
  if (seconds < 0.05) return "< 0.1 s";
  // In tenths, also below a second: stamps are no finer.
  return seconds < 9.95 ? `${fixed(seconds, 1)} s` : lasted(seconds * 1000);
}

const KINDS: Record<string, string> = {
  analyse_call: "Judge a call",
  delete_original: "Delete an original",
  nightly_recalculation: "Count anew at night",
  partition_keeper: "Make room in the database",
};

/** The kinds that are known here. */
export const KNOWN = Object.keys(KINDS);

/** What a job does; one that is not known here by its own name. */
export function kindName(kind: string): string {
  return KINDS[kind] ?? kind.replaceAll("_", " ");
}

export const STATE: Record<Job["state"], { name: string; tone: Tone }> = {
  queued: { name: "Waiting", tone: "none" },
  running: { name: "Running", tone: "fair" },
  done: { name: "Done", tone: "good" },
  dead: { name: "Given up", tone: "poor" },
  cancelled: { name: "Cancelled", tone: "none" },
};

/** What can be done with a job in its state. */
export function deedOf({ state }: Pick<Job, "state">): "retry" | "cancel" | undefined {
  if (state === "dead" || state === "cancelled") return "retry";
  return state === "queued" || state === "running" ? "cancel" : undefined;
}

/** Whether a job takes something away for good, so that it is asked for before it is done again. */
export function deletes({ kind }: Pick<Job, "kind">): boolean {
  return kind.startsWith("delete_");
}
