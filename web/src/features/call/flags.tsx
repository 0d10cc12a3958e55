import type { Schemas } from "@/api/client";
import type { CoachingSession } from "@/api/queries";
import { clock } from "@/components/format";
import { Card } from "@/components/ui";
import { useSome } from "./more";
import { FLAGS } from "./points";
import type { Go } from "./scrubber";

type Flag = Schemas["FlagView"];

/** What stands beside the scores, and is to be looked at: each kind by itself. */
export function Flags({ session, go }: { session: CoachingSession; go: Go }) {
  const kinds = [...new Set(session.flags.map(({ kind }) => kind))];
  return kinds.map((kind) => (
    <Kind key={kind} name={FLAGS[kind] ?? kind} flags={session.flags.filter((flag) => flag.kind === kind)} go={go} />
  ));
}

function Kind({ name, flags, go }: { name: string; flags: Flag[]; go: Go }) {
  const [shown, way] = useSome(flags, 4);
  return (
    <Card title={name} aside={<span className="figures text-soft">{flags.length.toLocaleString("en")}</span>}>
      <ul>
        {shown.map((flag, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they have no other, and stay in their order
          <li key={n} className="grid gap-1.5 border-b border-line px-4 py-3 last:border-0">
            <p>{flag.reason}</p>
            {flag.evidence.map((quote) => (
              <button
                key={`${quote.segment_id} ${quote.offset}`}
                type="button"
                onClick={() => go({ segment: quote.segment_id, mark: `${quote.offset}-${quote.length}` })}
                className="rounded-md border border-line px-3 py-2 text-left hover:border-line-strong"
              >
                <mark>{quote.quote}</mark>
                <span className="mt-0.5 block text-xs text-soft">
                  {[quote.speaker, clock(quote.start_ms)].filter(Boolean).join(", ")}
                </span>
              </button>
            ))}
          </li>
        ))}
      </ul>
      {way}
    </Card>
  );
}
