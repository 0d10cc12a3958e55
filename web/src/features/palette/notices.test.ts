import { expect, test, vi } from "vitest";

vi.stubGlobal("window", { addEventListener: () => undefined });
const { noted } = await import("./notices");

const told = (kind: string, call_id: string, detail: object = {}) => ({
  kind,
  call_id,
  at: "2026-11-02T10:00:00Z",
  detail,
});

test("a call that is judged or fails is told of once, the latest first", () => {
  let notices = noted([], told("call.score", "a", { overall_score: 70 }));
  notices = noted(notices, told("call.status", "b", { status: "failed" }));
  notices = noted(notices, told("call.score", "a", { overall_score: null }));
  expect(notices.map(({ call, kind, score }) => [call, kind, score])).toEqual([
    ["a", "judged", null],
    ["b", "failed", null],
  ]);
});

test("what is on its way is not told of, and what is deleted is forgotten", () => {
  const notices = noted([], told("call.score", "a", { overall_score: 70 }));
  expect(noted(notices, told("call.status", "b", { status: "queued" }))).toBe(notices);
  expect(noted(notices, told("call.deleted", "b"))).toBe(notices);
  expect(noted(notices, told("call.deleted", "a"))).toEqual([]);
});

test("no more than thirty are kept", () => {
  let notices = noted([], told("call.score", "0"));
  for (let n = 1; n < 40; n += 1) notices = noted(notices, told("call.score", String(n)));
  expect([notices.length, notices[0]?.call]).toEqual([30, "39"]);
});
