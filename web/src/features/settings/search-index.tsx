import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { indexAnew, indexQuery, isComplete, type SearchIndex } from "@/api/search";
import { Confirm } from "@/components/dialog";
import { many, number, sentence } from "@/components/format";
import { Button, Card, Failed, Tag, Waiting } from "@/components/ui";
import { useDoing } from "./doing";

const ANEW = {
  words: {
    title: "Make the index of words anew?",
    about:
      "The words of all calls are read again, and after them the vectors are made anew, which takes a while. Searches go on meanwhile, and find what is there.",
    done: "The words are being indexed anew.",
  },
  vectors: {
    title: "Make the vectors anew?",
    about:
      "Each call is read again by the model that makes vectors, which takes a while. Searches go on meanwhile, and find by meaning what is there.",
    done: "The vectors are being made anew.",
  },
} as const;
type What = keyof typeof ANEW;

/** How far the index is by which calls are searched, and the ways to make it anew. */
export function SearchIndexCard() {
  const index = useQuery(indexQuery);
  const [asked, setAsked] = useState<What>();
  const doing = useDoing({
    run: indexAnew,
    lists: [indexQuery.queryKey],
    done: (what: What) => ANEW[what].done,
    after: () => setAsked(undefined),
  });
  const { data } = index;
  return (
    <Card
      title="Search index"
      aside={data && (isComplete(data) ? <Tag tone="good">complete</Tag> : <Tag>being made</Tag>)}
    >
      {index.isPending && <Waiting rows={4} label="Loading how far the index is" />}
      {index.isError && <Failed error={index.error} retry={() => void index.refetch()} />}
      {data && <Figures of={data} />}
      {data && (
        <div className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-4 py-3">
          <Button onClick={() => setAsked("words")}>Index words anew…</Button>
          {!data.meaning_off && <Button onClick={() => setAsked("vectors")}>Make vectors anew…</Button>}
        </div>
      )}
      {asked && (
        <Confirm
          title={ANEW[asked].title}
          about={ANEW[asked].about}
          deed="Make it anew"
          keep="Leave it"
          kind="primary"
          busy={doing.isPending}
          error={doing.error}
          close={() => {
            doing.reset();
            setAsked(undefined);
          }}
          go={() => doing.mutate(asked)}
        />
      )}
    </Card>
  );
}

function Figures({ of: { calls, indexed, embedded, passages, model, meaning_off } }: { of: SearchIndex }) {
  return (
    <div className="grid gap-3.5 px-4 py-3.5">
      <p>
        <span className="figures mr-1 text-2xl font-semibold tracking-tight">{number(passages)}</span>{" "}
        <span className="text-soft">
          {passages === 1 ? "passage" : "passages"} of {many(calls, "call")}
        </span>
      </p>
      <Bar name="By words" ready={indexed} of={calls} />
      {meaning_off ? (
        <div>
          <p className="font-medium">By meaning</p>
          <p className="text-soft">{sentence(`Switched off: ${meaning_off}`)}</p>
        </div>
      ) : (
        <Bar name={model ? `By meaning, with ${model}` : "By meaning"} ready={embedded} of={calls} />
      )}
    </div>
  );
}

function Bar({ name, ready, of }: { name: string; ready: number; of: number }) {
  const share = of === 0 ? 1 : Math.min(1, ready / of);
  const words = `${number(ready)} of ${number(of)}`;
  return (
    <div>
      <p className="mb-1 flex items-baseline justify-between gap-3">
        <span className="font-medium">{name}</span>
        <span className="figures text-xs text-soft">{words}</span>
      </p>
      <div
        role="progressbar"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={of}
        aria-valuenow={ready}
        aria-valuetext={words}
        className="h-1.5 overflow-hidden rounded-full bg-sunken"
      >
        <span className="block h-full rounded-full bg-pitch" style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}
