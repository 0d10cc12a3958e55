// The pieces that every page is made of. Their rules stand in docs/design.md.

import clsx from "clsx";
import { AlertTriangle, Loader2 } from "lucide-react";
import type { ButtonHTMLAttributes, InputHTMLAttributes, ReactNode, Ref } from "react";
import { useEffect, useId, useRef } from "react";
import { ApiError } from "@/api/client";
import { band, type Tone } from "./score";

type Kind = "primary" | "quiet" | "plain" | "danger";

const KINDS: Record<Kind, string> = {
  primary: "bg-pitch text-on-pitch hover:bg-pitch-hover",
  quiet: "border border-line bg-surface text-ink hover:border-line-strong",
  plain: "text-ink hover:bg-sunken",
  danger: "border border-line bg-surface text-poor hover:border-poor",
};

export function Button({
  kind = "quiet",
  busy = false,
  className,
  children,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { kind?: Kind; busy?: boolean }) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled || busy}
      className={clsx(
        "inline-flex h-8 items-center justify-center gap-1.5 rounded-md px-3 font-medium whitespace-nowrap transition-colors disabled:opacity-50",
        KINDS[kind],
        className,
      )}
    >
      {busy && <Loader2 aria-hidden className="size-4 animate-spin" />}
      {children}
    </button>
  );
}

export function Field({
  label,
  error,
  hint,
  className,
  ref,
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & {
  label: string;
  error?: string | undefined;
  hint?: ReactNode;
  ref?: Ref<HTMLInputElement>;
}) {
  const id = useId();
  const told = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  return (
    <div className={clsx("grid gap-1", className)}>
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <input
        id={id}
        ref={ref}
        aria-invalid={error ? true : undefined}
        aria-describedby={told || undefined}
        {...rest}
        className={clsx(
          "h-9 rounded-md border bg-surface px-2.5 placeholder:text-soft",
          error ? "border-poor" : "border-line-strong",
        )}
      />
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
    </div>
  );
}

export function Card({
  title,
  aside,
  children,
  className,
}: {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section className={clsx("rounded-lg border border-line bg-surface *:data-failed:m-4", className)}>
      {title && (
        <header className="flex min-h-12 items-center justify-between gap-3 border-b border-line px-4 py-1.5">
          <h2 className="font-semibold">{title}</h2>
          {aside}
        </header>
      )}
      {children}
    </section>
  );
}

/** The head of a page: where one is, and what can be done here. */
export function PageHead({ title, children, note }: { title: ReactNode; children?: ReactNode; note?: ReactNode }) {
  const head = useRef<HTMLHeadingElement>(null);
  // Windows, history and bookmarks are told apart by it.
  useEffect(() => {
    const name = head.current?.textContent;
    document.title = name ? `${name} · Sideline` : "Sideline";
  });
  return (
    <header className="mb-5 flex flex-wrap items-end justify-between gap-3">
      <div className="min-w-0">
        <h1 ref={head} className="touchline text-xl font-semibold tracking-tight">
          {title}
        </h1>
        {note && <p className="mt-0.5 text-soft">{note}</p>}
      </div>
      {children && <div className="no-print flex flex-wrap items-center gap-2">{children}</div>}
    </header>
  );
}

/** Nothing is here, why that is so, and what to do. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="grid justify-items-center gap-2 px-6 py-12 text-center">
      <span aria-hidden className="mb-1 block h-10 w-[3px] rounded-full bg-line-strong" />
      <p className="text-base font-semibold">{title}</p>
      {children && <div className="max-w-md text-balance text-soft">{children}</div>}
      {action && <div className="mt-2">{action}</div>}
    </div>
  );
}

/** What went wrong, in the program's words, with a way on. */
export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const detail = error instanceof Error ? error.message : "Something went wrong on this page.";
  const id = error instanceof ApiError ? error.problem.request_id : undefined;
  return (
    <div
      role="alert"
      data-failed
      className="flex items-start gap-3 rounded-md bg-poor-soft px-4 py-3 not-last:mb-4 [.grid>&]:mb-0"
    >
      <AlertTriangle aria-hidden className="mt-0.5 size-4 shrink-0 text-poor" />
      <div className="min-w-0">
        <p>{detail}</p>
        {id && <p className="mt-1 text-xs text-soft">In the log: {id}</p>}
      </div>
      {retry && (
        <Button className="-my-1.5 ml-auto" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Where something will stand soon: its shape, without motion. */
export function Waiting({ rows = 6, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="grid gap-3 p-4">
      {Array.from({ length: rows }, (_, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: these are all alike
        <span key={n} className="block h-4 rounded bg-sunken" style={{ width: `${92 - ((n * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

const TONES: Record<Tone, string> = {
  good: "bg-good-soft text-good",
  fair: "bg-fair-soft text-fair",
  poor: "bg-poor-soft text-poor",
  none: "bg-sunken text-soft",
};

export function Tag({ tone = "none", children, title }: { tone?: Tone; children: ReactNode; title?: string }) {
  return (
    <span
      title={title}
      className={clsx("inline-flex items-center gap-1 rounded px-1.5 py-0.5 text-xs font-medium", TONES[tone])}
    >
      {children}
    </span>
  );
}

/** A score from 0 to 100, or why there is none. */
export function Score({
  value,
  note,
  size = "sm",
}: {
  value: number | null | undefined;
  note?: string | null | undefined;
  size?: "sm" | "lg";
}) {
  const known = value !== null && value !== undefined;
  const text = known ? Math.round(value).toString() : "–";
  const title = known ? undefined : (note ?? "Not scored");
  return (
    <span
      title={title}
      className={clsx(
        "figures inline-grid place-items-center rounded-md font-semibold",
        TONES[band(value)],
        size === "lg" ? "h-14 min-w-16 px-2 text-2xl" : "h-6 min-w-9 px-1",
      )}
    >
      {text}
      {!known && <span className="sr-only">{title}</span>}
    </span>
  );
}

export function Wordmark({ className }: { className?: string }) {
  return (
    <span className={clsx("inline-flex items-center gap-2 font-bold tracking-tight", className)}>
      <svg viewBox="0 0 20 20" aria-hidden className="h-[1.1em] w-[1.1em]">
        <path d="M4 1.5v17" stroke="var(--pitch)" strokeWidth="2.6" strokeLinecap="round" />
        <circle cx="12.5" cy="10" r="4" fill="var(--pitch)" />
      </svg>
      sideline
    </span>
  );
}
