import {
  Ellipsis,
  KeyRound,
  type LucideIcon,
  MailCheck,
  Pencil,
  Trash2,
  UserCheck,
  UserPlus,
  UserX,
} from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { api, type Schemas, taken } from "@/api/client";
import { Ask } from "@/components/dialog";
import { Failed } from "@/components/ui";
import { AddUser } from "./add-user";
import { Deed, Named, useDoing } from "./doing";
import { EditUser, SetPassword } from "./edit-user";
import type { User } from "./queries";

const ITEM = "flex cursor-default items-center gap-2 rounded px-2 py-1.5 outline-none data-highlighted:bg-sunken";

type Open = "edit" | "password" | "account" | "off" | "remove";

/** What an admin can do with an account. With their own, nothing that would lock them out. */
export function UserDeeds({ user, own }: { user: User; own: boolean }) {
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const change = useDoing({
    run: (body: Schemas["ChangeUser"]) =>
      taken(api.PATCH("/api/v1/users/{id}", { params: { path: { id: user.id } }, body })),
    lists: [["users"]],
    done: ({ active }) => (active ? `${user.name} may log in again.` : `The address of ${user.name} is confirmed.`),
  });
  const account = Boolean(user.username);
  const unconfirmed = user.unconfirmed_email;
  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger
          aria-label={`What can be done with ${user.name}`}
          className="inline-grid size-8 place-items-center rounded-md border border-line bg-surface hover:border-line-strong"
        >
          <Ellipsis aria-hidden className="size-4" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal container={document.getElementById("main")}>
          <DropdownMenu.Content
            align="end"
            sideOffset={6}
            className="z-50 min-w-52 rounded-lg border border-line bg-surface p-1 shadow-raised"
          >
            <Item icon={Pencil} name="Edit…" go={() => setOpen("edit")} />
            {unconfirmed && (
              <Item icon={MailCheck} name="Confirm the address" go={() => change.mutate({ email: unconfirmed })} />
            )}
            {account && !own && <Item icon={KeyRound} name="Set a password…" go={() => setOpen("password")} />}
            {!account && <Item icon={UserPlus} name="Give an account…" go={() => setOpen("account")} />}
            {account && !user.active && (
              <Item icon={UserCheck} name="Activate" go={() => change.mutate({ active: true })} />
            )}
            {account && !own && (
              <>
                <DropdownMenu.Separator className="my-1 h-px bg-line" />
                {user.active && <Item icon={UserX} name="Deactivate…" go={() => setOpen("off")} danger />}
                <Item icon={Trash2} name="Remove…" go={() => setOpen("remove")} danger />
              </>
            )}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {open === "edit" && <EditUser user={user} own={own} close={close} />}
      {open === "password" && <SetPassword user={user} close={close} />}
      {open === "account" && <AddUser person={user} close={close} />}
      {open === "off" && <Deactivate user={user} close={close} />}
      {open === "remove" && <Remove user={user} close={close} />}
      {change.error && (
        <Ask title="This did not work" close={change.reset}>
          <Failed error={change.error} />
        </Ask>
      )}
    </>
  );
}

function Item({
  icon: Icon,
  name,
  go,
  danger = false,
}: {
  icon: LucideIcon;
  name: string;
  go: () => void;
  danger?: boolean;
}) {
  return (
    <DropdownMenu.Item className={danger ? `${ITEM} text-poor` : ITEM} onSelect={go}>
      <Icon aria-hidden className="size-4" />
      {name}
    </DropdownMenu.Item>
  );
}

function Deactivate({ user, close }: { user: User; close: () => void }) {
  return (
    <Deed
      title="Deactivate this account?"
      about={
        <>
          <Named>{user.name}</Named> is logged out everywhere and cannot log in until an admin activates the account
          again. Their calls stay.
        </>
      }
      deed="Deactivate"
      run={() => taken(api.PATCH("/api/v1/users/{id}", { params: { path: { id: user.id } }, body: { active: false } }))}
      lists={[["users"]]}
      done={`${user.name} may not log in any more.`}
      close={close}
    />
  );
}

function Remove({ user, close }: { user: User; close: () => void }) {
  return (
    <Deed
      title="Remove this account?"
      about={
        <>
          <Named>{user.name}</Named> loses password, logins, teams and assignments. The name stays with their calls.
          This cannot be undone.
        </>
      }
      deed="Remove the account"
      run={() => taken(api.DELETE("/api/v1/users/{id}", { params: { path: { id: user.id } } }))}
      lists={[["users"], ["teams"], ["members"], ["assignments"], ["invitations"]]}
      done={`The account of ${user.name} is removed.`}
      close={close}
    />
  );
}
