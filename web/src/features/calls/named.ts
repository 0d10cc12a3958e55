// Whom and which customers one can choose from, taken from what was read.

import type { CallItem } from "@/api/queries";
import type { Choice } from "@/components/choosing";
import type { User } from "../settings/queries";

const byName = (a: Choice, b: Choice) => a.name.localeCompare(b.name);

/** Everybody who may have calls, and whoever has one of these: somebody deactivated is in no list, but their calls are. */
export function repsOf(people: readonly User[], calls: readonly Pick<CallItem, "rep">[]): Choice[] {
  const found = new Map<string, Choice>();
  for (const { rep } of calls) if (rep) found.set(rep.id, { value: rep.id, name: rep.name });
  for (const { id, name, role } of people) {
    // Coaches upload none.
    if (role === "coach") continue;
    found.set(id, { value: id, name, note: role === "rep" ? undefined : role });
  }
  return [...found.values()].toSorted(byName);
}

/** The customers of all calls in these answers, each once however it is written. */
export function customersOf(answers: readonly unknown[]): Choice[] {
  const found = new Map<string, string>();
  for (const { customer } of answers.flatMap(callsIn)) {
    const key = customer?.toLocaleLowerCase();
    if (customer && key && !found.has(key)) found.set(key, customer);
  }
  return [...found.values()].map((name) => ({ value: name, name })).toSorted(byName);
}

/** The calls of an answer, which may be a page, all pages of a list, or something else. */
function callsIn(answer: unknown): Pick<CallItem, "customer">[] {
  if (typeof answer !== "object" || answer === null) return [];
  if ("items" in answer && Array.isArray(answer.items)) return answer.items;
  return "pages" in answer && Array.isArray(answer.pages) ? answer.pages.flatMap(callsIn) : [];
}
