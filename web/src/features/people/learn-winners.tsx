import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import clsx from "clsx";
import { ArrowRight, X } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { agentsQuery, winnersQuery } from "@/api/analytics";
import type { Schemas } from "@/api/client";
import { meQuery } from "@/api/queries";
import { usualDimensionsQuery } from "@/api/rubrics";
import { Choose } from "@/components/choose";
import { FilterChoice } from "@/components/filter-choice";
import { clock, day, many } from "@/components/format";
import { Card, Failed, Tag, Waiting } from "@/components/ui";
import { daysBefore, today } from "./dates";
import { PartHead } from "./pieces";
import { type LearnSearch, MOST_WINNERS, readLearnSearch } from "./search";
import {
  differenceOf,
  type Feature,
  fromWhom,
  type Insights,
  meanOf,
  parted,
  placesOf,
  told,
  whyNotEnough,
} from "./winners";

/** What a rep can learn from won deals; `own`: whether it is oneself. */
export function LearnFromWinners({ rep, own }: { rep: string; own: boolean }) {
  const { data: me } = useQuery(meQuery);
  const dimensions = useQuery(usualDimensionsQuery).data;
  const search = useSearch({ strict: false, select: readLearnSearch, structuralSharing: true });
  const navigate = useNavigate();
  const set = (change: LearnSearch) =>
    void navigate({
      to: ".",
      search: (before: object) => ({ ...before, ...change }),
      replace: true,
      resetScroll: false,
    });
  // A dimension of another rubric is none here; reps learn from top performers.
  const chosen = dimensions?.find(({ id }) => id === search.focus);
  const focus = dimensions ? chosen?.id : search.focus;
  const chooses = me !== undefined && me.role !== "rep";
  const winners = chooses ? (search.winners?.split(",") ?? []).filter((id) => id !== rep) : [];
  const named = winners.length > 0;
  const read = useQuery({
    ...winnersQuery(rep, focus, winners),
    placeholderData: (before) => (before?.rep.id === rep ? before : undefined),
  });
  const { data } = read;
  // Where nothing was won and nothing can be shown, there is nothing to learn from.
  if (data && data.moments.length === 0 && data.won_deals + data.lost_deals === 0 && !focus && !named) return null;
  const among = data && [data.product, data.segment].filter(Boolean).join(", ");
  const whose = data && fromWhom(data, named);
  return (
    <>
      <PartHead
        title="Learn from winners"
        note={
          data &&
          `${many(data.won_deals, "won deal")} beside ${data.lost_deals} lost, of the last year${among ? `, ${among}` : ""}. What goes together with winning need not be its cause.`
        }
      >
        {!read.isPending && (
          <>
            <FilterChoice label="Focus" none="Focus: all" value={focus} set={(focus) => set({ focus })}>
              {dimensions?.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </FilterChoice>
            {chooses && <Winners rep={rep} winners={winners} of={data} set={set} />}
          </>
        )}
      </PartHead>
      {whose && <p className="-mt-2 mb-4 text-soft">{whose}</p>}
      {read.isPending && (
        <Card>
          <Waiting rows={6} label="Loading what won deals have" />
        </Card>
      )}
      {read.isError && <Failed error={read.error} retry={() => void read.refetch()} />}
      {data && (
        <div
          aria-busy={read.isPlaceholderData}
          className={clsx("grid grid-cols-1 gap-5", read.isPlaceholderData && "opacity-60")}
        >
          <Differences of={data} own={own} named={named} focus={chosen?.name} />
          {data.moments.length > 0 ? (
            <Pairs of={data} own={own} />
          ) : (
            <Card>
              <p className="px-4 py-3 text-soft">
                There are no words of won deals to show{chosen && ` for “${chosen.name}”`}.
              </p>
            </Card>
          )}
        </div>
      )}
    </>
  );
}

/** From whom somebody is to learn: top performers, or those who are named here. */
function Winners({
  rep,
  winners,
  of,
  set,
}: {
  rep: string;
  winners: readonly string[];
  of: Insights | undefined;
  set: (change: LearnSearch) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const now = today();
  const agents = useQuery(agentsQuery({ since: daysBefore(now, 364), until: now }));
  const reps = (agents.data ?? []).map(({ rep }) => rep).filter(({ id }) => id !== rep);
  const nameOf = (id: string) =>
    [...(of?.top_performers ?? []), ...reps].find((known) => known.id === id)?.name ?? "Somebody else";
  const choose = (ids: readonly string[]) => set({ winners: ids.join(",") || undefined });
  const others = reps
    .filter(({ id }) => !winners.includes(id))
    .map(({ id, name }) => ({ value: id, name, disabled: winners.length >= MOST_WINNERS }));
  return (
    <div ref={box} className="flex min-w-0 flex-wrap items-center gap-2">
      {winners.length > 0 && (
        <ul aria-label="Whom to learn from" className="flex flex-wrap items-center gap-2">
          <li aria-hidden className="text-soft">
            From
          </li>
          {winners.map((id) => (
            <li key={id} className="flex h-8 items-center rounded-md border border-pitch pl-2.5 font-medium">
              {nameOf(id)}
              <button
                type="button"
                aria-label={`Do not learn from ${nameOf(id)}`}
                onClick={() => {
                  choose(winners.filter((other) => other !== id));
                  // The button goes; keys go on beside it.
                  box.current?.querySelector<HTMLElement>("[role=combobox]")?.focus();
                }}
                className="ml-1 grid size-7 place-items-center rounded-md text-soft hover:bg-sunken hover:text-ink"
              >
                <X aria-hidden className="size-3.5" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <Choose
        label="Learn from"
        placeholder={winners.length > 0 ? "And from…" : "From top performers"}
        size="sm"
        className="w-48"
        choices={winners.length > 0 ? [{ value: "", name: "Top performers" }, ...others] : others}
        value={undefined}
        set={(id) => choose(id ? [...winners, id] : [])}
        waiting={agents.isPending}
        failed={agents.error?.message}
      />
    </div>
  );
}

/** Rows that are shown before the others are asked for, beside those that were found. */
const SHOWN = 5;

function Differences({
  of,
  own,
  named,
  focus,
}: {
  of: Insights;
  own: boolean;
  named: boolean;
  /** The name of the dimension whose checks these are. */
  focus: string | undefined;
}) {
  const { features } = of;
  if (of.is_enough && features.length === 0 && focus)
    return (
      <Card title="Won deals beside lost ones">
        <p className="px-4 py-3 text-soft">“{focus}” has no check that could be compared.</p>
      </Card>
    );
  if (!of.is_enough || features.length === 0)
    return (
      <Card title="What won deals have more of">
        <p className="max-w-prose px-4 py-3 text-soft">
          <span className="font-medium text-ink">Not enough deals to tell.</span> {whyNotEnough(of)}
        </p>
      </Card>
    );
  const found = features.filter(({ team }) => team?.is_found).length;
  const first = features.slice(0, Math.max(found, SHOWN));
  const rest = features.slice(first.length);
  return (
    <Card
      title="Won deals beside lost ones"
      aside={<span className="text-xs text-soft">{found > 0 ? `${found} found` : "nothing found"}</span>}
    >
      {found === 0 && (
        <p className="border-b border-line px-4 py-3 text-soft">
          Nothing differs more than chance would make it. The largest differences stand here.
        </p>
      )}
      <Rows features={first} all={features} own={own} named={named} />
      {rest.length > 0 && (
        <details className="border-t border-line">
          <summary className="cursor-pointer px-4 py-2.5 text-soft hover:text-ink">
            {many(rest.length, "other check or metric", "other checks and metrics")}
          </summary>
          <Rows features={rest} all={features} own={own} named={named} />
        </details>
      )}
      <p className="border-t border-line px-4 py-2 text-xs text-soft">
        A dot is the difference, its line the 95 % interval; the upright line is no difference. “Found” allows for how
        many were compared.
      </p>
    </Card>
  );
}

function Rows({
  features,
  all,
  own,
  named,
}: {
  features: readonly Feature[];
  all: readonly Feature[];
  own: boolean;
  named: boolean;
}) {
  return (
    <ul>
      {features.map((feature) => (
        <li
          key={`${feature.kind} ${feature.id}`}
          className="grid items-center gap-x-5 gap-y-1 border-b border-line px-4 py-2.5 last:border-0 md:grid-cols-[minmax(0,1fr)_minmax(8rem,14rem)_minmax(0,15rem)]"
        >
          <div className="min-w-0">
            <p className="font-medium">
              {feature.label} {feature.team?.is_found && <Tag tone="good">Found</Tag>}
            </p>
            <p className="figures text-xs text-soft">
              {feature.team
                ? `won ${meanOf(feature, feature.team.won)} (${feature.won_n}), lost ${meanOf(feature, feature.team.lost)} (${feature.lost_n}): ${differenceOf(feature, feature.team.difference)}`
                : (feature.why ?? "not enough deals")}
            </p>
          </div>
          <Interval feature={feature} all={all} />
          <Beside feature={feature} own={own} named={named} />
        </li>
      ))}
    </ul>
  );
}

/** The rep beside those to learn from. */
function Beside({ feature, own, named }: { feature: Feature; own: boolean; named: boolean }) {
  const { own: mine, own_n, top, top_n } = feature.beside;
  const known = typeof mine === "number" && typeof top === "number";
  const whom = named ? "those chosen" : "top performers";
  return (
    <p className="figures text-xs text-soft">
      {known
        ? `${own ? "you" : "the rep"} ${meanOf(feature, mine)} (${own_n}), ${whom} ${meanOf(feature, top)} (${top_n})`
        : `${own ? "yours" : "the rep’s"}: ${own_n}, of ${whom}: ${top_n}; it takes five each`}
    </p>
  );
}

/** The difference with its interval on a line whose middle is none. */
function Interval({ feature, all }: { feature: Feature; all: readonly Feature[] }) {
  const places = placesOf(feature, all);
  if (!places) return <span />;
  const [wide, tall] = [200, 20];
  const x = (at: number) => 6 + at * (wide - 12);
  const label = told(feature);
  return (
    <svg viewBox={`0 0 ${wide} ${tall}`} role="img" aria-label={label} className="w-full">
      <title>{label}</title>
      <line x1={x(0)} x2={x(1)} y1={tall / 2} y2={tall / 2} stroke="var(--line)" />
      <line x1={x(0.5)} x2={x(0.5)} y1="1" y2={tall - 1} stroke="var(--line-strong)" />
      <line
        x1={x(places.low)}
        x2={x(places.high)}
        y1={tall / 2}
        y2={tall / 2}
        stroke={feature.team?.is_found ? "var(--pitch)" : "var(--ink-soft)"}
        strokeWidth="2.5"
        strokeLinecap="round"
      />
      <circle
        cx={x(places.mid)}
        cy={tall / 2}
        r="4.5"
        fill={feature.team?.is_found ? "var(--pitch)" : "var(--surface)"}
        stroke={feature.team?.is_found ? "var(--pitch)" : "var(--ink-soft)"}
        strokeWidth="2"
      />
    </svg>
  );
}

/** Moments of top performers beside the rep's own. */
function Pairs({ of, own }: { of: Insights; own: boolean }) {
  return (
    <ol
      className={clsx(
        "grid gap-5",
        of.moments.length === 2 && "lg:grid-cols-2",
        of.moments.length > 2 && "lg:grid-cols-3",
      )}
    >
      {of.moments.map(({ check, name, advice, winner, own: mine }) => (
        <li key={check} className="grid min-w-0">
          <Card className="flex flex-col p-4">
            <h3 className="mb-1 font-semibold">{name}</h3>
            {advice && <p className="mb-3 text-soft">{advice}</p>}
            <Moment title={`${winner.rep.name}, in a won deal`} moment={winner} check={check} />
            {mine ? (
              <Moment
                title={own ? "You, where it was not" : `${mine.rep.name}, where it was not`}
                moment={mine}
                check={check}
              />
            ) : (
              <p className="mt-3 text-xs text-soft">
                {own ? "No words of yours show" : "No words of the rep show"} that it was missed.
              </p>
            )}
          </Card>
        </li>
      ))}
    </ol>
  );
}

function Moment({ title, moment, check }: { title: ReactNode; moment: Schemas["WinnerMoment"]; check: string }) {
  const { quote, speaker, at, call_id, call_title, segment_id, start_ms, may_open, around } = moment;
  const place = typeof start_ms === "number" ? ` at ${clock(start_ms)}` : "";
  return (
    <section className="mt-3 first-of-type:mt-0">
      <h4 className="text-xs font-semibold text-soft">{title}</h4>
      <blockquote className="touchline my-1.5 ml-3">
        <mark className="box-decoration-clone break-words">{quote}</mark>
      </blockquote>
      <p className="flex flex-wrap gap-x-3 text-xs text-soft">
        <span>
          {speaker && `${speaker} · `}
          {day(at)}
        </span>
        {may_open ? (
          <Link
            to="/calls/$id"
            params={{ id: call_id }}
            search={{ at: segment_id, check }}
            className="inline-flex items-center gap-1 font-medium text-pitch hover:underline"
          >
            {call_title}
            {place}
            <ArrowRight aria-hidden className="size-3" />
          </Link>
        ) : (
          `a call that you may not open${place && `,${place}`}`
        )}
      </p>
      {around.length > 1 && (
        <details className="mt-2 text-xs">
          <summary className="w-fit cursor-pointer rounded font-medium text-pitch hover:underline">
            What was said around it
          </summary>
          <ol className="mt-2 grid gap-2">
            {around.map((line) => (
              <li
                key={line.id}
                aria-current={line.id === segment_id ? "true" : undefined}
                className={clsx("border-l-2 pl-2", line.id === segment_id ? "border-pitch" : "border-line")}
              >
                <span className="text-soft">
                  {typeof line.start_ms === "number" && <span className="tabular-nums">{clock(line.start_ms)} </span>}
                  {line.speaker?.name}
                </span>
                <br />
                <Line text={line.text} quote={line.id === segment_id ? quote : ""} />
              </li>
            ))}
          </ol>
        </details>
      )}
    </section>
  );
}

/** What was said, with the words in chalk that are quoted from it. */
function Line({ text, quote }: { text: string; quote: string }) {
  const parts = parted(text, quote);
  if (!parts) return text;
  const [before, words, after] = parts;
  return (
    <>
      {before}
      <mark>{words}</mark>
      {after}
    </>
  );
}
