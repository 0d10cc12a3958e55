import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { meQuery } from "@/api/queries";
import { Card, Empty, Failed, Waiting } from "@/components/ui";
import { refusal, sectionAt, sectionsFor } from "./sections";
import { Telling } from "./telling";

/** The settings, as far as they are for whoever looks. */
export function SettingsPage() {
  const me = useQuery(meQuery);
  const path = useLocation({ select: ({ pathname }) => pathname });
  if (me.isError) return <Failed error={me.error} retry={() => void me.refetch()} />;
  if (!me.data) return <Waiting rows={6} />;
  const refused = refusal(path, me.data.role);
  return (
    <div className="lg:grid lg:grid-cols-[10rem_minmax(0,1fr)] lg:gap-8">
      <Sections path={path} role={me.data.role} />
      <div className="min-w-0 max-w-5xl">
        <Telling>{refused ? <NotForYou why={refused} /> : <Outlet />}</Telling>
      </div>
    </div>
  );
}

function Sections({ path, role }: { path: string; role: Parameters<typeof sectionsFor>[0] }) {
  const list = useRef<HTMLUListElement>(null);
  const at = sectionAt(path)?.to;
  // On a phone they stand in one line, of which a part is seen.
  useEffect(() => {
    const [on, all] = [list.current?.querySelector<HTMLElement>(`[href="${at}"], [href^="${at}?"]`), list.current];
    if (on && all) all.scrollLeft = on.offsetLeft - (all.clientWidth - on.offsetWidth) / 2;
  }, [at]);
  return (
    <nav aria-label="Settings" className="no-print mb-5 min-w-0 lg:mb-0">
      <p className="mb-2 px-2.5 text-xs text-soft max-lg:sr-only">Settings</p>
      <ul
        ref={list}
        className="relative -mx-4 flex gap-0.5 overflow-x-auto border-b border-line px-4 pb-2 lg:sticky lg:top-7 lg:mx-0 lg:grid lg:border-0 lg:p-0"
      >
        {sectionsFor(role).map(({ to, name }) => (
          <li key={to} className="shrink-0">
            <Link
              to={to}
              activeOptions={{ includeSearch: false }}
              className="block rounded-md px-2.5 py-1.5 whitespace-nowrap text-soft hover:bg-sunken hover:text-ink"
              activeProps={{ className: "bg-sunken !text-ink font-semibold" }}
            >
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function NotForYou({ why }: { why: string }) {
  return (
    <Card>
      <h1 className="sr-only">Not for you</h1>
      <Empty
        title="Not for you"
        action={
          <Link to="/settings/profile" className="font-medium text-pitch underline">
            To your profile
          </Link>
        }
      >
        {why}
      </Empty>
    </Card>
  );
}
