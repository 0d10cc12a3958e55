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
    },
  });
  return (
    <section aria-labelledby="withheld" className="no-print mb-5 rounded-lg border border-line bg-fair-soft">
      <div className="flex flex-wrap items-start gap-x-6 gap-y-3 px-4 py-3">
        <div className="flex min-w-0 flex-1 basis-80 items-start gap-3">
          <ShieldQuestion aria-hidden className="mt-0.5 size-4 shrink-0 text-fair" />
          <div className="min-w-0">
            <h2 id="withheld" className="font-semibold">
              Scores are withheld: words in this call speak to whoever judges it
            </h2>
            <p className="mt-0.5 max-w-prose">
              They may have steered the judgement. Until a person has looked at them the scores count nowhere.
              {me?.role === "rep" && " A manager or a coach looks at it; you need do nothing."}
            </p>
          </div>
        </div>
        {me && me.role !== "rep" && (
          <Button className="max-sm:w-full" onClick={() => setAsked(true)}>
            I have looked: show the scores
          </Button>
        )}
      </div>
      {shown.length > 0 && (
        <ul aria-label="Words that speak to the judge" className="grid gap-2 px-4 pb-4 sm:pl-11">
          {shown.map((quote) => (
            <li key={`${quote.segment_id} ${quote.offset}`} className="grid max-w-prose">
              <Quote quote={quote} go={go} />
            </li>
          ))}
        </ul>
      )}
      {way}
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
