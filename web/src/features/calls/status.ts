// How far a call has come, in words.

import type { CallItem, CallsFilter, Me } from "@/api/queries";
import { many } from "@/components/format";
import type { Tone } from "@/components/score";

export const STATUS: Record<CallItem["status"], { name: string; tone: Tone }> = {
  needs_sides: { name: "Who is who?", tone: "fair" },
  queued: { name: "Being coached", tone: "none" },
  analysed: { name: "Coached", tone: "good" },
  failed: { name: "Failed", tone: "poor" },
};

/** Why a call that is coached has no score. */
export const UNSCORED = "Too little could be judged";

/** How a call looks whose scores wait for somebody: as one that waits for its sides. */
export const WITHHELD = { name: "Withheld", tone: STATUS.needs_sides.tone };

/** Why its scores are withheld, as somebody of this role has to know it. */
export function withheldWhy(role: Me["role"] | undefined): string {
  const next = role === "rep" ? "a manager or coach looks at it first" : "somebody has to look first";
  return `Words in it speak to whoever judges it: ${next}`;
}

/** Whether scores wait for somebody to look. A call that is being judged anew, or was not judged, waits for something else. */
export function isWithheld({ status, withheld }: Pick<CallItem, "status" | "withheld">): boolean {
  return status === "analysed" && withheld;
}

type Narrowed = Pick<CallsFilter, "status" | "withheld">;

/** What of a status, or "withheld", the list is narrowed to. An address may have both; then the second is a filter of its own. */
export function statusChoice({ status, withheld }: Narrowed): { choice: string | undefined; beside: boolean } {
  return { choice: status ?? (withheld && "withheld"), beside: status !== undefined && withheld === true };
}

/** The filter after such a choice; with none the list has all calls. */
export function chooseStatus(choice: string | undefined): Required<Narrowed> {
  if (choice === "withheld") return { status: undefined, withheld: true };
  return { status: choice as CallsFilter["status"], withheld: undefined };
}

/** So many calls wait for somebody to look, in words; nothing where none does. */
export function waitingLine(count: number): { calls: string; why: string } | undefined {
  if (count === 0) return undefined;
  return {
    calls: `${many(count, "call waits", "calls wait")} for a look`,
    why: `${count === 1 ? "its" : "their"} scores are withheld`,
  };
}
