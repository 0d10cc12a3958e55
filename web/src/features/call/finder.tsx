import { ChevronDown, ChevronUp, Search } from "lucide-react";
import { type Ref, useEffect, useState } from "react";
import { many } from "@/components/format";

/** Milliseconds without a letter after which is searched. */
const PAUSE = 150;

/** Searches in the call, and goes from one find to the next. */
export function Finder({
  words,
  set,
  hits,
  to,
  ref,
}: {
  words: string;
  set: (words: string | undefined) => void;
  /** Numbers of the segments in which the words stand. */
  hits: number[];
  to: (index: number) => void;
  ref: Ref<HTMLInputElement>;
}) {
  const [typed, setTyped] = useState(words);
  const [hit, setHit] = useState<number>();
  useEffect(() => {
    setTyped(words);
    setHit(undefined);
  }, [words]);
  useEffect(() => {
    const later = setTimeout(() => typed !== words && set(typed || undefined), PAUSE);
    return () => clearTimeout(later);
  });
  const go = (next: number) => {
    const at = (next + hits.length) % Math.max(hits.length, 1);
    setHit(at);
    const index = hits[at];
    if (index !== undefined) to(index);
  };
  const after = () => go(hit === undefined ? 0 : hit + 1);
  const before = () => go(hit === undefined ? -1 : hit - 1);
  return (
    <search className="no-print flex h-11 items-center gap-2 border-b border-line px-4">
      <Search aria-hidden className="size-4 text-soft" />
      <input
        ref={ref}
        type="search"
        aria-label="Search in this call"
        placeholder="Search in this call"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
          if (event.key !== "Enter") return;
          if (event.shiftKey) before();
          else after();
        }}
        className="h-7 min-w-0 flex-1 bg-transparent placeholder:text-soft"
      />
      {words.trim() !== "" && (
        <>
          <span role="status" className="figures text-xs whitespace-nowrap text-soft">
            {hits.length === 0
              ? "nowhere"
              : hit === undefined
                ? `in ${many(hits.length, "place")}`
                : `${hit + 1} of ${hits.length}`}
          </span>
          <Way name="Before" disabled={hits.length === 0} go={before} icon={ChevronUp} />
          <Way name="Next" disabled={hits.length === 0} go={after} icon={ChevronDown} />
        </>
      )}
    </search>
  );
}

function Way({
  name,
  disabled,
  go,
  icon: Icon,
}: {
  name: string;
  disabled: boolean;
  go: () => void;
  icon: typeof ChevronUp;
}) {
  return (
    <button type="button" aria-label={name} disabled={disabled} onClick={go} className="rounded p-1 hover:bg-sunken">
      <Icon aria-hidden className="size-4" />
    </button>
  );
}
