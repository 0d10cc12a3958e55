import { expect, test } from "vitest";
import { around, beside } from "./neighbours";

const WHEN = "2026-11-02T10:00:00Z";

test("in a list with the latest first, the call before is the next later one", () => {
  const asked = beside({ q: "acme", since: "2026-10-01", until: "2026-11-30" }, WHEN);
  expect(asked?.before).toEqual({ q: "acme", since: WHEN, until: "2026-11-30", sort: "started_at" });
  expect(asked?.after).toEqual({ q: "acme", since: "2026-10-01", until: WHEN, sort: "-started_at" });
});

test("in a list with the earliest first it is the other way round, and other orders are looked up", () => {
  expect(beside({ sort: "started_at" }, WHEN)?.after).toMatchObject({ since: WHEN, sort: "started_at" });
  expect(beside({ sort: "-score" }, WHEN)).toBeUndefined();
  expect(around(["a", "b", "c"], "b")).toEqual({ before: "a", after: "c" });
  expect(around(["a"], "x")).toEqual({});
});
