import { useMutation, useQueryClient } from "@tanstack/react-query";
import clsx from "clsx";
import { useState } from "react";
import { ApiError, api, type Schemas, taken } from "@/api/client";
import type { Tracker } from "@/api/rubrics";
import { Ask } from "@/components/dialog";
import { Button, Failed, Field } from "@/components/ui";
import { idOf, phraseAt, phrasesOf } from "./phrases";

type Whose = Schemas["Whose"];

/** A new tracker, or what one of one's own is to be. */
export function TrackerForm({
  tracker,
  close,
  saved,
}: {
  tracker?: Tracker;
  close: () => void;
  saved: (tracker: Tracker) => void;
}) {
  const queries = useQueryClient();
  const [name, setName] = useState(tracker?.name ?? "");
  const [typedId, setTypedId] = useState<string>();
  const [side, setSide] = useState<Whose | "">(tracker?.side ?? "");
  const [text, setText] = useState(tracker?.phrases.join("\n") ?? "");
  const id = tracker?.id ?? typedId ?? idOf(name);
  const save = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), side: side || null, phrases: phrasesOf(text) };
      return tracker
        ? taken(api.PUT("/api/v1/trackers/{id}", { params: { path: { id } }, body }))
        : taken(api.POST("/api/v1/trackers", { body: { id, ...body } }));
    },
    onSuccess: (kept) => {
      close();
      saved(kept);
      return queries.invalidateQueries({ queryKey: ["trackers"] });
    },
  });
  const wrong = save.error instanceof ApiError ? save.error : undefined;
  // A conflict names the id alone: it is taken, or built in.
  const taken_ = wrong?.problem.status === 409 && wrong.message.includes(`\`${id}\``) ? wrong.message : undefined;
  const told = taken_ || ["id", "name", "side", "phrases"].some((field) => wrong?.field(field));
  return (
    <Ask
      title={tracker ? "Change the tracker" : "Add a tracker"}
      about="Calls that are judged from now on are searched for it. Earlier ones are when they are judged again."
      close={close}
    >
      <form
        noValidate
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Field
          label="Name"
          required
          maxLength={100}
          value={name}
          error={wrong?.field("name")}
          onChange={({ target }) => setName(target.value)}
        />
        {!tracker && (
          <Field
            label="Id"
            required
            maxLength={64}
            autoCapitalize="none"
            spellCheck={false}
            value={id}
            error={wrong?.field("id") ?? taken_}
            hint="It stands in exports and stays as it is: lower-case letters, digits, underscores"
            onChange={({ target }) => setTypedId(target.value)}
          />
        )}
        <label className="grid gap-1">
          <span className="font-medium">Whose words</span>
          <select
            value={side}
            onChange={({ target }) => setSide(target.value as Whose | "")}
            className="h-9 rounded-md border border-line-strong bg-surface px-2"
          >
            <option value="">Everybody’s</option>
            <option value="internal">Ours</option>
            <option value="external">The customer’s</option>
          </select>
        </label>
        <Phrases text={text} error={wrong?.field("phrases")} change={setText} />
        {save.isError && !told && <Failed error={save.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" busy={save.isPending}>
            {tracker ? "Save" : "Add it"}
          </Button>
        </div>
      </form>
    </Ask>
  );
}

const LANGUAGE = [
  ["price", "the word and its inflections"],
  ["=price", "exactly that word"],
  ["(seat|licence)", "one of several"],
  ["list? price", "with or without it"],
  ["cut * price", "up to 3 words between"],
  ["<num> <day> <money>", "a number, a day, an amount"],
] as const;

function Phrases({ text, error, change }: { text: string; error: string | undefined; change: (text: string) => void }) {
  const at = phraseAt(error, phrasesOf(text));
  return (
    <div className="grid gap-1">
      <label htmlFor="phrases" className="font-medium">
        Phrases <span className="font-normal text-soft">(one a line)</span>
      </label>
      <textarea
        id="phrases"
        required
        rows={6}
        spellCheck={false}
        autoCapitalize="none"
        value={text}
        onChange={({ target }) => change(target.value)}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? "phrases-error phrases-hint" : "phrases-hint"}
        className={clsx(
          "rounded-md border bg-surface px-2.5 py-2 font-mono text-xs",
          error ? "border-poor" : "border-line-strong",
        )}
      />
      {error && (
        <p id="phrases-error" className="text-xs break-words text-poor">
          {at !== undefined && <strong className="font-semibold">Phrase {at}: </strong>}
          {error}
        </p>
      )}
      <dl id="phrases-hint" className="mt-1 grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 text-xs text-soft">
        {LANGUAGE.map(([written, means]) => (
          <div key={written} className="contents">
            <dt className="font-mono text-ink">{written}</dt>
            <dd>{means}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Asks before a tracker is deleted, and says what stays. */
export function DeleteTracker({
  tracker,
  close,
  deleted,
}: {
  tracker: Tracker;
  close: () => void;
  deleted: () => void;
}) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => taken(api.DELETE("/api/v1/trackers/{id}", { params: { path: { id: tracker.id } } })),
    onSuccess: () => {
      close();
      deleted();
      return queries.invalidateQueries({ queryKey: ["trackers"] });
    },
  });
  const count = tracker.phrases.length;
  return (
    <Ask
      title="Delete this tracker?"
      about={
        <>
          <strong className="font-semibold text-ink">{tracker.name}</strong> goes with its{" "}
          {count === 1 ? "only phrase" : `${count} phrases`}. What was heard in calls stays with them until they are
          judged again.
        </>
      }
      close={close}
    >
      {remove.isError && <Failed error={remove.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={close}>Keep it</Button>
        <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
          Delete the tracker
        </Button>
      </div>
    </Ask>
  );
}
