import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, taken } from "@/api/client";
import { queuedQuery, samplesQuery } from "@/api/queries";
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
  if (!samples.data?.calls) return null;
  const coming = queued.data ?? 0;
  return (
    <aside
      aria-label="Sample calls"
      className="no-print mb-5 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line bg-sunken px-4 py-2.5"
    >
      <p className="min-w-0 flex-1 basis-64">
        <span className="font-semibold">{samples.data.calls} sample calls of a made-up team are here.</span>{" "}
        <span role="status" className="text-soft">
          {coming > 0 ? `${coming} are being coached.` : "Take them away when your own calls come in."}
        </span>
      </p>
      {remove.isError && (
        <p role="alert" className="text-poor">
          {remove.error.message}
        </p>
      )}
      <Button busy={remove.isPending} onClick={() => remove.mutate()}>
        Remove sample calls
      </Button>
    </aside>
  );
}
