import { expect, test } from "vitest";
import type { Retention } from "./queries";
import { bars, daysChanged, size, wouldGo, wrongDays } from "./storing";

test("bytes are written with three digits at most", () => {
  const written = [0, 1, 999, 1_000, 9_849, 9_960, 812_000_000, 999_600, 1_483_000_000, 5e15].map(size);
  expect(written).toEqual([
    "0 bytes",
    "1 byte",
    "999 bytes",
    "1.0 KB",
    "9.8 KB",
    "10 KB",
    "812 MB",
    "1.0 MB",
    "1.5 GB",
    "5,000 TB",
  ]);
});

test("kinds stand by their size, the largest as a full bar; what takes nothing is left out", () => {
  const kinds = [
    { kind: "free", bytes: 0 },
    { kind: "deals", bytes: 25 },
    { kind: "originals", bytes: 100 },
  ] as const;
  expect(bars({ kinds: [...kinds] })).toEqual([
    { kind: "originals", bytes: 100, share: 1 },
    { kind: "deals", bytes: 25, share: 0.25 },
  ]);
  expect(bars({ kinds: [] })).toEqual([]);
});

const retention = (email: number, deals: number, contacts: number): Retention => ({
  email_days: 90,
  crm_days: 0,
  items: [
    { kind: "email_snippets", count: email, bytes: 1 },
    { kind: "deal_details", count: deals, bytes: 1 },
    { kind: "contacts", count: contacts, bytes: 1 },
  ],
});

test("what would go is one part of a sentence", () => {
  expect(wouldGo(retention(0, 0, 0))).toBeUndefined();
  expect(wouldGo(retention(1, 0, 0))).toBe("the first words of 1 e-mail");
  expect(wouldGo(retention(3, 1, 2))).toBe(
    "the first words of 3 e-mails, what the CRM told of 1 closed deal and names and addresses of 2 people",
  );
});

test("days are whole numbers up to ten years, and only those that differ are sent", () => {
  const refused = ["", " ", "-1", "3651", "1.5", "soon"].map((text) => wrongDays(text) !== undefined);
  expect(refused).toEqual([true, true, true, true, true, true]);
  expect(["0", "90", "3650"].map(wrongDays)).toEqual([undefined, undefined, undefined]);
  expect(daysChanged(retention(0, 0, 0), { email_days: "30", crm_days: "0" })).toEqual({ email_days: 30 });
  expect(daysChanged(retention(0, 0, 0), { email_days: "90", crm_days: "180" })).toEqual({ crm_days: 180 });
});
