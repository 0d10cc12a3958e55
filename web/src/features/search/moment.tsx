// Moments that were found, as several pages show them.

import { Link } from "@tanstack/react-router";
import clsx from "clsx";
import type { FoundCall, FoundIn, FoundLine, FoundMoment } from "@/api/search";
import { day } from "@/components/format";
import { Card, Score } from "@/components/ui";
import { pieces, placeWords, whyHere } from "./words";

const SIDE: Record<string, string> = { internal: "text-ours", external: "text-theirs" };

/** Rep, customer and day of a call. */
export function factsOf({ rep, customer, happened_at, title }: FoundCall): string {
  // Titles often begin with the customer.
  return [!customer || title.includes(customer) ? undefined : customer, rep?.name, day(happened_at)]
    .filter(Boolean)
    .join(" · ");
}

/** A call with the moments that were found in it, each of which opens it there. */
export function FoundCard({ found: { call, moments }, explain = false }: { found: FoundIn; explain?: boolean }) {
  return (
    <li>
      <Card className="overflow-hidden">
        <header className="flex items-center justify-between gap-3 border-b border-line px-4 py-2">
          <div className="min-w-0">
            <h3 className="truncate font-semibold">
              <Link to="/calls/$id" params={{ id: call.id }} className="hover:text-pitch hover:underline">
                {call.title}
              </Link>
            </h3>
            <p className="truncate text-xs text-soft">{factsOf(call)}</p>
          </div>
          <Score value={call.overall_score} />
        </header>
        <ul>
          {moments.map((moment) => (
            <li key={`${moment.segment_id} ${moment.lines[0]?.text}`} className="border-b border-line last:border-0">
              <MomentLink call={call} moment={moment} explain={explain} />
            </li>
          ))}
        </ul>
      </Card>
    </li>
  );
}

/** The words of a moment, which lead to where they were said. */
export function MomentLink({
  call,
  moment,
  explain = false,
}: {
  call: Pick<FoundCall, "id" | "title">;
  moment: FoundMoment;
  /** Whether it says where it stands in the rankings. */
  explain?: boolean;
}) {
  const { lines, segment_id, start_ms, ranks } = moment;
  const marked = lines.some(({ highlights }) => highlights.length > 0);
  // The line that the call is opened at has the time.
  const opened = lines.some((line) => line.segment_id === segment_id) ? segment_id : lines[0]?.segment_id;
  return (
    <Link
      to="/calls/$id"
      params={{ id: call.id }}
      search={{ at: segment_id }}
      className="group grid grid-cols-[2.75rem_minmax(0,1fr)] gap-x-3 gap-y-1 px-4 py-2.5 hover:bg-sunken"
    >
      <span className="sr-only">
        Open {call.title} at {placeWords(start_ms, segment_id)}:
      </span>
      {lines.map((line, n) => (
        <Line
          key={line.segment_id}
          line={line}
          named={n === 0 || lines[n - 1]?.speaker !== line.speaker}
          // Those in which nothing was looked for only stand around the others.
          tells={marked ? line.highlights.length > 0 : line.segment_id === segment_id}
          place={line.segment_id === opened ? placeWords(start_ms, segment_id) : undefined}
        />
      ))}
      {explain && ranks && <span className="col-start-2 text-xs text-soft">{whyHere(ranks)}</span>}
    </Link>
  );
}

function Line({
  line: { speaker, side, text, highlights },
  named,
  tells,
  place,
}: {
  line: FoundLine;
  named: boolean;
  tells: boolean;
  place: string | undefined;
}) {
  return (
    <>
      <span
        aria-hidden
        className={clsx("figures text-right text-xs leading-5 text-soft group-hover:text-pitch", named && "pt-[17px]")}
      >
        {place}
      </span>
      <span className={clsx("block max-w-[46rem] break-words", !tells && "text-soft")}>
        {named && (
          <span className={clsx("block text-xs font-semibold", SIDE[side ?? ""] ?? "text-soft")}>
            {speaker ?? "Somebody"}
          </span>
        )}
        {pieces(text, highlights).map((piece, at) =>
          piece.marked ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text that does not change
            <mark key={at}>{piece.text}</mark>
          ) : (
            piece.text
          ),
        )}
      </span>
    </>
  );
}
