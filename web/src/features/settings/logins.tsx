import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, taken } from "@/api/client";
import { day, time } from "@/components/format";
import { Button, Card, Failed, Tag, Waiting } from "@/components/ui";
import { Deed, Named } from "./doing";
import { programOf } from "./program";
import { type Login, loginsQuery } from "./queries";

/** Where one is logged in, and the way to end each. */
export function Logins({ current }: { current: string | undefined }) {
  const logins = useQuery(loginsQuery);
  const [ending, setEnding] = useState<Login>();
  return (
    <Card title="Where you are logged in">
      {logins.isPending && <Waiting rows={3} />}
      {logins.isError && <Failed error={logins.error} retry={() => void logins.refetch()} />}
      <ul>
        {logins.data?.map((login) => (
          <li
            key={login.id}
            className="flex items-center justify-between gap-3 border-b border-line px-4 py-2.5 last:border-0"
          >
            <div className="min-w-0">
              <p className="flex flex-wrap items-center gap-2 font-medium">
                <span title={login.user_agent ?? undefined}>{programOf(login.user_agent)}</span>
                {login.id === current && <Tag tone="good">This one</Tag>}
              </p>
              <p className="figures text-xs text-soft">
                {login.address ? `From ${login.address}, last` : "Last"} used {day(login.last_used_at)},{" "}
                {time(login.last_used_at)}; since {day(login.created_at)}
              </p>
            </div>
            {login.id !== current && (
              <Button
                onClick={() => setEnding(login)}
                aria-label={`End the login ${programOf(login.user_agent)}, last used ${day(login.last_used_at)}, ${time(login.last_used_at)}`}
              >
                End…
              </Button>
            )}
          </li>
        ))}
      </ul>
      {ending && (
        <Deed
          title="End this login?"
          about={
            <>
              <Named>{programOf(ending.user_agent)}</Named>
              {ending.address && ` at ${ending.address}`}, last used {day(ending.last_used_at)},{" "}
              {time(ending.last_used_at)}, has to log in again.
            </>
          }
          deed="End the login"
          keep="Keep it"
          run={() => taken(api.DELETE("/api/v1/auth/sessions/{id}", { params: { path: { id: ending.id } } }))}
          lists={[["logins"]]}
          done="The login has ended."
          close={() => setEnding(undefined)}
        />
      )}
    </Card>
  );
}
