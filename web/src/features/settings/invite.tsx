import { useQuery } from "@tanstack/react-query";
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { teamsQuery } from "@/api/analytics";
import { api, type Schemas, taken } from "@/api/client";
import { Ask } from "@/components/dialog";
import { Button, Field } from "@/components/ui";
import { useCopied } from "../call/copied";
import { refusalOf, useDoing } from "./doing";
import { Buttons, Refused, SelectField } from "./fields";
import { goodFor, invitationLink } from "./link";
import { RoleField } from "./role-field";

type Invited = Schemas["Invited"];

/** Invites somebody; then shows the link, which is never told again. */
export function Invite({ close }: { close: () => void }) {
  const [invited, setInvited] = useState<Invited>();
  if (invited) return <Link invited={invited} close={close} />;
  return (
    <Ask title="Invite somebody" about="You get a link and send it to them by yourself." close={close}>
      <InviteForm close={close} done={setInvited} />
    </Ask>
  );
}

function InviteForm({ close, done }: { close: () => void; done: (invited: Invited) => void }) {
  const teams = useQuery(teamsQuery).data ?? [];
  const [said, setSaid] = useState({ email: "", role: "rep" as Schemas["Role"], team: "" });
  const invite = useDoing({
    run: () => {
      const body = { email: said.email, role: said.role, ...(said.team && { team_id: said.team }) };
      return taken(api.POST("/api/v1/invitations", { params: { header: {} }, body }));
    },
    lists: [["invitations"]],
    done: `${said.email} is invited.`,
    after: done,
  });
  const wrong = refusalOf(invite.error);
  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        invite.mutate();
      }}
    >
      <Field
        label="Mail address"
        type="email"
        required
        maxLength={254}
        value={said.email}
        error={wrong?.field("email")}
        hint="They register with this address and no other one."
        onChange={({ target }) => setSaid({ ...said, email: target.value })}
      />
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <RoleField value={said.role} error={wrong?.field("role")} set={(role) => setSaid({ ...said, role })} />
        <SelectField
          label="Team"
          value={said.team}
          error={wrong?.field("team_id")}
          onChange={({ target }) => setSaid({ ...said, team: target.value })}
        >
          <option value="">None</option>
          {teams.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      </div>
      <Refused error={invite.error} fields={["email", "role", "team_id"]} />
      <Buttons>
        <Button onClick={close}>Cancel</Button>
        <Button type="submit" kind="primary" busy={invite.isPending}>
          Make the link
        </Button>
      </Buttons>
    </form>
  );
}

function Link({ invited, close }: { invited: Invited; close: () => void }) {
  const [copied, copy] = useCopied();
  const link = invitationLink(window.location.origin, invited.token);
  return (
    <Ask
      title="The link for the invitation"
      about={
        <>
          Send it to <strong className="font-semibold text-ink">{invited.email}</strong>. It is good once, for{" "}
          {goodFor(invited.expires_in)}, and <strong className="font-semibold text-ink">shown only now</strong>.
        </>
      }
      close={close}
    >
      <div className="grid gap-4">
        <div className="grid grid-cols-[minmax(0,1fr)_auto] items-end gap-2">
          <Field label="Link" readOnly value={link} onFocus={({ target }) => target.select()} />
          <Button kind="primary" className="h-9" onClick={() => copy(link)}>
            {copied ? <Check aria-hidden className="size-4" /> : <Copy aria-hidden className="size-4" />}
            {copied ? "Copied" : "Copy"}
          </Button>
        </div>
        <p role="status" className="sr-only">
          {copied && "The link is copied."}
        </p>
        <Buttons>
          <Button onClick={close}>Done</Button>
        </Buttons>
      </div>
    </Ask>
  );
}
