import { type KeyboardEvent, type PointerEvent, type Ref, useMemo, useState } from "react";
import { clock } from "@/components/format";
import type { Kind, Point } from "./points";
import type { CallSearch } from "./search";
import { placeAt, placeByKey, placeOf, type Shape } from "./shape";

/** Goes to a place of the call, and keeps it in the address. */
export type Go = (place: { segment: number; mark?: string | undefined; check?: string | undefined }) => void;
/** Shows a place of the call as long as it is pointed at. */
export type Scrub = (segment: number | undefined, mark?: string, ms?: number) => void;

/** Pixels within which a point is meant. */
const NEAR = 8;
const ROW_HEIGHT = 20;

/** Lies above the map: one thing to point at and one to reach by keys, in place of hundreds of points. */
export function Scrubber({
  shape,
  rows,
  points,
  state,
  go,
  scrub,
  seen,
}: {
  shape: Shape;
  /** Which kind stands in each row; none where somebody speaks. */
  rows: (Kind | undefined)[];
  points: Point[];
  state: CallSearch;
  go: Go;
  scrub: Scrub;
  seen: Ref<HTMLSpanElement>;
}) {
  const [over, setOver] = useState<{ share: number; text: string }>();
  const { places, end } = shape;
  const here = useMemo(() => (state.at === undefined ? undefined : placeOf(places, state.at)), [places, state.at]);
  const meant = (event: PointerEvent | React.MouseEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = Math.min(Math.max(event.clientX - box.left, 0), box.width);
    const ms = (x / box.width) * end;
    const kind = rows[Math.floor((event.clientY - box.top) / ROW_HEIGHT)];
    let point: Point | undefined;
    for (const each of points) {
      if (each.kind !== kind) continue;
      const far = Math.abs(each.ms - ms);
      if ((far / end) * box.width <= NEAR && (!point || far < Math.abs(point.ms - ms))) point = each;
    }
    return { ms, point, place: placeAt(places, ms) };
  };
  const move = (event: PointerEvent) => {
    const { ms, point, place } = meant(event);
    const text = point ? `${clock(point.ms)}  ${point.name}` : `${clock(ms)}${place ? `  ${place.name}` : ""}`;
    setOver({ share: (point?.ms ?? ms) / end, text });
    // Who drags wants to see where they are, whether or not the words follow the pointer.
    if (state.follow || event.buttons === 1) scrub(point?.segment ?? place?.id, point?.mark, point?.ms ?? ms);
  };
  const step = (event: KeyboardEvent) => {
    const place = placeByKey(places, here, event.key);
    if (place === undefined) return;
    event.preventDefault();
    if (place) go({ segment: place.id });
  };
  return (
    <div className="pointer-events-none absolute inset-0 grid grid-cols-[8rem_1fr_2.75rem] gap-3 max-sm:grid-cols-[5.5rem_1fr_2.25rem] max-sm:gap-2">
      <div
        role="slider"
        tabIndex={0}
        aria-label="Place in the call"
        aria-valuemin={0}
        aria-valuemax={Math.round(end / 1000)}
        aria-valuenow={Math.round((here?.from ?? 0) / 1000)}
        aria-valuetext={here ? `${clock(here.from)}, ${here.name}` : "at the start"}
        className="pointer-events-auto relative col-start-2 cursor-pointer touch-pan-y"
        onKeyDown={step}
        onPointerDown={(event) => event.button === 0 && event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={move}
        onPointerLeave={() => {
          setOver(undefined);
          scrub(undefined);
        }}
        onClick={(event) => {
          const { point, place } = meant(event);
          if (point) go({ segment: point.segment, mark: point.mark, check: point.check });
          else if (place) go({ segment: place.id });
        }}
      >
        <span ref={seen} aria-hidden className="absolute inset-y-0 hidden border-x border-line-strong bg-ink/5" />
        {here && (
          <span
            aria-hidden
            style={{ left: `${(100 * here.from) / end}%` }}
            className="absolute -inset-y-1 w-0.5 -translate-x-1/2 rounded-full bg-pitch"
          />
        )}
        {over && (
          <>
            <span
              aria-hidden
              style={{ left: `${100 * over.share}%` }}
              className="pointer-events-none absolute inset-y-0 w-px bg-ink"
            />
            <span
              aria-hidden
              style={over.share < 0.5 ? { left: `${100 * over.share}%` } : { right: `${100 - 100 * over.share}%` }}
              className="figures pointer-events-none absolute bottom-full z-10 mb-1 max-w-72 truncate rounded border border-line bg-surface px-2 py-0.5 text-xs whitespace-pre shadow-raised"
            >
              {over.text}
            </span>
          </>
        )}
      </div>
    </div>
  );
}
