import { expect, test } from "vitest";
import type { User } from "../settings/queries";
import { customersOf, repsOf } from "./named";

const user = (id: string, name: string, role: User["role"]): User => ({
  id,
  name,
  role,
  active: true,
  created_at: "2026-11-01T08:00:00Z",
});

test("whoever may have calls can be chosen, coaches not, who is in no list any more as well", () => {
  const people = [user("3", "Noor", "rep"), user("1", "Ida", "manager"), user("2", "Selma", "coach")];
  const calls = [{ rep: { id: "4", name: "Aron" } }, { rep: { id: "3", name: "Noor" } }, { rep: null }];
  expect(repsOf(people, calls)).toEqual([
    { value: "4", name: "Aron" },
    { value: "1", name: "Ida", note: "manager" },
    { value: "3", name: "Noor", note: undefined },
  ]);
});

test("customers come from pages and from whole lists, each once", () => {
  const list = { pages: [{ items: [{ customer: "Solberg" }, { customer: null }] }, { items: [{ customer: "Acme" }] }] };
  const page = { items: [{ customer: "ACME" }, { customer: "Linden" }] };
  expect(customersOf([list, page, 7, null, undefined, { items: 3 }]).map(({ name }) => name)).toEqual([
    "Acme",
    "Linden",
    "Solberg",
  ]);
});
