import { useMutation, useQueryClient } from "@tanstack/react-query";
import { AlertTriangle } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { ApiError } from "@/api/client";
import { bring, type DocumentHead } from "@/api/knowledge";
import { HELD_OVER, useDrop } from "@/components/drop";
import { sentence } from "@/components/format";
import { extent, FILES } from "./words";

type Refused = { file: string; why: string };
type Outcome = { brought: DocumentHead[]; refused: Refused[] };

/** What became of files, one after another: the program reads few at a time. */
async function bringAll(files: readonly File[], into: string | undefined): Promise<Outcome> {
  const outcome: Outcome = { brought: [], refused: [] };
  if (into !== undefined && files.length > 1)
    return {
      ...outcome,
      refused: [{ file: `${files.length} files`, why: "The next version of a document is one file." }],
    };
  for (const file of files) {
    try {
      outcome.brought.push(await bring(file, into));
    } catch (error) {
      // What is no refusal of the program is a fault of these pages.
      if (!(error instanceof ApiError)) throw error;
      outcome.refused.push({ file: file.name, why: sentence(error.message) });
    }
  }
  return outcome;
}

/** Takes files that are dropped or chosen, as documents of their own or as the next version of one, and says what became of each. */
export function Bring({
  into,
  may,
  brought,
  children,
}: {
  /** The document that gets a new version. */
  into?: string;
  /** Whether whoever is here brings documents at all. */
  may: boolean;
  brought?: (document: DocumentHead) => void;
  children: (choose: () => void, busy: boolean, told: ReactNode) => ReactNode;
}) {
  const input = useRef<HTMLInputElement>(null);
  const queries = useQueryClient();
  const bringing = useMutation({
    mutationFn: (files: readonly File[]) => bringAll(files, into),
    onSuccess: async (outcome) => {
      await queries.invalidateQueries({ queryKey: ["knowledge"] });
      for (const document of outcome.brought) brought?.(document);
    },
  });
  const take = (files: File[]) => files.length > 0 && !bringing.isPending && bringing.mutate(files);
  const over = useDrop(may ? take : undefined);
  return (
    <div className={over ? HELD_OVER : undefined}>
      {may && (
        <input
          ref={input}
          type="file"
          multiple={into === undefined}
          accept={FILES}
          hidden
          aria-label={into === undefined ? "Documents" : "Next version"}
          onChange={(event) => {
            take([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
      )}
      {children(
        () => input.current?.click(),
        bringing.isPending,
        <Told busy={bringing.isPending} outcome={bringing.data} error={bringing.error} />,
      )}
    </div>
  );
}

function Told({ busy, outcome, error }: { busy: boolean; outcome: Outcome | undefined; error: Error | null }) {
  const done = !busy && outcome && outcome.brought.length > 0;
  const refused = busy ? [] : (outcome?.refused ?? []);
  return (
    <>
      <div role="status" className={done ? "mb-4 rounded-md bg-good-soft px-4 py-2.5 text-good" : "sr-only"}>
        {busy && "The file is being read."}
        {done &&
          outcome.brought.map((document) => (
            <p key={document.id}>
              “{document.name}” is kept{document.version > 1 && ` as version ${document.version}`}: {extent(document)}.
              Calls that a model judges from now on are held against it.
            </p>
          ))}
      </div>
      {(refused.length > 0 || error) && (
        <div role="alert" className="mb-4 flex items-start gap-3 rounded-md bg-poor-soft px-4 py-3">
          <AlertTriangle aria-hidden className="mt-0.5 size-4 shrink-0 text-poor" />
          <ul className="grid min-w-0 gap-1">
            {refused.map(({ file, why }) => (
              <li key={file} className="break-words">
                <span className="font-semibold">{file}</span> {why}
              </li>
            ))}
            {error && <li>{sentence(error.message)}</li>}
          </ul>
        </div>
      )}
    </>
  );
}
