import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ShieldQuestion } from "lucide-react";
import { useState } from "react";
import { api, taken } from "@/api/client";
import { type CoachingSession, meQuery } from "@/api/queries";
import { Confirm } from "@/components/dialog";
import { Button } from "@/components/ui";
import { SPEAKS } from "./judged";
import { useSome } from "./more";
import { Quote } from "./quote";
import type { Go } from "./scrubber";

/** Stands where the score would: which words speak to the judge, and who may say that the scores hold. */
export function Withheld({ call, session, go }: { call: string; session: CoachingSession; go: Go }) {
  const { data: me } = useQuery(meQuery);
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const words = session.flags.filter(({ kind }) => kind === SPEAKS).flatMap(({ evidence }) => evidence);
  const [shown, way] = useSome(words, 4);
  const confirm = useMutation({
    mutationFn: () =>
      taken(
        api.POST("/api/v1/calls/{id}/sessions/{session_id}/confirm", {
          params: { path: { id: call, session_id: session.id }, header: {} },
        }),
      ),
    onSuccess: async () => {
      // The question stays until the scores are there.
      await queries.invalidateQueries({ queryKey: ["call", call] });
      for (const list of ["calls", "moments"]) void queries.invalidateQueries({ queryKey: [list] });
      setAsked(false);
      // What had the focus is gone.
      document.getElementById("main")?.focus({ preventScroll: true });
    },
    // Somebody else may have looked meanwhile.
    onError: () => queries.invalidateQueries({ queryKey: ["call", call] }),
  });
  return (
    <section aria-labelledby="withheld" className="no-print mb-5 rounded-lg border border-line bg-surface">
      <header className="flex min-h-12 items-start gap-2.5 rounded-t-lg border-b border-line bg-fair-soft px-4 py-3">
        <ShieldQuestion aria-hidden className="mt-0.5 size-4 shrink-0 text-fair" />
        <h2 id="withheld" className="font-semibold">
          Scores are withheld: words in this call speak to whoever judges it
        </h2>
      </header>
      <div className="grid gap-x-8 gap-y-3 px-4 py-3.5 lg:grid-cols-2">
        <p className="max-w-prose">
          They may have steered the judgement. Until a person has looked at them the scores count nowhere.
          {me?.role === "rep" && " A manager or a coach looks at it; you need do nothing."}
        </p>
        <div className="grid content-start gap-2 lg:row-span-2">
          <ul aria-label="Words that speak to the judge" className="grid gap-2">
            {shown.map((quote) => (
              <li key={`${quote.segment_id} ${quote.offset}`} className="grid">
                <Quote quote={quote} go={go} />
              </li>
            ))}
          </ul>
          {way}
        </div>
        {me && me.role !== "rep" && (
          <Button className="max-sm:w-full sm:justify-self-start lg:self-end" onClick={() => setAsked(true)}>
            I have looked: show the scores
          </Button>
        )}
      </div>
      {asked && (
        <Confirm
          title="Show the scores of this call?"
          about="The scores are told as the model gave them, to everybody who sees this call, and count in every average. That you looked stands in the audit trail. Leave them withheld if the words could have steered the judgement."
          deed="Show the scores"
          keep="Leave them withheld"
          kind="primary"
          busy={confirm.isPending}
          error={confirm.error}
          close={() => setAsked(false)}
          go={() => confirm.mutate()}
        />
      )}
    </section>
  );
}
