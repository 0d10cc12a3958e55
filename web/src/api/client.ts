// The API, typed by its description.

import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";
import { accessToken, refused } from "./session";

export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];

/** What the program refused, with its sentence for people. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = "ApiError";
    this.problem = problem;
  }

  /** What is wrong with a field; none where nothing is. */
  field(name: string): string | undefined {
    return this.problem.errors?.[name]?.join("; ");
  }
}

const OPEN = ["/auth/login", "/auth/register", "/auth/refresh", "/auth/token"];

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
  } catch {
    throw new ApiError({ type: "/problems/away", title: "Away", status: 0, detail: AWAY });
  }
  if (got.response.ok) return got.data as T;
  throw new ApiError(problem(got.error, got.response.status));
}

const AWAY = "Sideline does not answer. Look whether the program runs and the network is there; then try again.";

function problem(error: unknown, status: number): Problem {
  if (typeof error === "object" && error !== null && "detail" in error) return error as Problem;
  return { type: "about:blank", title: "Not understood", status, detail: `The answer was not understood (${status}).` };
}
