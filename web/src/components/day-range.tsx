import clsx from "clsx";
import { useEffect, useState } from "react";

/** The first and the last day as `2026-11-22`; empty where that end is open. */
export type Days = { since: string; until: string };
type End = keyof Days;

const FIRST = "1970-01-01";
const LAST = "2999-12-31";
const ENDS = ["since", "until"] as const;

/** Whether a day is typed to its end: on the way to 2026 the year is 0002, 0020 and 0202. */
export function wholeDay(day: string): boolean {
  return day.length === FIRST.length && day >= FIRST && day <= LAST;
}

export function inOrder({ since, until }: Days): boolean {
  return since === "" || until === "" || since <= until;
}

/** From which day to which. What is typed stays here until it is a date: the address has whole ones only. */
export function DayRange({
  set,
  open = false,
  className,
  ...days
}: Days & {
  set: (days: Days) => void;
  /** Whether an end may stay empty. */
  open?: boolean;
  className?: string;
}) {
  const { since, until } = days;
  const [typed, setTyped] = useState<Days>({ since, until });
  useEffect(() => setTyped({ since, until }), [since, until]);
  const ordered = inOrder(typed);
  const apply = (next: Days) => {
    const told = ENDS.every((end) => wholeDay(next[end]) || (open && next[end] === ""));
    if (told && inOrder(next) && ENDS.some((end) => next[end] !== days[end])) set(next);
  };
  const type = (end: End, day: string) => {
    const next = { ...typed, [end]: day };
    setTyped(next);
    // An empty value may be a date half typed; whether it is, shows when the field is left.
    if (wholeDay(day)) apply(next);
  };
  const finish = (end: End, input: HTMLInputElement) => {
    const day = input.value;
    if (wholeDay(day) || (open && day === "" && !input.validity.badInput)) return apply({ ...typed, [end]: day });
    setTyped({ ...typed, [end]: days[end] });
    // A half typed date reads as empty, so that React would leave it standing in an empty field.
    input.value = days[end];
  };
  return (
    <div className={clsx("flex flex-wrap items-center gap-1.5", className)}>
      {ENDS.map((end) => (
        <label key={end} className="flex min-w-0 items-center gap-1.5 text-soft max-sm:flex-1">
          {end === "since" ? "From" : "to"}
          <input
            type="date"
            min={FIRST}
            max={LAST}
            value={typed[end]}
            aria-invalid={ordered ? undefined : true}
            onChange={({ target }) => type(end, target.value)}
            onBlur={({ target }) => finish(end, target)}
            onKeyDown={({ key, currentTarget }) => key === "Enter" && finish(end, currentTarget)}
            className={clsx(
              "h-8 w-full min-w-0 rounded-md border bg-surface px-2 text-ink",
              ordered ? "border-line-strong" : "border-poor",
            )}
          />
        </label>
      ))}
      {!ordered && (
        <span role="alert" className="text-xs text-poor">
          The first day is after the last
        </span>
      )}
    </div>
  );
}
