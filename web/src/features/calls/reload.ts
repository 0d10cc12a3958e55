// What stays of the uploads when the page is loaded again: what the tray shows. The files themselves are gone.

import type { Schemas } from "@/api/client";
import type { UploadedFile } from "./uploads";

type Taken = Schemas["FileTaken"];
export type Known = { status: Schemas["CallStatus"]; overall_score?: number | null };

type Kept = {
  name: string;
  status?: Taken["status"] | undefined;
  id?: string | undefined;
  call?: Schemas["CallStatus"] | undefined;
  score?: number | null | undefined;
  problem?: string | undefined;
  unsent?: boolean | undefined;
};

/** Files that are kept. */
const MOST = 100;
const UNSENT = "The page was loaded again before it was sent. Drop the file once more.";
const STATUSES: readonly unknown[] = ["needs_sides", "queued", "analysed", "failed"] satisfies Taken["call_status"][];

/** The last of the files, as they are kept. */
export function keptOf(files: readonly UploadedFile[]): Kept[] {
  return files.slice(-MOST).map(({ name, taken, problem, unsent, score }) => ({
    name,
    status: taken?.status,
    id: taken?.id ?? undefined,
    call: taken?.call_status ?? undefined,
    score,
    problem: problem ?? taken?.problem?.detail,
    unsent,
  }));
}

/** The files as they were kept; what is not understood is left out. */
export function readUploads(read: unknown): UploadedFile[] {
  if (!Array.isArray(read)) return [];
  return read.slice(-MOST).flatMap((one: Kept | null, at): UploadedFile[] => {
    if (typeof one !== "object" || one === null || typeof one.name !== "string") return [];
    const { name, status, id, call, score, problem, unsent } = one;
    const file = { key: at + 1, name };
    if (typeof status !== "string")
      return [
        typeof problem === "string"
          ? { ...file, problem, ...(unsent === true && { unsent }) }
          : { ...file, problem: UNSENT, unsent: true },
      ];
    const known = STATUSES.includes(call) ? call : undefined;
    return [
      {
        ...file,
        taken: { file: name, status, ...(typeof id === "string" && { id }), ...(known && { call_status: known }) },
        ...(typeof problem === "string" && { problem }),
        ...((typeof score === "number" || score === null) && { score }),
        // What is not at its end went on meanwhile.
        ...(typeof id === "string" && (known === "queued" || known === "needs_sides") && { missed: true }),
      },
    ];
  });
}
