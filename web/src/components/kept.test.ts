import { beforeEach, expect, test, vi } from "vitest";

let login: string | undefined;
vi.mock("@/api/session", () => ({ loginMark: () => login }));
const { keep, recalled } = await import("./kept");

const stored = new Map<string, string>();
const storage = {
  getItem: (name: string) => stored.get(name) ?? null,
  setItem: (name: string, value: string) => void stored.set(name, value),
  removeItem: (name: string) => void stored.delete(name),
};

beforeEach(() => {
  login = "one";
  stored.clear();
  vi.stubGlobal("sessionStorage", storage);
});

test("what is kept is there after a reload, until nothing is kept", () => {
  keep("news", [1, 2]);
  expect(recalled("news")).toEqual([1, 2]);
  keep("news", undefined);
  expect([recalled("news"), stored.size]).toEqual([undefined, 0]);
});

test("nothing of one login is told to the next, nor stays", () => {
  keep("news", [1]);
  login = "two";
  expect([recalled("news"), stored.size]).toEqual([undefined, 0]);
  keep("news", [2]);
  login = undefined;
  expect([recalled("news"), stored.size]).toEqual([undefined, 0]);
  keep("news", [3]);
  expect(stored.size).toBe(0);
});

test("a browser that keeps nothing, has no room or kept nonsense breaks nothing", () => {
  keep("news", [1]);
  vi.stubGlobal("sessionStorage", {
    ...storage,
    setItem: () => {
      throw new DOMException("full", "QuotaExceededError");
    },
  });
  keep("news", [1, 2]);
  expect(recalled("news")).toBeUndefined();
  stored.set("news", "{");
  expect(recalled("news")).toBeUndefined();
  vi.stubGlobal("sessionStorage", undefined);
  keep("news", [1]);
  expect(recalled("news")).toBeUndefined();
});
