import type { ReactNode } from "react";
import { clock } from "@/components/format";
import { type Position, useSeconds } from "./position";

/**
 * The place of the recording, below all else and always seen. `recording` are its controls; null where this call has none, and undefined where
 * the program keeps none at all: then it takes no room.
 */
export function Player({
  recording,
  position,
  end,
}: {
  recording: ReactNode | null | undefined;
  position: Position;
  end: number;
}) {
  if (recording === undefined || end === 0) return null;
  return (
    <section
      aria-label="Recording"
      className="no-print sticky bottom-0 z-10 mt-5 flex min-h-12 items-center gap-3 rounded-t-lg border border-line bg-surface px-4 shadow-raised"
    >
      {recording ?? <p className="text-soft">No recording for this call</p>}
      <span className="ml-auto">
        <At position={position} end={end} />
      </span>
    </section>
  );
}

/** Where one is, of how much. */
export function At({ position, end }: { position: Position; end: number }) {
  const seconds = useSeconds(position);
  return (
    <span className="figures text-right text-xs whitespace-nowrap text-soft">
      <span className="text-ink">{clock(seconds * 1000)}</span> / {clock(end)}
    </span>
  );
}
