import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { X } from "lucide-react";
import { connectionsQuery } from "@/api/connections";
import { sentence } from "@/components/format";
import { Card, Empty, Failed, PageHead, Waiting } from "@/components/ui";
import { Named } from "../settings/doing";
import { ListedConnection } from "./card";
import { Code, LINK_BUTTON, PRIMARY_LINK } from "./pieces";
import { readIntegrationsSearch } from "./search";

/** The services that calls come from by themselves. */
export function IntegrationsPage() {
  const connections = useQuery(connectionsQuery);
  const items = connections.data ?? [];
  const connect = (
    <Link to="/settings/integrations/new" className={items.length > 0 ? LINK_BUTTON : PRIMARY_LINK}>
      {items.length > 0 ? "Connect another" : "Connect a service"}
    </Link>
  );
  return (
    <>
      <PageHead title="Integrations" note="Where calls and deals come from by themselves.">
        {items.length > 0 && (
          <>
            <Link to="/settings/integrations/events" className={LINK_BUTTON}>
              Events
            </Link>
            {connect}
          </>
        )}
      </PageHead>
      <CameBack />
      {connections.isPending && (
        <Card>
          <Waiting rows={8} />
        </Card>
      )}
      {connections.isError && <Failed error={connections.error} retry={() => void connections.refetch()} />}
      {connections.isSuccess && items.length === 0 && (
        <Card>
          <Empty title="Nothing is connected yet" action={connect}>
            <p>Calls come in by themselves, and are judged as they do; so do deals. They come from:</p>
            <ul className="mt-3 grid gap-3 text-left text-pretty">
              <li>
                <Named>Gong</Named>, by an access key that an admin of Gong makes under Company settings › Ecosystem ›
                API.
              </li>
              <li>
                <Named>Fireflies</Named>, by an API key that it shows under Integrations › Fireflies API.
              </li>
              <li>
                <Named>Salesforce</Named> and <Named>HubSpot</Named>, for deals with their firms, people and e-mails.
              </li>
              <li>
                <Named>A program of yours</Named>, such as a dialler or a script, which sends transcripts to an address
                that it gets here.
              </li>
              <li>
                <Named>A watched folder</Named>, which the setting <Code>watch_folder</Code> names where Sideline runs.
              </li>
            </ul>
          </Empty>
        </Card>
      )}
      <div className="grid grid-cols-1 gap-5">
        {items.map((connection) => (
          <ListedConnection key={connection.id} connection={connection} />
        ))}
      </div>
    </>
  );
}

/** How it went, told to whoever comes back from Gong; it goes when it was read. */
function CameBack() {
  const { connected, problem } = useSearch({
    from: "/frame/settings/integrations",
    select: readIntegrationsSearch,
    structuralSharing: true,
  });
  const navigate = useNavigate({ from: "/settings/integrations" });
  if (!connected && !problem) return null;
  return (
    <div
      role={problem ? "alert" : "status"}
      className={`mb-5 flex items-start gap-3 rounded-md px-4 py-3 ${problem ? "bg-poor-soft" : "bg-good-soft"}`}
    >
      <p className="min-w-0 break-words">
        {problem ? sentence(problem) : `Gong lets Sideline in: ${connected} is connected.`}
      </p>
      <button
        type="button"
        aria-label="I have read it"
        onClick={() => void navigate({ search: {}, replace: true })}
        className="-my-0.5 ml-auto rounded p-1 text-soft hover:text-ink"
      >
        <X aria-hidden className="size-4" />
      </button>
    </div>
  );
}
