import type { components } from "./schema";

export type Problem = components["schemas"]["Problem"];

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

/** The program does not answer. */
export function away(): ApiError {
  const detail = "Sideline does not answer. Look whether the program runs and the network is there; then try again.";
  return new ApiError({ type: "/problems/away", title: "Away", status: 0, detail });
}

/** What an answer says that is no success. */
export function problem(error: unknown, status: number): Problem {
  if (typeof error === "object" && error !== null && "detail" in error) return error as Problem;
  return { type: "about:blank", title: "Not understood", status, detail: `The answer was not understood (${status}).` };
}
