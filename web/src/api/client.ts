// The API, typed by its description.

import createClient, { type Middleware } from "openapi-fetch";
import { ApiError, away, problem } from "./error";
import type { components, paths } from "./schema";
import { accessToken, refused } from "./session";

export type Schemas = components["schemas"];
export type { Problem } from "./error";

export { ApiError };

const OPEN = ["/installation", "/auth/login", "/auth/register", "/auth/refresh", "/auth/token"];

const signed: Middleware = {
  async onRequest({ request, schemaPath }) {
    if (OPEN.some((path) => schemaPath.endsWith(path))) return undefined;
    const token = await accessToken();
    if (token) request.headers.set("authorization", `Bearer ${token}`);
    return request;
  },
  async onResponse({ request, response }) {
    const token = request.headers.get("authorization")?.replace("Bearer ", "");
    // The next request asks for another one, and learns whether the login goes on.
    if (response.status === 401 && token) refused(token);
    return undefined;
  },
};

export const api = createClient<paths>({ baseUrl: "/" });
api.use(signed);

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
