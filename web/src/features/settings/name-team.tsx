import { useState } from "react";
import { api, taken } from "@/api/client";
import { Ask } from "@/components/dialog";
import { Button, Field } from "@/components/ui";
import { refusalOf, useDoing } from "./doing";
import { Buttons, Refused } from "./fields";

/** Makes a team, or gives one another name. */
export function NameTeam({
  team,
  close,
  made,
}: {
  team?: { id: string; name: string };
  close: () => void;
  made?: (id: string) => void;
}) {
  const [name, setName] = useState(team?.name ?? "");
  const save = useDoing({
    run: () =>
      taken(
        team
          ? api.PATCH("/api/v1/teams/{id}", { params: { path: { id: team.id } }, body: { name } })
          : api.POST("/api/v1/teams", { params: { header: {} }, body: { name } }),
      ),
    lists: [["teams"]],
    done: team ? `The team is called ${name.trim()}.` : `${name.trim()} is made.`,
    after: ({ id }) => {
      close();
      made?.(id);
    },
  });
  return (
    <Ask title={team ? `Rename ${team.name}` : "Make a team"} close={close}>
      <form
        noValidate
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Field
          label="Name"
          required
          maxLength={100}
          value={name}
          error={refusalOf(save.error)?.field("name")}
          onChange={({ target }) => setName(target.value)}
        />
        <Refused error={save.error} fields={["name"]} />
        <Buttons>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" kind="primary" busy={save.isPending}>
            {team ? "Rename" : "Make the team"}
          </Button>
        </Buttons>
      </form>
    </Ask>
  );
}
