import { Link } from "@tanstack/react-router";
import clsx from "clsx";
import { type ReactNode, useEffect, useRef } from "react";
import { Card, Tag } from "@/components/ui";
import { bound, type Check, type Dimension, KINDS, type Rubric, shareOf, sharePercent } from "./document";
import { placeOf } from "./link";
import { HowScored } from "./scored";

/** The levels that are told in words, and the scores at which they begin. */
const LEVELS = [
  { level: "1", range: "below 30" },
  { level: "3", range: "from 50" },
  { level: "5", range: "from 90" },
] as const;

/** A rubric from its first dimension to its last check, with its contents beside it where there is room. */
export function Reading({ rubric, place }: { rubric: Rubric; place: string }) {
  return (
    <div className="lg:grid lg:grid-cols-[minmax(0,56rem)_15rem] lg:items-start lg:gap-8">
      <div className="grid max-w-4xl grid-cols-1 gap-5">
        <HowScored rubric={rubric} />
        {rubric.dimensions.map((dimension) => (
          <DimensionPart
            key={dimension.id}
            dimension={dimension}
            share={shareOf(dimension, rubric.dimensions)}
            place={place}
          />
        ))}
      </div>
      <Contents rubric={rubric} place={place} />
    </div>
  );
}

function Contents({ rubric, place }: { rubric: Rubric; place: string }) {
  return (
    <nav
      aria-label="Contents"
      className="no-print sticky top-7 max-h-[calc(100dvh-3.5rem)] overflow-y-auto pb-2 text-xs max-lg:hidden"
    >
      <p className="mb-2 font-semibold">Contents</p>
      <ol className="grid gap-3">
        {rubric.dimensions.map((dimension) => (
          <li key={dimension.id}>
            <Entry id={dimension.id} name={dimension.name} place={place} strong />
            <ol>
              {dimension.checks.map(({ id, name }) => (
                <li key={id}>
                  <Entry id={id} name={name} place={place} />
                </li>
              ))}
            </ol>
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Entry({ id, name, place, strong = false }: { id: string; name: string; place: string; strong?: boolean }) {
  const here = place === placeOf(id);
  return (
    <Link
      to="."
      search={(before) => before}
      hash={placeOf(id)}
      aria-current={here ? "location" : undefined}
      className={clsx(
        "block border-l-2 py-1 pl-3 hover:text-pitch",
        here ? "border-pitch text-ink" : "border-line",
        strong || here ? "font-semibold" : "text-soft",
      )}
    >
      {name}
    </Link>
  );
}

/** Comes into view when the address means it, also when the page is read a moment later than the address. */
function usePlaced<T extends HTMLElement>(here: boolean) {
  const element = useRef<T>(null);
  useEffect(() => {
    if (here) element.current?.scrollIntoView({ block: "start" });
  }, [here]);
  return element;
}

function DimensionPart({ dimension, share, place }: { dimension: Dimension; share: number; place: string }) {
  const here = place === placeOf(dimension.id);
  const section = usePlaced<HTMLDivElement>(here);
  return (
    <div ref={section} id={placeOf(dimension.id)} className="scroll-mt-16 md:scroll-mt-7">
      <Card>
        <header className="border-b border-line px-4 pt-4 pb-4">
          <div className="flex flex-wrap items-baseline justify-between gap-x-4">
            <h2 className={clsx("text-lg font-semibold tracking-tight", here && "touchline")}>
              <Anchor id={dimension.id}>{dimension.name}</Anchor>
            </h2>
            <p className="figures text-soft">
              Weight {dimension.weight}, {sharePercent(share)} of the overall score
            </p>
          </div>
          <p className="mt-1 max-w-prose">{dimension.description}</p>
          <dl className="mt-3 grid gap-x-6 gap-y-2 text-xs sm:grid-cols-3">
            {LEVELS.map(({ level, range }) => (
              <div key={level} className="border-l-2 border-line pl-3">
                <dt className="font-semibold">
                  Level {level} <span className="font-normal text-soft">({range})</span>
                </dt>
                <dd className="text-soft">{dimension.levels[level]}</dd>
              </div>
            ))}
          </dl>
        </header>
        {dimension.checks.map((check) => (
          <CheckPart
            key={check.id}
            check={check}
            share={shareOf(check, dimension.checks)}
            here={place === placeOf(check.id)}
            of={dimension.name}
          />
        ))}
      </Card>
    </div>
  );
}

function CheckPart({ check, share, here, of }: { check: Check; share: number; here: boolean; of: string }) {
  const article = usePlaced<HTMLElement>(here);
  const kind = KINDS[check.kind];
  return (
    <article
      ref={article}
      id={placeOf(check.id)}
      className={clsx(
        "scroll-mt-16 border-b border-line px-4 py-4 last:border-0 md:scroll-mt-7",
        here && "bg-pitch-soft",
      )}
    >
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h3 className={clsx("text-base font-semibold", here && "touchline")}>
          <Anchor id={check.id}>{check.name}</Anchor>
        </h3>
        <p className="figures text-xs text-soft">
          <Tag {...(kind && { title: kind.met })}>{kind?.name ?? check.kind}</Tag> Weight {check.weight},{" "}
          {sharePercent(share)} of {of}
        </p>
      </div>
      <p className="mt-1 max-w-prose text-base">{check.sentence}</p>
      <dl className="mt-2 grid max-w-prose gap-x-4 gap-y-1 sm:grid-cols-[7.5rem_1fr]">
        {check.condition && <Line name="Bound">{bound(check.condition)}</Line>}
        {check.call_types && check.call_types.length > 0 && <Line name="Only in">{check.call_types.join(", ")}</Line>}
        {check.judge && <Line name="Offline rule">{check.judge}</Line>}
        <Line name="If it is not met">{check.advice}</Line>
        {check.keep && <Line name="If it is met">{check.keep}</Line>}
      </dl>
    </article>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-soft max-sm:mt-1">{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** A heading that is a link to itself. */
function Anchor({ id, children }: { id: string; children: string }) {
  return (
    <Link to="." search={(before) => before} hash={placeOf(id)} className="hover:text-pitch hover:underline">
      {children}
    </Link>
  );
}
