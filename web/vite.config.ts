import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The program that answers while the pages are worked on: `cargo xtask demo` in another terminal.
const program = process.env.SIDELINE_URL ?? "http://127.0.0.1:8080";
const proxy = Object.fromEntries(["/api", "/health", "/docs", "/openapi.json"].map((path) => [path, program]));

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    target: "es2023",
    // No code within the page itself: the Content-Security-Policy forbids it.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: { proxy },
  // How long the pages take is measured as they are shipped.
  preview: { proxy },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"] },
});
