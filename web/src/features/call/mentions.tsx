import { useQuery } from "@tanstack/react-query";
import { metricsQuery } from "@/api/queries";
import { clock, number } from "@/components/format";
import { Card, Empty, Failed, Waiting } from "@/components/ui";
import { readMeasured, type Tracker } from "./measures";
import { useSome } from "./more";
import type { Go } from "./scrubber";

/** What was mentioned, how often and where. */
export function Mentions({ id, go }: { id: string; go: Go }) {
  const measured = useQuery(metricsQuery(id));
  if (measured.isError) return <Failed error={measured.error} retry={() => void measured.refetch()} />;
  const { trackers } = readMeasured(measured.data);
  if (!measured.data || trackers.length === 0)
    return (
      <Card>
        {measured.data ? (
          <Empty title="Nothing was mentioned">None of the words that trackers look for was said.</Empty>
        ) : (
          <Waiting rows={8} label="Loading what was mentioned" />
        )}
      </Card>
    );
  return trackers.map((tracker) => <Mentioned key={tracker.id} tracker={tracker} go={go} />);
}

function Mentioned({ tracker: { name, count, hits }, go }: { tracker: Tracker; go: Go }) {
  const [shown, way] = useSome(hits);
  return (
    <Card title={name} aside={<span className="figures text-soft">{number(count)}</span>}>
      <ul className="py-1">
        {shown.map((hit) => (
          <li key={`${hit.segment_id} ${hit.offset}`}>
            <button
              type="button"
              onClick={() => go({ segment: hit.segment_id, mark: `${hit.offset}-${hit.length}` })}
              className="flex w-full items-baseline gap-2 px-4 py-1.5 text-left hover:bg-sunken"
            >
              <span className="figures w-12 shrink-0 text-right text-xs text-soft">{clock(hit.start_ms)}</span>
              <span className="min-w-0 flex-1 truncate">
                <mark>{hit.quote}</mark>
              </span>
              <span className="truncate text-xs text-soft">{hit.speaker}</span>
            </button>
          </li>
        ))}
      </ul>
      {way}
    </Card>
  );
}
