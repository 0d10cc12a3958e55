import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import {
  type CSSProperties,
  type KeyboardEvent,
  type RefObject,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { SegmentItem } from "@/api/queries";
import { clock } from "@/components/format";
import { Empty } from "@/components/ui";
import { Finder } from "./finder";
import type { Rows } from "./said";
import type { Go, Scrub } from "./scrubber";
import { type CallSearch, wide } from "./search";
import { Segment } from "./segment";
import { find, heightOf } from "./words";

/** Whether somebody else spoke before. */
const begins = (segments: Rows, n: number) => segments[n - 1]?.speaker?.position !== segments[n]?.speaker?.position;

/** Pixels of a segment that has not come yet. */
const GAP = 60;

/** By what people scroll. */
const SCROLLED_BY = ["wheel", "pointerdown", "touchmove", "keydown"] as const;

export type TranscriptHandle = { scrub: Scrub; search: () => void };

/** What was said, in a window of its own: of ten hours only what is seen is drawn. */
export function Transcript({
  rows: segments,
  whole,
  duration,
  state,
  change,
  go,
  handle,
  seen,
}: {
  /** What has come of it, and gaps for what has not. */
  rows: Rows;
  whole: boolean;
  duration: number | null | undefined;
  state: CallSearch;
  change: (next: Partial<CallSearch>) => void;
  go: Go;
  handle: RefObject<TranscriptHandle | null>;
  /** Told which segments are seen now. */
  seen: (first: SegmentItem | undefined, last: SegmentItem | undefined) => void;
}) {
  const pane = useRef<HTMLDivElement>(null);
  const times = useMemo(() => timeWidth(segments, duration), [segments, duration]);
  const input = useRef<HTMLInputElement>(null);
  const [pointed, setPointed] = useState<{ id: number; mark: string | undefined }>();
  const words = state.find ?? "";
  const texts = useMemo(() => segments.map((segment) => segment?.text ?? ""), [segments]);
  const hits = useMemo(() => find(texts, words), [texts, words]);
  const found = useMemo(() => new Set(hits), [hits]);
  // Once: they are all summed up anew whenever one turns out to be another.
  const heights = useMemo(() => {
    const width = wide() ? window.innerWidth - 708 : window.innerWidth - 34;
    return segments.map((segment, n) => (segment ? heightOf(segment.text, begins(segments, n), width) : GAP));
  }, [segments]);
  const kept = useRef<{ of: Rows; rows: Virtualizer<HTMLDivElement, Element> }>(undefined);
  // Read before the rows are laid out anew.
  const anchor = kept.current && kept.current.of !== segments ? placeIn(kept.current.rows) : undefined;
  const rows = useVirtualizer({
    count: segments.length,
    getScrollElement: () => pane.current,
    estimateSize: (n) => heights[n] ?? GAP,
    // A gap that is filled is another row; what has been measured stays as it is.
    getItemKey: useCallback((n: number) => (segments[n] ? n : -1 - n), [segments]),
    overscan: 8,
    // What is scrolled to may come a frame later, but never holds the scrolling up.
    useFlushSync: false,
    onChange: ({ range }) => range && seen(segments[range.startIndex], segments[range.endIndex]),
  });
  kept.current = { of: segments, rows };
  const placeOf = useMemo(() => {
    const places = new Map(segments.flatMap((segment, index) => (segment ? [[segment.id, index]] : [])));
    // Segments are numbered from 1 as they come: where one will stand is known before it is there.
    return (id: number) => places.get(id) ?? (!whole && id <= segments.length ? id - 1 : undefined);
  }, [segments, whole]);
  const wanted = state.at === undefined ? undefined : placeOf(state.at);
  const there = wanted !== undefined && segments[wanted] !== undefined;
  const aim = useRef<number>(undefined);
  const show = useCallback(
    (index: number) => {
      aim.current = index;
      rows.scrollToIndex(index, { align: "center" });
    },
    [rows],
  );
  // What comes into sight is measured, and the whole may be longer than it was thought: then it is gone to again, until somebody scrolls.
  const size = rows.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the size is when to do it
  useLayoutEffect(() => {
    if (aim.current !== undefined) rows.scrollToIndex(aim.current, { align: "center" });
  }, [size, rows]);
  useEffect(() => {
    const free = () => {
      aim.current = undefined;
    };
    const scrolled = pane.current;
    for (const by of SCROLLED_BY) scrolled?.addEventListener(by, free, { passive: true });
    return () => {
      for (const by of SCROLLED_BY) scrolled?.removeEventListener(by, free);
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a mark in the same segment, and words that come, are another place to go to
  useEffect(() => {
    if (wanted === undefined) return undefined;
    show(wanted);
    if (!wide()) pane.current?.scrollIntoView({ block: "center" });
    // The foot of the pane may lie below the window.
    const seen = setTimeout(
      () => pane.current?.querySelector("[data-current]")?.scrollIntoView({ block: "nearest" }),
      100,
    );
    return () => clearTimeout(seen);
  }, [wanted, state.mark, show, there]);
  // Where gaps above are filled, what is looked at stays where it is.
  const drawn = useRef(segments);
  useLayoutEffect(() => {
    if (drawn.current === segments) return;
    drawn.current = segments;
    const start = anchor && rows.getOffsetForIndex(anchor.index, "start")?.[0];
    if (anchor && start !== undefined) rows.scrollToOffset(start + anchor.within);
  });
  useImperativeHandle(
    handle,
    () => ({
      scrub: (id, mark) => {
        setPointed(id === undefined ? undefined : { id, mark });
        const to = id === undefined ? wanted : placeOf(id);
        if (to !== undefined) show(to);
      },
      search: () => input.current?.select(),
    }),
    [show, placeOf, wanted],
  );
  const drawnRows = rows.getVirtualItems();
  const first = rows.range?.startIndex ?? 0;
  const stop = wanted !== undefined && drawnRows.some(({ index }) => index === wanted) ? wanted : first;
  if (segments.length === 0) return <Empty title="Nothing was said">The file held no words.</Empty>;
  return (
    <>
      <Finder ref={input} words={words} set={(next) => change({ find: next })} hits={hits} to={show} />
      <section
        ref={pane}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys as well
        tabIndex={0}
        aria-label="Transcript"
        onKeyDown={step}
        style={{ "--time": times } as CSSProperties}
        className="h-[70dvh] min-h-96 contain-strict overflow-y-auto overscroll-contain lg:h-[calc(100dvh-10rem)]"
      >
        <ol style={{ height: rows.getTotalSize() }} className="relative">
          {drawnRows.map(({ index, start, key }) => {
            const segment = segments[index];
            const place = pointed ?? { id: state.at, mark: state.mark };
            const current = segment !== undefined && segment.id === place.id;
            return (
              <li
                key={key}
                ref={rows.measureElement}
                data-index={index}
                style={{ transform: `translateY(${start}px)` }}
                className="absolute inset-x-0 top-0 contain-content"
              >
                {segment ? (
                  <Segment
                    segment={segment}
                    named={begins(segments, index)}
                    current={current}
                    mark={current ? place.mark : undefined}
                    found={found.has(index) ? words.trim() : undefined}
                    stop={index === stop}
                    go={go}
                  />
                ) : (
                  <Gap />
                )}
              </li>
            );
          })}
        </ol>
      </section>
    </>
  );
}

/** From row to row, and between the buttons of one, by arrow keys. */
function step(event: KeyboardEvent<HTMLElement>): void {
  const button = event.target;
  if (!(button instanceof HTMLButtonElement)) return;
  const row = button.closest<HTMLElement>("li[data-index]");
  if (!row) return;
  const column = [...row.querySelectorAll("button")].indexOf(button);
  const across = { ArrowLeft: 0, ArrowRight: 1 }[event.key];
  const along = { ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0;
  if (across === undefined && along === 0) return;
  event.preventDefault();
  const next = event.currentTarget.querySelector(`li[data-index="${Number(row.dataset.index) + along}"]`);
  const to = next?.querySelectorAll("button")[across ?? column];
  to?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

/** As wide as the longest time, so that short calls do not begin with a gap. */
function timeWidth(segments: Rows, duration: number | null | undefined): string {
  const letters = typeof duration === "number" ? clock(duration).length : String(segments.length).length + 2;
  const more = segments.some((segment) => segment?.estimated) ? 0.9 : 0.2;
  return `${(letters * 0.42 + more).toFixed(2)}rem`;
}

/** The row that is uppermost, and how much of it lies above. */
function placeIn(rows: Virtualizer<HTMLDivElement, Element>) {
  const offset = rows.scrollOffset ?? 0;
  const row = offset > 0 ? rows.getVirtualItemForOffset(offset) : undefined;
  return row && { index: row.index, within: offset - row.start };
}

/** Where words will stand soon. */
function Gap() {
  return (
    <div aria-hidden style={{ height: GAP }} className="grid grid-cols-[var(--time)_1fr] content-center gap-x-3 px-4">
      <span className="block h-3 rounded bg-sunken" />
      <span className="block h-3 max-w-[30rem] rounded bg-sunken" />
    </div>
  );
}
