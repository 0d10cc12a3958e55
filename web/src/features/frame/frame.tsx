import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import clsx from "clsx";
import {
  BookOpenText,
  CalendarCheck,
  Handshake,
  House,
  Library,
  LogOut,
  type LucideIcon,
  Monitor,
  Moon,
  Phone,
  Settings,
  Sun,
  TextSearch,
  TrendingUp,
  Users,
} from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { type ReactNode, useEffect, useRef } from "react";
import { api } from "@/api/client";
import { listen } from "@/api/events";
import { installationQuery, meQuery } from "@/api/queries";
import { savedQuery } from "@/api/search";
import { end } from "@/api/session";
import { number } from "@/components/format";
import { Wordmark } from "@/components/ui";
import { useZone } from "@/components/zone";
import { UploadTray } from "../calls/tray";
import { PaletteHost } from "../palette/host";
import { Notices } from "../palette/news";
import { readsReviews } from "../reviews/weeks";
import { THEMES, type Theme, useTheme } from "./theme";

type Place = {
  to: "/" | "/calls" | "/search" | "/deals" | "/rubrics" | "/team" | "/knowledge" | "/reviews";
  name: string;
  icon: LucideIcon;
};

const HOME: Place = { to: "/", name: "Home", icon: House };
const CALLS: Place = { to: "/calls", name: "Calls", icon: Phone };
const SEARCH: Place = { to: "/search", name: "Search", icon: TextSearch };
const DEALS: Place = { to: "/deals", name: "Deals", icon: Handshake };
const TEAM: Place = { to: "/team", name: "Team", icon: Users };
const RUBRICS: Place = { to: "/rubrics", name: "Rubrics", icon: BookOpenText };
const REVIEWS: Place = { to: "/reviews", name: "Reviews", icon: CalendarCheck };
const KNOWLEDGE: Place = { to: "/knowledge", name: "Knowledge", icon: Library };

const PLACE = {
  className:
    "flex items-center gap-2.5 rounded-md px-2 py-1.5 text-soft hover:bg-sunken hover:text-ink max-[24rem]:px-1.5 md:px-2.5",
  activeProps: { className: "bg-sunken !text-ink font-semibold" },
};

/** What surrounds every page: where one can go, and who one is. */
export function Frame() {
  const queries = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const installation = useQuery(installationQuery);
  // Days are reckoned where the team is; a page that does not know where that is would ask for other days.
  const zone = useZone(installation.data?.time_zone);
  // A rep sees nobody else: their place is the page about themselves.
  const own = me?.role === "rep";
  const path = useLocation({ select: ({ pathname }) => pathname });
  // The pages about people are reached from the team.
  const onTeam = path.startsWith("/people");
  useEffect(() => listen(queries), [queries]);
  const main = useRef<HTMLElement>(null);
  const came = useRef(path);
  // Who goes by keys or hears the page begins at what is new; what the first page begins with is the browser's.
  useEffect(() => {
    if (came.current === path) return;
    came.current = path;
    main.current?.focus({ preventScroll: true });
  }, [path]);
  const navigate = useNavigate();
  const leave = async () => {
    // Whatever the program says, this browser forgets the login.
    await api.POST("/api/v1/auth/logout", { params: { header: {} } }).catch(() => undefined);
    end();
    await navigate({ to: "/login", search: { to: undefined, invitation: undefined } });
  };
  return (
    <div className="min-h-dvh md:grid md:grid-cols-[13rem_1fr]">
      <a
        href="#main"
        className="sr-only z-50 rounded bg-pitch px-3 py-2 text-on-pitch focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        To the page
      </a>
      <nav
        aria-label="Places"
        className="no-print sticky top-0 z-20 flex items-center gap-1 border-b border-line bg-paper px-3 py-2 md:h-dvh md:flex-col md:items-stretch md:border-r md:border-b-0 md:px-4 md:py-5"
      >
        <Link
          to="/"
          aria-label="Sideline, start page"
          className="mr-auto shrink-0 rounded max-[26rem]:w-5 max-[26rem]:overflow-hidden md:mr-0 md:mb-6"
        >
          <Wordmark className="text-lg" />
        </Link>
        <PaletteHost leave={() => void leave()} />
        <To place={HOME} />
        <To place={CALLS} />
        {/* On a phone it is reached from the palette and the menu of the profile. */}
        <span className="contents max-md:hidden">
          <To place={SEARCH} on={path === "/ask"} aside={<Unseen />} />
        </span>
        <To place={DEALS} />
        {/* What stands here depends on who one is; its place is kept until that is known. */}
        {!me && <span aria-hidden className="h-8 w-8 md:w-auto" />}
        {me && !own && <To place={TEAM} on={onTeam} />}
        {own && (
          <Link to="/people/$id" params={{ id: me.id }} activeOptions={{ includeSearch: false }} {...PLACE}>
            <TrendingUp aria-hidden className="size-4" />
            <span className="max-md:sr-only">My progress</span>
          </Link>
        )}
        <To place={RUBRICS} on={path === "/trackers"} />
        <To place={KNOWLEDGE} />
        {/* The last one, so that nothing moves when it is known who one is. On a phone it is reached from the start page, the team and the menu of the profile. */}
        {readsReviews(me?.role) && (
          <span className="contents max-md:hidden">
            <To place={REVIEWS} />
          </span>
        )}
        <div className="flex items-center md:mt-auto md:block">
          {/* On a phone it stands in the menu of the profile. */}
          <Link
            to="/settings/profile"
            activeProps={{}}
            className={clsx(
              PLACE.className,
              "max-md:hidden",
              path.startsWith("/settings") && PLACE.activeProps.className,
            )}
          >
            <Settings aria-hidden className="size-4" />
            Settings
          </Link>
          <Notices />
          <Profile leave={() => void leave()} />
        </div>
      </nav>
      <main ref={main} id="main" tabIndex={-1} className="min-w-0 px-4 py-5 outline-none md:px-8 md:py-7">
        {/* Lines and tables end where eyes would lose their row; a call has columns for all the room. */}
        <div className={clsx(!path.startsWith("/calls/") && "max-w-[110rem]")}>
          {(zone || installation.isError) && <Outlet key={zone} />}
        </div>
      </main>
      <UploadTray />
    </div>
  );
}

/** How many calls are new in my searches. */
function Unseen() {
  const { data: saved } = useQuery(savedQuery);
  const unseen = saved?.reduce((sum, each) => sum + each.unseen, 0) ?? 0;
  if (unseen === 0) return null;
  return (
    <span className="figures ml-auto rounded-full bg-pitch px-1.5 text-xs font-semibold text-on-pitch">
      {number(unseen)}
      <span className="sr-only"> new</span>
    </span>
  );
}

function To({
  place: { to, name, icon: Icon },
  on = false,
  aside,
}: {
  place: Place;
  on?: boolean;
  /** What stands behind the name. */
  aside?: ReactNode;
}) {
  return (
    <Link
      to={to}
      activeOptions={{ exact: to === "/", includeSearch: false }}
      {...PLACE}
      className={clsx(PLACE.className, on && PLACE.activeProps.className)}
    >
      <Icon aria-hidden className="size-4" />
      <span className="max-md:sr-only">{name}</span>
      {aside}
    </Link>
  );
}

const ICONS: Record<Theme, LucideIcon> = { system: Monitor, light: Sun, dark: Moon };

function Profile({ leave }: { leave: () => void }) {
  const { data: me } = useQuery(meQuery);
  const [theme, setTheme] = useTheme();
  const navigate = useNavigate();
  const item = "flex cursor-default items-center gap-2 rounded px-2 py-1.5 outline-none data-highlighted:bg-sunken";
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="flex w-full items-center gap-2.5 rounded-md px-2 py-1.5 text-left hover:bg-sunken">
        <span
          aria-hidden
          className="grid size-7 place-items-center rounded-full bg-pitch text-xs font-semibold text-on-pitch"
        >
          {initials(me?.name)}
        </span>
        <span className="min-w-0 leading-tight max-md:sr-only">
          <span className="block truncate font-medium">{me?.name ?? "…"}</span>
          <span className="block text-xs text-soft">{me?.role}</span>
        </span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={document.getElementById("main")}>
        <DropdownMenu.Content
          align="start"
          sideOffset={6}
          collisionPadding={12}
          className="z-50 min-w-52 rounded-lg border border-line bg-surface p-1 shadow-raised"
        >
          <DropdownMenu.Label className="px-2 pt-1 pb-0.5 text-xs text-soft">Theme</DropdownMenu.Label>
          <DropdownMenu.RadioGroup value={theme} onValueChange={(value) => setTheme(value as Theme)}>
            {THEMES.map((name) => {
              const Icon = ICONS[name];
              return (
                <DropdownMenu.RadioItem
                  key={name}
                  value={name}
                  className={clsx(item, theme === name && "font-semibold")}
                >
                  <Icon aria-hidden className="size-4" />
                  {name === "system" ? "As the system" : name === "light" ? "Light" : "Dark"}
                </DropdownMenu.RadioItem>
              );
            })}
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.Item
            className={clsx(item, "md:hidden")}
            onSelect={() => void navigate({ to: "/search", search: {} })}
          >
            <TextSearch aria-hidden className="size-4" />
            Search
            <Unseen />
          </DropdownMenu.Item>
          {readsReviews(me?.role) && (
            <DropdownMenu.Item
              className={clsx(item, "md:hidden")}
              onSelect={() => void navigate({ to: "/reviews", search: {} })}
            >
              <CalendarCheck aria-hidden className="size-4" />
              Weekly reviews
            </DropdownMenu.Item>
          )}
          <DropdownMenu.Item className={item} onSelect={() => void navigate({ to: "/settings/profile" })}>
            <Settings aria-hidden className="size-4" />
            Settings
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} onSelect={leave}>
            <LogOut aria-hidden className="size-4" />
            Log out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function initials(name = ""): string {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => word?.[0]?.toUpperCase() ?? "").join("");
}
