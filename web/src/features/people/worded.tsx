import { type QueryKey, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Schemas } from "@/api/client";
import { Button, Failed } from "@/components/ui";
import { modelQuery } from "../settings/queries";
import { canBeWorded, notWorded, type Written, whoWorded } from "./wording";

/** Who worded what follows, and where a model judges the way to have it word it. */
export function Wording({
  points,
  written,
  write,
  shown,
}: {
  points: readonly unknown[];
  written: Written | null | undefined;
  /** Asks the model. */
  write: () => Promise<Schemas["Writing"]>;
  /** The question to which its words belong. */
  shown: QueryKey;
}) {
  const queries = useQueryClient();
  const judge = useQuery({ ...modelQuery, enabled: points.length > 0 }).data?.judge;
  const writing = useMutation({
    mutationFn: write,
    onSuccess: () => queries.invalidateQueries({ queryKey: shown }),
  });
  if (points.length === 0) return null;
  const failure = writing.data?.failure;
  const open = canBeWorded(judge, points, written);
  return (
    <div className="mb-4 grid gap-2">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <p className="text-xs text-soft" aria-live="polite">
          {whoWorded(written)}
        </p>
        {open && (
          <Button className="no-print" busy={writing.isPending} onClick={() => writing.mutate()}>
            {writing.isPending ? "The model writes…" : "Have the model word it"}
          </Button>
        )}
      </div>
      {open && failure && (
        <p role="status" className="rounded-md bg-fair-soft px-4 py-2">
          {notWorded(failure)}
        </p>
      )}
      {writing.isError && <Failed error={writing.error} />}
    </div>
  );
}
