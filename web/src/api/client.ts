// The API, typed by its description.

import createClient from "openapi-fetch";
import { ApiError, away, problem } from "./error";
import type { components, paths } from "./schema";
import { accessToken, refused } from "./session";

export type Schemas = components["schemas"];
export type { Problem } from "./error";

export { ApiError };

const OPEN = ["/installation", "/auth/login", "/auth/register", "/auth/refresh", "/auth/token"];

/**
 * Asks as who is logged in, and once more where the program takes the token no longer: its time may have been over earlier than this clock says.
 * What is answered so was not done, so it can be asked twice.
 */
export async function signed(ask: (headers: Record<string, string>) => Promise<Response>): Promise<Response> {
  const withToken = (token: string | undefined) => ask(token === undefined ? {} : { authorization: `Bearer ${token}` });
  const token = await accessToken();
  const response = await withToken(token);
  if (response.status !== 401 || token === undefined) return response;
  refused(token);
  const next = await accessToken();
  return next === undefined || next === token ? response : withToken(next);
}

async function sent(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (OPEN.some((path) => pathname.endsWith(path))) return fetch(request);
  return signed((headers) => {
    // A copy, since a body is read once.
    const copy = request.clone();
    for (const [name, value] of Object.entries(headers)) copy.headers.set(name, value);
    return fetch(copy);
  });
}

export const api = createClient<paths>({ baseUrl: "/", fetch: sent });

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The data of an answer; throws what went wrong as an {@link ApiError}. */
export async function taken<T>(answer: Promise<Answer<T>>): Promise<T> {
  let got: Answer<T>;
  try {
    got = await answer;
  } catch (error) {
    // The refresh before it may have been refused.
    throw error instanceof ApiError ? error : away();
  }
  if (got.response.ok) return got.data as T;
  throw new ApiError(problem(got.error, got.response.status));
}
