import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import clsx from "clsx";
import { type FormEvent, type RefObject, useMemo, useRef, useState } from "react";
import { ApiError, api, type Schemas, taken } from "@/api/client";
import { type KeptRubric, rubricsQuery } from "@/api/rubrics";
import { Ask } from "@/components/dialog";
import { Button, Card, Failed, PageHead } from "@/components/ui";
import { copyOf, documentOf } from "./document";
import { isJson, rangeOf, type Wrong, wrongs } from "./place";
import { ORDER, yaml } from "./yaml";

/** Pixels of a line of the text. */
const LINE = 20;

type Sent = { text: string; error: unknown };

async function send(id: string | undefined, text: string): Promise<KeptRubric> {
  const headers = { "content-type": isJson(text) ? "application/json" : "application/yaml" };
  // It goes as it stands, so that the lines that are told are those of the text.
  const body = text as unknown as Schemas["RubricDocument"];
  const way = { body, bodySerializer: (text: unknown) => text as string, headers };
  return id === undefined
    ? taken(api.POST("/api/v1/rubrics", way))
    : taken(api.PUT("/api/v1/rubrics/{id}", { ...way, params: { path: { id } } }));
}

/** Writes the next version of a rubric, or another rubric that begins as a copy of it. */
export function Editor({
  kept,
  write,
  done,
  leave,
}: {
  kept: KeptRubric;
  write: "version" | "copy";
  done: (next: KeptRubric) => void;
  leave: () => void;
}) {
  const queries = useQueryClient();
  const offered = useQuery(rubricsQuery).data;
  const begun = useMemo(() => {
    const rubric = documentOf(kept);
    const taken = (offered ?? []).map(({ id }) => id);
    const next = write === "copy" ? copyOf(rubric, taken) : { ...rubric, version: rubric.version + 1 };
    return yaml(next, ORDER);
  }, [kept, write, offered]);
  const [typed, setTyped] = useState<string>();
  const text = typed ?? begun;
  const [sent, setSent] = useState<Sent>();
  const area = useRef<HTMLTextAreaElement>(null);
  const save = useMutation({
    mutationFn: (text: string) => send(write === "version" ? kept.id : undefined, text),
    onMutate: () => setSent(undefined),
    onError: (error, text) => setSent({ text, error }),
    onSuccess: (next) => {
      void queries.invalidateQueries({ queryKey: ["rubrics"] });
      void queries.invalidateQueries({ queryKey: ["dimensions"] });
      done(next);
    },
  });
  const blocked = useBlocker({
    shouldBlockFn: () => typed !== undefined && typed !== begun && !save.isSuccess,
    withResolver: true,
  });
  const problem = sent?.error instanceof ApiError ? sent.error.problem : undefined;
  const found = sent && problem && [400, 422].includes(problem.status) ? wrongs(problem, sent.text) : [];
  const go = (line: number) => {
    const element = area.current;
    if (!element) return;
    const [start, end] = rangeOf(text, line);
    element.focus();
    element.setSelectionRange(start, end);
    element.scrollTop = Math.max(0, (line - 4) * LINE);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(text);
  };
  const title = write === "copy" ? `A copy of “${kept.name}”` : `“${kept.name}”, version ${kept.version + 1}`;
  const note =
    write === "copy"
      ? "Give it its own id and name. It is offered as soon as it is saved."
      : "Calls that are judged from now on are judged by it. Those that were judged keep their version.";
  return (
    <form onSubmit={submit}>
      <PageHead title={title} note={note}>
        <Button onClick={leave}>Cancel</Button>
        <Button kind="primary" type="submit" busy={save.isPending}>
          {write === "copy" ? "Save the rubric" : `Save version ${kept.version + 1}`}
        </Button>
      </PageHead>
      <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_20rem] lg:items-start">
        <div className="min-w-0">
          <label htmlFor="document" className="mb-1 block font-medium">
            Document <span className="font-normal text-soft">(YAML or JSON)</span>
          </label>
          <Lined text={text} area={area} change={setTyped} wrong={found} />
        </div>
        <div className={clsx("grid gap-5 max-lg:row-start-1", !sent && "max-lg:hidden")}>
          <Problems sent={sent} found={found} go={go} />
          <Help />
        </div>
      </div>
      {blocked.status === "blocked" && (
        <Ask
          title="Leave without saving?"
          about="What you wrote into the document goes. The rubric stays as it was."
          close={blocked.reset}
        >
          <div className="flex justify-end gap-2">
            <Button onClick={blocked.reset}>Go on writing</Button>
            <Button kind="danger" onClick={blocked.proceed}>
              Leave
            </Button>
          </div>
        </Ask>
      )}
    </form>
  );
}

/** A text with numbers before its lines; those that are wrong are marked. */
function Lined({
  text,
  area,
  change,
  wrong,
}: {
  text: string;
  area: RefObject<HTMLTextAreaElement | null>;
  change: (text: string) => void;
  wrong: readonly Wrong[];
}) {
  const gutter = useRef<HTMLDivElement>(null);
  const lines = text.split("\n").length;
  const bad = new Set(wrong.map(({ line }) => line));
  return (
    <div
      className={clsx(
        "flex h-[min(70dvh,48rem)] overflow-hidden rounded-lg border bg-surface font-mono text-xs focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-pitch",
        wrong.length > 0 ? "border-poor" : "border-line-strong",
      )}
    >
      <div
        ref={gutter}
        aria-hidden
        className="figures shrink-0 overflow-hidden border-r border-line bg-sunken py-2 text-right text-soft select-none"
      >
        {Array.from({ length: lines }, (_, at) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            key={at}
            style={{ height: LINE, lineHeight: `${LINE}px` }}
            className={clsx("px-2", bad.has(at + 1) && "bg-poor-soft font-bold text-poor")}
          >
            {at + 1}
          </div>
        ))}
        {/* As much as a bar for scrolling sideways takes. */}
        <div className="h-8" />
      </div>
      <textarea
        id="document"
        ref={area}
        value={text}
        onChange={({ target }) => change(target.value)}
        onScroll={({ currentTarget }) => {
          if (gutter.current) gutter.current.scrollTop = currentTarget.scrollTop;
        }}
        wrap="off"
        spellCheck={false}
        autoCapitalize="none"
        autoCorrect="off"
        aria-invalid={wrong.length > 0 || undefined}
        aria-describedby={wrong.length > 0 ? "document-problems" : "document-help"}
        style={{ lineHeight: `${LINE}px` }}
        className="min-w-0 flex-1 resize-none bg-transparent px-3 py-2 outline-none"
      />
    </div>
  );
}

function Problems({
  sent,
  found,
  go,
}: {
  sent: Sent | undefined;
  found: readonly Wrong[];
  go: (line: number) => void;
}) {
  if (!sent) return null;
  if (found.length === 0) return <Failed error={sent.error} />;
  return (
    <div role="alert" id="document-problems" className="rounded-lg bg-poor-soft px-4 py-3">
      <h2 className="font-semibold text-poor">It was not saved</h2>
      <ul className="mt-1 grid gap-2">
        {found.map(({ message, line, column }) => (
          <li key={`${line} ${message}`} className="break-words">
            {line !== undefined && (
              <button type="button" onClick={() => go(line)} className="font-semibold text-poor underline">
                Line {line}
                {column !== undefined && `, column ${column}`}
              </button>
            )}{" "}
            {message}
          </li>
        ))}
      </ul>
    </div>
  );
}

const HELP = [
  ["dimensions", "What is scored. The weight of one against the others decides its share of the overall score."],
  ["levels", "What a call looks like at level 1, 3 and 5. They explain the score; they do not make it."],
  ["checks", "What is looked for, as a sentence that is true when the check is met."],
  [
    "kind",
    "presence: met when it happens. absence: when it never happens. metric: a figure keeps a bound. scale: 0 to 3.",
  ],
  ["condition", "For a metric alone: its name with at_least or at_most."],
  [
    "id",
    "Lower-case letters, digits and underscores. Keep the ids of checks that go on: figures are compared by them.",
  ],
] as const;

function Help() {
  return (
    <Card title="What stands where" className="max-lg:hidden">
      <dl id="document-help" className="grid gap-2 px-4 py-3 text-xs">
        {HELP.map(([key, what]) => (
          <div key={key}>
            <dt className="font-mono font-semibold">{key}</dt>
            <dd className="text-soft">{what}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
