// Files on their way in, and what becomes of them. They belong to the window and not to a page, so that one may go on working meanwhile.

import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { ApiError, type Schemas, signed } from "@/api/client";
import { onTold } from "@/api/events";
import { onSession } from "@/api/session";
import { keep, recalled } from "@/components/kept";
import { type Known, keptOf, readUploads } from "./reload";

type Taken = Schemas["FileTaken"];

export type UploadedFile = {
  key: number;
  name: string;
  /** What became of it; nothing yet where it waits or is on its way. */
  taken?: Taken;
  /** Why it was refused. */
  problem?: string;
  /** Whether it did not come to the program, which may take it another time. */
  unsent?: boolean;
  /** The score, once its call is judged. */
  score?: number | null;
  /** Whether its call went on while nobody listened, and has to be asked for. */
  missed?: boolean;
};

/** Files at a time: each is a request of its own, so that one that is refused or breaks off takes no other with it. */
const AT_ONCE = 2;
/** How often a file is sent while the program has no place for it. */
const TRIES = 6;
/** Milliseconds in which a page that is left is gone. */
const LEAVING = 500;

const KEPT = "sideline.uploads";

let files: readonly UploadedFile[] = readUploads(recalled(KEPT));
let next = files.length + 1;
const listeners = new Set<() => void>();

function set(change: readonly UploadedFile[]): void {
  files = change;
  keep(KEPT, files.length > 0 ? keptOf(files) : undefined);
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** All files of this window that were not put away. */
export function useUploads(): readonly UploadedFile[] {
  return useSyncExternalStore(listen, () => files);
}

export function closeUploads(): void {
  set([]);
}

/** One of them, changed by an event of its call. */
export function followed(file: UploadedFile, event: Schemas["Told"]): UploadedFile {
  if (file.taken?.id === undefined || file.taken.id === null || file.taken.id !== event.call_id) return file;
  const detail = event.detail as { status?: Taken["call_status"]; overall_score?: number | null };
  if (event.kind === "call.status" && detail.status)
    return { ...file, taken: { ...file.taken, call_status: detail.status } };
  if (event.kind === "call.score" && detail.overall_score !== undefined)
    return { ...file, taken: { ...file.taken, call_status: "analysed" }, score: detail.overall_score };
  return file;
}

/** Says how a call is that was asked for; `undefined` where there is none any more. */
export function answered(key: number, call: Known | undefined): void {
  set(
    files.flatMap((file) => {
      if (file.key !== key) return [file];
      if (!call || !file.taken) return [];
      const { missed: _, ...rest } = file;
      return [{ ...rest, taken: { ...file.taken, call_status: call.status }, score: call.overall_score ?? null }];
    }),
  );
}

onTold((event) => {
  if (files.some((file) => file.taken?.id === event.call_id)) set(files.map((file) => followed(file, event)));
});

// What one person sends is nothing of the next one's.
let login = new AbortController();
onSession(() => {
  login.abort();
  login = new AbortController();
  set([]);
});

/** Sends files, and makes lists of calls as they are then. */
export async function uploadFiles(queries: QueryClient, chosen: readonly File[]): Promise<void> {
  const waiting = chosen.map((file) => ({ file, key: next++ }));
  set([...files, ...waiting.map(({ file, key }) => ({ key, name: file.name }))]);
  const { signal } = login;
  const work = async () => {
    for (let one = waiting.shift(); one && !signal.aborted; one = waiting.shift()) {
      const { file, key } = one;
      const done = await send(file, signal);
      set(files.map((before) => (before.key === key ? { ...before, ...done } : before)));
      void queries.invalidateQueries({ queryKey: ["calls"] });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function send(file: File, signal: AbortSignal): Promise<Pick<UploadedFile, "taken" | "problem" | "unsent">> {
  try {
    for (let tried = 1; ; tried++) {
      const form = new FormData();
      form.append("file", file, file.name);
      const response = await signed((headers) => {
        signal.throwIfAborted();
        return fetch("/api/v1/transcripts/upload", { method: "POST", body: form, headers, signal });
      });
      const wait = Number(response.headers.get("retry-after"));
      if ((response.status === 429 || response.status === 503) && tried < TRIES) {
        await new Promise((go) => setTimeout(go, (wait > 0 ? wait : 2 ** tried) * 1000));
        continue;
      }
      const answer: unknown = await response.json();
      if (Array.isArray(answer) && answer[0]) return { taken: answer[0] as Taken };
      throw new ApiError(answer as Schemas["Problem"]);
    }
  } catch (error) {
    if (error instanceof ApiError) return { problem: error.message };
    // A page that is left lets go of its requests before it goes: then the program is not to blame.
    await new Promise((go) => setTimeout(go, LEAVING));
    return { problem: "Sideline does not answer; drop the file again.", unsent: true };
  }
}
