import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import clsx from "clsx";
import { BookmarkPlus } from "lucide-react";
import { Fragment, type ReactNode, useRef, useState } from "react";
import { type Found, foundQuery, readOf, type Suggestion, type Wanted } from "@/api/search";
import { sentence } from "@/components/format";
import { useKeys } from "@/components/keys";
import { Button, Card, Empty, Failed, PageHead, Waiting } from "@/components/ui";
import { FacetLists } from "./facets";
import { QueryField } from "./field";
import { Filters } from "./filters";
import { FoundCard } from "./moment";
import { SavedSearches } from "./saved";
import { SaveSearch } from "./saving";
import { asQuery, type FindSearch, isNarrowed, readFindSearch, wantedOf, widened } from "./search";
import { Tabs } from "./tabs";
import { countWords, grouped } from "./words";

/** What was said, found by words and by meaning. */
export function FindPage() {
  const search = useSearch({ from: "/frame/search", select: readFindSearch, structuralSharing: true });
  const navigate = useNavigate({ from: "/search" });
  const field = useRef<HTMLInputElement>(null);
  const [saving, setSaving] = useState(false);
  const [kept, setKept] = useState<{ name: string; query: string }>();
  useKeys({ "/": () => field.current?.focus() });
  const set = (change: Partial<FindSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const choose = ({ kind, text, id }: Suggestion) => {
    if (kind === "word") return set({ q: text });
    if (kind === "call" && id) return void navigate({ to: "/calls/$id", params: { id } });
    // A name stands for all that was typed: it is found by that.
    if (kind === "agent") return set({ q: undefined, agent: id ?? text });
    if (kind === "customer") return set({ q: undefined, customer: text });
    return set({ q: `${kind === "speaker" ? "speaker" : "deal"}:"${text.replaceAll('"', " ")}"` });
  };
  const wanted = wantedOf(search);
  const query = asQuery(search);
  return (
    <>
      <PageHead title="Search" note="What was said in the calls that you may see.">
        {wanted && query !== "" && (
          <Button onClick={() => setSaving(true)}>
            <BookmarkPlus aria-hidden className="size-4" />
            Save this search
          </Button>
        )}
      </PageHead>
      <Tabs q={search.q} />
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <QueryField value={search.q} set={(q) => set({ q })} choose={choose} field={field} />
        <ModeSwitch mode={search.mode} set={(mode) => set({ mode })} />
      </div>
      {wanted ? (
        <Hits
          wanted={wanted}
          search={search}
          set={set}
          told={
            kept?.query === query && (
              <p role="status" className="mb-3 rounded-md bg-pitch-soft px-4 py-2">
                “{kept.name}” is saved.{" "}
                <Link to="/search" search={{}} className="font-medium text-pitch underline">
                  To your searches
                </Link>
              </p>
            )
          }
        />
      ) : (
        <div className="mt-5 grid grid-cols-1 items-start gap-5 lg:grid-cols-2">
          <SavedSearches open={search.saved} turn={(saved) => set({ saved })} />
          <Examples />
        </div>
      )}
      {saving && (
        <SaveSearch
          query={query}
          mode={search.mode ?? "hybrid"}
          close={() => setSaving(false)}
          saved={(name) => {
            setSaving(false);
            setKept({ name, query });
          }}
        />
      )}
    </>
  );
}

const MODES = [
  { mode: undefined, name: "Both", about: "By words and by meaning" },
  { mode: "keyword", name: "Words", about: "By words alone" },
  { mode: "vector", name: "Meaning", about: "By meaning alone" },
] as const;

function ModeSwitch({ mode, set }: { mode: FindSearch["mode"]; set: (mode: FindSearch["mode"]) => void }) {
  return (
    <fieldset className="flex gap-0.5 rounded-md border border-line bg-sunken p-0.5 max-sm:w-full">
      <legend className="sr-only">How is looked</legend>
      {MODES.map(({ mode: each, name, about }) => (
        <button
          key={name}
          type="button"
          title={about}
          aria-pressed={mode === each}
          onClick={() => set(each)}
          className={clsx(
            "h-8 rounded px-3 max-sm:flex-1",
            mode === each ? "bg-surface font-semibold ring-1 ring-line" : "text-soft hover:text-ink",
          )}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}

function Hits({
  wanted,
  search,
  set,
  told,
}: {
  wanted: Wanted;
  search: FindSearch;
  set: (change: Partial<FindSearch>) => void;
  told: ReactNode;
}) {
  const found = useInfiniteQuery({ ...foundQuery(wanted), placeholderData: keepPreviousData });
  const pages = found.data?.pages ?? [];
  const first = pages[0];
  const calls = grouped(pages);
  const narrowed = isNarrowed(search);
  const clear = narrowed ? () => set(widened) : undefined;
  const facets = first?.facets ?? undefined;
  const some = facets && [facets.agents, facets.customers, facets.months].some(({ length }) => length > 0);
  const lists = some && <FacetLists facets={facets} search={search} set={set} />;
  return (
    <>
      <Filters search={search} facets={facets} set={set} clear={clear} />
      {told}
      <div className="grid grid-cols-1 items-start gap-x-8 gap-y-4 lg:grid-cols-[minmax(0,60rem)_14rem]">
        <div aria-busy={found.isPlaceholderData} className={clsx("min-w-0", found.isPlaceholderData && "opacity-60")}>
          <h2 className="sr-only">What was found</h2>
          {found.isPending && (
            <Card>
              <Waiting rows={10} label="Loading what was found" />
            </Card>
          )}
          {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
          {first && !found.isError && (
            <>
              <Count found={first} shown={calls.reduce((sum, { moments }) => sum + moments.length, 0)}>
                <button
                  type="button"
                  aria-pressed={search.explain === true}
                  onClick={() => set({ explain: search.explain ? undefined : true })}
                  className="min-h-6 font-medium whitespace-nowrap text-pitch hover:underline aria-pressed:font-semibold"
                >
                  {search.explain ? "Hide why here" : "Why here?"}
                </button>
              </Count>
              {lists && (
                <details className="mb-3 rounded-lg border border-line bg-surface px-4 py-2.5 lg:hidden">
                  <summary className="cursor-pointer font-medium">Among these</summary>
                  <div className="mt-3">{lists}</div>
                </details>
              )}
              {calls.length === 0 && <Nothing clear={clear} mode={first.mode} />}
              <ol aria-label="What was found" className="grid grid-cols-1 gap-4">
                {calls.map((each) => (
                  <FoundCard key={each.call.id} found={each} explain={search.explain === true} />
                ))}
              </ol>
            </>
          )}
          {found.hasNextPage && (
            <div className="mt-4 grid justify-center">
              <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                More moments
              </Button>
            </div>
          )}
        </div>
        {lists && (
          <aside aria-label="Among these" className="max-lg:hidden lg:sticky lg:top-7">
            {lists}
          </aside>
        )}
      </div>
    </>
  );
}

/** How much was found, and what is to be known of how it was looked. */
function Count({ found, shown, children }: { found: Found; shown: number; children: ReactNode }) {
  const read = readOf(found);
  const notes = [found.meaning_off && `Looked for by words alone: ${found.meaning_off}`, ...read.notes].filter(
    (note): note is string => Boolean(note),
  );
  return (
    <div className="mb-3">
      <div className="flex items-baseline justify-between gap-3">
        <p role="status" className="font-medium">
          {shown > 0 && sentence(countWords(found, read, shown))}
        </p>
        {shown > 0 && children}
      </div>
      {notes.map((note) => (
        <p key={note} className="text-soft">
          <Coded text={sentence(note)} />
        </p>
      ))}
    </div>
  );
}

/** A sentence in which what was written stands in backticks. */
function Coded({ text }: { text: string }) {
  return text.split("`").map((part, n) =>
    n % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of a sentence that does not change
      <code key={n} className="rounded bg-sunken px-1 font-sans">
        {part}
      </code>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the same
      <Fragment key={n}>{part}</Fragment>
    ),
  );
}

function Nothing({ clear, mode }: { clear: (() => void) | undefined; mode: Found["mode"] }) {
  return (
    <div className="grid gap-5">
      <Card>
        <Empty title="Nothing was found" action={clear && <Button onClick={clear}>Clear the filters</Button>}>
          {clear
            ? "Take a filter away, or look for other words."
            : mode === "keyword"
              ? "Nobody has said these words in a call that you may see. Try fewer of them, or their beginnings."
              : "Nothing that was said in your calls is like it. Try other words."}
        </Empty>
      </Card>
      <Examples />
    </div>
  );
}

const EXAMPLES: { q: string; about: string }[] = [
  { q: "too expensive", about: "words, in all their forms, and what means the same" },
  { q: '"send the contract"', about: "exactly these words, one after the other" },
  { q: "integrat*", about: "all words that begin so" },
  { q: "budget side:customer -rebate", about: "said by the customer, without another word" },
  { q: "competitor score<45 after:2026-01-01", about: "in calls below a score, since a day" },
];

/** The ways in which one can search, each as a link. */
function Examples() {
  return (
    <Card title="Ways to search">
      <ul>
        {EXAMPLES.map(({ q, about }) => (
          <li key={q} className="border-b border-line last:border-0">
            <Link to="/search" search={{ q }} className="group block px-4 py-2.5 hover:bg-sunken">
              <span className="block font-medium text-pitch group-hover:underline">{q}</span>
              <span className="block text-xs text-soft">{about}</span>
            </Link>
          </li>
        ))}
      </ul>
      <p className="border-t border-line px-4 py-3 text-xs text-soft">
        Also <Names of={["rep:", "customer:", "speaker:", "deal:", "before:", "tracker:", "language:"]} />. A value with
        a space stands in quotes: <Names of={['rep:"Dana Whitlock"']} />.
      </p>
    </Card>
  );
}

function Names({ of }: { of: string[] }) {
  return of.map((name, n) => (
    <Fragment key={name}>
      {n > 0 && ", "}
      <code className="rounded bg-sunken px-1 font-sans text-ink">{name}</code>
    </Fragment>
  ));
}
