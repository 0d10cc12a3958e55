import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { api, type Schemas, taken } from "@/api/client";
import type { Connection } from "@/api/connections";
import { Ask } from "@/components/dialog";
import { sentence } from "@/components/format";
import { Button, Failed, Field, Tag } from "@/components/ui";
import { zone } from "@/components/zone";
import { today } from "../people/dates";
import { Deed, Named, refusalOf, useDoing } from "../settings/doing";
import { Buttons, Refused } from "../settings/fields";
import { dayBegins, returnUrl } from "./form";
import { LINK_BUTTON } from "./pieces";
import { restOf, SERVICES } from "./words";

const LISTS = [["connections"]];

/** What can be done with a connection; what a service answers is told in place. */
export function Deeds({ connection }: { connection: Connection }) {
  const { id, kind, name, paused } = connection;
  const { asked, remote, editable } = SERVICES[kind];
  const queries = useQueryClient();
  const [open, setOpen] = useState<"backfill" | "remove">();
  const at = { params: { path: { id }, header: {} } };
  const test = useMutation({
    mutationFn: () => taken(api.POST("/api/v1/connections/{id}/test", at)),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["connections"] }),
  });
  const sync = useDoing({
    run: () => taken(api.POST("/api/v1/connections/{id}/sync", { ...at, body: { since: null } })),
    lists: LISTS,
    done: "The sync has begun.",
  });
  const pause = useDoing({
    run: (paused: boolean) => {
      const body = { paused } as Schemas["ConnectionChange"];
      return taken(api.PATCH("/api/v1/connections/{id}", { params: { path: { id } }, body }));
    },
    lists: LISTS,
    done: (paused) => (paused ? `${name} is paused.` : `${name} goes on.`),
  });
  const failed = [test, sync, pause].find(({ error }) => error)?.error;
  const close = () => setOpen(undefined);
  return (
    <div className="grid gap-3 border-t border-line px-4 py-3">
      <div className="flex flex-wrap items-center gap-2">
        {asked && (
          <Button busy={test.isPending} onClick={() => test.mutate()}>
            Test connection
          </Button>
        )}
        {asked && !paused && (
          <>
            <Button busy={sync.isPending} onClick={() => sync.mutate()}>
              Sync now
            </Button>
            {remote && <Button onClick={() => setOpen("backfill")}>Backfill…</Button>}
          </>
        )}
        <Button busy={pause.isPending} onClick={() => pause.mutate(!paused)}>
          {paused ? "Resume" : "Pause"}
        </Button>
        {editable && (
          <>
            <Link to="/settings/integrations/$id/edit" params={{ id }} className={LINK_BUTTON}>
              Edit
            </Link>
            <Button kind="danger" className="sm:ml-auto" onClick={() => setOpen("remove")}>
              Remove…
            </Button>
          </>
        )}
      </div>
      <div role="status" className="empty:hidden">
        {test.data && !test.isPending && (
          <p>
            <Tag tone={test.data.works ? "good" : "poor"}>{test.data.works ? "It works" : "It does not work"}</Tag>{" "}
            <span className="ml-1">{sentence(test.data.told)}</span>
          </p>
        )}
        {paused && !test.data && <p className="text-soft">{restOf(connection)}</p>}
      </div>
      {failed && <Failed error={failed} />}
      {open === "backfill" && <Backfill connection={connection} close={close} />}
      {open === "remove" && <Remove connection={connection} close={close} />}
    </div>
  );
}

/** Leads to Gong, where people let this program in; they come back to the list of connections. */
export function Consent({ connection, children }: { connection: Connection; children?: ReactNode }) {
  const go = useMutation({
    mutationFn: () =>
      taken(
        api.POST("/api/v1/connections/{id}/authorize", {
          params: { path: { id: connection.id }, header: {} },
          body: { redirect_uri: returnUrl(window.location.origin) },
        }),
      ),
    onSuccess: ({ url }) => window.location.assign(url),
  });
  return (
    <>
      <Button kind="primary" busy={go.isPending || go.isSuccess} onClick={() => go.mutate()}>
        {children ?? "Let Gong decide"}
      </Button>
      {go.error && (
        <div className="w-full">
          <Failed error={go.error} />
        </div>
      )}
    </>
  );
}

function Backfill({ connection, close }: { connection: Connection; close: () => void }) {
  const { crm } = SERVICES[connection.kind];
  const last = today();
  const [day, setDay] = useState("");
  const [half, setHalf] = useState<string>();
  const begin = useDoing({
    run: () =>
      taken(
        api.POST("/api/v1/connections/{id}/sync", {
          params: { path: { id: connection.id }, header: {} },
          body: { since: dayBegins(day, zone()) },
        }),
      ),
    lists: LISTS,
    done: "The backfill has begun.",
    after: close,
  });
  return (
    <Ask
      title={`Backfill ${connection.name}`}
      about={
        crm
          ? "All that was changed on this day or later is read again."
          : "Calls that began on this day or later are listed, and those that are not here are fetched."
      }
      close={close}
    >
      <form
        noValidate
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          setHalf(day === "" ? "Write the whole day" : undefined);
          if (day !== "") begin.mutate();
        }}
      >
        <Field
          label={crm ? "Changed since" : "Calls from"}
          type="date"
          max={last}
          value={day}
          error={half ?? refusalOf(begin.error)?.field("since")}
          className="max-w-48"
          onChange={({ target }) => {
            setHalf(undefined);
            setDay(target.value);
          }}
        />
        <Refused error={begin.error} fields={["since"]} />
        <Buttons>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" kind="primary" busy={begin.isPending}>
            Begin
          </Button>
        </Buttons>
      </form>
    </Ask>
  );
}

function Remove({ connection: { id, name }, close }: { connection: Connection; close: () => void }) {
  const navigate = useNavigate();
  return (
    <Deed
      title="Remove this connection?"
      about={
        <>
          <Named>{name}</Named> goes with its keys, its events and the list of its calls. Nothing more comes in through
          it. Calls that came in stay.
        </>
      }
      deed="Remove it"
      run={() => taken(api.DELETE("/api/v1/connections/{id}", { params: { path: { id } } }))}
      lists={[["connections", "list"]]}
      done={`${name} is removed.`}
      after={() => void navigate({ to: "/settings/integrations", search: {} })}
      close={close}
    />
  );
}
