// Small pieces in which the figures of people are shown.

import clsx from "clsx";
import type { ReactNode } from "react";
import type { Average, Compared } from "@/api/analytics";
import { Score } from "@/components/ui";
import { calls, direction, ENOUGH, type Kind, shownChange, written, writtenChange } from "./measures";

/** An average in its own way of writing, with how many calls it rests on where it is pointed at. */
export function Mean({ of, kind }: { of: Average | undefined; kind: Kind }) {
  const note = of?.note ?? "no calls with it";
  if (kind === "score")
    return (
      <span title={of?.mean === null || of?.mean === undefined ? undefined : calls(of.n)}>
        <Score value={of?.mean} note={note} />
      </span>
    );
  const known = typeof of?.mean === "number";
  return (
    <span className="figures" title={known ? calls(of.n) : note}>
      {written(kind, of?.mean)}
      {!known && <span className="sr-only">{note}</span>}
    </span>
  );
}

/** An average in a row that says how many calls there are; on how many it rests stands beneath where these are others. */
export function CountedMean({ of, kind, among }: { of: Average | undefined; kind: Kind; among: number }) {
  const n = of?.n ?? 0;
  if (typeof of?.mean !== "number" && n < ENOUGH)
    return (
      <span className="figures text-xs text-soft" title={of?.note ?? "no calls with it"}>
        {n} of {ENOUGH} calls
      </span>
    );
  return (
    <>
      <Mean of={of} kind={kind} />
      {n !== among && <span className="figures block text-xs text-soft">{calls(n)}</span>}
    </>
  );
}

/** How much something changed. Green and red only where higher is better for sure. */
export function Change({
  value,
  kind,
  why,
  neutral = false,
}: {
  value: number | null | undefined;
  kind: Kind;
  /** Why there is none. */
  why?: string | undefined;
  neutral?: boolean;
}) {
  const way = neutral ? 0 : direction(kind, value);
  const known = value !== null && value !== undefined;
  return (
    <span
      title={known ? undefined : why}
      className={clsx(
        "figures whitespace-nowrap",
        way > 0 ? "text-good" : way < 0 ? "text-poor" : "text-soft",
        way !== 0 && "font-medium",
      )}
    >
      {writtenChange(kind, value)}
      {!known && why && <span className="sr-only">{why}</span>}
    </span>
  );
}

/** Why two periods cannot be compared. */
export function whyNot({ now, before }: Compared): string | undefined {
  if (now.note) return now.note;
  return before.note ? `before: ${before.note}` : undefined;
}

/** One figure with its name, and beside it how it was before. */
export function Figure({
  name,
  of,
  kind,
  neutral = false,
  then = "the period before",
}: {
  name: string;
  of: Compared;
  kind: Kind;
  neutral?: boolean;
  /** What it is compared with. */
  then?: string;
}) {
  const known = typeof of.now.mean === "number";
  return (
    <Stat
      name={
        <>
          {name}
          {kind === "mood" && <span className="max-sm:sr-only">, −1 to 1</span>}
        </>
      }
      value={written(kind, of.now.mean)}
      note={known ? undefined : (of.now.note ?? undefined)}
    >
      {known ? (
        <>
          {calls(of.now.n)} ·{" "}
          <Change
            value={shownChange(kind, of.now.mean, of.before.mean)}
            kind={kind}
            why={whyNot(of)}
            neutral={neutral}
          />{" "}
          from {then}
        </>
      ) : (
        of.now.note
      )}
    </Stat>
  );
}

export function Stat({
  name,
  value,
  note,
  children,
}: {
  name: ReactNode;
  value: string;
  note?: string | undefined;
  children?: ReactNode;
}) {
  return (
    <div className="min-w-0 bg-surface px-4 py-3">
      <dt className="text-xs text-soft">{name}</dt>
      <dd className="figures mt-0.5 text-2xl font-semibold tracking-tight" title={note}>
        {value}
      </dd>
      {children && <dd className="mt-0.5 text-xs text-soft">{children}</dd>}
    </div>
  );
}

/** Figures side by side, with lines between them. */
export function Figures({ children }: { children: ReactNode }) {
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line lg:grid-cols-4">
      {children}
    </dl>
  );
}

/** Where a part of a page begins, with what can be done with it. */
export function PartHead({ title, note, children }: { title: ReactNode; note?: ReactNode; children?: ReactNode }) {
  return (
    <header className="mt-9 mb-4 flex flex-wrap items-end justify-between gap-3">
      <div className="min-w-0">
        <h2 className="touchline text-lg font-semibold tracking-tight">{title}</h2>
        {note && <p className="mt-0.5 text-soft">{note}</p>}
      </div>
      {children && <div className="no-print flex flex-wrap items-center gap-2">{children}</div>}
    </header>
  );
}
