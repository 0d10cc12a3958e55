// Who is logged in, in this browser. The access token lives in memory; the refresh token in the storage that all tabs share, because it is good
// for one use: the tab that uses it leaves the next one for the others.

import { ApiError, away, problem } from "./error";
import type { components } from "./schema";

type Tokens = components["schemas"]["Tokens"];

const REFRESH = "sideline.refresh";
const LOCK = "sideline.refresh";
const LOGIN = "sideline.login";
/** Seconds before its end at which an access token is exchanged. */
const EARLY = 30;

let access: { token: string; until: number } | undefined;
const listeners = new Set<() => void>();

export function hasSession(): boolean {
  return localStorage.getItem(REFRESH) !== null;
}

/** What tells this login from others of this browser as long as it lasts; none where nobody is logged in. */
export function loginMark(): string | undefined {
  return hasSession() ? (localStorage.getItem(LOGIN) ?? "") : undefined;
}

export function begin(tokens: Tokens): void {
  const comes = !hasSession();
  access = { token: tokens.access_token, until: Date.now() + (tokens.expires_in - EARLY) * 1000 };
  localStorage.setItem(REFRESH, tokens.refresh_token);
  // The next pair of tokens is the same login, which nothing has to be begun anew for.
  if (!comes) return;
  localStorage.setItem(LOGIN, Math.random().toString(36).slice(2));
  tell();
}

export function end(): void {
  access = undefined;
  localStorage.removeItem(REFRESH);
  localStorage.removeItem(LOGIN);
  tell();
}

/** Tells of each login and its end, in this tab and in others. */
export function onSession(listener: () => void): () => void {
  listeners.add(listener);
  const other = (event: StorageEvent) => {
    // A refresh in another tab changes the token as well; only its coming and going matters.
    if (event.key === REFRESH && (event.oldValue === null) !== (event.newValue === null)) {
      access = undefined;
      listener();
    }
  };
  window.addEventListener("storage", other);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", other);
  };
}

function tell(): void {
  for (const listener of listeners) listener();
}

/**
 * An access token that is good now; none where nobody is logged in any more.
 *
 * @throws ApiError where the program is away or busy, which ends no login.
 */
export async function accessToken(): Promise<string | undefined> {
  if (access && Date.now() < access.until) return access.token;
  return alone(async () => {
    if (access && Date.now() < access.until) return access.token;
    const refresh = localStorage.getItem(REFRESH);
    if (refresh === null) return undefined;
    const asked = fetch("/api/v1/auth/refresh", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ refresh_token: refresh }),
    });
    const response = await asked.catch(() => Promise.reject(away()));
    if (response.ok) {
      begin((await response.json()) as Tokens);
      return access?.token;
    }
    if (response.status === 401) {
      end();
      return undefined;
    }
    throw new ApiError(problem(await response.json().catch(() => undefined), response.status));
  });
}

/** Forgets the access token: the program has refused it. */
export function refused(token: string): void {
  if (access?.token === token) access = undefined;
}

let before: Promise<unknown> = Promise.resolve();

/** One at a time in all tabs, where the browser can (pages over plain HTTP from elsewhere cannot); in this tab everywhere. */
function alone<T>(task: () => Promise<T>): Promise<T> {
  if (navigator.locks) return navigator.locks.request(LOCK, task) as Promise<T>;
  const next = before.then(task, task);
  before = next.catch(() => undefined);
  return next;
}
