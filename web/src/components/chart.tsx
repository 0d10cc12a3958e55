// Lines over weeks. Each has a table with the same numbers for who does not see it, and points that keys can reach.

import clsx from "clsx";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { many } from "./format";
import { height, labelled, runs, SCORE_SCALE, type Scale, type Spot } from "./series";

export type Line = { name: string; points: readonly Spot[]; dashed?: boolean };

type Words = {
  /** How a value is written. */
  write: (value: number) => string;
  /** How a week is written: short below the chart. */
  week: (day: string) => string;
  /** What a point stands for, where it is not a week: `Day`. */
  step?: string | undefined;
  /** What is told of a point, where it rests on no calls. */
  tell?: ((spot: Spot) => string) | undefined;
};

const told = (spot: Spot, { write, tell }: Pick<Words, "write" | "tell">) => (tell ? tell(spot) : usual(spot, write));

const usual = ({ n, mean }: Spot, write: Words["write"]) =>
  typeof mean === "number" ? `${write(mean)}, ${many(n, "call")}` : notEnough(n);

const notEnough = (n: number) => (n === 0 ? "no calls" : `not enough data: ${many(n, "call")}`);

/** How wide an element is, as it is now. */
function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!ref.current) return;
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    watch.observe(ref.current);
    return () => watch.disconnect();
  }, []);
  return [ref, width] as const;
}

const LEFT = 40;
const RIGHT = 14;
const TOP = 12;
const FOOT = 22;

/** One line or two over the same weeks. Arrow keys go from point to point. */
export function LineChart({
  title,
  lines,
  scale = SCORE_SCALE,
  write,
  mark = write,
  week,
  step = "Week of",
  tell,
  tall = 200,
  plain = false,
}: Words & {
  /** What the chart tells, for who does not see it. */
  title: string;
  lines: readonly Line[];
  scale?: Scale;
  /** How a mark of the scale is written, where it has less room. */
  mark?: (value: number) => string;
  tall?: number;
  /** Without a legend, where the chart's place says what its line is. */
  plain?: boolean;
}) {
  const [ref, width] = useWidth();
  const [shown, setShown] = useState<{ line: number; at: number }>();
  const [stop, setStop] = useState<{ line: number; at: number }>();
  const weeks = lines[0]?.points.map((point) => point.week) ?? [];
  const bottom = tall - FOOT;
  const x = (at: number) =>
    weeks.length < 2 ? (LEFT + width - RIGHT) / 2 : LEFT + (at / (weeks.length - 1)) * (width - LEFT - RIGHT);
  const y = (value: number) => height(scale, value, TOP, bottom);
  const last = weeks.length - 1;
  const held = stop ?? { line: 0, at: last };
  const move = (event: KeyboardEvent) => {
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!by) return;
    event.preventDefault();
    const within = (value: number, most: number) => Math.min(most, Math.max(0, value));
    const next = {
      line: within(held.line + (by[0] ?? 0), lines.length - 1),
      at: within(held.at + (by[1] ?? 0), last),
    };
    setStop(next);
    ref.current?.querySelector<SVGElement>(`[data-point="${next.line} ${next.at}"]`)?.focus();
  };
  const point = shown && lines[shown.line]?.points[shown.at];
  return (
    <figure className="relative min-w-0">
      {!plain && lines.length > 1 && <Legend lines={lines} />}
      <div ref={ref} className="relative" style={{ height: tall }}>
        {width > 0 && (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is no drawing
          <svg
            width={width}
            height={tall}
            className="absolute inset-0 transition-none **:transition-none"
            role="group"
            aria-label={`${title}. A table with the same numbers follows.`}
            onKeyDown={move}
            onPointerLeave={() => setShown(undefined)}
          >
            <g aria-hidden className="figures">
              {scale.marks.map((value) => (
                <g key={value}>
                  <line x1={LEFT} x2={width - RIGHT} y1={y(value)} y2={y(value)} stroke="var(--line)" />
                  <text x={LEFT - 8} y={y(value)} dy="0.32em" textAnchor="end" className="fill-soft text-2xs">
                    {mark(value)}
                  </text>
                </g>
              ))}
              {labelled(weeks.length, width - LEFT - RIGHT).map((at) => (
                <text
                  key={at}
                  x={x(at)}
                  y={tall - 4}
                  textAnchor={at === last && weeks.length > 1 ? "end" : "middle"}
                  dx={at === last && weeks.length > 1 ? RIGHT : 0}
                  className="fill-soft text-2xs"
                >
                  {week(weeks[at] ?? "")}
                </text>
              ))}
            </g>
            {lines.map((line, n) => (
              <g key={line.name} className={line.dashed ? "text-ink" : "text-pitch"}>
                {runs(line.points).map((run) => (
                  <polyline
                    key={run[0]}
                    points={run.map((at) => `${x(at)},${y(line.points[at]?.mean ?? 0)}`).join(" ")}
                    fill="none"
                    stroke="currentColor"
                    strokeWidth="2"
                    strokeLinejoin="round"
                    strokeLinecap="round"
                    strokeDasharray={line.dashed ? "5 4" : undefined}
                  />
                ))}
                {line.points.map((spot, at) => (
                  <Dot
                    key={spot.week}
                    id={`${n} ${at}`}
                    x={x(at)}
                    y={typeof spot.mean === "number" ? y(spot.mean) : undefined}
                    floor={bottom}
                    reach={Math.max(12, (width - LEFT - RIGHT) / Math.max(1, last) / 2)}
                    hollow={line.dashed ?? false}
                    tab={held.line === n && held.at === at}
                    label={`${lines.length > 1 ? `${line.name}, ` : ""}${step.toLowerCase()} ${week(spot.week)}: ${told(spot, { write, tell })}`}
                    show={() => {
                      setStop({ line: n, at });
                      setShown({ line: n, at });
                    }}
                    hide={() => setShown(undefined)}
                  />
                ))}
              </g>
            ))}
          </svg>
        )}
        {shown && point && (
          <div
            aria-hidden
            className="pointer-events-none absolute z-10 w-max max-w-48 rounded-md border border-line bg-surface px-2 py-1 text-xs shadow-raised"
            style={{
              left: x(shown.at),
              top: Math.max(0, y(point.mean ?? scale.low) - 10),
              transform: `translate(${shown.at < last / 3 ? "-10%" : shown.at > (2 * last) / 3 ? "-90%" : "-50%"}, -100%)`,
            }}
          >
            {lines.length > 1 && <span className="block font-semibold">{lines[shown.line]?.name}</span>}
            <span className="figures block font-medium">{told(point, { write, tell })}</span>
            <span className="block text-soft">
              {step} {week(point.week)}
            </span>
          </div>
        )}
      </div>
      <Numbers title={title} lines={lines} write={write} week={week} step={step} tell={tell} />
    </figure>
  );
}

function Dot({
  id,
  x,
  y,
  floor,
  reach,
  hollow,
  tab,
  label,
  show,
  hide,
}: {
  id: string;
  x: number;
  y: number | undefined;
  floor: number;
  reach: number;
  hollow: boolean;
  tab: boolean;
  label: string;
  show: () => void;
  hide: () => void;
}) {
  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: a point tells its numbers when keys reach it, and does nothing
    <g
      data-point={id}
      role="img"
      aria-label={label}
      tabIndex={tab ? 0 : -1}
      onFocus={show}
      onBlur={hide}
      onPointerEnter={show}
      className="group/dot outline-none"
    >
      <circle cx={x} cy={y ?? floor} r={Math.min(reach, 18)} fill="transparent" />
      <circle
        cx={x}
        cy={y ?? floor}
        r="8"
        fill="none"
        stroke="var(--pitch)"
        strokeWidth="2"
        className="opacity-0 group-focus-visible/dot:opacity-100"
      />
      {y === undefined ? (
        <line x1={x} x2={x} y1={floor - 4} y2={floor} stroke="var(--line-strong)" strokeWidth="1.5" />
      ) : (
        <circle
          cx={x}
          cy={y}
          r="3.25"
          fill={hollow ? "var(--surface)" : "currentColor"}
          stroke="currentColor"
          strokeWidth="1.75"
        />
      )}
    </g>
  );
}

function Legend({ lines }: { lines: readonly Line[] }) {
  return (
    <ul aria-hidden className="mb-1 flex flex-wrap gap-x-5 gap-y-1 text-xs">
      {lines.map(({ name, dashed }) => (
        <li key={name} className="flex items-center gap-2">
          <svg width="26" height="10" className={dashed ? "text-ink" : "text-pitch"} aria-hidden="true">
            <line
              x1="1"
              x2="25"
              y1="5"
              y2="5"
              stroke="currentColor"
              strokeWidth="2"
              strokeDasharray={dashed ? "5 4" : undefined}
            />
            <circle
              cx="13"
              cy="5"
              r="3.25"
              fill={dashed ? "var(--surface)" : "currentColor"}
              stroke="currentColor"
              strokeWidth="1.75"
            />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}

/** The numbers of a chart as a table, for who does not see it. */
function Numbers({ title, lines, write, week, step, tell }: Words & { title: string; lines: readonly Line[] }) {
  const id = useId();
  return (
    <div className="sr-only">
      <table aria-labelledby={id}>
        <caption id={id}>{title}</caption>
        <thead>
          <tr>
            <th scope="col">{step}</th>
            {lines.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines[0]?.points.map((point, at) => (
            <tr key={point.week}>
              <th scope="row">{week(point.week)}</th>
              {lines.map(({ name, points }) => {
                const spot = points[at];
                return <td key={name}>{spot ? told(spot, { write, tell }) : "–"}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How something went, small enough for a row; its sentence says from where to where. */
export function Sparkline({
  points,
  label,
  scale = SCORE_SCALE,
  className,
}: {
  points: readonly Spot[];
  label: string;
  scale?: Scale;
  className?: string;
}) {
  const [wide, tall] = [96, 24];
  const x = (at: number) => 3 + (points.length < 2 ? 0 : (at / (points.length - 1)) * (wide - 6));
  const y = (value: number) => height(scale, value, 3, tall - 3);
  const broken = runs(points);
  const end = broken.at(-1)?.at(-1);
  return (
    <svg viewBox={`0 0 ${wide} ${tall}`} role="img" aria-label={label} className={clsx("w-full text-pitch", className)}>
      <title>{label}</title>
      <line x1="3" x2={wide - 3} y1={tall - 1} y2={tall - 1} stroke="var(--line)" />
      {broken.map((run) => (
        <polyline
          key={run[0]}
          points={run.map((at) => `${x(at)},${y(points[at]?.mean ?? 0)}`).join(" ")}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.75"
          strokeLinejoin="round"
          strokeLinecap="round"
        />
      ))}
      {broken
        .filter((run) => run.length === 1)
        .map(([at = 0]) => (
          <circle key={at} cx={x(at)} cy={y(points[at]?.mean ?? 0)} r="1.5" fill="currentColor" />
        ))}
      {end !== undefined && <circle cx={x(end)} cy={y(points[end]?.mean ?? 0)} r="2.5" fill="currentColor" />}
    </svg>
  );
}

/** What a small line says: its first and last value, and how many weeks have none. */
export function spoken(points: readonly Spot[], write: (value: number) => string): string {
  const known = points.filter(({ mean }) => typeof mean === "number");
  const [first, last] = [known[0]?.mean, known.at(-1)?.mean];
  if (typeof first !== "number" || typeof last !== "number") return "Not enough data in any week";
  const gaps = points.length - known.length;
  const none = gaps > 0 ? `, ${gaps} of ${points.length} weeks without enough calls` : "";
  return `From ${write(first)} to ${write(last)} in ${points.length} weeks${none}`;
}
