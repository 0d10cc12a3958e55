import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, taken } from "@/api/client";
import { type KeptRubric, rubricsQuery } from "@/api/rubrics";
import { Ask } from "@/components/dialog";
import { Button, Failed } from "@/components/ui";

/** Asks before a rubric is retired, and says what stays and what does not. */
export function Retire({ kept, versions, close }: { kept: KeptRubric; versions: number; close: () => void }) {
  const queries = useQueryClient();
  const usual = useQuery(rubricsQuery).data?.some(({ id, usual }) => usual && id === kept.id);
  const retire = useMutation({
    mutationFn: () => taken(api.DELETE("/api/v1/rubrics/{id}", { params: { path: { id: kept.id } } })),
    onSuccess: () => {
      close();
      void queries.invalidateQueries({ queryKey: ["dimensions"] });
      return queries.invalidateQueries({ queryKey: ["rubrics"] });
    },
  });
  return (
    <Ask
      title="Retire this rubric?"
      about={
        <>
          <strong className="font-semibold text-ink">{kept.name}</strong> with its{" "}
          {versions === 1 ? "only version" : `${versions} versions`} judges no more calls. Calls that it has judged keep
          it and still lead to it. It stays in the list of retired rubrics and can be taken back into use.
        </>
      }
      close={close}
    >
      {usual && (
        <p className="mb-4 rounded-md bg-fair-soft px-4 py-2.5 text-fair">
          It is the usual one. After it, calls are judged by the rubric that the program was started with, until the
          settings name another one.
        </p>
      )}
      {retire.isError && <Failed error={retire.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={close}>Keep it</Button>
        <Button kind="danger" busy={retire.isPending} onClick={() => retire.mutate()}>
          Retire the rubric
        </Button>
      </div>
    </Ask>
  );
}
