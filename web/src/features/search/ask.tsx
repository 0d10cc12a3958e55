import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { RotateCcw, Square } from "lucide-react";
import { Tooltip } from "radix-ui";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { ApiError } from "@/api/client";
import { away } from "@/api/error";
import { meQuery } from "@/api/queries";
import { type AnswerSentence, askQuestion, type Citation } from "@/api/search";
import { many, sentence } from "@/components/format";
import { useKeys } from "@/components/keys";
import { Button, Card, Failed, PageHead, Tag, Waiting } from "@/components/ui";
import { type Answer, ASKED, brokenOff, heard, numberOf, sourcesOf } from "./answer";
import { FoundCard } from "./moment";
import { readAskSearch } from "./search";
import { Tabs } from "./tabs";
import { placeWords, understoodWords } from "./words";

/** A question about the calls, answered sentence by sentence, each with the words that show it. */
export function AskPage() {
  const { q } = useSearch({ from: "/frame/ask", select: readAskSearch, structuralSharing: true });
  const navigate = useNavigate({ from: "/ask" });
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(q ?? "");
  useEffect(() => setTyped(q ?? ""), [q]);
  useKeys({ "/": () => field.current?.focus() });
  const { answer, stop, again } = useAnswer(q);
  const coming = answer?.state === "coming";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const question = typed.trim();
    if (question === "") return;
    if (question === q) again();
    else void navigate({ search: { q: question } });
  };
  return (
    <>
      <PageHead title="Ask" note="What was said in the calls that you may see, as an answer." />
      <Tabs q={q} />
      <form onSubmit={submit} className="mb-5 flex max-w-[60rem] flex-wrap gap-2">
        <label className="min-w-48 flex-1">
          <span className="sr-only">Question</span>
          <input
            ref={field}
            value={typed}
            maxLength={1000}
            aria-keyshortcuts="/"
            autoComplete="off"
            enterKeyHint="go"
            placeholder="What do customers say about the price?"
            onChange={({ target }) => setTyped(target.value)}
            className="h-10 w-full rounded-md border border-line-strong bg-surface px-3 text-base placeholder:text-soft"
          />
        </label>
        {coming ? (
          // Not the same element as the other one: the click that stops would go on as one that asks.
          <Button key="stop" onClick={stop} className="h-10">
            <Square aria-hidden className="size-3.5 fill-current" />
            Stop
          </Button>
        ) : (
          <Button key="ask" type="submit" kind="primary" disabled={typed.trim() === ""} className="h-10">
            Ask
          </Button>
        )}
      </form>
      {q === undefined ? <Examples /> : answer && <Told answer={answer} again={again} />}
    </>
  );
}

/** The answer to a question as it comes; what was answered a while ago is not asked again. */
function useAnswer(question: string | undefined) {
  const queries = useQueryClient();
  const [answer, setAnswer] = useState<Answer>();
  const [turn, setTurn] = useState(0);
  const asking = useRef<AbortController>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn asks the same question again
  useEffect(() => {
    if (question === undefined) return setAnswer(undefined);
    const key = ["answer", question];
    const known = queries.getQueryData<Answer>(key);
    if (known) return setAnswer(known);
    const stop = new AbortController();
    asking.current = stop;
    let now = ASKED;
    const tell = (next: Answer) => {
      now = next;
      if (!stop.signal.aborted) setAnswer(next);
    };
    const failed = (error: ApiError) => tell({ ...now, state: "failed", error });
    tell(ASKED);
    askQuestion(question, stop.signal, (name, data) => tell(heard(now, name, data))).then(
      () => {
        if (now.state === "coming") failed(brokenOff());
        else if (now.state === "done" && !now.end?.failure) queries.setQueryData(key, now);
      },
      (error: unknown) => failed(error instanceof ApiError ? error : now === ASKED ? away() : brokenOff()),
    );
    return () => stop.abort();
  }, [question, turn, queries]);
  const stop = () => {
    asking.current?.abort();
    setAnswer((before) => before && { ...before, state: "stopped" });
  };
  const again = () => {
    queries.removeQueries({ queryKey: ["answer", question] });
    setTurn((before) => before + 1);
  };
  return { answer, stop, again };
}

function Told({ answer, again }: { answer: Answer; again: () => void }) {
  const { state, sentences, end, reading, calls, error, meaning_off } = answer;
  const sources = sourcesOf(sentences);
  const modelless = state === "done" && !end?.model && !end?.failure;
  const moments = calls.reduce((sum, each) => sum + each.moments.length, 0);
  const open = modelless || Boolean(end?.failure) || sentences.length === 0;
  return (
    <div className="grid max-w-[60rem] grid-cols-1 gap-5">
      {state === "failed" && <Failed error={error} retry={again} />}
      {end?.failure && <Failed error={new Error(sentence(end.failure.sentence))} retry={again} />}
      {!modelless && state !== "failed" && (sentences.length > 0 || !end?.failure) && (
        <Card
          title="Answer"
          aside={
            state === "coming" ? (
              <Tag>being written</Tag>
            ) : (
              <Button kind="plain" onClick={again} className="-mr-2">
                <RotateCcw aria-hidden className="size-4" />
                Ask again
              </Button>
            )
          }
        >
          <div aria-live="polite" aria-busy={state === "coming"} className="px-4 py-4">
            {sentences.length > 0 && (
              <p className="max-w-[46rem] text-base leading-relaxed">
                {sentences.map((said, n) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: sentences only come at the end
                  <Sentence key={n} said={said} sources={sources} />
                ))}
              </p>
            )}
            {state === "coming" && sentences.length === 0 && <Waiting rows={3} label="Waiting for the answer" />}
            {state === "stopped" && <p className="mt-2 text-soft first:mt-0">Stopped before its end.</p>}
            {end && sentences.length === 0 && (
              <p>
                {end.dropped > 0
                  ? "What the model wrote is not shown by any words of a call, so there is no answer."
                  : "The model found no answer in what was said."}
              </p>
            )}
          </div>
          {end && end.dropped > 0 && (
            <p className="border-t border-line px-4 py-2.5 text-xs text-soft">
              {end.dropped === 1
                ? "1 sentence was left out, since nothing shows it."
                : `${many(end.dropped, "sentence")} were left out, since nothing shows them.`}
            </p>
          )}
          {sources.length > 0 && <Sources sources={sources} />}
        </Card>
      )}
      {modelless && <NoModel found={moments > 0} />}
      {reading && (
        <section aria-labelledby="what-was-read" className="grid grid-cols-1 gap-3">
          <div>
            <h2 id="what-was-read" className="font-semibold">
              {open && state !== "coming" ? "What fits the question" : "What was read for it"}
            </h2>
            <p className="text-soft">
              {moments === 0
                ? "Nothing was found that fits the question."
                : `${many(moments, "moment")} of ${many(calls.length, "call")}`}
              {reading.understood.length > 0 && <> · only {reading.understood.map(understoodWords).join(", ")}</>}
            </p>
            {meaning_off && <p className="text-soft">{sentence(`Looked for by words alone: ${meaning_off}`)}</p>}
          </div>
          {moments > 0 &&
            (open ? (
              <Read calls={calls} />
            ) : (
              <details>
                <summary className="cursor-pointer font-medium text-pitch">Show what was read</summary>
                <div className="mt-3">
                  <Read calls={calls} />
                </div>
              </details>
            ))}
        </section>
      )}
    </div>
  );
}

function Read({ calls }: Pick<Answer, "calls">) {
  return (
    <ol aria-label="What was read" className="grid grid-cols-1 gap-4">
      {calls.map((each) => (
        <FoundCard key={each.call.id} found={each} />
      ))}
    </ol>
  );
}

function NoModel({ found }: { found: boolean }) {
  const { data: me } = useQuery(meQuery);
  const leads = me?.role === "admin" || me?.role === "manager";
  return (
    <p role="status" className="rounded-md bg-fair-soft px-4 py-3">
      No model is set up here, so nobody words an answer.{found && " These are the moments that fit the question best."}{" "}
      {leads && (
        <Link to="/settings/model" className="font-medium text-pitch underline">
          To the model
        </Link>
      )}
    </p>
  );
}

function Sentence({ said: { text, citations }, sources }: { said: AnswerSentence; sources: readonly Citation[] }) {
  return (
    <span>
      {text}
      {citations.map((cited) => (
        <Chip key={`${cited.call_id} ${cited.segment_id}`} cited={cited} number={numberOf(cited, sources)} />
      ))}{" "}
    </span>
  );
}

const opens = ({ call_id, segment_id }: Citation) =>
  ({ to: "/calls/$id", params: { id: call_id }, search: { at: segment_id } }) as const;

/** The number of a place, which opens it, and shows it where it is pointed at. */
function Chip({ cited, number }: { cited: Citation; number: number }) {
  return (
    <Tooltip.Provider delayDuration={150}>
      <Tooltip.Root>
        <Tooltip.Trigger asChild>
          <Link
            {...opens(cited)}
            aria-label={`Source ${number}: ${cited.call_title} at ${placeWords(cited.start_ms, cited.segment_id)}`}
            className="figures mx-0.5 inline-grid size-6 place-items-center rounded-full bg-sunken align-middle text-xs font-semibold text-pitch hover:bg-pitch hover:text-on-pitch"
          >
            {number}
          </Link>
        </Tooltip.Trigger>
        <Tooltip.Portal container={document.getElementById("main")}>
          <Tooltip.Content
            sideOffset={6}
            collisionPadding={12}
            className="z-50 grid w-[min(24rem,calc(100vw-1.5rem))] gap-1 rounded-lg border border-line bg-surface px-3.5 py-2.5 text-sm shadow-raised"
          >
            <Words cited={cited} />
          </Tooltip.Content>
        </Tooltip.Portal>
      </Tooltip.Root>
    </Tooltip.Provider>
  );
}

function Words({ cited: { quote, speaker, call_title, start_ms, segment_id } }: { cited: Citation }) {
  return (
    <>
      <span className="block">
        <mark className="box-decoration-clone">{quote}</mark>
      </span>
      <span className="block text-xs text-soft">
        {[speaker ?? "Somebody", placeWords(start_ms, segment_id), call_title].join(" · ")}
      </span>
    </>
  );
}

/** Where it was said, by the numbers of the sentences. */
function Sources({ sources }: { sources: readonly Citation[] }) {
  return (
    <section aria-label="Where that was said" className="border-t border-line">
      <ol>
        {sources.map((cited, n) => (
          <li key={`${cited.call_id} ${cited.segment_id}`} className="border-b border-line last:border-0">
            <Link {...opens(cited)} className="flex items-baseline gap-3 px-4 py-2.5 hover:bg-sunken">
              <span className="figures w-5 shrink-0 text-right text-xs font-semibold text-pitch">{n + 1}</span>
              <span className="grid min-w-0 gap-0.5">
                <Words cited={cited} />
              </span>
            </Link>
          </li>
        ))}
      </ol>
    </section>
  );
}

const QUESTIONS = [
  "What do customers say about the price?",
  "Which competitors were named this month?",
  "What did customers ask about security?",
  "Why do customers want to wait?",
];

function Examples() {
  return (
    <Card title="For example" className="max-w-[60rem]">
      <ul>
        {QUESTIONS.map((q) => (
          <li key={q} className="border-b border-line last:border-0">
            <Link
              to="/ask"
              search={{ q }}
              className="block px-4 py-2.5 font-medium text-pitch hover:bg-sunken hover:underline"
            >
              {q}
            </Link>
          </li>
        ))}
      </ul>
      <p className="border-t border-line px-4 py-3 text-xs text-soft">
        Days, reps, customers and sides that the question names say where is looked. Each sentence of the answer leads
        to the words that show it; what nothing shows is left out.
      </p>
    </Card>
  );
}
