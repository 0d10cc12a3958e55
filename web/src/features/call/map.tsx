import clsx from "clsx";
import { MousePointerClick } from "lucide-react";
import { memo, type Ref, useMemo } from "react";
import { clock } from "@/components/format";
import type { Tone } from "@/components/score";
import { Card } from "@/components/ui";
import type { Metrics } from "./measures";
import { At } from "./player";
import { KIND_NAMES, KINDS, type Kind, type Point, sharesOf, shownKinds, turn } from "./points";
import type { Position } from "./position";
import { type Go, type Scrub, Scrubber } from "./scrubber";
import type { CallSearch } from "./search";
import { COLUMNS, countsOf, moodOf, type Run, runsOf, type Shape, TRACKS } from "./shape";

const INKS: Record<Tone, string> = { good: "text-good", fair: "text-fair", poor: "text-poor", none: "text-soft" };
const ROW =
  "grid h-5 grid-cols-[8rem_1fr_2.75rem] items-center gap-3 max-sm:grid-cols-[5.5rem_1fr_2.25rem] max-sm:gap-2";

/** Marks in a row beyond which they could no longer be told apart: then it shows where there are many. */
const CROWD = 80;

/** Who speaks when, how it sounds, and where claims and mentions lie: the whole call at a glance, and the way into each place of it. */
export const CallMap = memo(function CallMap({
  shape,
  points,
  metrics,
  state,
  change,
  go,
  scrub,
  seen,
  position,
}: {
  shape: Shape;
  points: Point[];
  metrics: Metrics | undefined;
  state: CallSearch;
  change: (next: Partial<CallSearch>) => void;
  go: Go;
  scrub: Scrub;
  seen: Ref<HTMLSpanElement>;
  position: Position;
}) {
  const { tracks, end } = shape;
  const there = useMemo(() => new Set<Kind>(points.map(({ kind }) => kind)), [points]);
  const moods = useMemo(() => moodOf(metrics?.turns ?? [], end), [metrics, end]);
  if (moods.some((value) => value !== undefined)) there.add("mood");
  if (end === 0) return null;
  const shown = shownKinds(state.turned);
  const kinds = KINDS.filter((kind) => there.has(kind) && shown.has(kind));
  const whole = tracks.reduce((sum, { spoken }) => sum + spoken, 0);
  return (
    <Card className="no-print mb-5 px-4 pt-3 pb-2">
      <figure>
        <figcaption className="sr-only">
          Who speaks when, from 0:00 to {clock(end)}; the list of what was said tells the same in words.
        </figcaption>
        <div className="relative">
          {tracks.map(({ name, ours, known, runs, filled, spoken }) => (
            <div key={name} className={ROW}>
              <span className="truncate text-xs" title={name}>
                {name}
              </span>
              <Drawing className={known ? (ours ? "text-ours" : "text-theirs") : "text-soft"}>
                <rect y={filled ? 18 : 9.5} width={COLUMNS} height="1" fill="var(--line)" />
                <path d={filled ? heights(filled) : bars(runs, 3, 17)} fill="currentColor" />
              </Drawing>
              <span className="figures text-right text-xs text-soft">
                {whole > 0 ? `${Math.round((100 * spoken) / whole)} %` : ""}
              </span>
            </div>
          ))}
          {kinds.map((kind) => (
            <div key={kind} className={ROW}>
              <span title={KIND_NAMES[kind]} className="truncate text-xs text-soft">
                {kind === "mood" ? "Mood" : KIND_NAMES[kind]}
              </span>
              {kind === "mood" ? (
                <Mood values={moods} />
              ) : (
                <Marks points={points.filter((point) => point.kind === kind)} end={end} kind={kind} />
              )}
            </div>
          ))}
          <Scrubber
            shape={shape}
            rows={[...tracks.map(() => undefined), ...kinds]}
            points={points}
            state={state}
            go={go}
            scrub={scrub}
            seen={seen}
          />
        </div>
      </figure>
      <div className="mt-1.5 flex flex-wrap items-center gap-1 text-xs">
        {KINDS.filter((kind) => there.has(kind)).map((kind) => (
          <button
            key={kind}
            type="button"
            aria-pressed={shown.has(kind)}
            onClick={() => change({ turned: turn(state.turned, kind) })}
            className={clsx(
              "rounded-full border px-2.5 py-1 leading-tight",
              shown.has(kind)
                ? "border-line-strong bg-sunken text-ink"
                : "border-line text-soft hover:border-line-strong",
            )}
          >
            {KIND_NAMES[kind]}
          </button>
        ))}
        <span className="ml-auto inline-flex items-center gap-2">
          <button
            type="button"
            aria-pressed={state.follow === true}
            title="The words follow the place on the map that you point at (f)"
            onClick={() => change({ follow: state.follow ? undefined : true })}
            className={clsx(
              "inline-flex items-center gap-1.5 rounded-full border px-2.5 py-1 leading-tight",
              state.follow ? "border-pitch bg-pitch-soft text-pitch" : "border-line text-soft hover:border-line-strong",
            )}
          >
            <MousePointerClick aria-hidden className="size-3.5" /> Follow
          </button>
          <At position={position} end={end} />
        </span>
      </div>
    </Card>
  );
});

/** Where the map will stand, so that what lies below it does not move. */
export function MapWaits({ tracks }: { tracks: number }) {
  return (
    <Card className="no-print mb-5 grid gap-2.5 px-4 pt-3 pb-2">
      {Array.from({ length: Math.min(tracks, TRACKS) + 3 }, (_, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: these are all alike
        <span key={n} className="block h-2.5 rounded bg-sunken" />
      ))}
      <span className="block h-8" />
    </Card>
  );
}

function Drawing({ className, children }: { className?: string; children: React.ReactNode }) {
  return (
    <svg
      viewBox={`0 0 ${COLUMNS} 20`}
      preserveAspectRatio="none"
      aria-hidden
      className={clsx("h-5 w-full overflow-visible", className)}
    >
      {children}
    </svg>
  );
}

/** One path a track: thousands of stretches are one thing to draw. */
function bars(runs: readonly Run[], top: number, bottom: number): string {
  return runs.map(([from, to]) => `M${from} ${top}H${to}V${bottom}H${from}z`).join("");
}

/** How full each column is, 0 to 1, as bars that stand on the line. */
function heights(filled: readonly number[]): string {
  const wide = COLUMNS / filled.length;
  return filled
    .map((share, n) =>
      share > 0 ? `M${n * wide} 18.5H${(n + 0.8) * wide}V${(18.5 - 16 * share).toFixed(1)}H${n * wide}z` : "",
    )
    .join("");
}

function Marks({ points, end, kind }: { points: Point[]; end: number; kind: Kind }) {
  const thick = sharesOf(points, undefined, end).length > CROWD;
  if (thick || (kind !== "evidence" && kind !== "flags")) {
    const spans = points.map(({ ms }): Run => [ms, ms]);
    const ticks = runsOf(spans, end, COLUMNS / 4).map(([from, to]): Run => [from * 4, to * 4 - 1]);
    return (
      <Drawing className={kind === "flags" ? "text-fair" : "text-soft"}>
        <path d={thick ? heights(countsOf(spans, end)) : bars(ticks, 4, 16)} fill="currentColor" />
      </Drawing>
    );
  }
  const places = (tone: Tone) =>
    sharesOf(points, tone, end).map((share) => (
      <span
        key={share}
        style={{ left: `${share}%` }}
        className={clsx(
          "absolute top-1.5 size-2 -translate-x-1/2 bg-current",
          INKS[tone],
          kind === "flags" ? "rotate-45 rounded-[1px]" : "rounded-full",
        )}
      />
    ));
  return (
    <div aria-hidden className="relative h-5">
      {places("good")}
      {places("fair")}
      {/* What went wrong stands above what went well. */}
      {places("poor")}
    </div>
  );
}

function Mood({ values }: { values: (number | undefined)[] }) {
  const wide = COLUMNS / values.length;
  const part = (sign: 1 | -1) =>
    values
      .map((value, n) => {
        if (value === undefined || Math.sign(value) !== sign) return "";
        return `M${n * wide} 10H${(n + 0.8) * wide}V${(10 - 9 * value).toFixed(1)}H${n * wide}z`;
      })
      .join("");
  return (
    <Drawing>
      <rect y="9.5" width={COLUMNS} height="1" fill="var(--line)" />
      <path d={part(1)} fill="var(--good)" />
      <path d={part(-1)} fill="var(--poor)" />
    </Drawing>
  );
}
