import { useVirtualizer } from "@tanstack/react-virtual";
import clsx from "clsx";
import { ChevronDown, ChevronUp, Search } from "lucide-react";
import { memo, useEffect, useMemo, useRef, useState } from "react";
import type { SegmentItem } from "@/api/queries";
import { clock } from "@/components/format";
import { Empty } from "@/components/ui";
import type { CallSearch } from "./search";
import { cut, find, readMark } from "./words";

/** What was said, in a window of its own: of ten hours only what is seen is drawn. */
export function Transcript({
  segments,
  state,
  show,
}: {
  segments: SegmentItem[];
  state: CallSearch;
  show: (next: CallSearch) => void;
}) {
  const pane = useRef<HTMLDivElement>(null);
  const [words, setWords] = useState("");
  const [hit, setHit] = useState(0);
  const hits = useMemo(
    () =>
      find(
        segments.map(({ text }) => text),
        words,
      ),
    [segments, words],
  );
  const found = useMemo(() => new Set(hits), [hits]);
  const rows = useVirtualizer({
    count: segments.length,
    getScrollElement: () => pane.current,
    estimateSize: (n) => 30 + 21 * Math.ceil((segments[n]?.text.length ?? 0) / 80),
    overscan: 12,
  });
  const wanted = useMemo(() => segments.findIndex(({ id }) => id === state.at), [segments, state.at]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a mark in the same segment is another place to go to
  useEffect(() => {
    if (wanted >= 0) rows.scrollToIndex(wanted, { align: "center" });
  }, [wanted, state.mark, rows]);
  const go = (to: number) => {
    const next = (to + hits.length) % Math.max(hits.length, 1);
    setHit(next);
    const row = hits[next];
    if (row !== undefined) rows.scrollToIndex(row, { align: "center" });
  };
  if (segments.length === 0) return <Empty title="Nothing was said">The file held no words.</Empty>;
  return (
    <>
      <search className="no-print flex items-center gap-2 border-b border-line px-4 py-2">
        <Search aria-hidden className="size-4 text-soft" />
        <input
          type="search"
          aria-label="Search in this call"
          placeholder="Search in this call"
          value={words}
          onChange={(event) => {
            setWords(event.target.value);
            setHit(0);
          }}
          onKeyDown={(event) =>
            event.key === "Enter" && go(event.shiftKey ? hit - 1 : hit + (found.has(hits[hit] ?? -1) ? 1 : 0))
          }
          className="h-7 min-w-0 flex-1 bg-transparent placeholder:text-soft"
        />
        {words.trim() !== "" && (
          <>
            <span role="status" className="figures text-xs whitespace-nowrap text-soft">
              {hits.length === 0 ? "nowhere" : `${hit + 1} of ${hits.length}`}
            </span>
            <button
              type="button"
              aria-label="Before"
              disabled={hits.length === 0}
              onClick={() => go(hit - 1)}
              className="rounded p-1 hover:bg-sunken"
            >
              <ChevronUp aria-hidden className="size-4" />
            </button>
            <button
              type="button"
              aria-label="Next"
              disabled={hits.length === 0}
              onClick={() => go(hit + 1)}
              className="rounded p-1 hover:bg-sunken"
            >
              <ChevronDown aria-hidden className="size-4" />
            </button>
          </>
        )}
      </search>
      <section
        ref={pane}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys as well
        tabIndex={0}
        aria-label="Transcript"
        className="h-[70dvh] min-h-96 overflow-y-auto overscroll-contain"
      >
        <ol style={{ height: rows.getTotalSize() }} className="relative">
          {rows.getVirtualItems().map(({ index, start, key }) => {
            const segment = segments[index];
            if (!segment) return null;
            return (
              <li
                key={key}
                ref={rows.measureElement}
                data-index={index}
                style={{ transform: `translateY(${start}px)` }}
                className="absolute inset-x-0 top-0"
              >
                <Segment
                  segment={segment}
                  named={segments[index - 1]?.speaker?.position !== segment.speaker?.position}
                  current={segment.id === state.at}
                  mark={segment.id === state.at ? state.mark : undefined}
                  found={found.has(index) ? words.trim() : undefined}
                  open={() => show({ ...(state.check && { check: state.check }), at: segment.id })}
                />
              </li>
            );
          })}
        </ol>
      </section>
    </>
  );
}

const Segment = memo(function Segment({
  segment,
  named,
  current,
  mark,
  found,
  open,
}: {
  segment: SegmentItem;
  named: boolean;
  current: boolean;
  mark: string | undefined;
  found: string | undefined;
  open: () => void;
}) {
  const ours = segment.speaker?.side === "internal";
  return (
    <div
      className={clsx("grid grid-cols-[3.25rem_1fr] gap-x-3 px-4 py-1", named && "pt-3", current && "bg-chalk-soft")}
      data-current={current || undefined}
    >
      <button
        type="button"
        onClick={open}
        title={segment.estimated ? "This time was reckoned, not read" : undefined}
        aria-label={`Link to ${clock(segment.start_ms)}`}
        className="figures pt-px text-right text-xs text-soft hover:text-pitch hover:underline"
      >
        {clock(segment.start_ms)}
      </button>
      <div>
        {named && (
          <p className={clsx("text-xs font-semibold", ours ? "text-ours" : "text-theirs")}>
            {segment.speaker?.name ?? "Somebody"}
          </p>
        )}
        <p className="max-w-[46rem]">
          <Words text={segment.text} mark={readMark(mark)} found={found} />
        </p>
      </div>
    </div>
  );
});

function Words({ text, mark, found }: { text: string; mark: [number, number] | undefined; found: string | undefined }) {
  if (mark) {
    const [before, within, after] = cut(text, ...mark);
    return (
      <>
        {before}
        <mark data-evidence>{within}</mark>
        {after}
      </>
    );
  }
  const at = found ? text.toLocaleLowerCase().indexOf(found.toLocaleLowerCase()) : -1;
  if (!found || at < 0) return text;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + found.length)}</mark>
      {text.slice(at + found.length)}
    </>
  );
}
