import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import { useEffect } from "react";
import { ApiError } from "@/api/client";
import { callQuery } from "@/api/queries";
import { Score, Tag } from "@/components/ui";
import { answered, closeUploads, type UploadedFile, useUploads } from "./uploads";

/** What becomes of the files that were sent from this window, on whatever page one is. */
export function UploadTray() {
  const files = useUploads();
  if (files.length === 0) return null;
  const sent = files.filter(({ taken, problem, unsent }) => (taken || problem) && !unsent).length;
  const judged = files.filter(({ taken }) => taken?.call_status === "analysed").length;
  return (
    <section
      aria-label="Uploads"
      className="no-print fixed right-4 bottom-4 z-30 w-[min(26rem,calc(100vw-2rem))] rounded-lg border border-line bg-surface shadow-raised"
    >
      <header className="flex items-center justify-between gap-3 border-b border-line py-2 pr-2 pl-4">
        <p>
          <span className="font-semibold">
            {sent} of {files.length} sent
          </span>
          {judged > 0 && <span className="text-soft">, {judged} coached</span>}
        </p>
        <button type="button" aria-label="Close" onClick={closeUploads} className="rounded p-1.5 hover:bg-sunken">
          <X aria-hidden className="size-4" />
        </button>
      </header>
      <ul aria-live="polite" className="max-h-72 overflow-y-auto">
        {files.map((file) => (
          <Row key={file.key} file={file} />
        ))}
      </ul>
    </section>
  );
}

function Row({ file: { key, name, taken, problem, unsent, score, missed = false } }: { file: UploadedFile }) {
  const call = useQuery({ ...callQuery(taken?.id ?? ""), enabled: missed });
  const gone = call.error instanceof ApiError && call.error.problem.status === 404;
  useEffect(() => {
    if (missed && (call.data || gone)) answered(key, call.data);
  }, [missed, key, call.data, gone]);
  const why = problem ?? taken?.problem?.detail;
  return (
    <li className="border-b border-line px-4 py-2 last:border-0">
      <div className="flex min-h-6 items-center justify-between gap-3">
        {taken?.id ? (
          <Link to="/calls/$id" params={{ id: taken.id }} className="truncate font-medium text-pitch underline">
            {name}
          </Link>
        ) : (
          <span className="truncate">{name}</span>
        )}
        {unsent ? <Tag tone="poor">Not sent</Tag> : <Outcome taken={taken} refused={why !== undefined} score={score} />}
      </div>
      {why && <p className="text-xs text-poor">{why}</p>}
    </li>
  );
}

function Outcome({
  taken,
  refused,
  score,
}: {
  taken: UploadedFile["taken"] | undefined;
  refused: boolean;
  score: number | null | undefined;
}) {
  if (refused || taken?.status === "refused") return <Tag tone="poor">Refused</Tag>;
  if (!taken) return <Tag>Sending</Tag>;
  switch (taken.call_status) {
    case "needs_sides":
      return <Tag tone="fair">Who is who?</Tag>;
    case "analysed":
      return score === undefined ? <Tag tone="good">Coached</Tag> : <Score value={score} />;
    case "failed":
      return <Tag tone="poor">Could not be judged</Tag>;
    case "queued":
      return <Tag>Being coached</Tag>;
    default:
      // It is somebody else's to see.
      return <Tag>Was here before</Tag>;
  }
}
