import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, taken } from "@/api/client";
import type { CallDetails } from "@/api/queries";
import { Button, Card, Failed } from "@/components/ui";

/** Asks who is of our side, where the file did not say so. */
export function Sides({ call }: { call: CallDetails }) {
  const queries = useQueryClient();
  const [ours, setOurs] = useState<string[]>([]);
  const say = useMutation({
    mutationFn: () =>
      taken(api.PATCH("/api/v1/calls/{id}", { params: { path: { id: call.id } }, body: { internal: ours } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["call", call.id] }),
  });
  return (
    <Card title="Who is of your side?" className="mb-5">
      <fieldset className="px-4 py-3">
        <legend className="sr-only">Participants</legend>
        <div className="flex flex-wrap gap-x-5 gap-y-2">
          {call.participants.map(({ name, position }) => (
            <label key={position} className="flex items-center gap-2">
              <input
                type="checkbox"
                checked={ours.includes(name)}
                onChange={(event) =>
                  setOurs(event.target.checked ? [...ours, name] : ours.filter((other) => other !== name))
                }
                className="size-4 accent-pitch"
              />
              {name}
            </label>
          ))}
        </div>
        <div className="mt-3 flex items-center gap-3">
          <Button kind="primary" disabled={ours.length === 0} busy={say.isPending} onClick={() => say.mutate()}>
            Coach the call
          </Button>
          <p className="text-soft">Whoever is not ticked is the customer’s.</p>
        </div>
      </fieldset>
      {say.isError && <Failed error={say.error} />}
    </Card>
  );
}
