import type { Schemas } from "@/api/client";
import type { CoachingSession } from "@/api/queries";
import { number } from "@/components/format";
import { Card } from "@/components/ui";
import { SPEAKS, waits } from "./judged";
import { useSome } from "./more";
import { FLAGS } from "./points";
import { Quote } from "./quote";
import type { Go } from "./scrubber";

type Flag = Schemas["FlagView"];

/** What stands beside the scores, and is to be looked at: each kind by itself. */
export function Flags({ session, go }: { session: CoachingSession; go: Go }) {
  // While scores wait for these, they stand above.
  const flags = waits(session) ? session.flags.filter(({ kind }) => kind !== SPEAKS) : session.flags;
  const kinds = [...new Set(flags.map(({ kind }) => kind))];
  return kinds.map((kind) => (
    <Kind key={kind} name={FLAGS[kind] ?? kind} flags={flags.filter((flag) => flag.kind === kind)} go={go} />
  ));
}

function Kind({ name, flags, go }: { name: string; flags: Flag[]; go: Go }) {
  const [shown, way] = useSome(flags, 4);
  return (
    <Card title={name} aside={<span className="figures text-soft">{number(flags.length)}</span>}>
      <ul>
        {shown.map((flag, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they have no other, and stay in their order
          <li key={n} className="grid gap-1.5 border-b border-line px-4 py-3 last:border-0">
            <p>{flag.reason}</p>
            {flag.evidence.map((quote) => (
              <Quote key={`${quote.segment_id} ${quote.offset}`} quote={quote} go={go} />
            ))}
          </li>
        ))}
      </ul>
      {way}
    </Card>
  );
}
