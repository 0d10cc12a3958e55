import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useImperativeHandle, useMemo, useRef, useState } from "react";
import type { SegmentItem } from "@/api/queries";
import { Empty } from "@/components/ui";
import { Finder } from "./finder";
import type { Go, Scrub } from "./scrubber";
import { type CallSearch, wide } from "./search";
import { Segment } from "./segment";
import { find, heightOf } from "./words";

/** Whether somebody else spoke before. */
const begins = (segments: readonly SegmentItem[], n: number) =>
  segments[n - 1]?.speaker?.position !== segments[n]?.speaker?.position;

export type TranscriptHandle = { scrub: Scrub; search: () => void };

/** What was said, in a window of its own: of ten hours only what is seen is drawn. */
export function Transcript({
  segments,
  state,
  change,
  go,
  handle,
  seen,
}: {
  segments: SegmentItem[];
  state: CallSearch;
  change: (next: Partial<CallSearch>) => void;
  go: Go;
  handle: RefObject<TranscriptHandle | null>;
  /** Told which segments are seen now. */
  seen: (first: SegmentItem | undefined, last: SegmentItem | undefined) => void;
}) {
  const pane = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [pointed, setPointed] = useState<{ id: number; mark: string | undefined }>();
  const words = state.find ?? "";
  const texts = useMemo(() => segments.map(({ text }) => text), [segments]);
  const hits = useMemo(() => find(texts, words), [texts, words]);
  const found = useMemo(() => new Set(hits), [hits]);
  // Once: they are all summed up anew whenever one turns out to be another.
  const heights = useMemo(() => {
    const width = wide() ? window.innerWidth - 708 : window.innerWidth - 34;
    return segments.map(({ text }, n) => heightOf(text, begins(segments, n), width));
  }, [segments]);
  const rows = useVirtualizer({
    count: segments.length,
    getScrollElement: () => pane.current,
    estimateSize: (n) => heights[n] ?? 28,
    overscan: 8,
    // What is scrolled to may come a frame later, but never holds the scrolling up.
    useFlushSync: false,
    onChange: ({ range }) => range && seen(segments[range.startIndex], segments[range.endIndex]),
  });
  const places = useMemo(() => new Map(segments.map(({ id }, index) => [id, index])), [segments]);
  const wanted = state.at === undefined ? undefined : places.get(state.at);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a mark in the same segment is another place to go to
  useEffect(() => {
    if (wanted === undefined) return;
    rows.scrollToIndex(wanted, { align: "center" });
    if (!wide()) pane.current?.scrollIntoView({ block: "center" });
  }, [wanted, state.mark, rows]);
  useImperativeHandle(
    handle,
    () => ({
      scrub: (id, mark) => {
        setPointed(id === undefined ? undefined : { id, mark });
        const to = id === undefined ? wanted : places.get(id);
        if (to !== undefined) rows.scrollToIndex(to, { align: "center" });
      },
      search: () => input.current?.select(),
    }),
    [rows, places, wanted],
  );
  if (segments.length === 0) return <Empty title="Nothing was said">The file held no words.</Empty>;
  return (
    <>
      <Finder
        ref={input}
        words={words}
        set={(next) => change({ find: next })}
        hits={hits}
        to={(index) => rows.scrollToIndex(index, { align: "center" })}
      />
      <section
        ref={pane}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys as well
        tabIndex={0}
        aria-label="Transcript"
        className="h-[70dvh] min-h-96 contain-strict overflow-y-auto overscroll-contain lg:h-[calc(100dvh-10rem)]"
      >
        <ol style={{ height: rows.getTotalSize() }} className="relative">
          {rows.getVirtualItems().map(({ index, start, key }) => {
            const segment = segments[index];
            if (!segment) return null;
            const place = pointed ?? { id: state.at, mark: state.mark };
            const current = segment.id === place.id;
            return (
              <li
                key={key}
                ref={rows.measureElement}
                data-index={index}
                style={{ transform: `translateY(${start}px)` }}
                className="absolute inset-x-0 top-0 contain-content"
              >
                <Segment
                  segment={segment}
                  named={begins(segments, index)}
                  current={current}
                  mark={current ? place.mark : undefined}
                  found={found.has(index) ? words.trim() : undefined}
                  go={go}
                />
              </li>
            );
          })}
        </ol>
      </section>
    </>
  );
}
