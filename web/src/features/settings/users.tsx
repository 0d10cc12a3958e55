import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { teamsQuery } from "@/api/analytics";
import { meQuery } from "@/api/queries";
import { number } from "@/components/format";
import { SearchField } from "@/components/search-field";
import { Button, Card, Empty, Failed, PageHead, Tag, Waiting } from "@/components/ui";
import { ROLE_NAMES, standing } from "./accounts";
import { AddUser } from "./add-user";
import { type User, usersQuery } from "./queries";
import { ROLES, readUsersSearch, type UsersSearch } from "./search";
import { UserDeeds } from "./user-deeds";

/** All accounts, and the people whom only calls name. */
export function UsersPage() {
  const filter = useSearch({ from: "/frame/settings/users", select: readUsersSearch, structuralSharing: true });
  const navigate = useNavigate({ from: "/settings/users" });
  const users = useInfiniteQuery(usersQuery(filter));
  const [adding, setAdding] = useState(false);
  const set = (change: Partial<UsersSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const items = users.data?.pages.flatMap((page) => page.items) ?? [];
  const total = users.data?.pages[0]?.total;
  const filtered = Object.keys(filter).some((name) => name !== "inactive");
  return (
    <>
      <PageHead
        title="Users"
        note={typeof total === "number" ? `${number(total)} ${filtered ? "found" : "in all"}` : undefined}
      >
        <Button kind="primary" onClick={() => setAdding(true)}>
          Add a user
        </Button>
      </PageHead>
      <Filters filter={filter} set={set} />
      <Card className="overflow-hidden">
        {users.isPending && <Waiting rows={8} />}
        {users.isError && <Failed error={users.error} retry={() => void users.refetch()} />}
        {users.isSuccess && items.length === 0 && (
          <Empty title="Nobody fits">Take a filter away, or look for a part of the name or mail address.</Empty>
        )}
        {items.length > 0 && <Table users={items} />}
      </Card>
      {users.hasNextPage && (
        <div className="mt-3 grid justify-center">
          <Button busy={users.isFetchingNextPage} onClick={() => void users.fetchNextPage()}>
            More users
          </Button>
        </div>
      )}
      {adding && <AddUser close={() => setAdding(false)} />}
    </>
  );
}

const CHOICE = "h-8 min-w-0 rounded-md border border-line-strong bg-surface px-2";

function Filters({ filter, set }: { filter: UsersSearch; set: (change: Partial<UsersSearch>) => void }) {
  const teams = useQuery(teamsQuery).data ?? [];
  return (
    <search className="mb-3 flex flex-wrap items-center gap-2">
      <SearchField
        label="Name, user name or mail address"
        placeholder="Name or mail address"
        value={filter.q}
        set={(q) => set({ q })}
      />
      <select
        aria-label="Role"
        value={filter.role ?? ""}
        onChange={({ target }) => set({ role: ROLES.find((role) => role === target.value) })}
        className={CHOICE}
      >
        <option value="">Every role</option>
        {ROLES.map((role) => (
          <option key={role} value={role}>
            {ROLE_NAMES[role]}
          </option>
        ))}
      </select>
      {teams.length > 0 && (
        <select
          aria-label="Team"
          value={filter.team_id ?? ""}
          onChange={({ target }) => set({ team_id: target.value || undefined })}
          className={CHOICE}
        >
          <option value="">Every team</option>
          {teams.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
      <label className="flex h-8 items-center gap-1.5">
        <input
          type="checkbox"
          className="size-4 accent-pitch"
          checked={filter.inactive ?? false}
          onChange={({ target }) => set({ inactive: target.checked || undefined })}
        />
        Deactivated too
      </label>
    </search>
  );
}

function Table({ users }: { users: User[] }) {
  const { data: me } = useQuery(meQuery);
  return (
    <table className="w-full text-left">
      <thead className="border-b border-line text-xs text-soft">
        <tr>
          <th scope="col" className="w-full px-4 py-2 font-medium">
            Who
          </th>
          <th scope="col" className="px-3 py-2 font-medium max-sm:hidden">
            Role
          </th>
          <th scope="col" className="px-3 py-2 font-medium max-sm:hidden">
            Account
          </th>
          <th scope="col" className="px-3 py-2">
            <span className="sr-only">What can be done</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <Row key={user.id} user={user} own={user.id === me?.id} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ user, own }: { user: User; own: boolean }) {
  const { name, tone, why } = standing(user);
  const about = [user.username, user.email].filter(Boolean).join(" · ");
  return (
    <tr className="border-b border-line last:border-0 hover:bg-sunken">
      <th scope="row" className="max-w-0 px-4 py-2 text-left font-normal">
        <span className="block truncate font-medium">
          {user.name}
          {own && <span className="font-normal text-soft"> (you)</span>}
        </span>
        <span className="block truncate text-xs text-soft">
          <span className="sm:hidden">
            {ROLE_NAMES[user.role]}
            {name !== "Active" && `, ${name.toLocaleLowerCase()}`}
            {about && " · "}
          </span>
          {about}
          {user.unconfirmed_email && `${about && " · "}${user.unconfirmed_email} (not confirmed)`}
        </span>
      </th>
      <td className="px-3 py-2 whitespace-nowrap max-sm:hidden">{ROLE_NAMES[user.role]}</td>
      <td className="px-3 py-2 whitespace-nowrap max-sm:hidden">
        {/* What is as usual needs no colour. */}
        {name === "Active" ? (
          <span className="text-soft">{name}</span>
        ) : (
          <Tag tone={tone} title={why}>
            {name}
          </Tag>
        )}
      </td>
      <td className="py-1.5 pr-3 pl-1 text-right">
        <UserDeeds user={user} own={own} />
      </td>
    </tr>
  );
}
