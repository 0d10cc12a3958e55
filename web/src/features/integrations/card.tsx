import { Link } from "@tanstack/react-router";
import clsx from "clsx";
import type { ReactNode } from "react";
import type { Connection } from "@/api/connections";
import { number, sentence } from "@/components/format";
import { Card, Tag } from "@/components/ui";
import { Consent, Deeds } from "./deeds";
import { deliveryUrl } from "./form";
import { Code, Fact, Notice, when } from "./pieces";
import type { ConnectionSearch } from "./search";
import { causeOf, foundBy, quotaOf, RUN_STATES, SERVICES, stateOf, wantsConsent, whyOf } from "./words";

/** A connection: how it does, how much of its calls is here, and what can be done with it. */
export function ConnectionCard({ connection, title }: { connection: Connection; title: ReactNode }) {
  const { error, failures, worked_at } = connection;
  const state = stateOf(connection);
  return (
    <Card title={title} aside={<Tag tone={state.tone}>{state.name}</Tag>} className="min-w-0 overflow-hidden">
      {error && !connection.paused && (
        <Notice tone={connection.alarming ? "poor" : "fair"}>
          <p className="min-w-0 break-words">
            {sentence(error)}
            <span className="block text-xs text-soft">
              {failures > 1 && `It failed ${number(failures)} times in a row. `}
              {worked_at ? `It worked last ${when(worked_at)}.` : "It has not worked yet."}
            </span>
          </p>
        </Notice>
      )}
      {wantsConsent(connection) && (
        <Notice tone="fair">
          <p className="min-w-0 flex-1 basis-56">
            Gong has not let Sideline in yet. An admin of Gong decides that there.
          </p>
          <Consent connection={connection} />
        </Notice>
      )}
      {!SERVICES[connection.kind].crm && <Backlog connection={connection} />}
      <Facts connection={connection} />
      <Deeds connection={connection} />
    </Card>
  );
}

/** The card in a list: its title leads to its page. */
export function ListedConnection({ connection }: { connection: Connection }) {
  return (
    <ConnectionCard
      connection={connection}
      title={
        <>
          <Link
            to="/settings/integrations/$id"
            params={{ id: connection.id }}
            className="text-pitch underline decoration-transparent hover:decoration-current"
          >
            {connection.name}
          </Link>
          <span className="ml-2 font-normal text-soft">{SERVICES[connection.kind].name}</span>
        </>
      }
    />
  );
}

function Backlog({ connection: { id, kind, backlog } }: { connection: Connection }) {
  const { open, waiting, kept, unjudged, failed, skipped } = backlog;
  const figure = (name: string, count: number, state: ConnectionSearch["state"], note: string, poor = false) => (
    <div className="relative bg-surface px-4 py-3 hover:bg-sunken">
      <dt className="text-xs text-soft">
        <Link
          to="/settings/integrations/$id"
          params={{ id }}
          search={{ state }}
          hash="calls"
          className="after:absolute after:inset-0 hover:underline"
        >
          {name}
        </Link>
      </dt>
      <dd className={clsx("figures mt-0.5 text-2xl font-semibold tracking-tight", poor && "text-poor")}>
        {number(count)}
      </dd>
      <dd className="mt-0.5 text-xs text-soft">{note}</dd>
    </div>
  );
  const here = figure(
    "Calls here",
    kept,
    "kept",
    unjudged > 0 ? `${number(unjudged)} not judged yet` : kept > 0 ? "All judged" : "None yet",
  );
  // What is sent is here at once, or refused.
  if (!SERVICES[kind].asked) return <dl className="border-b border-line">{here}</dl>;
  return (
    <dl className="grid grid-cols-2 gap-px border-b border-line bg-line sm:grid-cols-4">
      {here}
      {figure(
        "On their way",
        open,
        "open",
        waiting > 0 ? `${number(waiting)} without a transcript yet` : open > 0 ? "Being fetched" : "Nothing waits",
      )}
      {figure("Given up", failed, "failed", failed > 0 ? "Look at why" : "None", failed > 0)}
      {figure("Left out", skipped, "skipped", skipped > 0 ? "Not to come in" : "None")}
    </dl>
  );
}

const PROOFS = {
  hmac: "Taken where they are signed with the secret",
  jwt: "Taken where Gong has signed them",
  url_key: "Taken at the address with its secret part",
};

function Facts({ connection }: { connection: Connection }) {
  const { id, kind, name, watermark, since, settings } = connection;
  const { asked, remote, sends, crm } = SERVICES[kind];
  return (
    <dl>
      {kind === "folder" && (
        <Fact name="Folder">
          The one that the setting <Code>watch_folder</Code> names
          <span className="block text-xs text-soft">
            It is looked into every few seconds. Another folder is set where Sideline runs.
          </span>
        </Fact>
      )}
      {kind === "push" && (
        <Fact name="Address">
          <Address connection={connection} />
        </Fact>
      )}
      {asked && (
        <Fact name="Last sync">
          <LastSync connection={connection} />
        </Fact>
      )}
      {remote && (
        <Fact name="Complete up to">
          {watermark ? (
            <>
              <span className="figures">{when(watermark)}</span>
              <span className="block text-xs text-soft">
                {crm ? "What was changed before that is here." : "Calls before that are here, or are not to come."}
              </span>
            </>
          ) : (
            <>
              Not known before the first sync
              <span className="figures block text-xs text-soft">
                {crm ? "What was changed" : "Calls"} from {when(since)} on {crm ? "is" : "are"} fetched.
              </span>
            </>
          )}
        </Fact>
      )}
      {sends && (
        <Fact name={remote ? "Webhooks" : "Deliveries"}>
          {settings.proof ? PROOFS[settings.proof] : "Not taken: no proof is set up"}
          <span className="text-soft"> · </span>
          <Link to="/settings/integrations/events" search={{ connection: id }} className="text-pitch underline">
            Events<span className="sr-only"> of {name}</span>
          </Link>
        </Fact>
      )}
      {crm && (
        <Fact name="Deals">
          <Link to="/deals" search={{ status: "all" }} className="text-pitch underline">
            All deals that are here
          </Link>
        </Fact>
      )}
      {remote && (
        <Fact name="Requests today">
          <Quota connection={connection} />
        </Fact>
      )}
    </dl>
  );
}

/** Where a program sends transcripts; its secret part is not shown. */
function Address({ connection: { name, settings } }: { connection: Connection }) {
  const keyed = settings.proof === "url_key";
  const url = deliveryUrl(window.location.origin, "push", name);
  const end = url.lastIndexOf("/") + 1;
  return (
    <>
      <code className="text-xs wrap-anywhere">
        {url.slice(0, end)}
        <wbr />
        {url.slice(end)}
        {keyed && "/…"}
      </code>
      <span className="block text-xs text-soft">
        {keyed ? "It ends with the secret." : "The program sends each transcript there."}
      </span>
    </>
  );
}

function LastSync({ connection: { kind, last_sync: run, paused, error } }: { connection: Connection }) {
  if (!run && kind === "folder") return "None yet; files come in without one";
  if (!run) return paused ? "None yet" : "None yet; the first comes on schedule, or when you ask";
  const { name, tone } = RUN_STATES[run.state];
  // What went wrong last stands above already.
  const why = whyOf(run.error === error && !paused ? { ...run, error: null } : run, when);
  return (
    <>
      <span className="figures mr-1.5">{when(run.started_at)}</span>
      {run.state !== "done" && <Tag tone={tone}>{name}</Tag>}
      <span className="block text-xs text-soft">
        {causeOf(run)} · {foundBy(run, SERVICES[kind].crm)}
        {run.state === "running" && " so far"}
      </span>
      {why && <span className="block text-xs">{why}</span>}
    </>
  );
}

const FILLS = { good: "bg-good", fair: "bg-fair", poor: "bg-poor", none: "bg-line-strong" };

function Quota({ connection }: { connection: Connection }) {
  const { share, tone, words } = quotaOf(connection);
  return (
    <>
      <span className="figures">{words}</span>
      {tone === "poor" && <span className="ml-2 text-xs text-soft">None left until midnight (UTC)</span>}
      <span aria-hidden className="mt-1.5 block h-1.5 max-w-xs overflow-hidden rounded-full bg-sunken">
        <span className={clsx("block h-full rounded-full", FILLS[tone])} style={{ width: `${share * 100}%` }} />
      </span>
    </>
  );
}
