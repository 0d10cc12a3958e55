// All pages, readable from top to bottom. What a page shows stands in its address, so that every state can be linked to.

import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  retainSearchParams,
} from "@tanstack/react-router";
import { hasSession } from "./api/session";
import { Empty, Wordmark } from "./components/ui";
import { readCallSearch } from "./features/call/search";
import { readCallsSearch } from "./features/calls/search";
import { readDealSearch, readDealsSearch } from "./features/deals/search";
import {
  readConnectionSearch,
  readEventsSearch,
  readIntegrationsSearch,
  readNewSearch,
} from "./features/integrations/search";
import { readDocumentSearch, readKnowledgeSearch } from "./features/knowledge/search";
import { KEPT, readCompareSearch, readRepSearch, readTeamSearch } from "./features/people/search";
import { readReviewsSearch } from "./features/reviews/search";
import { readRubricSearch, readRubricsSearch, readTrackersSearch } from "./features/rubrics/search";
import { readAskSearch, readFindSearch } from "./features/search/search";
import {
  readAuditSearch,
  readCostsSearch,
  readJobsSearch,
  readTeamsSearch,
  readUsersSearch,
} from "./features/settings/search";
import { readStartSearch } from "./features/start/search";

/** A page that cannot be shown: mostly one of an older program than the one that runs now. */
function Broken({ error }: { error: unknown }) {
  const action = (
    <button type="button" onClick={() => window.location.reload()} className="font-medium text-pitch underline">
      Load it again
    </button>
  );
  const why = error instanceof Error ? error.message : undefined;
  return (
    <div role="alert" className="grid min-h-[60dvh] content-center justify-items-center">
      <h1 className="sr-only">This page cannot be shown</h1>
      <Empty title="This page cannot be shown" action={action}>
        The program may have been renewed since it was opened, or may be away.{" "}
        {why && <span className="text-xs">({why})</span>}
      </Empty>
    </div>
  );
}

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: () => (
    <main className="grid min-h-dvh content-center justify-items-center pb-[15vh]">
      <Wordmark className="text-2xl" />
      <h1 className="sr-only">There is no such page</h1>
      <Empty
        title="There is no such page"
        action={
          <a href="/" className="font-medium text-pitch underline">
            To the start page
          </a>
        }
      >
        The address may have been cut when it was copied.
      </Empty>
    </main>
  ),
});

/** Whether an address lies within these pages. Browsers read a backslash as a slash, and leave tabs out. */
function isPath(to: string): boolean {
  return /^\/(?!\/)[^\\\p{Cc}]*$/u.test(to);
}

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search: Record<string, unknown>) => ({
    to: typeof search.to === "string" && isPath(search.to) ? search.to : undefined,
    invitation: typeof search.invitation === "string" ? search.invitation : undefined,
  }),
  beforeLoad: ({ search }) => {
    if (hasSession()) throw redirect({ href: search.to ?? "/", replace: true });
  },
  component: lazyRouteComponent(() => import("./features/auth/login"), "LoginPage"),
});

/** Everything for whoever is logged in, within the frame. */
const frame = createRoute({
  getParentRoute: () => root,
  id: "frame",
  beforeLoad: ({ location }) => {
    if (!hasSession()) throw redirect({ to: "/login", search: { to: location.href, invitation: undefined } });
  },
  component: lazyRouteComponent(() => import("./features/frame/frame"), "Frame"),
});

const home = createRoute({
  getParentRoute: () => frame,
  path: "/",
  validateSearch: readStartSearch,
  search: { middlewares: [retainSearchParams([...KEPT])] },
  component: lazyRouteComponent(() => import("./features/start/start"), "StartPage"),
});

const calls = createRoute({
  getParentRoute: () => frame,
  path: "/calls",
  validateSearch: readCallsSearch,
  component: lazyRouteComponent(() => import("./features/calls/calls"), "CallsPage"),
});

const call = createRoute({
  getParentRoute: () => frame,
  path: "/calls/$id",
  validateSearch: readCallSearch,
  component: lazyRouteComponent(() => import("./features/call/call"), "CallPage"),
});

const deals = createRoute({
  getParentRoute: () => frame,
  path: "/deals",
  validateSearch: readDealsSearch,
  component: lazyRouteComponent(() => import("./features/deals/deals"), "DealsPage"),
});

const deal = createRoute({
  getParentRoute: () => frame,
  path: "/deals/$id",
  validateSearch: readDealSearch,
  component: lazyRouteComponent(() => import("./features/deals/deal"), "DealPage"),
});

// The period and the team stay when one goes from one of these pages to another.
const team = createRoute({
  getParentRoute: () => frame,
  path: "/team",
  validateSearch: readTeamSearch,
  search: { middlewares: [retainSearchParams([...KEPT])] },
  component: lazyRouteComponent(() => import("./features/people/team"), "TeamPage"),
});

const compare = createRoute({
  getParentRoute: () => frame,
  path: "/people/compare",
  validateSearch: readCompareSearch,
  search: { middlewares: [retainSearchParams([...KEPT])] },
  component: lazyRouteComponent(() => import("./features/people/compare"), "ComparePage"),
});

const rep = createRoute({
  getParentRoute: () => frame,
  path: "/people/$id",
  validateSearch: readRepSearch,
  search: { middlewares: [retainSearchParams([...KEPT])] },
  component: lazyRouteComponent(() => import("./features/people/rep"), "RepPage"),
});

const reviews = createRoute({
  getParentRoute: () => frame,
  path: "/reviews",
  validateSearch: readReviewsSearch,
  component: lazyRouteComponent(() => import("./features/reviews/reviews"), "ReviewsPage"),
});

const find = createRoute({
  getParentRoute: () => frame,
  path: "/search",
  validateSearch: readFindSearch,
  component: lazyRouteComponent(() => import("./features/search/find"), "FindPage"),
});

const ask = createRoute({
  getParentRoute: () => frame,
  path: "/ask",
  validateSearch: readAskSearch,
  component: lazyRouteComponent(() => import("./features/search/ask"), "AskPage"),
});

const rubrics = createRoute({
  getParentRoute: () => frame,
  path: "/rubrics",
  validateSearch: readRubricsSearch,
  component: lazyRouteComponent(() => import("./features/rubrics/list"), "RubricsPage"),
});

const trackers = createRoute({
  getParentRoute: () => frame,
  // Beside the rubrics and not within: there any id may be a rubric's.
  path: "/trackers",
  validateSearch: readTrackersSearch,
  component: lazyRouteComponent(() => import("./features/rubrics/trackers"), "TrackersPage"),
});

const rubric = createRoute({
  getParentRoute: () => frame,
  path: "/rubrics/$id",
  validateSearch: readRubricSearch,
  component: lazyRouteComponent(() => import("./features/rubrics/rubric"), "RubricPage"),
});

const knowledge = createRoute({
  getParentRoute: () => frame,
  path: "/knowledge",
  validateSearch: readKnowledgeSearch,
  component: lazyRouteComponent(() => import("./features/knowledge/list"), "KnowledgePage"),
});

const document = createRoute({
  getParentRoute: () => frame,
  path: "/knowledge/$id",
  validateSearch: readDocumentSearch,
  component: lazyRouteComponent(() => import("./features/knowledge/document"), "DocumentPage"),
});

const settings = createRoute({
  getParentRoute: () => frame,
  path: "/settings",
  component: lazyRouteComponent(() => import("./features/settings/layout"), "SettingsPage"),
});

const settingsStart = createRoute({
  getParentRoute: () => settings,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/settings/profile", replace: true });
  },
});

const profile = createRoute({
  getParentRoute: () => settings,
  path: "/profile",
  component: lazyRouteComponent(() => import("./features/settings/profile"), "ProfilePage"),
});

const organisation = createRoute({
  getParentRoute: () => settings,
  path: "/organisation",
  component: lazyRouteComponent(() => import("./features/settings/organisation"), "OrganisationPage"),
});

const users = createRoute({
  getParentRoute: () => settings,
  path: "/users",
  validateSearch: readUsersSearch,
  component: lazyRouteComponent(() => import("./features/settings/users"), "UsersPage"),
});

const coaches = createRoute({
  getParentRoute: () => settings,
  path: "/coaches",
  component: lazyRouteComponent(() => import("./features/settings/coaches"), "CoachesPage"),
});

const invitations = createRoute({
  getParentRoute: () => settings,
  path: "/invitations",
  component: lazyRouteComponent(() => import("./features/settings/invitations"), "InvitationsPage"),
});

const teams = createRoute({
  getParentRoute: () => settings,
  path: "/teams",
  validateSearch: readTeamsSearch,
  component: lazyRouteComponent(() => import("./features/settings/teams"), "TeamsPage"),
});

const model = createRoute({
  getParentRoute: () => settings,
  path: "/model",
  component: lazyRouteComponent(() => import("./features/settings/model"), "ModelPage"),
});

const costs = createRoute({
  getParentRoute: () => settings,
  path: "/costs",
  validateSearch: readCostsSearch,
  search: { middlewares: [retainSearchParams(["days", "from", "to"])] },
  component: lazyRouteComponent(() => import("./features/settings/costs"), "CostsPage"),
});

const integrations = createRoute({
  getParentRoute: () => settings,
  path: "/integrations",
  // Whoever comes back from a service is told here how it went.
  validateSearch: readIntegrationsSearch,
  component: lazyRouteComponent(() => import("./features/integrations/list"), "IntegrationsPage"),
});

const newConnection = createRoute({
  getParentRoute: () => settings,
  path: "/integrations/new",
  validateSearch: readNewSearch,
  component: lazyRouteComponent(() => import("./features/integrations/edit"), "NewConnectionPage"),
});

const webhookEvents = createRoute({
  getParentRoute: () => settings,
  path: "/integrations/events",
  validateSearch: readEventsSearch,
  component: lazyRouteComponent(() => import("./features/integrations/events"), "EventsPage"),
});

const connection = createRoute({
  getParentRoute: () => settings,
  path: "/integrations/$id",
  validateSearch: readConnectionSearch,
  component: lazyRouteComponent(() => import("./features/integrations/connection"), "ConnectionPage"),
});

const editConnection = createRoute({
  getParentRoute: () => settings,
  path: "/integrations/$id/edit",
  component: lazyRouteComponent(() => import("./features/integrations/edit"), "EditConnectionPage"),
});

const dealWarnings = createRoute({
  getParentRoute: () => settings,
  path: "/deal-warnings",
  component: lazyRouteComponent(() => import("./features/settings/deal-warnings"), "DealWarningsPage"),
});

const storage = createRoute({
  getParentRoute: () => settings,
  path: "/storage",
  component: lazyRouteComponent(() => import("./features/settings/storage"), "StoragePage"),
});

const system = createRoute({
  getParentRoute: () => settings,
  path: "/system",
  component: lazyRouteComponent(() => import("./features/settings/system"), "SystemPage"),
});

const jobs = createRoute({
  getParentRoute: () => settings,
  path: "/jobs",
  validateSearch: readJobsSearch,
  component: lazyRouteComponent(() => import("./features/settings/jobs"), "JobsPage"),
});

const audit = createRoute({
  getParentRoute: () => settings,
  path: "/audit",
  validateSearch: readAuditSearch,
  component: lazyRouteComponent(() => import("./features/settings/audit"), "AuditPage"),
});

const settingsTree = settings.addChildren([
  settingsStart,
  audit,
  coaches,
  connection,
  costs,
  dealWarnings,
  editConnection,
  integrations,
  invitations,
  jobs,
  model,
  newConnection,
  organisation,
  profile,
  storage,
  system,
  teams,
  users,
  webhookEvents,
]);

export const router = createRouter({
  routeTree: root.addChildren([
    login,
    frame.addChildren([
      ask,
      home,
      calls,
      call,
      compare,
      deal,
      deals,
      document,
      find,
      knowledge,
      rep,
      reviews,
      rubric,
      rubrics,
      settingsTree,
      team,
      trackers,
    ]),
  ]),
  defaultPreload: "intent",
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
