// The place in the call that is being looked at, in milliseconds: moved by the map and the words, and by a recording once there is one.

import { useSyncExternalStore } from "react";

export type Position = { read: () => number; move: (ms: number) => void; listen: (listener: () => void) => () => void };

/** Outside of the page’s own state: what moves many times in a second draws nothing anew but who listens. */
export function makePosition(): Position {
  let now = 0;
  const listeners = new Set<() => void>();
  return {
    read: () => now,
    move: (ms) => {
      if (ms === now) return;
      now = ms;
      for (const listener of listeners) listener();
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

/** The position in whole seconds, as it moves. */
export function useSeconds({ listen, read }: Position): number {
  return useSyncExternalStore(listen, () => Math.floor(read() / 1000));
}
