// What a window keeps when its page is loaded again, as long as the login is the same. A browser may keep nothing: then it is gone, and nothing else.

import { loginMark } from "@/api/session";

/** What was kept by this name and this login. */
export function recalled(name: string): unknown {
  try {
    const read = JSON.parse(sessionStorage.getItem(name) ?? "null") as { login?: string; what?: unknown } | null;
    if (read === null) return undefined;
    const login = loginMark();
    if (login !== undefined && read.login === login) return read.what;
    // Of somebody else, who was here before.
    sessionStorage.removeItem(name);
  } catch {
    // No storage, or nothing that can be read.
  }
  return undefined;
}

/** Keeps this in the place of what was kept by this name; `undefined` keeps nothing. */
export function keep(name: string, what: unknown): void {
  try {
    // First the old one: where there is no room for the new one it is not to stay.
    sessionStorage.removeItem(name);
    const login = loginMark();
    if (what !== undefined && login !== undefined) sessionStorage.setItem(name, JSON.stringify({ login, what }));
  } catch {
    // No storage, or none left.
  }
}
