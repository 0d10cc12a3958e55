import type { CoachingSession } from "@/api/queries";
import { Card, Tag } from "@/components/ui";
import { FLAGS } from "./points";
import type { Go } from "./scrubber";

/** What stands beside the scores, and is to be looked at. */
export function Flags({ session, go }: { session: CoachingSession; go: Go }) {
  if (session.flags.length === 0) return null;
  return (
    <Card title="Look at">
      <ul>
        {session.flags.map((flag) => (
          <li
            key={`${flag.kind} ${flag.evidence[0]?.segment_id}`}
            className="border-b border-line px-4 py-3 last:border-0"
          >
            <Tag tone="fair">{FLAGS[flag.kind] ?? flag.kind}</Tag>
            <p className="mt-1">{flag.reason}</p>
            {flag.evidence.map((quote) => (
              <button
                key={`${quote.segment_id} ${quote.offset}`}
                type="button"
                onClick={() => go({ segment: quote.segment_id, mark: `${quote.offset}-${quote.length}` })}
                className="mt-1.5 block text-left hover:underline"
              >
                <mark>{quote.quote}</mark>
              </button>
            ))}
          </li>
        ))}
      </ul>
    </Card>
  );
}
