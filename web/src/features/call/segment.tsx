import clsx from "clsx";
import { Check, Link2 } from "lucide-react";
import { memo } from "react";
import type { SegmentItem } from "@/api/queries";
import { clock } from "@/components/format";
import { useCopied } from "./copied";
import type { Go } from "./scrubber";
import { cut, readMark } from "./words";

/** What somebody says at a stretch: when, who, the words, and a link to them. */
export const Segment = memo(function Segment({
  segment,
  named,
  current,
  mark,
  found,
  stop,
  go,
}: {
  segment: SegmentItem;
  named: boolean;
  current: boolean;
  mark: string | undefined;
  found: string | undefined;
  /** Whether Tab comes by: of thousands of rows one is enough, from which arrow keys lead on. */
  stop: boolean;
  go: Go;
}) {
  const tab = stop ? 0 : -1;
  const at = segment.start_ms === null || segment.start_ms === undefined ? `№ ${segment.id}` : clock(segment.start_ms);
  return (
    <div
      className={clsx(
        "group grid grid-cols-[var(--time)_1fr_1.5rem] gap-x-3 px-4 py-1 max-sm:gap-x-2 max-sm:px-3",
        named && "pt-3",
        current && "bg-chalk-soft",
      )}
      data-current={current || undefined}
    >
      <button
        type="button"
        tabIndex={tab}
        onClick={() => go({ segment: segment.id })}
        title={segment.estimated ? "This time was reckoned, not read" : undefined}
        aria-label={`Go to ${at}`}
        className={clsx(
          "figures -my-1 min-h-6 min-w-6 self-start text-right text-xs leading-[1.09rem] text-soft hover:text-pitch hover:underline",
          named ? "py-1" : "pt-[5.5px] pb-1",
        )}
      >
        {segment.estimated && "≈ "}
        {at}
      </button>
      <div className="min-w-0">
        {named && <Speaker segment={segment} />}
        <p className="max-w-[46rem] break-words">
          <Words text={segment.text} mark={readMark(mark)} found={found} />
        </p>
      </div>
      <CopyMoment id={segment.id} at={at} tab={tab} />
    </div>
  );
});

export function Speaker({ segment: { speaker } }: { segment: SegmentItem }) {
  const side = speaker?.side === "internal" ? "text-ours" : speaker?.side === "external" ? "text-theirs" : "text-soft";
  return <p className={clsx("text-xs font-semibold", side)}>{speaker?.name ?? "Somebody"}</p>;
}

function CopyMoment({ id, at, tab }: { id: number; at: string; tab: number }) {
  const [copied, copy] = useCopied();
  const Icon = copied ? Check : Link2;
  return (
    <button
      type="button"
      tabIndex={tab}
      aria-label={copied ? "Copied" : `Copy the link to ${at}`}
      title="Copy the link to this moment"
      onClick={() => copy(linkTo(id))}
      className={clsx(
        "no-print grid size-6 place-items-center self-start rounded text-soft group-hover:opacity-100 hover:bg-sunken hover:text-ink focus-visible:opacity-100",
        copied ? "opacity-100" : "opacity-0",
      )}
    >
      <Icon aria-hidden className="size-3.5" />
    </button>
  );
}

/** The address of a moment, without what only whoever copies it was looking at. */
export function linkTo(segment: number): string {
  const { origin, pathname } = window.location;
  return `${origin}${pathname}?at=${segment}`;
}

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
