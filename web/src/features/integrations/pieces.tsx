// What several pages of the integrations are made of.

import clsx from "clsx";
import { Check, Copy } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { day, time } from "@/components/format";
import { Button, Field } from "@/components/ui";
import { useCopied } from "../call/copied";

export const when = (at: string): string => `${day(at)}, ${time(at)}`;

/** A name and what stands beside it, on a phone below it. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid gap-x-6 gap-y-0.5 border-b border-line px-4 py-2.5 last:border-0 sm:grid-cols-[9rem_1fr]">
      <dt className="text-soft">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}

/** Something that is copied as a whole; `empty` stands in place of the button while there is nothing to copy. */
export function CopyField({
  value,
  empty,
  ...field
}: Omit<ComponentProps<typeof Field>, "value"> & { value: string; empty?: ReactNode }) {
  const [copied, copy] = useCopied();
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] gap-2">
      <Field
        {...field}
        value={value}
        readOnly={!field.onChange}
        spellCheck={false}
        onFocus={({ target }) => !field.onChange && target.select()}
      />
      <div className="mt-[1.52rem] grid h-9 content-stretch self-start">
        {value === "" && empty ? (
          empty
        ) : (
          <Button className="h-9" aria-label={`Copy: ${field.label}`} onClick={() => copy(value)}>
            {copied ? <Check aria-hidden className="size-4" /> : <Copy aria-hidden className="size-4" />}
            {copied ? "Copied" : "Copy"}
          </Button>
        )}
        <span role="status" className="sr-only">
          {copied && `Copied: ${field.label}`}
        </span>
      </div>
    </div>
  );
}

/** A name or an address that is written letter by letter. */
export function Code({ children }: { children: ReactNode }) {
  return <code className="rounded bg-sunken px-1.5 py-0.5 text-xs wrap-anywhere text-ink">{children}</code>;
}

/** A link that looks like a button. */
export const LINK_BUTTON =
  "inline-flex h-8 items-center justify-center rounded-md border border-line bg-surface px-3 font-medium whitespace-nowrap hover:border-line-strong";
export const PRIMARY_LINK =
  "inline-flex h-8 items-center justify-center rounded-md bg-pitch px-3 font-medium whitespace-nowrap text-on-pitch hover:bg-pitch-hover";

/** A sentence that is to be seen above all else of its card. */
export function Notice({ tone, children }: { tone: "poor" | "fair" | "good"; children: ReactNode }) {
  const look = { poor: "bg-poor-soft", fair: "bg-fair-soft", good: "bg-good-soft" }[tone];
  return <div className={clsx("flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3", look)}>{children}</div>;
}
