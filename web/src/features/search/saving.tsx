import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Switch } from "radix-ui";
import { type ReactNode, useState } from "react";
import { ApiError } from "@/api/client";
import { keepSearch, type SearchMode, savedQuery } from "@/api/search";
import { Ask } from "@/components/dialog";
import { Button, Failed, Field } from "@/components/ui";

/** A switch with its name at its left. */
export function Toggle({
  id,
  on,
  set,
  disabled = false,
  label,
  children,
}: {
  id: string;
  on: boolean;
  set: (on: boolean) => void;
  disabled?: boolean;
  /** What it is called where nothing stands beside it. */
  label?: string;
  children?: ReactNode;
}) {
  return (
    <div className="flex items-center justify-between gap-4">
      {children && (
        <label htmlFor={id} className="min-w-0">
          {children}
        </label>
      )}
      <Switch.Root
        id={id}
        checked={on}
        disabled={disabled}
        onCheckedChange={set}
        aria-label={label}
        className="h-6 w-10 shrink-0 rounded-full border border-line-strong bg-sunken p-0.5 data-[state=checked]:border-pitch data-[state=checked]:bg-pitch"
      >
        <Switch.Thumb className="block size-4.5 rounded-full bg-line-strong transition-transform data-[state=checked]:translate-x-4 data-[state=checked]:bg-on-pitch" />
      </Switch.Root>
    </div>
  );
}

/** Keeps a search under a name. */
export function SaveSearch({
  query,
  mode,
  close,
  saved,
}: {
  query: string;
  mode: SearchMode;
  close: () => void;
  saved: (name: string) => void;
}) {
  const queries = useQueryClient();
  const [name, setName] = useState(query.slice(0, 100));
  const [alert, setAlert] = useState(true);
  const keep = useMutation({
    mutationFn: () => keepSearch({ name: name.trim(), query, mode, alert }),
    onSuccess: (kept) => {
      void queries.invalidateQueries({ queryKey: savedQuery.queryKey });
      saved(kept.name);
    },
  });
  const refused = keep.error instanceof ApiError ? keep.error.field("name") : undefined;
  return (
    <Ask title="Save this search" close={close}>
      <form
        noValidate
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") keep.mutate();
        }}
      >
        <Field
          label="Name"
          value={name}
          maxLength={100}
          error={refused}
          onChange={({ target }) => setName(target.value)}
          hint={
            <span className="break-words">
              Looks for <code className="font-sans font-medium text-ink">{query}</code>
            </span>
          }
        />
        <Toggle id="alert-me" on={alert} set={setAlert}>
          Tell me of new calls
          <span className="block text-xs text-soft">Their number stands beside “Search” until you have looked.</span>
        </Toggle>
        {keep.error && !refused && <Failed error={keep.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" kind="primary" busy={keep.isPending} disabled={name.trim() === ""}>
            Save
          </Button>
        </div>
      </form>
    </Ask>
  );
}
