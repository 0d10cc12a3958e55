import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, taken } from "@/api/client";
import { queuedQuery, samplesQuery } from "@/api/queries";
import { Confirm } from "@/components/dialog";
import { Button } from "@/components/ui";

/** Adds the sample calls or takes them away again, and makes all pages as they are then. */
export function useSamples(deed: "add" | "remove") {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      taken(deed === "add" ? api.POST("/api/v1/samples", { params: { header: {} } }) : api.DELETE("/api/v1/samples")),
    onSuccess: () => queries.invalidateQueries(),
  });
}

/** Says that what one sees is made up, as long as it is. */
export function SamplesNote() {
  const samples = useQuery(samplesQuery);
  const queued = useQuery(queuedQuery);
  const remove = useSamples("remove");
  const [asks, setAsks] = useState(false);
  if (!samples.data?.calls) return null;
  const coming = queued.data ?? 0;
  return (
    <aside
      aria-label="Sample calls"
      className="no-print mb-5 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line bg-sunken px-4 py-2.5"
    >
      <p className="min-w-0 flex-1 basis-64">
        <span className="font-semibold">
          {samples.data.calls} sample calls of a made-up team are here, and their deals.
        </span>{" "}
        <span role="status" className="text-soft">
          {coming > 0 ? `${coming} are being coached.` : "Take them away when your own calls come in."}
        </span>
      </p>
      <Button onClick={() => setAsks(true)}>Remove sample calls…</Button>
      {asks && (
        <Confirm
          title="Remove the sample calls?"
          about={`${samples.data.calls} sample calls go with their deals and scores, and with them the made-up people. Your own calls stay.`}
          deed="Remove sample calls"
          keep="Keep them"
          busy={remove.isPending}
          error={remove.error}
          close={() => {
            remove.reset();
            setAsks(false);
          }}
          go={() => remove.mutate(undefined, { onSuccess: () => setAsks(false) })}
        />
      )}
    </aside>
  );
}
