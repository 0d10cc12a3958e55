import { useQuery } from "@tanstack/react-query";
import { Info } from "lucide-react";
import { useState } from "react";
import { metricsQuery } from "@/api/queries";
import { clock } from "@/components/format";
import { Card, Empty, Failed, Tag, Waiting } from "@/components/ui";
import { figure, GROUPS, type Measure, type Metrics, mood, readMeasured, written } from "./measures";
import type { Go } from "./scrubber";

/** What was measured, with what each figure means. */
export function Numbers({ id, go }: { id: string; go: Go }) {
  const measured = useQuery(metricsQuery(id));
  if (measured.isError) return <Failed error={measured.error} retry={() => void measured.refetch()} />;
  if (!measured.data)
    return (
      <Card>
        <Waiting rows={10} label="Loading what was measured" />
      </Card>
    );
  const { metrics } = readMeasured(measured.data);
  if (!metrics)
    return (
      <Card>
        <Empty title="Not measured yet">The figures come with the scorecard.</Empty>
      </Card>
    );
  return (
    <>
      {GROUPS.map(({ name, measures }) => (
        <Card key={name} title={name}>
          <ul>
            {measures.map((measure) => (
              <Row key={measure.id} measure={measure} metrics={metrics} go={go} />
            ))}
          </ul>
        </Card>
      ))}
      <Quarters metrics={metrics} />
      <p className="px-1 text-xs text-soft">
        The bands are where to begin, not verdicts: compare with your own team before you compare with them.
      </p>
    </>
  );
}

function Row({ measure, metrics, go }: { measure: Measure; metrics: Metrics; go: Go }) {
  const [open, setOpen] = useState(false);
  const { value, why, look } = figure(metrics, measure);
  const moment = measure.moment && metrics.moments[measure.moment];
  const id = `about-${measure.id}`;
  return (
    <li className="border-b border-line px-4 py-2 last:border-0">
      <div className="flex items-center gap-2">
        <span className="flex min-w-0 items-center gap-1">
          {measure.name}
          <button
            type="button"
            aria-label={`What is “${measure.name}”?`}
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setOpen(!open)}
            className="grid size-6 shrink-0 place-items-center rounded text-soft hover:bg-sunken hover:text-ink"
          >
            <Info aria-hidden className="size-3.5" />
          </button>
        </span>
        <span className="ml-auto flex items-center gap-2 whitespace-nowrap">
          {look && <Tag tone="fair">Worth a look</Tag>}
          {moment && (
            <button
              type="button"
              onClick={() => go({ segment: moment.segment_id })}
              className="figures text-xs text-pitch underline"
            >
              <span className="sr-only">{measure.name}: go there, </span>at {clock(moment.start_ms)}
            </button>
          )}
          <span className="figures font-semibold" title={why}>
            {value === undefined ? "–" : written(value, measure.unit)}
          </span>
        </span>
      </div>
      {why && <p className="text-xs text-soft">{why}</p>}
      <div id={id} hidden={!open} className="pt-1 text-xs text-soft">
        {measure.what}
        {measure.look && <> Worth a look when {measure.look.words}.</>}
      </div>
    </li>
  );
}

const SIDES = [
  ["external", "The customer", "text-theirs"],
  ["internal", "Our side", "text-ours"],
] as const;

/** How each side sounds from quarter to quarter. */
export function Quarters({ metrics }: { metrics: Metrics }) {
  const why = metrics.unavailable.sentiment_quarters;
  const none = SIDES.every(([side]) => !metrics.sides[side].sentiment_quarters);
  return (
    <Card title="Mood by quarter">
      {none ? (
        <p className="px-4 py-3 text-soft">{why ?? "Not measured."}</p>
      ) : (
        <table className="w-full text-right">
          <caption className="sr-only">Mean sentiment of the words, −1 to 1</caption>
          <thead className="text-xs text-soft">
            <tr>
              <td />
              {["1st", "2nd", "3rd", "4th"].map((name) => (
                <th key={name} scope="col" className="px-2 pt-2 font-medium last:pr-4">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {SIDES.map(([side, name, ink]) => (
              <tr key={side} className="border-b border-line last:border-0">
                <th scope="row" className={`px-4 py-2 text-left font-medium ${ink}`}>
                  {name}
                </th>
                {[0, 1, 2, 3].map((quarter) => (
                  <td key={quarter} className="px-2 py-2 last:pr-4">
                    <Quarter value={metrics.sides[side].sentiment_quarters?.[quarter]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="border-t border-line px-4 py-2 text-xs text-soft">
        From −1 to 1, read from the words alone, never from the voice. A fall towards the end is worth a look.
      </p>
    </Card>
  );
}

function Quarter({ value }: { value: number | null | undefined }) {
  const high = Math.min(12, Math.abs(value ?? 0) * 24);
  return (
    <span className="inline-flex items-center gap-1.5">
      <svg viewBox="0 0 6 26" aria-hidden className="no-print h-6 w-1.5">
        <rect y="12.5" width="6" height="1" fill="var(--line-strong)" />
        {value !== null && value !== undefined && (
          <rect
            y={value > 0 ? 13 - high : 13}
            width="6"
            height={high}
            fill={value > 0 ? "var(--good)" : "var(--poor)"}
          />
        )}
      </svg>
      <span className="figures">{mood(value)}</span>
    </span>
  );
}
