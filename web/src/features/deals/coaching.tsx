import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Mail, Phone } from "lucide-react";
import type { ReactNode } from "react";
import {
  type DealCoaching,
  type DealMoment,
  type DealPoint,
  type DealTopic,
  dealCoachingQuery,
  writeDealCoaching,
} from "@/api/deals";
import { Sparkline } from "@/components/chart";
import { change, clock, day, many, score } from "@/components/format";
import { closeScale } from "@/components/series";
import { Card, Empty, Failed, Score, Tag, Waiting } from "@/components/ui";
import { Wording } from "../people/worded";
import { KNOWN_FROM, OUTCOME } from "./words";

/** What the calls of a deal have in common, each of it with the words that show it. */
export function Coaching({ deal }: { deal: string }) {
  const coaching = useQuery(dealCoachingQuery(deal));
  if (coaching.isError) return <Failed error={coaching.error} retry={() => void coaching.refetch()} />;
  if (!coaching.data)
    return (
      <Card>
        <Waiting rows={8} label="Loading the coaching" />
      </Card>
    );
  const { calls, met, missing, points, written } = coaching.data;
  if (calls === 0 && met.length + missing.length === 0)
    return (
      <Card>
        <Empty title="Nothing to coach yet">
          None of its calls that you see has been judged. What they have in common stands here then.
        </Empty>
      </Card>
    );
  return (
    <>
      <Wording
        points={points}
        written={written}
        write={() => writeDealCoaching(deal)}
        shown={dealCoachingQuery(deal).queryKey}
      />
      <div className="grid grid-cols-1 items-start gap-5 2xl:grid-cols-2">
        <NextSteps of={coaching.data} deal={deal} />
        <Objections of={coaching.data} />
        <Themes of={coaching.data} />
        <People of={coaching.data} />
        <Trend of={coaching.data} />
      </div>
    </>
  );
}

/** What is told of a topic. */
const pointsOf = ({ points }: DealCoaching, topic: DealTopic) => points.filter((point) => point.topic === topic);

/** What is so and what to do, above the details. */
function Told({ points }: { points: readonly DealPoint[] }) {
  return points.map(({ name, about, recommendation }) => (
    <div key={name} className={`${ROW} grid gap-1`}>
      <p className="break-words">{about}</p>
      <p className="break-words text-soft">{recommendation}</p>
    </div>
  ));
}

/** The first of some moments, and the others where somebody wants them. */
function Moments({ of, show }: { of: readonly DealMoment[]; show: string }) {
  const [first, ...others] = of;
  return (
    <>
      {first && <Said moment={first} />}
      {others.length > 0 && (
        <details className="mt-2">
          <summary className="cursor-pointer text-xs text-soft hover:text-ink">
            {many(others.length, "more moment")}
            <span className="sr-only"> that show {show}</span>
          </summary>
          <div className="mt-2 grid gap-3">
            {others.map((moment) => (
              <Said key={`${moment.call_id} ${moment.segment_id}`} moment={moment} />
            ))}
          </div>
        </details>
      )}
    </>
  );
}

/** Words of a call, and the way to them. */
function Said({ moment }: { moment: DealMoment }) {
  const { call_id, call_title, segment_id, start_ms, speaker, quote, at } = moment;
  return (
    <div className="min-w-0">
      <blockquote className="touchline ml-3">
        <mark className="box-decoration-clone break-words">{quote}</mark>
      </blockquote>
      <p className="mt-1 ml-3 text-xs text-soft">
        {speaker && `${speaker} · `}
        {day(at)} ·{" "}
        <Link
          to="/calls/$id"
          params={{ id: call_id }}
          search={{ at: segment_id }}
          className="font-medium text-pitch hover:underline"
        >
          {call_title}
          {typeof start_ms === "number" && ` at ${clock(start_ms)}`}
        </Link>
      </p>
    </div>
  );
}

function Section({ title, none, children }: { title: string; none: string | undefined; children: ReactNode }) {
  return (
    <Card title={title} className="min-w-0">
      {none ? <p className="px-4 py-3 text-soft">{none}</p> : children}
    </Card>
  );
}

const ROW = "border-b border-line px-4 py-3 last:border-0";

function NextSteps({ of, deal }: { of: DealCoaching; deal: string }) {
  const { next_steps } = of;
  return (
    <Section
      title="Next steps"
      none={next_steps.length === 0 ? "No next step with a date was agreed in its judged calls." : undefined}
    >
      <Told points={pointsOf(of, "next_steps")} />
      <ol>
        {next_steps.map(({ moment, outcome, followed_by }) => (
          <li key={`${moment.call_id} ${moment.segment_id}`} className={ROW}>
            <p className="mb-1.5 flex flex-wrap items-center gap-x-2 text-xs">
              <Tag tone={OUTCOME[outcome].tone}>{OUTCOME[outcome].name}</Tag>
              {!followed_by && <span className="text-soft">{OUTCOME[outcome].means}</span>}
              {followed_by?.kind === "email" && (
                <Link
                  to="/deals/$id"
                  params={{ id: deal }}
                  search={{ entry: followed_by.email_id }}
                  className="inline-flex items-center gap-1 font-medium text-pitch hover:underline"
                >
                  <Mail aria-hidden className="size-3" />
                  An e-mail
                </Link>
              )}
              {followed_by?.kind === "call" && (
                <Link
                  to="/calls/$id"
                  params={{ id: followed_by.call_id }}
                  className="inline-flex items-center gap-1 font-medium text-pitch hover:underline"
                >
                  <Phone aria-hidden className="size-3" />A call
                </Link>
              )}
            </p>
            <Said moment={moment} />
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Objections({ of }: { of: DealCoaching }) {
  const { open_objections } = of;
  const points = pointsOf(of, "objections");
  const none = open_objections.length === 0 && points.length === 0;
  return (
    <Section title="Open objections" none={none ? "No objection of its judged calls was left open." : undefined}>
      <Told points={points} />
      <ol>
        {open_objections.map((moment) => (
          <li key={`${moment.call_id} ${moment.segment_id}`} className={ROW}>
            <Said moment={moment} />
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Themes({ of }: { of: DealCoaching }) {
  const { themes, written } = of;
  const points = pointsOf(of, "theme");
  // What the program says of it stands in its row already.
  const worded = written && !written.stale;
  return (
    <Section
      title="Missed more than once"
      none={themes.length === 0 ? "No check was missed in several calls." : undefined}
    >
      <ol>
        {themes.map(({ check, dimension, name, advice, met, unmet, moments }) => {
          const point = points.find((point) => point.check === check && point.dimension === dimension);
          return (
            <li key={`${dimension} ${check}`} className={ROW}>
              <div className="flex items-baseline justify-between gap-3">
                <h3 className="font-semibold">{name}</h3>
                <span className="figures text-xs whitespace-nowrap text-soft">
                  missed in {unmet} of {many(met + unmet, "call")}
                </span>
              </div>
              {worded && point && <p className="mb-1 break-words">{point.about}</p>}
              <p className="break-words not-last:mb-2">{point?.recommendation ?? advice}</p>
              <Moments of={point?.moments ?? moments} show={name} />
            </li>
          );
        })}
      </ol>
    </Section>
  );
}

function People({ of }: { of: DealCoaching }) {
  const { met, missing } = of;
  const parts = [
    ["Took part", met],
    ["Never in a call", missing],
  ] as const;
  return (
    <Section
      title="The customer’s people"
      none={met.length + missing.length === 0 ? "Nobody is known yet." : undefined}
    >
      <Told points={pointsOf(of, "people")} />
      {parts.map(
        ([title, list]) =>
          list.length > 0 && (
            <section key={title} className={ROW}>
              <h3 className="mb-1.5 text-xs font-semibold text-soft">{title}</h3>
              <ul className="grid gap-1.5">
                {list.map((person) => (
                  <li key={person.email ?? person.name} className="flex items-baseline justify-between gap-3">
                    <span className="min-w-0 break-words">
                      {person.name}
                      {person.title && <span className="text-soft">, {person.title}</span>}
                      {person.has_power && (
                        <>
                          {" "}
                          <Tag tone="good">decides</Tag>
                        </>
                      )}
                    </span>
                    <span className="figures shrink-0 text-xs text-soft">
                      {person.calls > 0 ? many(person.calls, "call") : KNOWN_FROM[person.known_from]}
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          ),
      )}
    </Section>
  );
}

function Trend({ of }: { of: DealCoaching }) {
  const { trend, calls } = of;
  const moved = pointsOf(of, "trend");
  return (
    <Section title="How its calls went" none={trend.length === 0 ? "No call of it has scores yet." : undefined}>
      <ul>
        {trend.map(({ dimension, title, points, change: by }) => {
          // A point a call: the small line knows weeks, and its days serve as well.
          const spots = points.map(({ at, score: mean }) => ({ week: at.slice(0, 10), n: 1, mean }));
          const [first, last] = [points[0], points.at(-1)];
          const told =
            first && last && points.length > 1
              ? `${title}: from ${score(first.score)} to ${score(last.score)} in ${many(points.length, "call")}`
              : title;
          const point = moved.find((point) => point.dimension === dimension);
          return (
            <li key={dimension} className={`${ROW} grid grid-cols-[minmax(0,1fr)_6rem_2.75rem] items-center gap-3`}>
              <span className="min-w-0">
                <span className="block font-medium">{title}</span>
                <span className="figures block text-xs text-soft">
                  {many(points.length, "call")}
                  {typeof by === "number" && ` · ${change(by)} from the first half to the second`}
                </span>
              </span>
              {points.length > 1 ? <Sparkline points={spots} label={told} scale={closeScale(spots)} /> : <span />}
              <span className="text-right">
                <Score value={last?.score} />
              </span>
              {point && (
                <div className="col-span-3 min-w-0">
                  <p className="mb-1 break-words">{point.about}</p>
                  <p className="mb-2 break-words text-soft">{point.recommendation}</p>
                  <Moments of={point.moments} show={title} />
                </div>
              )}
            </li>
          );
        })}
      </ul>
      {calls > 0 && calls < 4 && trend.length > 0 && (
        <p className="border-t border-line px-4 py-2 text-xs text-soft">From four calls on a change is told.</p>
      )}
    </Section>
  );
}
