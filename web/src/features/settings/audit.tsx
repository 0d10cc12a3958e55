import { useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { History, X } from "lucide-react";
import { teamsQuery } from "@/api/analytics";
import { day, number, time } from "@/components/format";
import { Button, Card, Empty, Failed, PageHead, Waiting } from "@/components/ui";
import { type AuditEvent, auditQuery, userQuery } from "./queries";
import { readAuditSearch } from "./search";
import { actionName, actorOf, detailOf, short, subjectOf, usersIn } from "./trail";

type NameOf = (id: string) => string | undefined;

/** Who did what when, the latest first. */
export function AuditPage() {
  const filter = useSearch({ from: "/frame/settings/audit", select: readAuditSearch, structuralSharing: true });
  const navigate = useNavigate({ from: "/settings/audit" });
  const trail = useInfiniteQuery(auditQuery(filter));
  const items = trail.data?.pages.flatMap((page) => page.items) ?? [];
  const nameOf = useNames(items);
  const total = trail.data?.pages[0]?.total;
  const filtered = filter.actor !== undefined || filter.subject !== undefined;
  return (
    <>
      <PageHead
        title="Audit trail"
        note={typeof total === "number" ? `${number(total)} ${filtered ? "found" : "in all"}` : undefined}
      />
      {filtered && (
        <div className="mb-3 flex flex-wrap gap-2">
          {filter.actor && (
            <Button onClick={() => void navigate({ search: (before) => ({ ...before, actor: undefined }) })}>
              By {actorName(filter.actor, nameOf)} <X aria-label="take this filter away" className="size-3.5" />
            </Button>
          )}
          {filter.subject && (
            <Button onClick={() => void navigate({ search: (before) => ({ ...before, subject: undefined }) })}>
              About {nameOf(filter.subject) ?? short(filter.subject)}{" "}
              <X aria-label="take this filter away" className="size-3.5" />
            </Button>
          )}
        </div>
      )}
      <Card className="overflow-hidden">
        {trail.isPending && <Waiting rows={8} />}
        {trail.isError && <Failed error={trail.error} retry={() => void trail.refetch()} />}
        {trail.isSuccess && items.length === 0 && (
          <Empty title="Nothing was done">{filtered ? "Take a filter away." : "What people do is written here."}</Empty>
        )}
        {items.length > 0 && (
          <table className="w-full text-left">
            <thead className="border-b border-line text-xs text-soft">
              <tr>
                <th scope="col" className="px-4 py-2 font-medium max-sm:hidden">
                  When
                </th>
                <th scope="col" className="w-full px-3 py-2 font-medium max-sm:px-4">
                  What
                </th>
                <th scope="col" className="px-4 py-2 font-medium">
                  Who
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((event) => (
                <Row key={event.id} event={event} nameOf={nameOf} />
              ))}
            </tbody>
          </table>
        )}
      </Card>
      {trail.hasNextPage && (
        <div className="mt-3 grid justify-center">
          <Button busy={trail.isFetchingNextPage} onClick={() => void trail.fetchNextPage()}>
            Earlier ones
          </Button>
        </div>
      )}
    </>
  );
}

/** The names behind the ids; of who is not known, none. */
function useNames(events: AuditEvent[]): NameOf {
  const teams = useQuery(teamsQuery).data ?? [];
  const users = useQueries({ queries: usersIn(events).map((id) => userQuery(id)) });
  const names = new Map([
    ...teams.map(({ id, name }): [string, string] => [id, name]),
    ...users.flatMap(({ data }): [string, string][] => (data ? [[data.id, data.name]] : [])),
  ]);
  return (id) => names.get(id);
}

function actorName(actor: string, nameOf: NameOf): string {
  const who = actorOf(actor);
  return "name" in who ? who.name : (nameOf(who.user) ?? short(who.user));
}

const LINK = "text-pitch underline";

function Row({ event, nameOf }: { event: AuditEvent; nameOf: NameOf }) {
  const when = `${day(event.at)}, ${time(event.at)}`;
  const detail = detailOf(event, nameOf);
  const subject = subjectOf(event);
  const about = nameOf(subject.id);
  return (
    <tr className="border-b border-line align-top last:border-0 hover:bg-sunken">
      <td className="figures px-4 py-2 whitespace-nowrap text-soft max-sm:hidden">{when}</td>
      <td className="px-3 py-2 max-sm:px-4">
        <span className="font-medium">{actionName(event)}</span>
        {about && `: ${about}`}
        <span className="ml-2 inline-flex items-center gap-2 align-middle text-xs">
          {subject.kind === "call" && (
            <Link to="/calls/$id" params={{ id: subject.id }} className={LINK}>
              The call
            </Link>
          )}
          <Link
            to="/settings/audit"
            search={(before) => ({ ...before, subject: subject.id })}
            className="-my-1.5 -ml-1.5 inline-flex items-center rounded p-1.5 text-soft hover:text-ink"
            title={`All about it (${subject.id})`}
          >
            <History aria-hidden className="size-3.5" />
            <span className="sr-only">All about it</span>
          </Link>
        </span>
        {detail && <span className="block text-xs break-words text-soft">{detail}</span>}
        <span className="figures block text-xs text-soft sm:hidden">{when}</span>
      </td>
      <td className="px-4 py-2 sm:whitespace-nowrap">
        <Link
          to="/settings/audit"
          search={(before) => ({ ...before, actor: event.actor })}
          className="hover:text-pitch hover:underline"
        >
          {actorName(event.actor, nameOf)}
        </Link>
      </td>
    </tr>
  );
}
