import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiError } from "@/api/client";
import { Confirm } from "@/components/dialog";
import { useTell } from "./telling";

/** Does something, has the lists that it changes read again, and says that it is done. */
export function useDoing<T = void, R = unknown>({
  run,
  lists,
  done,
  after,
}: {
  run: (what: T) => Promise<R>;
  lists: readonly QueryKey[];
  done: string | ((what: T) => string);
  after?: ((result: R) => void) | undefined;
}) {
  const queries = useQueryClient();
  const tell = useTell();
  return useMutation({
    mutationFn: run,
    onSuccess: (result, what) => {
      tell(typeof done === "string" ? done : done(what));
      after?.(result);
      for (const queryKey of lists) void queries.invalidateQueries({ queryKey: [...queryKey] });
    },
  });
}

/** The refusal with its fields; nothing where all went well. */
export function refusalOf(error: unknown): ApiError | undefined {
  return error instanceof ApiError ? error : undefined;
}

/** Asks before a deed that takes something away, and does it. */
export function Deed({
  close,
  run,
  lists,
  done,
  after,
  ...asked
}: {
  title: string;
  about: ReactNode;
  deed: string;
  keep?: string;
  close: () => void;
  run: () => Promise<unknown>;
  lists: readonly QueryKey[];
  done: string;
  after?: () => void;
}) {
  const doing = useDoing({
    run,
    lists,
    done,
    after: () => {
      close();
      after?.();
    },
  });
  return <Confirm {...asked} busy={doing.isPending} error={doing.error} close={close} go={() => doing.mutate()} />;
}

/** The name of what goes, in a question. */
export function Named({ children }: { children: ReactNode }) {
  return <strong className="font-semibold text-ink">{children}</strong>;
}
