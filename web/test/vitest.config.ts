import { defineConfig } from "vitest/config";

const { SIDELINE_PACE, SIDELINE_PICTURES } = process.env;
const chosen = SIDELINE_PICTURES ? "test/screenshots.ts" : SIDELINE_PACE ? "test/pace.ts" : "test/*.e2e.ts";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    include: [chosen],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    // As long as a machine may need that does other things as well.
    expect: { poll: { timeout: 10_000 } },
  },
});
