import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { ApiError, type Schemas } from "@/api/client";
import { accessToken } from "@/api/session";
import { Tag, Waiting } from "@/components/ui";

type Taken = Schemas["FileTaken"];
type One = { name: string; taken?: Taken; problem?: string };

/** Files at a time: each is a request of its own, so that one that is refused or breaks off takes no other with it. */
const AT_ONCE = 2;

/** Takes files that are dropped or chosen, and tells of each what became of it. */
export function Upload({ children }: { children: (choose: () => void) => ReactNode }) {
  const input = useRef<HTMLInputElement>(null);
  const queries = useQueryClient();
  const [over, setOver] = useState(false);
  const [files, setFiles] = useState<One[]>([]);

  const take = async (chosen: File[]) => {
    const begun = files.length;
    setFiles((before) => [...before, ...chosen.map(({ name }) => ({ name }))]);
    const waiting = chosen.map((file, n) => ({ file, at: begun + n }));
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { file, at } = next;
        const done = await send(file);
        setFiles((before) => before.map((one, n) => (n === at ? { ...one, ...done } : one)));
        void queries.invalidateQueries({ queryKey: ["calls"] });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take([...event.dataTransfer.files]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is beside the button, which does the same by keyboard
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && setOver(false)}
      onDrop={drop}
      className={over ? "rounded-lg outline-2 outline-offset-8 outline-pitch outline-dashed" : undefined}
    >
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Transcripts"
        onChange={(event) => {
          void take([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      {children(() => input.current?.click())}
      {files.length > 0 && <Results files={files} close={() => setFiles([])} />}
    </div>
  );
}

function Results({ files, close }: { files: One[]; close: () => void }) {
  return (
    <section
      aria-label="Uploads"
      className="fixed right-4 bottom-4 z-30 w-[min(24rem,calc(100vw-2rem))] rounded-lg border border-line bg-surface shadow-raised"
    >
      <header className="flex items-center justify-between border-b border-line px-3 py-2 font-semibold">
        {files.filter(({ taken, problem }) => taken || problem).length} of {files.length} files
        <button type="button" aria-label="Close" onClick={close} className="rounded p-1 hover:bg-sunken">
          <X aria-hidden className="size-4" />
        </button>
      </header>
      <ul aria-live="polite" className="max-h-72 overflow-y-auto">
        {files.map(({ name, taken, problem }, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: files of one name can be many, and none moves
          <li key={n} className="border-b border-line px-3 py-2 last:border-0">
            <div className="flex items-center justify-between gap-2">
              {taken?.id ? (
                <Link to="/calls/$id" params={{ id: taken.id }} className="truncate font-medium text-pitch underline">
                  {name}
                </Link>
              ) : (
                <span className="truncate">{name}</span>
              )}
              <Outcome taken={taken} failed={problem !== undefined} />
            </div>
            {(problem ?? taken?.problem?.detail) && (
              <p className="text-xs text-poor">{problem ?? taken?.problem?.detail}</p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Outcome({ taken, failed }: { taken: Taken | undefined; failed: boolean }) {
  if (failed || taken?.status === "refused") return <Tag tone="poor">Refused</Tag>;
  if (!taken) return <Waiting rows={0} label="Uploading" />;
  if (taken.call_status === "needs_sides") return <Tag tone="fair">Who is who?</Tag>;
  return <Tag tone="good">{taken.status === "known" ? "Was here" : "Taken"}</Tag>;
}

async function send(file: File): Promise<Partial<One>> {
  const form = new FormData();
  form.append("file", file, file.name);
  try {
    const token = await accessToken();
    const headers = token ? { authorization: `Bearer ${token}` } : {};
    const response = await fetch("/api/v1/transcripts/upload", { method: "POST", body: form, headers });
    const answer: unknown = await response.json();
    if (Array.isArray(answer) && answer[0]) return { taken: answer[0] as Taken };
    throw new ApiError(answer as Schemas["Problem"]);
  } catch (error) {
    return { problem: error instanceof ApiError ? error.message : "Sideline does not answer; drop the file again." };
  }
}
