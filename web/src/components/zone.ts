// Where the team is. Days, weeks and periods begin and end there for everybody, wherever they read: the figures are reckoned so.

import { useEffect, useSyncExternalStore } from "react";

const KEPT = "sideline.zone";
const listeners = new Set<() => void>();
let known: string | undefined = globalThis.localStorage?.getItem(KEPT) ?? undefined;

/** The time zone in which days are reckoned; where it is not known yet, the reader's. */
export function zone(): string | undefined {
  return known;
}

/** Takes what the program says; the next page need not ask before it can be drawn. */
export function setZone(name: string): void {
  if (name === known) return;
  known = name;
  globalThis.localStorage?.setItem(KEPT, name);
  for (const listener of listeners) listener();
}

/** The zone, drawn anew when it changes; none until it is known. */
export function useZone(told: string | undefined): string | undefined {
  useEffect(() => {
    if (told !== undefined) setZone(told);
  }, [told]);
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, zone);
}
