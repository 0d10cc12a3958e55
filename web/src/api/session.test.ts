import { beforeEach, expect, test, vi } from "vitest";

const kept = new Map<string, string>();
vi.stubGlobal("localStorage", {
  getItem: (name: string) => kept.get(name) ?? null,
  setItem: (name: string, value: string) => kept.set(name, value),
  removeItem: (name: string) => kept.delete(name),
});
vi.stubGlobal("window", { addEventListener: () => undefined, removeEventListener: () => undefined });
vi.stubGlobal("navigator", {});

const tokens = (n: number, expires_in = 900) => ({
  access_token: `access ${n}`,
  refresh_token: `refresh ${n}`,
  token_type: "bearer",
  expires_in,
});

beforeEach(() => {
  kept.clear();
  vi.resetModules();
});

test("who comes and who goes is told, the next tokens of a login are not", async () => {
  const { accessToken, begin, end, onSession } = await import("./session");
  const told = vi.fn();
  onSession(told);
  begin(tokens(1, 0));
  expect(told).toHaveBeenCalledTimes(1);
  vi.stubGlobal("fetch", async () => Response.json(tokens(2)));
  expect(await accessToken()).toBe("access 2");
  expect(kept.get("sideline.refresh")).toBe("refresh 2");
  expect(told).toHaveBeenCalledTimes(1);
  end();
  expect(told).toHaveBeenCalledTimes(2);
});

test("a program that is away or busy ends no login, one that refuses does", async () => {
  const { accessToken, begin, hasSession } = await import("./session");
  begin(tokens(1, 0));
  const busy = { type: "/problems/too-many-requests", title: "Too many", status: 429, detail: "try again in 2 s" };
  vi.stubGlobal("fetch", async () => Response.json(busy, { status: 429 }));
  await expect(accessToken()).rejects.toMatchObject({ message: "try again in 2 s", problem: { status: 429 } });
  vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("no network")));
  await expect(accessToken()).rejects.toMatchObject({ problem: { status: 0 } });
  expect(hasSession()).toBe(true);
  vi.stubGlobal("fetch", async () => Response.json({ status: 401 }, { status: 401 }));
  expect(await accessToken()).toBeUndefined();
  expect(hasSession()).toBe(false);
});
