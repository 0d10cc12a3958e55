import { Link } from "@tanstack/react-router";
import clsx from "clsx";
import { ArrowRight, ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import type { Moment } from "@/api/queries";
import { clock, day } from "@/components/format";
import { Card, Score } from "@/components/ui";
import { isDay, today } from "@/features/people/dates";
import { around } from "./search";

/** The week back and the week forward. */
export function WeekSwitch({ week }: { week: string }) {
  const { forward } = around(week, today());
  // From the address as it is at the click: a second click may come before the page is drawn anew.
  const turn = (way: "back" | "forward") => (before: { week?: string | undefined }) => {
    const from = isDay(before.week) ? before.week : week;
    return { ...before, week: around(from, today())[way] ?? from };
  };
  const piece = "grid size-8 place-items-center rounded-md border border-line bg-surface";
  return (
    <div className="flex items-center gap-1">
      <Link
        to="."
        search={turn("back")}
        replace
        aria-label="The week before"
        title="The week before"
        className={`${piece} hover:border-line-strong`}
      >
        <ChevronLeft aria-hidden className="size-4" />
      </Link>
      {forward ? (
        <Link
          to="."
          search={turn("forward")}
          replace
          aria-label="The week after"
          title="The week after"
          className={`${piece} hover:border-line-strong`}
        >
          <ChevronRight aria-hidden className="size-4" />
        </Link>
      ) : (
        <span aria-hidden className={`${piece} opacity-40`}>
          <ChevronRight className="size-4" />
        </span>
      )}
    </div>
  );
}

/** So many cards beside each other as there are, up to three. */
export function beside(count: number): string {
  return clsx("grid gap-5", count === 2 && "lg:grid-cols-2", count > 2 && "lg:grid-cols-3");
}

export function MomentCard({ moment, own }: { moment: Moment; own: boolean }) {
  return (
    <Said
      head={
        <>
          {own ? (
            <span className="truncate">{moment.call_title}</span>
          ) : (
            <Link
              to="/people/$id"
              params={{ id: moment.rep.id }}
              className="truncate font-semibold text-ink hover:underline"
            >
              {moment.rep.name}
            </Link>
          )}
          {moment.started_at && <span className="shrink-0 whitespace-nowrap">· {day(moment.started_at)}</span>}
        </>
      }
      aside={
        <span className="flex shrink-0 items-center gap-1.5">
          Call <Score value={moment.overall_score} note="The call has no overall score" />
        </span>
      }
      name={moment.name}
      why={moment.why}
      said={moment}
      check={moment.kind === "check" ? moment.id : undefined}
    >
      {moment.advice && <p>{moment.advice}</p>}
    </Said>
  );
}

type SaidProps = {
  head: ReactNode;
  aside?: ReactNode;
  name: string;
  why: string;
  said: Pick<Moment, "call_id" | "call_title" | "segment_id" | "start_ms" | "speaker" | "quote" | "offset" | "length">;
  /** None where it is a flag. */
  check: string | undefined;
  children?: ReactNode;
};

/** Words of a call with what they show, and the way to them. */
export function Said(props: SaidProps) {
  return (
    <Card className="flex min-w-0 flex-col p-4">
      <SaidWithin {...props} title={<h2 className="font-semibold">{props.name}</h2>} />
    </Card>
  );
}

/** The same as a part of a card, with a title that fits there. */
export function SaidWithin({
  head,
  aside,
  title,
  why,
  said,
  check,
  children,
}: Omit<SaidProps, "name"> & { title: ReactNode }) {
  return (
    <>
      <div className="mb-2 flex min-h-6 items-center justify-between gap-2 text-xs text-soft">
        <span className="flex min-w-0 gap-1">{head}</span>
        {aside}
      </div>
      {title}
      <p className="text-soft">{why}</p>
      <blockquote className="touchline my-3 ml-3 text-base leading-snug">
        <mark className="box-decoration-clone">{said.quote}</mark>
        <footer className="mt-1 text-xs text-soft">
          {said.speaker ?? "Somebody"}, {clock(said.start_ms)}
        </footer>
      </blockquote>
      {children}
      <Link
        to="/calls/$id"
        params={{ id: said.call_id }}
        search={{ at: said.segment_id, mark: `${said.offset}-${said.length}`, check }}
        className="mt-auto inline-flex items-center gap-1 self-start pt-3 font-medium text-pitch hover:underline"
      >
        Open at {clock(said.start_ms)}
        <ArrowRight aria-hidden className="size-4" />
        <span className="sr-only">of {said.call_title}</span>
      </Link>
    </>
  );
}
