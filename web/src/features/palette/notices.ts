// What happened since this window was opened. It stays when the page is loaded again, and goes with the login.

import { useSyncExternalStore } from "react";
import type { Schemas } from "@/api/client";
import { onTold } from "@/api/events";
import { onSession } from "@/api/session";
import { keep, recalled } from "@/components/kept";

type Told = Schemas["Told"];
export type Notice = { call: string; at: string; kind: "judged" | "failed"; score: number | null; fresh: boolean };

/** Notices that are kept. */
const MOST = 50;
const KEPT = "sideline.news";

/** The notices once an event has come: one a call, the latest first; others change nothing. */
export function noted(notices: readonly Notice[], { kind, call_id: call, at, detail }: Told): readonly Notice[] {
  const more = (detail ?? {}) as { status?: string; overall_score?: number | null };
  const others = notices.filter((notice) => notice.call !== call);
  if (kind === "call.deleted") return others.length === notices.length ? notices : others;
  const what =
    kind === "call.score" ? "judged" : kind === "call.status" && more.status === "failed" ? "failed" : undefined;
  if (!what) return notices;
  return [{ call, at, kind: what, score: more.overall_score ?? null, fresh: true } as const, ...others].slice(0, MOST);
}

/** Notices as they were kept; what is not understood is left out. */
export function readNotices(read: unknown): readonly Notice[] {
  if (!Array.isArray(read)) return [];
  const known = read.flatMap((one: Partial<Notice> | null): Notice[] => {
    const { call, at, kind, score, fresh } = one ?? {};
    if (typeof call !== "string" || typeof at !== "string" || Number.isNaN(Date.parse(at))) return [];
    if (kind !== "judged" && kind !== "failed") return [];
    return [{ call, at, kind, score: typeof score === "number" ? score : null, fresh: fresh === true }];
  });
  return known.slice(0, MOST);
}

let notices: readonly Notice[] = readNotices(recalled(KEPT));
const listeners = new Set<() => void>();

function become(next: readonly Notice[]): void {
  if (next === notices) return;
  notices = next;
  keep(KEPT, notices.length > 0 ? notices : undefined);
  for (const listener of listeners) listener();
}

onTold((event) => become(noted(notices, event)));
onSession(() => become([]));

/** Leaves out what is told of a call that is not there any more. */
export const forget = (call: string) => become(notices.filter((notice) => notice.call !== call));

/** Marks all as seen. */
export const seen = () => become(notices.map((notice) => ({ ...notice, fresh: false })));

export function useNotices(): readonly Notice[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );
}
