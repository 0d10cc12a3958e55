import { Link } from "@tanstack/react-router";
import { BookOpenText } from "lucide-react";
import type { ReactNode } from "react";

/** The place of a check or a dimension on the page of its rubric. */
export const placeOf = (id: string) => `check-${id}`;

/** Leads to the place of a check (or a dimension) in the version of the rubric that judged by it; a small book where there are no words for it. */
export function RubricLink({
  rubric,
  version,
  check,
  name,
  children,
}: {
  rubric: string;
  version?: number | undefined;
  /** The id of the check or the dimension; the whole rubric where it is left out. */
  check?: string | undefined;
  /** How it is called, for who does not see where the link stands. */
  name: string;
  children?: ReactNode;
}) {
  const told = `${name}, in the rubric`;
  return (
    <Link
      to="/rubrics/$id"
      params={{ id: rubric }}
      search={version === undefined ? {} : { version }}
      {...(check && { hash: placeOf(check) })}
      {...(!children && { "aria-label": told, title: told })}
      className={
        children
          ? "text-pitch underline underline-offset-2 hover:no-underline"
          : "inline-grid size-6 shrink-0 place-items-center rounded text-soft hover:bg-sunken hover:text-pitch"
      }
    >
      {children ?? <BookOpenText aria-hidden className="size-4" />}
    </Link>
  );
}
