// What happened since this window was opened. Kept in memory: it is about now, and goes with the login.

import { useSyncExternalStore } from "react";
import type { Schemas } from "@/api/client";
import { onTold } from "@/api/events";
import { onSession } from "@/api/session";

type Told = Schemas["Told"];
export type Notice = { call: string; at: string; kind: "judged" | "failed"; score: number | null; fresh: boolean };

/** Notices that are kept. */
const MOST = 30;

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

let notices: readonly Notice[] = [];
const listeners = new Set<() => void>();

function become(next: readonly Notice[]): void {
  if (next === notices) return;
  notices = next;
  for (const listener of listeners) listener();
}

onTold((event) => become(noted(notices, event)));
onSession(() => become([]));

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
