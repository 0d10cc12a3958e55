// Keys that do something on a page. Single letters can be switched off, because who speaks to the computer types them by speaking (WCAG 2.1.4).

import { useEffect, useLayoutEffect, useRef, useSyncExternalStore } from "react";

/** What a key does: `j`, `?`, or two one after the other: `g h`. */
export type Keys = Record<string, () => void>;

const KEPT = "sideline.keys";
/** Milliseconds in which the second of two keys has to come. */
const SOON = 1_200;

const pages = new Set<{ current: Keys }>();
const listeners = new Set<() => void>();
let before: { key: string; at: number } | undefined;

/** Which of the known keys is meant, and whether a first of two has been pressed. */
export function meant(
  known: readonly string[],
  first: string | undefined,
  key: string,
): { does?: string; waits: boolean } {
  const both = first === undefined ? undefined : `${first} ${key}`;
  if (both !== undefined && known.includes(both)) return { does: both, waits: false };
  if (known.some((name) => name.startsWith(`${key} `))) return { waits: true };
  return known.includes(key) ? { does: key, waits: false } : { waits: false };
}

function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const target = event.target as HTMLElement | null;
  if (target?.closest("input, textarea, select, [contenteditable=true], [role=menu], [role=listbox]")) return;
  if (document.querySelector("[role=dialog], [role=alertdialog]")) return;
  if (!keysAreOn() && event.key !== "?") return;
  // The page that came last knows best.
  const all = [...pages].reverse().map(({ current }) => current);
  const first = before && event.timeStamp - before.at < SOON ? before.key : undefined;
  const { does, waits } = meant(all.flatMap(Object.keys), first, event.key);
  before = waits ? { key: event.key, at: event.timeStamp } : undefined;
  if (does === undefined) return;
  event.preventDefault();
  all.find((keys) => keys[does])?.[does]?.();
}

/** Listens to keys as long as the page is there. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  useLayoutEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    if (pages.size === 0) window.addEventListener("keydown", pressed);
    pages.add(latest);
    return () => {
      pages.delete(latest);
      if (pages.size === 0) window.removeEventListener("keydown", pressed);
    };
  }, []);
}

function keysAreOn(): boolean {
  return localStorage.getItem(KEPT) !== "off";
}

/** Whether single keys do something; kept in this browser. */
export function useKeysOn(): [boolean, (on: boolean) => void] {
  const on = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, keysAreOn);
  return [
    on,
    (next) => {
      if (next) localStorage.removeItem(KEPT);
      else localStorage.setItem(KEPT, "off");
      for (const listener of listeners) listener();
    },
  ];
}
