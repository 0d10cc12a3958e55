import type { Schemas } from "@/api/client";
import { clock } from "@/components/format";
import type { Go } from "./scrubber";

/** Words that a claim rests on; they open where they were said. */
export function Quote({ quote, go }: { quote: Schemas["QuoteView"]; go: Go }) {
  return (
    <button
      type="button"
      onClick={() => go({ segment: quote.segment_id, mark: `${quote.offset}-${quote.length}` })}
      className="rounded-md border border-line bg-surface px-3 py-2 text-left hover:border-line-strong"
    >
      <mark>{quote.quote}</mark>
      <span className="mt-0.5 block text-xs text-soft">
        {[quote.speaker, clock(quote.start_ms)].filter(Boolean).join(", ")}
      </span>
    </button>
  );
}
