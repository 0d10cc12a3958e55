// What follows from a call, and what is like it: on its own page.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { SegmentItem } from "@/api/queries";
import { type Recommendation, recommendationsQuery, similarQuery } from "@/api/search";
import { sentence } from "@/components/format";
import { Card, Failed, Score, Tag, Waiting } from "@/components/ui";
import type { Go } from "../call/scrubber";
import { factsOf, MomentLink } from "./moment";
import { alike, markOf, placeWords } from "./words";

/** Calls that are offered as alike. */
const ALIKE = 5;

const KINDS: Record<Recommendation["kind"], string> = {
  check: "Missed",
  next_step: "Agreed",
  similar_won: "Won deal",
};

/** What to do next, each with its reason and the words that it rests on. */
export function NextSteps({ call, segments, go }: { call: string; segments: readonly SegmentItem[]; go: Go }) {
  const next = useQuery(recommendationsQuery(call));
  return (
    <Card title="What to do next">
      {next.isPending && <Waiting rows={5} label="Loading what to do next" />}
      {next.isError && <Failed error={next.error} retry={() => void next.refetch()} />}
      {next.data?.length === 0 && (
        <p className="px-4 py-3 text-soft">
          Nothing to do is known: no next step of a deal is open, and nothing that counts was missed.
        </p>
      )}
      <ul>
        {next.data?.map(({ kind, title, reason, check, evidence }) => (
          <li key={`${kind} ${check} ${title}`} className="border-b border-line px-4 py-3 last:border-0">
            <div className="flex items-start justify-between gap-3">
              <h3 className="min-w-0 font-semibold">{title}</h3>
              <span className="shrink-0">
                <Tag>{KINDS[kind]}</Tag>
              </span>
            </div>
            <p className="text-soft">{sentence(reason)}</p>
            {evidence.length > 0 && (
              <ul className="mt-2 grid gap-2">
                {evidence.map((said) => (
                  <li key={`${said.call_id} ${said.segment_id} ${said.quote}`}>
                    <Evidence
                      said={said}
                      here={said.call_id === call}
                      jump={() => {
                        const text = segments.find(({ id }) => id === said.segment_id)?.text;
                        go({ segment: said.segment_id, mark: markOf(text, said.quote) });
                      }}
                    />
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Evidence({
  said: { call_id, call_title, segment_id, start_ms, speaker, quote },
  here,
  jump,
}: {
  said: Recommendation["evidence"][number];
  /** Whether it was said in this call. */
  here: boolean;
  jump: () => void;
}) {
  const box = "block w-full rounded-md border border-line bg-surface px-3 py-2 text-left hover:border-line-strong";
  const words = (
    <>
      <mark className="box-decoration-clone">{quote}</mark>
      <span className="mt-0.5 block text-xs text-soft">
        {[speaker, placeWords(start_ms, segment_id), call_title].filter(Boolean).join(", ")}
      </span>
    </>
  );
  return here ? (
    <button type="button" onClick={jump} className={box}>
      {words}
    </button>
  ) : (
    <Link to="/calls/$id" params={{ id: call_id }} search={{ at: segment_id }} className={box}>
      {words}
    </Link>
  );
}

/** Calls that are like this one, each with where it is most like it. */
export function SimilarCalls({ call }: { call: string }) {
  const similar = useQuery(similarQuery(call, ALIKE));
  const { calls, meaning_off } = similar.data ?? {};
  return (
    <Card title="Similar calls" className="overflow-hidden">
      {similar.isPending && <Waiting rows={6} label="Loading similar calls" />}
      {similar.isError && <Failed error={similar.error} retry={() => void similar.refetch()} />}
      {calls?.length === 0 && (
        <p className="px-4 py-3 text-soft">
          No call that you see is like this one, or it is not in the index yet; that takes a minute after it came in.
        </p>
      )}
      <ul>
        {calls?.map(({ call: other, moment, similarity }) => (
          <li key={other.id} className="border-b border-line last:border-0">
            <div className="flex items-center justify-between gap-3 px-4 pt-3">
              <div className="min-w-0">
                <h3 className="truncate font-semibold">
                  <Link to="/calls/$id" params={{ id: other.id }} className="hover:text-pitch hover:underline">
                    {other.title}
                  </Link>
                </h3>
                <p className="figures truncate text-xs text-soft">
                  {alike(similarity)} · {factsOf(other)}
                </p>
              </div>
              <Score value={other.overall_score} />
            </div>
            <MomentLink call={other} moment={moment} />
          </li>
        ))}
      </ul>
      {meaning_off && calls && calls.length > 0 && (
        <p className="border-t border-line px-4 py-2.5 text-xs text-soft">
          {sentence(`Found by their words alone: ${meaning_off}`)}
        </p>
      )}
    </Card>
  );
}
