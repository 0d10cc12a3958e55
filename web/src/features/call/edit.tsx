import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, api, type Schemas, taken } from "@/api/client";
import type { CallDetails } from "@/api/queries";
import { Choose } from "@/components/choose";
import { Ask } from "@/components/dialog";
import { Button, Failed, Field } from "@/components/ui";
import { everybodyQuery } from "../settings/queries";

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
  const people = useQuery(everybodyQuery());
  return (
    <Choose
      labelled
      label="Rep"
      placeholder="Nobody yet"
      // A call that is somebody's can be given to somebody else, not to nobody.
      clearable={!call.rep}
      choices={(people.data ?? []).map(({ id, name, role }) => ({
        value: id,
        name,
        note: role === "rep" ? undefined : role,
      }))}
      value={rep === "" ? undefined : rep}
      shown={call.rep?.name}
      set={(id) => choose(id ?? "")}
      waiting={people.isPending}
      failed={people.isError ? people.error.message : undefined}
    />
  );
}
