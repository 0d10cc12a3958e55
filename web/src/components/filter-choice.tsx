import clsx from "clsx";
import type { ReactNode } from "react";

/** One of a few things by which a list is narrowed; its edge is green where one is chosen. */
export function FilterChoice({
  label,
  none = label,
  value,
  set,
  children,
}: {
  label: string;
  /** What is chosen where nothing is. */
  none?: string;
  value: string | undefined;
  set: (value: string | undefined) => void;
  children: ReactNode;
}) {
  return (
    <select
      aria-label={label}
      value={value ?? ""}
      onChange={({ target }) => set(target.value || undefined)}
      className={clsx(
        "h-8 max-w-44 rounded-md border bg-surface px-2 max-sm:flex-1",
        value ? "border-pitch font-medium" : "border-line-strong text-soft",
      )}
    >
      <option value="">{none}</option>
      {children}
    </select>
  );
}
