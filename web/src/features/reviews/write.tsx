import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { writeReview } from "@/api/reviews";
import { Confirm } from "@/components/dialog";
import { sentence } from "@/components/format";
import { Button } from "@/components/ui";
import type { Scope } from "./weeks";

function useWriting(week: string, scope: Scope, replace: boolean, written?: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => writeReview(queries, { week, team: scope.id, replace }),
    ...(written && { onSuccess: written }),
  });
}

/** Has a review written that is not there. */
export function WriteReview({
  week,
  scope,
  written,
  children,
}: {
  week: string;
  scope: Scope;
  written?: () => void;
  children: ReactNode;
}) {
  const write = useWriting(week, scope, false, written);
  return (
    <div className="grid justify-items-center gap-2">
      <Button kind="primary" busy={write.isPending} onClick={() => write.mutate()}>
        {children}
      </Button>
      {write.isError && (
        <p role="alert" className="text-poor">
          {sentence(write.error.message)}
        </p>
      )}
    </div>
  );
}

/** Has one written anew, and asks before: what it said is gone then. */
export function WriteAnew({ week, scope }: { week: string; scope: Scope }) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  const write = useWriting(week, scope, true, close);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Write anew…</Button>
      {open && (
        <Confirm
          title="Write this review anew?"
          about="Calls that were judged since count then, and deals are told as they stand now. What it says at present is gone."
          deed="Write it anew"
          keep="Leave it"
          kind="primary"
          busy={write.isPending}
          error={write.error}
          close={() => {
            write.reset();
            close();
          }}
          go={() => write.mutate()}
        />
      )}
    </>
  );
}
