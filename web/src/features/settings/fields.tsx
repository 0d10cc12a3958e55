// What the forms of the settings are made of, beside Field.

import clsx from "clsx";
import { type ComponentProps, type ReactNode, useId, useState } from "react";
import { ApiError } from "@/api/client";
import { Button, Failed, Field } from "@/components/ui";

function Told({ id, error, hint }: { id: string; error?: string | undefined; hint?: ReactNode }) {
  return (
    <>
      {error && (
        <p id={`${id}-error`} className="text-xs text-poor">
          {error}
        </p>
      )}
      {hint && (
        <div id={`${id}-hint`} className="text-xs text-soft">
          {hint}
        </div>
      )}
    </>
  );
}

function describedBy(id: string, error: unknown, hint: unknown): string | undefined {
  return [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ") || undefined;
}

export function SelectField({
  label,
  error,
  hint,
  className,
  ...rest
}: ComponentProps<"select"> & { label: string; error?: string | undefined; hint?: ReactNode }) {
  const id = useId();
  return (
    <div className={clsx("grid gap-1", className)}>
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <select
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, error, hint)}
        {...rest}
        className={clsx(
          "h-9 w-full min-w-0 rounded-md border bg-surface px-2 disabled:opacity-60",
          error ? "border-poor" : "border-line-strong",
        )}
      />
      <Told id={id} error={error} hint={hint} />
    </div>
  );
}

export function TextField({
  label,
  error,
  hint,
  ...rest
}: ComponentProps<"textarea"> & { label: string; error?: string | undefined; hint?: ReactNode }) {
  const id = useId();
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <textarea
        id={id}
        rows={3}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, error, hint)}
        {...rest}
        className={clsx("rounded-md border bg-surface px-2.5 py-1.5", error ? "border-poor" : "border-line-strong")}
      />
      <Told id={id} error={error} hint={hint} />
    </div>
  );
}

/** One of a few, all of them in sight. */
export function Radios<T extends string>({
  label,
  value,
  set,
  choices,
  error,
  row = false,
}: {
  label: string;
  value: T;
  set: (value: T) => void;
  choices: readonly { value: T; name: ReactNode; hint?: ReactNode }[];
  error?: string | undefined;
  row?: boolean;
}) {
  const id = useId();
  return (
    <fieldset aria-describedby={error ? `${id}-error` : undefined} className="grid gap-1.5">
      <legend className="mb-1.5 font-medium">{label}</legend>
      <div className={clsx("grid gap-2", row && "sm:flex sm:gap-6")}>
        {choices.map((choice) => (
          <label key={choice.value} className="flex items-start gap-2">
            <input
              type="radio"
              name={id}
              value={choice.value}
              checked={choice.value === value}
              onChange={() => set(choice.value)}
              aria-invalid={error ? true : undefined}
              className="mt-0.5 size-4 shrink-0 accent-pitch"
            />
            <span>
              {choice.name}
              {choice.hint && <span className="block text-xs text-soft">{choice.hint}</span>}
            </span>
          </label>
        ))}
      </div>
      <Told id={id} error={error} />
    </fieldset>
  );
}

/** On or off, and what that means. */
export function CheckField({
  label,
  checked,
  set,
  hint,
  error,
}: {
  label: string;
  checked: boolean;
  set: (checked: boolean) => void;
  hint?: ReactNode;
  error?: string | undefined;
}) {
  const id = useId();
  return (
    <div className="flex items-start gap-2">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        onChange={({ target }) => set(target.checked)}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, error, hint)}
        className="mt-0.5 size-4 shrink-0 accent-pitch"
      />
      <div className="grid gap-0.5">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        <Told id={id} error={error} hint={hint} />
      </div>
    </div>
  );
}

/** A password that can be looked at while it is written. */
export function PasswordField(field: Omit<ComponentProps<typeof Field>, "type">) {
  const [open, setOpen] = useState(false);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] gap-2">
      <Field {...field} type={open ? "text" : "password"} spellCheck={false} />
      <Button
        aria-pressed={open}
        aria-label={`Show ${field.label.toLocaleLowerCase()}`}
        className="mt-[1.52rem] h-9 self-start"
        onClick={() => setOpen(!open)}
      >
        {open ? "Hide" : "Show"}
      </Button>
    </div>
  );
}

/** What was refused of a form, unless it stands beside one of its fields. */
export function Refused({ error, fields }: { error: unknown; fields: readonly string[] }) {
  if (!error) return null;
  if (error instanceof ApiError && fields.some((name) => error.field(name))) return null;
  return <Failed error={error} />;
}

export function Buttons({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-center justify-end gap-2">{children}</div>;
}
