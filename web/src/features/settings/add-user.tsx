import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { teamsQuery } from "@/api/analytics";
import { api, type Schemas, taken } from "@/api/client";
import { Ask } from "@/components/dialog";
import { day } from "@/components/format";
import { Button, Field } from "@/components/ui";
import { namesakes } from "./accounts";
import { refusalOf, useDoing } from "./doing";
import { Buttons, PasswordField, Radios, Refused } from "./fields";
import { namesakesQuery, type User } from "./queries";
import { RoleField } from "./role-field";

type New = Schemas["AddUser"];

const FIELDS = ["name", "username", "email", "role", "password", "person_id", "team_ids"];
const SOMEBODY_NEW = "new";

/** Makes an account: for somebody new, or for a person whom calls name already. */
export function AddUser({ person, close }: { person?: User; close: () => void }) {
  const teams = useQuery(teamsQuery).data ?? [];
  const [said, setSaid] = useState<New & { team_ids: string[] }>({
    name: person?.name ?? "",
    username: "",
    email: person?.email ?? "",
    role: person?.role ?? "rep",
    password: "",
    team_ids: [],
  });
  // An address leads to the person by itself.
  const [who, setWho] = useState(person && !person.email ? person.id : "");
  const add = useDoing({
    run: () => {
      const { username, ...rest } = said;
      const body: New = {
        ...rest,
        ...(username?.trim() && { username }),
        ...(who === SOMEBODY_NEW ? { new_person: true } : who !== "" && { person_id: who }),
      };
      return taken(api.POST("/api/v1/users", { params: { header: {} }, body }));
    },
    lists: [["users"], ["teams"], ["members"]],
    done: `${said.name} has an account.`,
    after: close,
  });
  const wrong = refusalOf(add.error);
  const asked = wrong?.field("person_id") !== undefined || who !== "";
  return (
    <Ask
      title={person ? `Give ${person.name} an account` : "Add a user"}
      about="They can log in at once with this password, and change it in their profile. To let them choose one, invite them instead."
      close={close}
    >
      <form
        noValidate
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <Field
          label="Name"
          required
          maxLength={200}
          value={said.name}
          error={wrong?.field("name")}
          onChange={({ target }) => {
            setSaid({ ...said, name: target.value });
            if (!person) setWho("");
          }}
        />
        {asked && !person && <WhoIsIt name={said.name} who={who} set={setWho} error={wrong?.field("person_id")} />}
        <Field
          label="Mail address"
          type="email"
          required
          maxLength={254}
          autoComplete="off"
          value={said.email}
          error={wrong?.field("email") ?? (person ? wrong?.field("person_id") : undefined)}
          onChange={({ target }) => setSaid({ ...said, email: target.value })}
        />
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Field
            label="User name"
            maxLength={64}
            autoCapitalize="none"
            autoComplete="off"
            value={said.username ?? ""}
            error={wrong?.field("username")}
            hint="Empty: what stands before the @"
            onChange={({ target }) => setSaid({ ...said, username: target.value })}
          />
          <RoleField value={said.role} error={wrong?.field("role")} set={(role) => setSaid({ ...said, role })} />
        </div>
        <PasswordField
          label="Password"
          autoComplete="new-password"
          required
          value={said.password}
          error={wrong?.field("password")}
          hint="10 characters or more; a few words in a row are fine."
          onChange={({ target }) => setSaid({ ...said, password: target.value })}
        />
        {teams.length > 0 && (
          <Teams
            teams={teams}
            chosen={said.team_ids}
            error={wrong?.field("team_ids")}
            set={(team_ids) => setSaid({ ...said, team_ids })}
          />
        )}
        <Refused error={add.error} fields={FIELDS} />
        <Buttons>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" kind="primary" busy={add.isPending}>
            Add the user
          </Button>
        </Buttons>
      </form>
    </Ask>
  );
}

/** Calls name somebody so: is it them? */
function WhoIsIt({
  name,
  who,
  set,
  error,
}: {
  name: string;
  who: string;
  set: (who: string) => void;
  error: string | undefined;
}) {
  const people = useQuery(namesakesQuery(name));
  return (
    <Radios
      label={`Calls name a ${name.trim()} already. Is it them?`}
      value={who}
      set={set}
      // What it says is meant for programs; here it is asked.
      error={error && who === "" ? "Say who it is." : undefined}
      choices={[
        ...namesakes(people.data ?? [], name).map(({ id, created_at }) => ({
          value: id,
          name: "Yes: the calls stay with them",
          hint: `Known from calls since ${day(created_at)}`,
        })),
        { value: SOMEBODY_NEW, name: "No, somebody else of the same name" },
      ]}
    />
  );
}

function Teams({
  teams,
  chosen,
  set,
  error,
}: {
  teams: Schemas["Team"][];
  chosen: string[];
  set: (chosen: string[]) => void;
  error: string | undefined;
}) {
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium">Teams</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {teams.map(({ id, name }) => (
          <label key={id} className="flex items-center gap-2">
            <input
              type="checkbox"
              className="size-4 accent-pitch"
              checked={chosen.includes(id)}
              onChange={({ target }) => set(target.checked ? [...chosen, id] : chosen.filter((each) => each !== id))}
            />
            {name}
          </label>
        ))}
      </div>
      {error && <p className="mt-1 text-xs text-poor">{error}</p>}
    </fieldset>
  );
}
