import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, api, type Schemas, taken } from "@/api/client";
import { type CallDetails, peopleQuery } from "@/api/queries";
import { Ask } from "@/components/dialog";
import { Button, Failed, Field } from "@/components/ui";

type Change = Schemas["ChangeCall"];

/** What of a call was changed; nothing where all is as it was. */
export function changeOf(call: CallDetails, said: { title: string; customer: string; rep: string }): Change {
  const customer = said.customer.trim() || null;
  return {
    ...(said.title.trim() !== call.title && { title: said.title.trim() }),
    ...(customer !== (call.customer ?? null) && { customer }),
    ...(said.rep !== "" && said.rep !== call.rep?.id && { rep_id: said.rep }),
  };
}

/** Title, customer and, for who leads, whose call it is. */
export function EditCall({ call, leads, close }: { call: CallDetails; leads: boolean; close: () => void }) {
  const queries = useQueryClient();
  const [said, setSaid] = useState({ title: call.title, customer: call.customer ?? "", rep: call.rep?.id ?? "" });
  const change = changeOf(call, said);
  const save = useMutation({
    mutationFn: () => taken(api.PATCH("/api/v1/calls/{id}", { params: { path: { id: call.id } }, body: change })),
    onSuccess: () => {
      close();
      // Whose call it is, and how it is called, stands in the figures and moments, too.
      for (const what of ["calls", "moments", "agents", "insights", "team-figures", "trend"])
        void queries.invalidateQueries({ queryKey: [what] });
      return queries.invalidateQueries({ queryKey: ["call", call.id] });
    },
  });
  const wrong = save.error instanceof ApiError ? save.error : undefined;
  const named = ["title", "customer"].some((name) => wrong?.field(name));
  return (
    <Ask title="Edit details" close={close}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (Object.keys(change).length === 0) close();
          else save.mutate();
        }}
      >
        <Field
          label="Title"
          required
          maxLength={300}
          value={said.title}
          error={wrong?.field("title")}
          onChange={({ target }) => setSaid({ ...said, title: target.value })}
        />
        <Field
          label="Customer"
          maxLength={300}
          value={said.customer}
          error={wrong?.field("customer")}
          hint="Empty: not known"
          onChange={({ target }) => setSaid({ ...said, customer: target.value })}
        />
        {leads && <Reps call={call} rep={said.rep} choose={(rep) => setSaid({ ...said, rep })} />}
        {save.isError && !named && <Failed error={save.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" busy={save.isPending} disabled={said.title.trim() === ""}>
            Save
          </Button>
        </div>
      </form>
    </Ask>
  );
}

function Reps({ call, rep, choose }: { call: CallDetails; rep: string; choose: (rep: string) => void }) {
  const people = useQuery(peopleQuery(""));
  const items = people.data?.items ?? [];
  return (
    <label className="grid gap-1">
      <span className="font-medium">Rep</span>
      <select
        value={rep}
        onChange={({ target }) => choose(target.value)}
        className="h-9 rounded-md border border-line-strong bg-surface px-2"
      >
        {!call.rep && <option value="">Nobody yet</option>}
        {call.rep && !items.some(({ id }) => id === call.rep?.id) && (
          <option value={call.rep.id}>{call.rep.name}</option>
        )}
        {items.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
