import { expect, test } from "vitest";
import type { DealRule } from "@/api/deals";
import { changesOf, formOf, isUsual, wrongOf } from "./deal-rules";

const ghosted: DealRule = {
  kind: "ghosted",
  enabled: true,
  threshold: 12,
  usual: 10,
  unit: "days",
  bounds: [1, 365],
};
const contacts: DealRule = {
  kind: "not_enough_contacts",
  enabled: true,
  threshold: 2,
  usual: 2,
  unit: "contacts",
  bounds: [1, 20],
};
const rules = [ghosted, contacts];

test("rules come back from their form as they went in, and only what is another is changed", () => {
  const form = formOf(rules);
  expect(changesOf(rules, form)).toEqual([]);
  expect(changesOf(rules, { ...form, ghosted: { enabled: false, threshold: "12" } })).toEqual([
    { kind: "ghosted", enabled: false, threshold: 12 },
  ]);
  expect(changesOf(rules, { ...form, not_enough_contacts: { enabled: true, threshold: "3" } })).toEqual([
    { kind: "not_enough_contacts", enabled: true, threshold: 3 },
  ]);
});

test("a threshold is a whole number within its bounds", () => {
  expect(wrongOf(contacts, "20")).toBeUndefined();
  for (const text of ["0", "21", "", "2.5", "-1", "two"])
    expect(wrongOf(contacts, text)).toBe("A whole number of contacts, from 1 to 20.");
});

test("what is as the program is shipped needs no way back", () => {
  expect(isUsual(ghosted, { enabled: true, threshold: "10" })).toBe(true);
  expect(isUsual(ghosted, { enabled: false, threshold: "10" })).toBe(false);
  expect(isUsual(ghosted, { enabled: true, threshold: "11" })).toBe(false);
});
