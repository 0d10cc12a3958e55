import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, taken } from "@/api/client";
import { Button, Card, Failed, Field, PageHead, Waiting } from "@/components/ui";
import { refusalOf, useDoing } from "./doing";
import { Buttons, Radios, Refused, SelectField, TextField } from "./fields";
import { changeOf, type Door, type Form, formOf } from "./installation";
import { rubricsQuery, type Settings, settingsQuery } from "./queries";

/** What holds for the whole installation. */
export function OrganisationPage() {
  const settings = useQuery(settingsQuery);
  return (
    <>
      <PageHead title="Organisation" note="For everybody. What is left open is as the program was started." />
      <Card className="max-w-2xl">
        {settings.isPending && <Waiting rows={6} />}
        {settings.isError && <Failed error={settings.error} retry={() => void settings.refetch()} />}
        {settings.data && <SettingsForm before={settings.data} />}
      </Card>
    </>
  );
}

const FIELDS = ["organisation", "registration", "rubric", "internal_domains", "shown_of_others"];

const DOORS: { value: Door; name: string; hint?: string }[] = [
  { value: "started", name: "As the program was started", hint: "Closed, unless its configuration says otherwise." },
  { value: "closed", name: "Nobody", hint: "Admins make the accounts. Invitations do not open anything." },
  { value: "invited", name: "Who is invited" },
  { value: "domain", name: "Who is invited, and who has an address at a domain", hint: "They come in as reps." },
];

function SettingsForm({ before }: { before: Settings }) {
  const queries = useQueryClient();
  const rubrics = useQuery(rubricsQuery);
  const [form, setForm] = useState(formOf(before));
  const set = (change: Partial<Form>) => setForm({ ...form, ...change });
  const change = changeOf(before, form);
  const save = useDoing({
    run: () => taken(api.PATCH("/api/v1/settings", { body: change as Settings })),
    lists: [],
    done: "The settings are saved.",
    after: (settings) => {
      queries.setQueryData(settingsQuery.queryKey, settings);
      // Which rubric is the usual one stands in their list.
      void queries.invalidateQueries({ queryKey: ["rubrics"] });
      setForm(formOf(settings));
    },
  });
  const wrong = refusalOf(save.error);
  const offered = rubrics.data ?? [];
  return (
    <form
      noValidate
      className="grid gap-6 px-4 py-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Field
        label="Name"
        maxLength={100}
        autoComplete="organization"
        value={form.organisation}
        error={wrong?.field("organisation")}
        hint="What this installation calls itself."
        onChange={({ target }) => set({ organisation: target.value })}
      />
      <div className="grid gap-3">
        <Radios
          label="Who may register"
          value={form.door}
          set={(door) => set({ door })}
          choices={DOORS}
          error={form.door === "domain" ? undefined : wrong?.field("registration")}
        />
        {form.door === "domain" && (
          <Field
            label="Domain"
            className="ml-6 max-w-xs"
            placeholder="acme.com"
            autoCapitalize="none"
            spellCheck={false}
            value={form.domain}
            error={wrong?.field("registration")}
            onChange={({ target }) => set({ domain: target.value })}
          />
        )}
      </div>
      <SelectField
        label="Usual rubric"
        className="max-w-sm"
        value={form.rubric}
        error={wrong?.field("rubric") ?? (rubrics.isError ? rubrics.error.message : undefined)}
        hint="Judges a call where nobody asks for another one."
        onChange={({ target }) => set({ rubric: target.value })}
      >
        <option value="">As the program was started</option>
        {form.rubric !== "" && !offered.some(({ id }) => id === form.rubric) && (
          <option value={form.rubric}>{form.rubric}</option>
        )}
        {offered.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Own mail domains"
        placeholder="acme.com"
        spellCheck={false}
        autoCapitalize="none"
        value={form.domains}
        error={wrong?.field("internal_domains")}
        hint="One a line. Who has an address there is on our side, where a call does not say."
        onChange={({ target }) => set({ domains: target.value })}
      />
      <SelectField
        label="What reps see of winners"
        className="max-w-sm"
        value={form.shown}
        error={wrong?.field("shown_of_others")}
        hint="Of won calls of others, which they may not open."
        onChange={({ target }) => set({ shown: target.value as Form["shown"] })}
      >
        <option value="">As usual: moments, with the lines around them</option>
        <option value="passages">Moments, with the lines around them</option>
        <option value="quotes">The sentences of moments alone</option>
        <option value="nothing">Nothing</option>
      </SelectField>
      <Refused error={save.error} fields={FIELDS} />
      <Buttons>
        <Button
          disabled={Object.keys(change).length === 0}
          onClick={() => {
            save.reset();
            setForm(formOf(before));
          }}
        >
          Undo changes
        </Button>
        <Button type="submit" kind="primary" busy={save.isPending} disabled={Object.keys(change).length === 0}>
          Save
        </Button>
      </Buttons>
    </form>
  );
}
