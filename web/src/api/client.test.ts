import { beforeEach, expect, test, vi } from "vitest";

const kept = new Map<string, string>();
vi.stubGlobal("localStorage", {
  getItem: (name: string) => kept.get(name) ?? null,
  setItem: (name: string, value: string) => kept.set(name, value),
  removeItem: (name: string) => kept.delete(name),
});
vi.stubGlobal("window", { addEventListener: () => undefined, removeEventListener: () => undefined });
vi.stubGlobal("navigator", {});

const tokens = (n: number) => ({
  access_token: `access ${n}`,
  refresh_token: `refresh ${n}`,
  token_type: "bearer",
  expires_in: 900,
});

type Asked = { path: string; token: string | null; body: string };

/** A program that takes one token only; each refresh gives the next one, as long as `refreshes` says so. */
function program(takes: (token: string | null) => boolean, refreshes = true) {
  const asked: Asked[] = [];
  let given = 1;
  vi.stubGlobal("fetch", async (input: Request | string, init?: RequestInit) => {
    const request = typeof input === "string" ? new Request(`http://here${input}`, init) : input;
    const { pathname: path } = new URL(request.url);
    const token = request.headers.get("authorization")?.replace("Bearer ", "") ?? null;
    asked.push({ path, token, body: await request.text() });
    const refusal = Response.json({ status: 401, detail: "log in again" }, { status: 401 });
    if (path === "/api/v1/auth/refresh") {
      given += 1;
      return refreshes ? Response.json(tokens(given)) : refusal;
    }
    return takes(token) ? Response.json({ by: token }) : refusal;
  });
  const of = (path: string) => asked.filter((each) => each.path.endsWith(path));
  return { asked, of };
}

async function loggedIn() {
  const { begin, hasSession } = await import("./session");
  const { api, taken } = await import("./client");
  begin(tokens(1));
  return { api, taken, hasSession };
}

const baseUrl = "http://here";

beforeEach(() => {
  kept.clear();
  vi.resetModules();
});

test("where several are refused at once, one refresh serves all, and each is asked again once", async () => {
  const { of } = program((token) => token === "access 2");
  const { api, taken } = await loggedIn();
  const answers = await Promise.all(
    [1, 2, 3].map(() => taken(api.GET("/api/v1/auth/me", { baseUrl })) as Promise<unknown>),
  );
  expect(answers).toEqual([1, 2, 3].map(() => ({ by: "access 2" })));
  expect(of("/auth/refresh")).toHaveLength(1);
  expect(of("/auth/me").map(({ token }) => token)).toEqual([
    ...["access 1", "access 1", "access 1"],
    ...["access 2", "access 2", "access 2"],
  ]);
});

test("what was said is said again, not an empty body", async () => {
  const { of } = program((token) => token === "access 2");
  const { api, taken } = await loggedIn();
  await taken(api.POST("/api/v1/teams", { baseUrl, params: { header: {} }, body: { name: "North" } }));
  expect(of("/teams").map(({ body }) => body)).toEqual(['{"name":"North"}', '{"name":"North"}']);
});

test("a program that refuses every token is asked twice and not for ever", async () => {
  const { asked, of } = program(() => false);
  const { api, taken, hasSession } = await loggedIn();
  await expect(taken(api.GET("/api/v1/auth/me", { baseUrl }))).rejects.toMatchObject({ problem: { status: 401 } });
  expect([of("/auth/me").length, of("/auth/refresh").length, asked.length]).toEqual([2, 1, 3]);
  expect(hasSession()).toBe(true);
});

test("a login that is over ends, and nothing is asked again", async () => {
  const { of } = program(() => false, false);
  const { api, taken, hasSession } = await loggedIn();
  await expect(taken(api.GET("/api/v1/auth/me", { baseUrl }))).rejects.toMatchObject({ problem: { status: 401 } });
  expect([of("/auth/me").length, of("/auth/refresh").length, hasSession()]).toEqual([1, 1, false]);
});

test("a wrong password at the login is no token that is over", async () => {
  const { asked } = program(() => false);
  const { api, taken } = await loggedIn();
  const body = { username: "ida", password: "wrong" };
  await expect(taken(api.POST("/api/v1/auth/login", { baseUrl, body }))).rejects.toMatchObject({
    problem: { status: 401 },
  });
  expect(asked.map(({ path, token }) => [path, token])).toEqual([["/api/v1/auth/login", null]]);
});
