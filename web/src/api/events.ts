// What happens on the program while the pages are looked at. Not by `EventSource`, which can send no token.

import type { QueryClient } from "@tanstack/react-query";
import { createParser } from "eventsource-parser";
import type { Schemas } from "./client";
import { accessToken, onSession, refused } from "./session";

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

/** What one window tells the others: an event, or that some were missed. */
type Passed = { event?: Told };
const NAME = "sideline.events";

/**
 * Listens until it is told to stop, and makes what the pages show of a call as it is now.
 *
 * Of all windows of a browser one asks the program and passes on what it hears: a browser keeps few connections to a program, and a stream takes one of
 * them for as long as it is listened to.
 */
export function listen(queries: QueryClient): () => void {
  const stop = new AbortController();
  const others = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : undefined;
  const forget = onSession(() => stop.abort());
  const hear = ({ event }: Passed) => (event ? told(queries, event) : void queries.invalidateQueries());
  const pass = (passed: Passed) => {
    hear(passed);
    others?.postMessage(passed);
  };
  if (others) others.onmessage = ({ data }: MessageEvent<Passed>) => hear(data);
  const missed = () => pass({});
  const ask = () => follow(stop.signal, (event) => pass({ event }), missed);
  if (navigator.locks && others) {
    const begun = Date.now();
    const asked = navigator.locks.request(NAME, { signal: stop.signal }, () => {
      // Who asked before is gone, and nobody knows what was said since.
      if (Date.now() - begun > SOON) pass({});
      return ask();
    });
    // Told to stop while another window asks.
    asked.catch(() => undefined);
  } else {
    // Windows that cannot agree on one of them (plain HTTP from elsewhere): those that nobody looks at leave the connections to the others.
    let looked: AbortController | undefined;
    const look = () => {
      looked?.abort();
      if (document.hidden) return;
      looked = new AbortController();
      const signal = AbortSignal.any([stop.signal, looked.signal]);
      void follow(
        signal,
        (event) => hear({ event }),
        () => hear({}),
      );
    };
    const turned = () => {
      look();
      // What was said meanwhile went by.
      if (!document.hidden) hear({});
    };
    document.addEventListener("visibilitychange", turned, { signal: stop.signal });
    look();
  }
  return () => {
    forget();
    stop.abort();
    others?.close();
  };
}

/** Milliseconds in which events gather: many calls that are judged at once ask for a list once. */
const GATHERED = 500;

function told(queries: QueryClient, event: Told): void {
  for (const teller of tellers) teller(event);
  if (gathered.length === 0) setTimeout(() => renew(queries, gathered.splice(0)), GATHERED);
  gathered.push(event);
}

const gathered: Told[] = [];

/** The questions whose answers rest on scores. */
const FIGURES = new Set<unknown>(["agents", "insights", "moments", "team-figures", "trend"]);

function statusOf(detail: unknown): unknown {
  return typeof detail === "object" && detail !== null && "status" in detail ? detail.status : undefined;
}

/** Asks again for what is shown of these calls. */
function renew(queries: QueryClient, events: Told[]): void {
  const calls = new Set<unknown>(events.map((event) => event.call_id));
  const judged = events.some((event) => event.kind !== "call.status");
  // What was said stays; who says it is of our side or not changes, and then the call waits to be judged again.
  const begun = new Set<unknown>(
    events.filter(({ detail }) => statusOf(detail) === "queued").map(({ call_id }) => call_id),
  );
  void queries.invalidateQueries({
    predicate: ({ queryKey: [what, of, part] }) => {
      // A call may belong to a deal, or speak for one.
      if (what === "calls" || what === "deals") return true;
      if (what === "call") return (part === "transcript" ? begun : calls).has(of);
      return judged && FIGURES.has(what);
    },
  });
}

async function follow(signal: AbortSignal, each: (event: Told) => void, missed: () => void): Promise<void> {
  let last: string | undefined;
  let wait = SOON;
  while (!signal.aborted) {
    try {
      const token = await accessToken();
      if (token) {
        const response = await fetch("/api/v1/events", {
          signal,
          headers: { authorization: `Bearer ${token}`, ...(last !== undefined && { "last-event-id": last }) },
        });
        if (response.status === 401) refused(token);
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
      }
    } catch {
      // Broken off, or the program is away; begun again below.
    }
    if (signal.aborted) return;
    await new Promise((done) => setTimeout(done, wait));
    wait = Math.min(wait * 2, LATE);
  }
}
