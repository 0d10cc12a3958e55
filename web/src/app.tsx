import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";
import { ApiError } from "./api/client";
import { hasSession, onSession } from "./api/session";
import { router } from "./router";

function lost(error: unknown): void {
  // The login has ended elsewhere, or by its age: the page is come back to after the next one.
  if (error instanceof ApiError && error.problem.status === 401 && !hasSession()) void router.invalidate();
}

export const queries = new QueryClient({
  queryCache: new QueryCache({ onError: lost }),
  mutationCache: new MutationCache({ onError: lost }),
  defaultOptions: {
    // Sideline may run on this machine, whatever the browser thinks of the network: what cannot be reached says so itself.
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      staleTime: 15_000,
      // What the program refuses it refuses again; only where it was away it is asked once more.
      retry: (count, error) => count < 2 && error instanceof ApiError && [0, 429, 503].includes(error.problem.status),
    },
  },
});

export function App() {
  useEffect(
    () =>
      onSession(() => {
        // Nothing of one person is shown to the next.
        if (!hasSession()) queries.clear();
        void router.invalidate();
      }),
    [],
  );
  return (
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
