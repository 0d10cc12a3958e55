import { expect, test, vi } from "vitest";
import { followed, type UploadedFile } from "./uploads";

vi.mock("@/api/session", () => ({
  accessToken: () => undefined,
  loginMark: () => undefined,
  onSession: () => () => undefined,
}));

const file: UploadedFile = {
  key: 1,
  name: "acme.vtt",
  taken: { file: "acme.vtt", status: "kept", id: "a", call_status: "queued" },
};
const event = (call_id: string, kind: string, detail: unknown) => ({
  at: "2026-11-02T10:00:00Z",
  call_id,
  kind,
  detail,
});

test("a file follows its call and no other", () => {
  expect(followed(file, event("a", "call.status", { status: "failed" })).taken?.call_status).toBe("failed");
  expect(followed(file, event("b", "call.status", { status: "failed" }))).toBe(file);
  const judged = followed(file, event("a", "call.score", { overall_score: 61.5, session_id: "s" }));
  expect([judged.taken?.call_status, judged.score]).toEqual(["analysed", 61.5]);
  expect(followed(file, event("a", "call.deleted", {}))).toBe(file);
});

test("what was refused or is on its way follows nothing", () => {
  const sending: UploadedFile = { key: 2, name: "b.vtt" };
  expect(followed(sending, event("a", "call.status", { status: "queued" }))).toBe(sending);
});
