import { expect, test, vi } from "vitest";

vi.stubGlobal("window", { addEventListener: () => undefined });
const { noted, readNotices } = await import("./notices");

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

test("no more than fifty are kept", () => {
  let notices = noted([], told("call.score", "0"));
  for (let n = 1; n < 60; n += 1) notices = noted(notices, told("call.score", String(n)));
  expect([notices.length, notices[0]?.call]).toEqual([50, "59"]);
  expect(readNotices([...notices, ...notices])).toHaveLength(50);
});

test("what was kept is read as it was, without what is not understood", () => {
  const at = "2026-11-02T10:00:00Z";
  const good = { call: "a", at, kind: "judged", score: 70, fresh: true } as const;
  const bad = [null, 7, { ...good, kind: "told" }, { ...good, at: "soon" }, { ...good, call: 3 }];
  expect(readNotices([...bad, { ...good, more: "words" }])).toEqual([good]);
  expect(readNotices([{ ...good, score: "high", fresh: 1 }])).toEqual([{ ...good, score: null, fresh: false }]);
  expect([readNotices(undefined), readNotices({ call: "a" })]).toEqual([[], []]);
});
