import { useMutation, useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { api, taken } from "@/api/client";
import { sourceQuery } from "@/api/connections";
import { day, lasted, sentence, time } from "@/components/format";
import { Button, Card, Failed } from "@/components/ui";
import { knownBy, SERVICES, serviceOf, stepName, stepNote } from "../integrations/words";

/** Where a call came from and how; nothing where somebody brought it as a file. `from`: its source, as the call itself tells it. */
export function Source({ id, from }: { id: string; from: string }) {
  const { data: source, error, refetch, isSuccess } = useQuery(sourceQuery(id));
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!source) return isSuccess && <Gone from={from} />;
  const { kind } = source;
  const { name } = SERVICES[kind];
  return (
    <Card
      title="Where it came from"
      aside={
        source.url && (
          <a
            href={source.url}
            target="_blank"
            rel="noreferrer"
            className="inline-flex items-center gap-1 font-medium whitespace-nowrap text-pitch underline"
          >
            In {name} <ExternalLink aria-hidden className="size-3.5" />
            <span className="sr-only">(opens a new tab)</span>
          </a>
        )
      }
    >
      <div className="grid gap-3 px-4 py-3">
        <div>
          <p className="font-medium">
            {name} · {source.connection}
          </p>
          <p className="figures text-xs text-soft">
            Known since {day(source.known_at)}, {time(source.known_at)}: {knownBy(source, kind)}
          </p>
          {source.why && <p className="mt-1">{sentence(source.why)}</p>}
        </div>
        {/* The others give no recording. */}
        {kind === "gong" && <Recording id={id} />}
        {source.steps.length > 0 && (
          <details>
            <summary className="cursor-pointer text-soft hover:text-ink">How it came in</summary>
            <ol className="mt-2 grid gap-1.5">
              {source.steps.map((step) => {
                const note = stepNote(step);
                return (
                  <li key={step.step} className="flex items-baseline justify-between gap-3">
                    <span className="min-w-0">
                      {stepName(step)}
                      {note && <span className="block text-xs text-soft">{sentence(note)}</span>}
                    </span>
                    <span className="figures shrink-0 text-right text-xs text-soft">
                      {time(step.finished_at ?? step.started_at)} · {lasted(step.took_ms)}
                    </span>
                  </li>
                );
              })}
            </ol>
          </details>
        )}
      </div>
    </Card>
  );
}

/** Of a call whose connection is no longer there. */
function Gone({ from }: { from: string }) {
  const name = serviceOf(from);
  if (!name) return null;
  return (
    <Card title="Where it came from">
      <p className="px-4 py-3 text-soft">{name}, by a connection that was removed</p>
    </Card>
  );
}

/** Asks where the recording is, and opens it in a new tab: its address is good for some hours only, so none is kept. */
function Recording({ id }: { id: string }) {
  const open = useMutation({
    mutationFn: async (tab: Window | null) => {
      const asked = taken(api.POST("/api/v1/calls/{id}/recording", { params: { path: { id }, header: {} } }));
      const { audio_url, video_url } = await asked.catch((error: unknown) => {
        tab?.close();
        throw error;
      });
      const url = video_url ?? audio_url;
      if (url) tab?.location.replace(url);
      return { url, opened: tab !== null };
    },
  });
  return (
    <div className="grid justify-items-start gap-2">
      <Button
        busy={open.isPending}
        onClick={() => {
          // With the click: browsers let no page open one later by itself.
          const tab = window.open("", "_blank");
          if (tab) tab.opener = null;
          open.mutate(tab);
        }}
      >
        Open recording
      </Button>
      {open.data?.url && !open.data.opened && (
        <a href={open.data.url} target="_blank" rel="noreferrer" className="text-pitch underline">
          Here it is, for some hours
        </a>
      )}
      {open.error && <Failed error={open.error} />}
    </div>
  );
}
