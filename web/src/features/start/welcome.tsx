import { FileUp, Users } from "lucide-react";
import type { ReactNode } from "react";
import type { Me } from "@/api/queries";
import { Button, Card, Empty, PageHead } from "@/components/ui";
import { Upload } from "@/features/calls/upload";
import { useSamples } from "./samples";

/** The start page while there are no calls: what brings some in, in one click. */
export function Welcome({ me }: { me: Me }) {
  if (me.role === "coach")
    return (
      <>
        <PageHead title={`Welcome, ${me.name}`} />
        <Card>
          <Empty title="No calls yet">
            As soon as calls of the reps whom you coach are in, they stand here. An admin says who they are.
          </Empty>
        </Card>
      </>
    );
  return (
    <>
      <PageHead
        title={`Welcome, ${me.name}`}
        note="Sideline reads sales calls, scores them by a rubric, and shows for each score the words it rests on."
      />
      <div className="grid max-w-4xl gap-5 md:grid-cols-2">
        {me.role === "admin" && <Samples />}
        <Upload>
          {(choose) => (
            <Way
              icon={<FileUp aria-hidden className="size-5" />}
              title="Bring your own calls"
              act={
                <Button kind={me.role === "admin" ? "quiet" : "primary"} className="h-10" onClick={choose}>
                  Choose transcripts
                </Button>
              }
            >
              Drop transcripts here: VTT, SRT, Word, CSV, text, or the JSON of Zoom, Teams, Gong, Fireflies, Deepgram
              and others. Card and identity numbers are replaced before anything is kept.
            </Way>
          )}
        </Upload>
      </div>
    </>
  );
}

function Samples() {
  const add = useSamples("add");
  return (
    <Way
      icon={<Users aria-hidden className="size-5" />}
      title="Look around first"
      act={
        <>
          <Button kind="primary" className="h-10" busy={add.isPending} onClick={() => add.mutate()}>
            Add sample calls
          </Button>
          {add.isError && (
            <p role="alert" className="text-poor">
              {add.error.message}
            </p>
          )}
        </>
      }
    >
      Some 190 calls of a made-up team of eight and the deals they belong to, from the last four months. They are
      coached while you watch, and one click takes them away again.
    </Way>
  );
}

/** One way to begin. */
function Way({ icon, title, children, act }: { icon: ReactNode; title: string; children: ReactNode; act: ReactNode }) {
  return (
    <section className="flex h-full flex-col items-start gap-3 rounded-lg border border-line bg-surface p-6">
      <span className="grid size-10 place-items-center rounded-full bg-pitch-soft text-pitch">{icon}</span>
      <h2 className="text-base font-semibold">{title}</h2>
      <p className="text-soft">{children}</p>
      <div className="mt-auto grid justify-items-start gap-2 pt-2">{act}</div>
    </section>
  );
}
