import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import clsx from "clsx";
import { useEffect, useRef } from "react";
import { teamsQuery } from "@/api/analytics";
import { type Me, meQuery } from "@/api/queries";
import { reviewsQuery } from "@/api/reviews";
import { day, time } from "@/components/format";
import { Card, Empty, Failed, PageHead, Waiting } from "@/components/ui";
import { today } from "../people/dates";
import { ReviewOf } from "./review";
import { readReviewsSearch } from "./search";
import { lastWeek, nextWritten, readsReviews, type Scope, scopesOf, type Week, weekSpan, weeksOf } from "./weeks";
import { WriteReview } from "./write";

/** The reviews of weeks: which there are, and one of them. */
export function ReviewsPage() {
  const me = useQuery(meQuery);
  if (me.isError) return <Failed error={me.error} retry={() => void me.refetch()} />;
  if (!me.data) return <Waiting rows={6} />;
  return readsReviews(me.data.role) ? <Reviews me={me.data} /> : <NotForYou />;
}

function NotForYou() {
  return (
    <>
      <PageHead title="Weekly reviews" />
      <Card>
        <Empty
          title="Not for you"
          action={
            <Link to="/" className="font-medium text-pitch underline">
              To what is yours this week
            </Link>
          }
        >
          A review shows several reps beside each other, and moments of their calls: managers and admins read it.
        </Empty>
      </Card>
    </>
  );
}

function Reviews({ me }: { me: Me }) {
  const search = useSearch({ from: "/frame/reviews", select: readReviewsSearch, structuralSharing: true });
  const teams = useQuery(teamsQuery);
  const heads = useQuery(reviewsQuery);
  const failed = [teams, heads].find((query) => query.isError);
  if (failed || !teams.data || !heads.data)
    return (
      <>
        <PageHead title="Weekly reviews" />
        {failed ? (
          <Failed error={failed.error} retry={() => void Promise.all([teams.refetch(), heads.refetch()])} />
        ) : (
          <Card>
            <Waiting rows={8} label="Loading the reviews" />
          </Card>
        )}
      </>
    );
  const scopes = scopesOf(me.role, teams.data, heads.data);
  const scope = scopes.find(({ id }) => id === search.team) ?? scopes[0];
  if (!scope)
    return (
      <>
        <PageHead title="Weekly reviews" />
        <Card>
          <Empty title="You are in no team yet">
            Reviews are written of each team. As soon as an admin has put you into one, its reviews stand here.
          </Empty>
        </Card>
      </>
    );
  const weeks = weeksOf(heads.data, scope.id, today());
  const newest = weeks.find(({ head }) => head);
  const chooser = <ScopeSwitch scope={scope} scopes={scopes} />;
  if (!newest && !search.week)
    return (
      <>
        <PageHead title="Weekly reviews">{chooser}</PageHead>
        <NoneYet scope={scope} />
      </>
    );
  const week = search.week ?? newest?.week ?? lastWeek(today());
  const head = weeks.find((each) => each.week === week)?.head;
  const title = `Week of ${weekSpan(week, today())}`;
  return (
    <div className="lg:grid lg:grid-cols-[9rem_minmax(0,1fr)] lg:gap-8">
      <Weeks weeks={weeks} at={week} />
      <div className="min-w-0">
        {head ? (
          <ReviewOf key={head.id} id={head.id} title={title} scope={scope} week={week} chooser={chooser} />
        ) : (
          <>
            <PageHead title={title} note={scope.name}>
              {chooser}
            </PageHead>
            <NotWritten week={week} scope={scope} />
          </>
        )}
      </div>
    </div>
  );
}

/** When the next ones are written, as far as that is known here. */
function Next() {
  const next = nextWritten(new Date()).toISOString();
  return (
    <>
      The next ones are written on {day(next)} at {time(next)}, unless <code>review_schedule</code> is set otherwise: it
      is Monday at 6:00 in Los Angeles as the program comes.
    </>
  );
}

function NoneYet({ scope }: { scope: Scope }) {
  const navigate = useNavigate({ from: "/reviews" });
  const week = lastWeek(today());
  return (
    <Card>
      <Empty
        title="No review yet"
        action={
          <WriteReview
            week={week}
            scope={scope}
            written={() => void navigate({ search: (before) => ({ ...before, week }) })}
          >
            Write last week’s now
          </WriteReview>
        }
      >
        Each week is looked back at: how many calls there were, what changed, what became of deals, and three moments a
        rep. <Next />
      </Empty>
    </Card>
  );
}

function NotWritten({ week, scope }: { week: string; scope: Scope }) {
  if (week > lastWeek(today()))
    return (
      <Card>
        <Empty title="This week is not over yet">
          <Next />
        </Empty>
      </Card>
    );
  return (
    <Card>
      <Empty
        title="No review of this week"
        action={
          <WriteReview week={week} scope={scope}>
            Write it now
          </WriteReview>
        }
      >
        It can be written still. Deals are told in it as they stand now, not as they stood then.
      </Empty>
    </Card>
  );
}

/** Of whom, where there is more than one to choose. */
function ScopeSwitch({ scope, scopes }: { scope: Scope; scopes: readonly Scope[] }) {
  const navigate = useNavigate({ from: "/reviews" });
  if (scopes.length < 2) return null;
  return (
    <label>
      <span className="sr-only">Of whom</span>
      <select
        value={scope.id ?? ""}
        onChange={({ target }) =>
          void navigate({ search: (before) => ({ ...before, team: target.value || undefined }), replace: true })
        }
        className="h-8 max-w-48 rounded-md border border-line-strong bg-surface px-2"
      >
        {scopes.map(({ id, name }) => (
          <option key={id ?? ""} value={id ?? ""}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Weeks({ weeks, at }: { weeks: readonly Week[]; at: string }) {
  const list = useRef<HTMLUListElement>(null);
  // On a phone they stand in one line, of which a part is seen.
  useEffect(() => {
    const all = list.current;
    const on = all?.querySelector<HTMLElement>(`[data-week="${at}"]`);
    if (on && all) all.scrollLeft = on.offsetLeft - (all.clientWidth - on.offsetWidth) / 2;
  }, [at]);
  return (
    <nav aria-label="Weeks" className="no-print mb-5 min-w-0 lg:mb-0">
      <p className="mb-2 px-2.5 text-xs text-soft max-lg:sr-only">Weekly reviews</p>
      <ul
        ref={list}
        className="relative -mx-4 flex gap-0.5 overflow-x-auto border-b border-line px-4 pb-2 lg:sticky lg:top-7 lg:mx-0 lg:grid lg:max-h-[calc(100dvh-6rem)] lg:overflow-y-auto lg:border-0 lg:p-0"
      >
        {weeks.map(({ week, head }) => (
          <li key={week} className="shrink-0">
            <Link
              to="/reviews"
              search={(before) => ({ ...before, week })}
              data-week={week}
              aria-current={week === at ? "page" : undefined}
              // The newest is shown also where the address names none.
              className={clsx(
                "block rounded-md px-2.5 py-1.5 whitespace-nowrap hover:bg-sunken hover:text-ink",
                week === at ? "bg-sunken font-semibold text-ink" : "text-soft",
              )}
            >
              {weekSpan(week, today())}
              {!head && <span className="block text-xs font-normal text-soft">not written</span>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
