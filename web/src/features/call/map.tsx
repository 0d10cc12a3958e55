import { useMemo } from "react";
import type { CoachingSession, SegmentItem } from "@/api/queries";
import { clock } from "@/components/format";
import { Card } from "@/components/ui";

type Track = {
  name: string;
  side: string | null | undefined;
  spans: { id: number; from: number; to: number }[];
  spoken: number;
};

/** Who speaks when, and where the claims of the scorecard lie: the whole call at a glance, and the way into each place of it. */
export function CallMap({
  segments,
  session,
  at,
  show,
}: {
  segments: SegmentItem[];
  session: CoachingSession | undefined;
  at: number | undefined;
  show: (at: number) => void;
}) {
  const { tracks, end } = useMemo(() => read(segments), [segments]);
  const points = useMemo(() => pointsOf(session, segments), [session, segments]);
  if (end === 0) return null;
  const whole = tracks.reduce((sum, { spoken }) => sum + spoken, 0);
  const now = segments.find(({ id }) => id === at)?.start_ms;
  const share = (ms: number) => `${(100 * ms) / end}%`;
  return (
    <Card className="mb-5 overflow-hidden px-4 py-3">
      <figure>
        <figcaption className="sr-only">
          Who speaks when, from 0:00 to {clock(end)}; the list of what was said tells the same in words.
        </figcaption>
        <div className="grid gap-1.5">
          {tracks.map((track) => (
            <div
              key={track.name}
              className="grid grid-cols-[8rem_1fr_2.5rem] items-center gap-3 max-sm:grid-cols-[5rem_1fr_2.5rem]"
            >
              <span className="truncate text-xs">{track.name}</span>
              <svg
                viewBox="0 0 1000 14"
                preserveAspectRatio="none"
                aria-hidden
                className={track.side === "internal" ? "h-3.5 w-full text-ours" : "h-3.5 w-full text-theirs"}
                onClick={(event) => {
                  const box = event.currentTarget.getBoundingClientRect();
                  const ms = ((event.clientX - box.left) / box.width) * end;
                  const near = track.spans.reduce<{ id: number; far: number } | undefined>((best, { id, from, to }) => {
                    const far = ms < from ? from - ms : ms > to ? ms - to : 0;
                    return best && best.far <= far ? best : { id, far };
                  }, undefined);
                  if (near) show(near.id);
                }}
              >
                <rect y="6.5" width="1000" height="1" fill="var(--line)" />
                {/* One path a track: ten hours have thousands of stretches. */}
                <path d={path(track.spans, end)} fill="currentColor" />
              </svg>
              <span className="figures text-right text-xs text-soft">
                {whole > 0 ? `${Math.round((100 * track.spoken) / whole)} %` : ""}
              </span>
            </div>
          ))}
          <div className="grid grid-cols-[8rem_1fr_2.5rem] items-center gap-3 max-sm:grid-cols-[5rem_1fr_2.5rem]">
            <span className="text-xs text-soft">Evidence</span>
            <div className="relative h-5">
              {points.map((point) => (
                <button
                  key={point.key}
                  type="button"
                  title={`${point.name}, ${clock(point.ms)}`}
                  aria-label={`${point.name}, at ${clock(point.ms)}`}
                  onClick={() => show(point.segment)}
                  style={{ left: share(point.ms) }}
                  className={`absolute top-1 size-3 -translate-x-1/2 rounded-full border-2 border-surface ${point.good ? "bg-good" : "bg-poor"} hover:scale-125`}
                />
              ))}
              {now !== undefined && now !== null && (
                <span
                  aria-hidden
                  style={{ left: share(now) }}
                  className="pointer-events-none absolute -top-12 bottom-0 w-px bg-ink"
                />
              )}
            </div>
            <span className="figures text-right text-xs text-soft">{clock(end)}</span>
          </div>
        </div>
      </figure>
    </Card>
  );
}

function read(segments: SegmentItem[]): { tracks: Track[]; end: number } {
  const tracks = new Map<string, Track>();
  let end = 0;
  for (const { id, speaker, start_ms, end_ms } of segments) {
    if (start_ms === null || start_ms === undefined || end_ms === null || end_ms === undefined) continue;
    const name = speaker?.name ?? "Somebody";
    const track = tracks.get(name) ?? { name, side: speaker?.side, spans: [], spoken: 0 };
    track.spans.push({ id, from: start_ms, to: end_ms });
    track.spoken += end_ms - start_ms;
    tracks.set(name, track);
    end = Math.max(end, end_ms);
  }
  const ours = (track: Track) => (track.side === "internal" ? 0 : 1);
  return { tracks: [...tracks.values()].sort((a, b) => ours(a) - ours(b) || b.spoken - a.spoken), end };
}

function path(spans: Track["spans"], end: number): string {
  const x = (ms: number) => ((1000 * ms) / end).toFixed(2);
  return spans.map(({ from, to }) => `M${x(from)} 1H${x(Math.max(to, from + end / 1500))}V13H${x(from)}z`).join("");
}

function pointsOf(session: CoachingSession | undefined, segments: SegmentItem[]) {
  const times = new Map(segments.map(({ id, start_ms }) => [id, start_ms]));
  const checks = session?.dimensions.flatMap(({ checks }) => checks) ?? [];
  return checks.flatMap(({ id, name, verdict, evidence }) =>
    evidence.flatMap(({ segment_id: segment, offset }) => {
      const ms = times.get(segment);
      if (ms === null || ms === undefined || !["met", "unmet"].includes(verdict)) return [];
      return [{ key: `${id} ${segment} ${offset}`, name, good: verdict === "met", segment, ms }];
    }),
  );
}
