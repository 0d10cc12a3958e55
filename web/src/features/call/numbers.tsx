import { useQuery } from "@tanstack/react-query";
import { Info } from "lucide-react";
import { useState } from "react";
import { metricsQuery } from "@/api/queries";
import { clock, mood } from "@/components/format";
import { Card, Empty, Failed, Tag, Waiting } from "@/components/ui";
import { beside, inWords, SIGNS } from "./band";
import { type Band, figure, GROUPS, type Measure, type Metrics, readMeasured } from "./measures";
import type { Go } from "./scrubber";
import { Track } from "./track";

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
  const { metrics, bands } = readMeasured(measured.data);
  if (!metrics)
    return (
      <Card>
        <Empty title="Not measured yet">The figures come with the scorecard.</Empty>
      </Card>
    );
  return (
    <>
      {GROUPS.map(({ name, figures, quarters }) => (
        <Card key={name} title={name}>
          <ul>
            {figures.map((measure, n) => (
              <Row
                key={measure.id}
                measure={measure}
                above={figures[n - 1]}
                metrics={metrics}
                band={bands.get(measure.id)}
                go={go}
              />
            ))}
          </ul>
          {quarters && <Quarters metrics={metrics} />}
        </Card>
      ))}
      {bands.size > 0 && (
        <p className="px-1 text-xs text-soft">
          The bands are where to begin, not verdicts: compare with your own team before you compare with them.
        </p>
      )}
    </>
  );
}

function Row({
  measure,
  above,
  metrics,
  band,
  go,
}: {
  measure: Measure;
  above: Measure | undefined;
  metrics: Metrics;
  band: Band | undefined;
  go: Go;
}) {
  const [open, setOpen] = useState(false);
  const { value, why } = figure(metrics, measure);
  // Rows below each other that are missing for one reason tell it once.
  const told = why !== undefined && above !== undefined && figure(metrics, above).why === why;
  const sign = band && SIGNS[band.standing];
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
            {value === undefined ? "–" : beside(value, measure.unit, band)}
          </span>
        </span>
      </div>
      {band && value !== undefined && (
        <div className="flex items-center justify-end gap-2">
          {sign && <Tag tone={sign.tone}>{sign.words}</Tag>}
          <Track band={band} value={value} unit={measure.unit} />
        </div>
      )}
      {why && <p className={told ? "sr-only" : "text-xs text-soft"}>{why}</p>}
      <div id={id} hidden={!open} className="pt-1 text-xs text-soft">
        {measure.what} {band && inWords(band, measure.unit)}
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
  // Where there are none, the row of their change says why.
  const some = SIDES.some(([side]) => metrics.sides[side].sentiment_quarters);
  return (
    <div className="border-t border-line">
      {some && (
        <table className="w-full border-b border-line text-right">
          <caption className="sr-only">Mood by quarter of the call, −1 to 1</caption>
          <thead className="text-xs text-soft">
            <tr>
              <td className="px-4 pt-2 text-left max-sm:pr-1 print:pl-0">By quarter</td>
              {["1st", "2nd", "3rd", "4th"].map((name) => (
                <th key={name} scope="col" className="px-2 pt-2 font-medium last:pr-4 max-sm:px-1 print:last:pr-0">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {SIDES.map(([side, name, ink]) => (
              <tr key={side} className="border-b border-line last:border-0">
                <th scope="row" className={`px-4 py-2 text-left font-medium max-sm:pr-1 print:pl-0 ${ink}`}>
                  {name}
                </th>
                {[0, 1, 2, 3].map((quarter) => (
                  <td key={quarter} className="px-2 py-2 last:pr-4 max-sm:px-1 print:last:pr-0">
                    <Quarter value={metrics.sides[side].sentiment_quarters?.[quarter]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="px-4 py-2 text-xs text-soft print:px-0">
        From −1 to 1, read from the words alone, never from the voice.
      </p>
    </div>
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
