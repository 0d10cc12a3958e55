import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { type CallsFilter, callsQuery, meQuery } from "@/api/queries";
import { day, length, number } from "@/components/format";
import { Card, Empty, Failed, Score, Waiting } from "@/components/ui";
import { isWithheld, UNSCORED } from "../calls/status";
import { WithheldTag } from "../calls/withheld";

/** The latest calls of somebody, and the way to all of them. */
export function LatestCalls({ title, filter, most }: { title: string; filter: CallsFilter; most: number }) {
  const { data: me } = useQuery(meQuery);
  const found = useInfiniteQuery(callsQuery(filter));
  const items = found.data?.pages[0]?.items.slice(0, most) ?? [];
  const total = found.data?.pages[0]?.total;
  return (
    <Card
      title={title}
      className="min-w-0"
      aside={
        <Link
          to="/calls"
          search={filter}
          className="inline-flex items-center gap-1 font-medium whitespace-nowrap text-pitch hover:underline"
        >
          {typeof total === "number" ? `All ${number(total)}` : "All"}
          <span className="sr-only">calls</span>
          <ArrowRight aria-hidden className="size-4" />
        </Link>
      }
    >
      {found.isPending && <Waiting rows={5} />}
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && items.length === 0 && (
        <Empty title="No calls here">There are none in this period. Choose a longer one, or look at all calls.</Empty>
      )}
      <ul>
        {items.map((call) => (
          <li
            key={call.id}
            className="group relative flex items-center gap-4 border-b border-line px-4 py-2 last:border-0 hover:bg-sunken"
          >
            <div className="min-w-0 flex-1">
              <Link
                to="/calls/$id"
                params={{ id: call.id }}
                className="block truncate font-medium group-hover:text-pitch after:absolute after:inset-0"
              >
                {call.title}
              </Link>
              <span className="figures block truncate text-xs text-soft">
                {day(call.started_at ?? call.imported_at)} · {length(call.duration_ms)}
                {call.customer && ` · ${call.customer}`}
              </span>
            </div>
            {isWithheld(call) ? (
              <WithheldTag role={me?.role} />
            ) : (
              <Score value={call.overall_score} note={call.status === "analysed" ? UNSCORED : "Not judged yet"} />
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
