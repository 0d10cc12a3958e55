import { useEffect, useState } from "react";
import { flushSync } from "react-dom";
import type { CoachingSession, SegmentItem } from "@/api/queries";
import { clock, day, time, score as written } from "@/components/format";
import { beside, range, SIGNS } from "./band";
import { judge, waits } from "./judged";
import { type Bands, figure, GROUPS, type Metrics } from "./measures";
import { Quarters } from "./numbers";
import { FLAGS } from "./points";
import { VERDICTS } from "./scorecard";
import { Speaker } from "./segment";

/** Whether the page is being printed: only then is everything drawn. */
export function usePrinting(): boolean {
  const [printing, setPrinting] = useState(() => window.matchMedia("print").matches);
  useEffect(() => {
    const media = window.matchMedia("print");
    const changed = () => setPrinting(media.matches);
    // The browser takes the page as it is when this returns.
    const begins = () => flushSync(() => setPrinting(true));
    const ends = () => setPrinting(false);
    media.addEventListener("change", changed);
    window.addEventListener("beforeprint", begins);
    window.addEventListener("afterprint", ends);
    return () => {
      media.removeEventListener("change", changed);
      window.removeEventListener("beforeprint", begins);
      window.removeEventListener("afterprint", ends);
    };
  }, []);
  return printing;
}

/** All of a call on paper: the scorecard with its words, the figures, and what was said to the end. */
export function Report({
  session,
  metrics,
  bands,
  segments,
}: {
  session: CoachingSession | undefined;
  metrics: Metrics | undefined;
  bands: Bands;
  /** Nothing while not all words are here: a part would read as the whole. */
  segments: SegmentItem[] | undefined;
}) {
  return (
    <div className="hidden print:block">
      {session && <Judged session={session} />}
      {metrics && <Figures metrics={metrics} bands={bands} />}
      {segments ? (
        <h2 className="mb-2 text-lg font-semibold">What was said</h2>
      ) : (
        <p>
          What was said is missing here: it had not been loaded yet. Print once more when it can be read on the page.
        </p>
      )}
      {segments?.map((segment, n) => (
        <div key={segment.id} className="grid grid-cols-[4rem_1fr] gap-x-3 py-0.5">
          <span className="figures text-right text-xs text-soft">{clock(segment.start_ms)}</span>
          <div className="break-inside-avoid">
            {segments[n - 1]?.speaker?.position !== segment.speaker?.position && <Speaker segment={segment} />}
            <p>{segment.text}</p>
          </div>
        </div>
      ))}
    </div>
  );
}

/** A short table of each group, with where the figures should lie. */
function Figures({ metrics, bands }: { metrics: Metrics; bands: Bands }) {
  return (
    <section className="mb-6">
      <h2 className="mb-2 text-lg font-semibold">Figures</h2>
      <div className="columns-2 gap-8">
        {GROUPS.map(({ name, figures, quarters }) => (
          <div key={name} className="mb-4 break-inside-avoid">
            <table className="w-full">
              <caption className="border-b border-line-strong text-left font-semibold">{name}</caption>
              <thead className="sr-only">
                <tr>
                  <th scope="col">Figure</th>
                  <th scope="col">Band</th>
                  <th scope="col">Value</th>
                </tr>
              </thead>
              <tbody>
                {figures.map((measure) => {
                  const { value, why } = figure(metrics, measure);
                  const band = bands.get(measure.id);
                  const sign = band && SIGNS[band.standing];
                  return (
                    <tr key={measure.id} className="border-b border-line align-baseline">
                      <th scope="row" className="py-0.5 text-left font-normal">
                        {measure.name}
                      </th>
                      <td className="px-2 py-0.5 text-xs text-soft">
                        {value === undefined && why}
                        {value !== undefined && band && (
                          <span className="whitespace-nowrap">
                            {range(band, measure.unit)}
                            {sign && <strong className="block text-ink">{sign.words}</strong>}
                          </span>
                        )}
                      </td>
                      <td className="figures py-0.5 text-right whitespace-nowrap">
                        {value === undefined ? "–" : beside(value, measure.unit, band)}
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
            {quarters && <Quarters metrics={metrics} />}
          </div>
        ))}
      </div>
    </section>
  );
}

function Judged({ session }: { session: CoachingSession }) {
  return (
    <section className="mb-6">
      <h2 className="mb-1 text-lg font-semibold">Scorecard</h2>
      <Overall session={session} />
      {!waits(session) && <p className="mb-3">{session.summary}</p>}
      {(waits(session) ? [] : session.dimensions).map(({ dimension, title, score, note, checks }) => (
        <section key={dimension} className="mb-4">
          <h3 className="flex justify-between border-b border-line-strong font-semibold">
            {title}
            <span className="figures">
              {score === null || score === undefined ? `– ${note ?? ""}` : written(score)}
            </span>
          </h3>
          {checks.map((check) => (
            <div key={check.id} className="break-inside-avoid py-1.5">
              <p>
                <span className="font-semibold">{check.name}</span>: {VERDICTS[check.verdict]?.name ?? check.verdict}
              </p>
              <p className="text-soft">{check.reason}</p>
              {check.advice && <p>Next time: {check.advice}</p>}
              {check.evidence.map((quote) => (
                <p key={`${quote.segment_id} ${quote.offset}`} className="pl-4">
                  <mark>“{quote.quote}”</mark>{" "}
                  <span className="text-xs text-soft">
                    {quote.speaker}, {clock(quote.start_ms)}
                  </span>
                </p>
              ))}
            </div>
          ))}
        </section>
      ))}
      {session.flags.map((flag) => (
        <p key={`${flag.kind} ${flag.evidence[0]?.segment_id}`} className="break-inside-avoid py-1">
          <span className="font-semibold">{FLAGS[flag.kind] ?? flag.kind}</span>: {flag.reason}
          {flag.evidence.map(({ quote, segment_id, offset }) => (
            <mark key={`${segment_id} ${offset}`} className="ml-1">
              “{quote}”
            </mark>
          ))}
        </p>
      ))}
    </section>
  );
}

/** The score, and by what and when it was given: paper is read when the page has long moved on. */
function Overall({ session }: { session: CoachingSession }) {
  const { overall_score: score, overall_note, rubric_id, rubric_version, finished_at, confirmed_at } = session;
  return (
    <div className="mb-3">
      <p className="text-base font-semibold">
        Overall score: {typeof score === "number" ? `${written(score)} of 100` : `– ${overall_note ?? ""}`}
      </p>
      <p className="text-soft">
        Judged by {judge(session)}, by the rubric {rubric_id} v{rubric_version}, on {day(finished_at)},{" "}
        {time(finished_at)}
        {confirmed_at && `. The scores were withheld and shown after a person looked (${day(confirmed_at)})`}
      </p>
    </div>
  );
}
