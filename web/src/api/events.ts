// What happens on the program while the pages are looked at. Not by `EventSource`, which can send no token.

import type { QueryClient } from "@tanstack/react-query";
import { createParser } from "eventsource-parser";
import type { Schemas } from "./client";
import { accessToken, onSession } from "./session";

type Told = Schemas["Told"];

/** Milliseconds until a stream that broke is begun again, at first and at most. */
const SOON = 1_000;
const LATE = 30_000;

const tellers = new Set<(event: Told) => void>();

/** Tells of each event that comes. */
export function onTold(listener: (event: Told) => void): () => void {
  tellers.add(listener);
  return () => {
    tellers.delete(listener);
  };
}

/** Listens until it is told to stop, and makes what the pages show of a call as it is now. */
export function listen(queries: QueryClient): () => void {
  const stop = new AbortController();
  const forget = onSession(() => stop.abort());
  void follow(
    stop.signal,
    (event) => told(queries, event),
    () => void queries.invalidateQueries(),
  );
  return () => {
    forget();
    stop.abort();
  };
}

function told(queries: QueryClient, event: Told): void {
  for (const teller of tellers) teller(event);
  void queries.invalidateQueries({ queryKey: ["calls"] });
  void queries.invalidateQueries({
    queryKey: ["call", event.call_id],
    predicate: ({ queryKey }) => queryKey[2] !== "transcript",
  });
  if (event.kind !== "call.status") void queries.invalidateQueries({ queryKey: ["moments"] });
}

async function follow(signal: AbortSignal, each: (event: Told) => void, missed: () => void): Promise<void> {
  let last: string | undefined;
  let wait = SOON;
  while (!signal.aborted) {
    const token = await accessToken();
    if (token) {
      try {
        const response = await fetch("/api/v1/events", {
          signal,
          headers: { authorization: `Bearer ${token}`, ...(last !== undefined && { "last-event-id": last }) },
        });
        if (response.ok && response.body) {
          wait = SOON;
          const parser = createParser({
            onEvent: (event) => {
              if (event.id !== undefined) last = event.id;
              // The program no longer knows what came after the last one.
              if (event.event === "reset") missed();
              else if (event.event?.startsWith("call.")) each(JSON.parse(event.data) as Told);
            },
          });
          const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
          for (let read = await reader.read(); !read.done; read = await reader.read()) parser.feed(read.value);
        }
      } catch {
        // Broken off; begun again below.
      }
    }
    if (signal.aborted) return;
    await new Promise((done) => setTimeout(done, wait));
    wait = Math.min(wait * 2, LATE);
  }
}
