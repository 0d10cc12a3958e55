// What the lists of the settings show, as it stands in their addresses.

import type { Schemas } from "@/api/client";
import { type PeopleSearch, readPeopleSearch } from "../people/search";

export const ROLES = ["rep", "manager", "coach", "admin"] as const satisfies readonly Schemas["Role"][];
export const STATES = [
  "queued",
  "running",
  "done",
  "dead",
  "cancelled",
] as const satisfies readonly Schemas["JobState"][];

export type UsersSearch = {
  q?: string | undefined;
  role?: Schemas["Role"] | undefined;
  team_id?: string | undefined;
  /** Also those who may not log in any more. */
  inactive?: true | undefined;
};
export type TeamsSearch = { team?: string | undefined };
export type JobsSearch = { state?: Schemas["JobState"] | undefined; kind?: string | undefined };
/** The period, as the pages about people have it. */
export type CostsSearch = Pick<PeopleSearch, "days" | "from" | "to">;
export type AuditSearch = { actor?: string | undefined; subject?: string | undefined };

const ID = /^[0-9a-f-]{36}$/i;

/** Words; a number in an address was words as well. */
const text = (value: unknown) => {
  const read = typeof value === "number" ? String(value) : value;
  return typeof read === "string" && read.trim() !== "" ? read.trim() : undefined;
};
const id = (value: unknown) => (typeof value === "string" && ID.test(value) ? value : undefined);
const one = <T extends string>(value: unknown, of: readonly T[]) => of.find((known) => known === value);

function kept<T extends object>(read: T): T {
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined)) as T;
}

/** The filter in an address; what is not understood is left out. */
export function readUsersSearch(search: Record<string, unknown>): UsersSearch {
  return kept({
    q: text(search.q),
    role: one(search.role, ROLES),
    team_id: id(search.team_id),
    inactive: search.inactive === true || search.inactive === "true" ? true : undefined,
  });
}

export function readTeamsSearch(search: Record<string, unknown>): TeamsSearch {
  return kept({ team: id(search.team) });
}

export function readJobsSearch(search: Record<string, unknown>): JobsSearch {
  return kept({ state: one(search.state, STATES), kind: text(search.kind) });
}

export function readCostsSearch(search: Record<string, unknown>): CostsSearch {
  const { team_id: _, ...period } = readPeopleSearch(search);
  return period;
}

export function readAuditSearch(search: Record<string, unknown>): AuditSearch {
  return kept({ actor: text(search.actor), subject: text(search.subject) });
}
