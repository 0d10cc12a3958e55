import { useState } from "react";
import { api, type Schemas, taken } from "@/api/client";
import { Ask } from "@/components/dialog";
import { Button, Field } from "@/components/ui";
import { changeOf, saidOf } from "./accounts";
import { refusalOf, useDoing } from "./doing";
import { Buttons, PasswordField, Refused } from "./fields";
import type { User } from "./queries";
import { RoleField } from "./role-field";

/** Changes an account; closes once that is done. */
function useChange(user: User, done: string, close: () => void) {
  return useDoing({
    run: (body: Schemas["ChangeUser"]) =>
      taken(api.PATCH("/api/v1/users/{id}", { params: { path: { id: user.id } }, body })),
    lists: [["users"], ["me"], ["teams"], ["members"]],
    done,
    after: close,
  });
}

/** Name, mail address and role. */
export function EditUser({ user, own, close }: { user: User; own: boolean; close: () => void }) {
  const [said, setSaid] = useState(saidOf(user));
  const save = useChange(user, `${user.name} is saved.`, close);
  const wrong = refusalOf(save.error);
  const change = changeOf(user, said);
  return (
    <Ask title={`Edit ${user.name}`} close={close}>
      <form
        noValidate
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (Object.keys(change).length === 0) close();
          else save.mutate(change);
        }}
      >
        <Field
          label="Name"
          required
          maxLength={200}
          value={said.name}
          error={wrong?.field("name")}
          onChange={({ target }) => setSaid({ ...said, name: target.value })}
        />
        <Field
          label="Mail address"
          type="email"
          maxLength={254}
          value={said.email}
          error={wrong?.field("email")}
          hint="Calls that name this address are theirs."
          onChange={({ target }) => setSaid({ ...said, email: target.value })}
        />
        <RoleField
          disabled={own}
          hint={own ? "Another admin changes yours." : undefined}
          value={said.role}
          error={wrong?.field("role")}
          set={(role) => setSaid({ ...said, role })}
        />
        <Refused error={save.error} fields={["name", "email", "role"]} />
        <Buttons>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" kind="primary" busy={save.isPending}>
            Save
          </Button>
        </Buttons>
      </form>
    </Ask>
  );
}

/** Another password for somebody who has forgotten theirs. */
export function SetPassword({ user, close }: { user: User; close: () => void }) {
  const [password, setPassword] = useState("");
  const save = useChange(user, `${user.name} has another password.`, close);
  return (
    <Ask
      title={`Set a password for ${user.name}`}
      about="They are logged out everywhere. Tell them the password; they can change it in their profile."
      close={close}
    >
      <form
        noValidate
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ password });
        }}
      >
        <PasswordField
          label="New password"
          autoComplete="new-password"
          required
          value={password}
          error={refusalOf(save.error)?.field("password")}
          hint="10 characters or more; a few words in a row are fine."
          onChange={({ target }) => setPassword(target.value)}
        />
        <Refused error={save.error} fields={["password"]} />
        <Buttons>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" kind="primary" busy={save.isPending} disabled={password === ""}>
            Set the password
          </Button>
        </Buttons>
      </form>
    </Ask>
  );
}
