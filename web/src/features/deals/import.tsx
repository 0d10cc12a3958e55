import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { ApiError } from "@/api/client";
import { bringDeals, type DealFile, renewDeals } from "@/api/deals";
import { Ask } from "@/components/dialog";
import { HELD_OVER, useDrop } from "@/components/drop";
import { many, sentence } from "@/components/format";
import { Button, Failed } from "@/components/ui";
import { Radios } from "../settings/fields";
import { FILES, guess, KINDS, rowOf, template, typeOf } from "./files";

type Chosen = { name: string; type: "text/csv" | "application/json"; text: string };

/** Takes a file of deals that is dropped anywhere on the page or chosen, and asks what it brings. */
export function ImportDeals({ children }: { children: (choose: () => void) => ReactNode }) {
  // `null`: asked for without a file.
  const [open, setOpen] = useState<File | null>();
  const over = useDrop(open === undefined ? (files) => files[0] && setOpen(files[0]) : undefined);
  return (
    <div className={over ? HELD_OVER : undefined}>
      {children(() => setOpen(null))}
      {open !== undefined && <ImportDialog first={open} close={() => setOpen(undefined)} />}
    </div>
  );
}

function ImportDialog({ first, close }: { first: File | null; close: () => void }) {
  const queries = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [what, setWhat] = useState<DealFile>("opportunities");
  const [chosen, setChosen] = useState<Chosen>();
  const [refused, setRefused] = useState<string>();
  const bring = useMutation({
    mutationFn: ({ type, text }: Chosen) => bringDeals(what, type, text),
    onSuccess: () => {
      setChosen(undefined);
      renewDeals(queries);
    },
  });
  const take = async (file: File | undefined) => {
    if (!file) return;
    bring.reset();
    setRefused(undefined);
    const type = typeOf(file.name);
    if (!type) {
      setChosen(undefined);
      return setRefused(`${file.name} is neither CSV nor JSON, by its name.`);
    }
    const text = await file.text();
    setWhat((before) => guess(text) ?? before);
    setChosen({ name: file.name, type, text });
  };
  const begun = useRef(false);
  if (!begun.current) {
    begun.current = true;
    if (first) void take(first);
  }
  const over = useDrop((files) => void take(files[0]));
  const { name, about, needs } = KINDS[what];
  return (
    <Ask
      title="Bring a file"
      about="All of a file is taken in, or nothing. What was brought before under the same id is replaced."
      close={close}
    >
      <div className="grid gap-4">
        <Radios
          label="What it has"
          row
          value={what}
          set={(next) => {
            setWhat(next);
            bring.reset();
          }}
          choices={FILES.map((each) => ({ value: each, name: KINDS[each].name }))}
        />
        <p className="-mt-2 text-soft">
          {about} Needed: <span className="text-ink">{needs}</span>. How the rest is written shows a template:{" "}
          <Template what={what} as="csv" /> or <Template what={what} as="json" />.
        </p>
        <input
          ref={input}
          type="file"
          accept=".csv,.txt,.json,text/csv,application/json"
          hidden
          aria-label="File of deals"
          onChange={(event) => {
            void take(event.target.files?.[0]);
            event.target.value = "";
          }}
        />
        <button
          type="button"
          onClick={() => input.current?.click()}
          className={`grid justify-items-center gap-1 rounded-lg border border-dashed px-4 py-6 text-center hover:border-pitch ${over ? "border-pitch bg-pitch-soft" : "border-line-strong"}`}
        >
          <FileUp aria-hidden className="size-5 text-soft" />
          <span className="font-medium break-all">{chosen?.name ?? "Choose a file, or drop it here"}</span>
          <span className="text-xs text-soft">{chosen ? "Choose another one" : "CSV or JSON, up to 50 MB"}</span>
        </button>
        {refused && (
          <p role="alert" className="rounded-md bg-poor-soft px-4 py-3">
            {refused}
          </p>
        )}
        {bring.error && <Wrong error={bring.error} file={chosen?.name} />}
        <div role="status" className={bring.data ? "rounded-md bg-good-soft px-4 py-2.5 text-good" : "sr-only"}>
          {bring.isPending && "The file is being read."}
          {bring.data &&
            `${many(bring.data.rows, "row")} taken in, ${bring.data.new === bring.data.rows ? "all of them" : bring.data.new} new.`}
        </div>
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={close}>{bring.data ? "Done" : "Cancel"}</Button>
          <Button
            kind="primary"
            disabled={!chosen}
            busy={bring.isPending}
            onClick={() => chosen && bring.mutate(chosen)}
          >
            Bring {name.toLocaleLowerCase()}
          </Button>
        </div>
      </div>
    </Ask>
  );
}

/** A file of this kind to be filled. */
function Template({ what, as }: { what: DealFile; as: "csv" | "json" }) {
  return (
    <a
      href={`data:${as === "csv" ? "text/csv" : "application/json"};charset=utf-8,${encodeURIComponent(template(what, as))}`}
      download={`${what}.${as}`}
      className="font-medium text-pitch underline"
    >
      {as.toUpperCase()}
      <span className="sr-only"> template: {KINDS[what].name}</span>
    </a>
  );
}

/** What is wrong with a file, row by row. */
function Wrong({ error, file }: { error: Error; file: string | undefined }) {
  const told = error instanceof ApiError ? error.problem.errors?.file : undefined;
  if (!told?.length) return <Failed error={error} />;
  return (
    <div role="alert" className="grid gap-2 rounded-md bg-poor-soft px-4 py-3">
      <p className="font-semibold">Nothing was taken in. Mend {file ?? "the file"} and choose it again.</p>
      <ul
        className="grid max-h-56 gap-1 overflow-y-auto" // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys
        tabIndex={0}
      >
        {told.map((each) => {
          const { row, why } = rowOf(each);
          return (
            <li key={each} className="grid grid-cols-[4.5rem_1fr] gap-2">
              <span className="figures text-soft">{row ?? "File"}</span>
              <span className="break-words">{sentence(why)}</span>
            </li>
          );
        })}
      </ul>
      {told.length >= 20 && <p className="text-xs text-soft">There may be more: the first 20 are told.</p>}
    </div>
  );
}
