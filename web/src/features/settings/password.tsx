import { useState } from "react";
import { api, taken } from "@/api/client";
import { Button, Card } from "@/components/ui";
import { refusalOf, useDoing } from "./doing";
import { Buttons, PasswordField, Refused } from "./fields";

const NONE = { old_password: "", new_password: "" };

/** Another password for oneself, by the one that was. */
export function ChangePassword() {
  const [said, setSaid] = useState(NONE);
  const change = useDoing({
    run: () => taken(api.POST("/api/v1/auth/change-password", { params: { header: {} }, body: said })),
    lists: [["logins"]],
    done: "The password is changed; your other logins have ended.",
    after: () => setSaid(NONE),
  });
  const wrong = refusalOf(change.error);
  return (
    <Card title="Password">
      <form
        noValidate
        className="grid gap-4 px-4 py-3.5"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <PasswordField
          label="Password until now"
          autoComplete="current-password"
          required
          value={said.old_password}
          error={wrong?.field("old_password")}
          onChange={({ target }) => setSaid({ ...said, old_password: target.value })}
        />
        <PasswordField
          label="New password"
          autoComplete="new-password"
          required
          value={said.new_password}
          error={wrong?.field("new_password")}
          hint="10 characters or more; a few words in a row are fine. Your other logins end."
          onChange={({ target }) => setSaid({ ...said, new_password: target.value })}
        />
        <Refused error={change.error} fields={["old_password", "new_password"]} />
        <Buttons>
          <Button
            type="submit"
            kind="primary"
            busy={change.isPending}
            disabled={said.old_password === "" || said.new_password === ""}
          >
            Change password
          </Button>
        </Buttons>
      </form>
    </Card>
  );
}
