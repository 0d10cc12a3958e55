import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import clsx from "clsx";
import { Undo2 } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { type DealDetails, renewDeals, sayLinked, type TimelineEntry, timelineQuery } from "@/api/deals";
import { Choose } from "@/components/choose";
import { many } from "@/components/format";
import { Button, Card, Empty, Failed, Waiting } from "@/components/ui";
import { Entry } from "./entry";
import { type DealSearch, readDealSearch } from "./search";
import { monthOf, peopleOf } from "./words";

const KINDS = [
  [undefined, "All"],
  ["call", "Calls"],
  ["email", "E-mails"],
] as const;

/** All calls and e-mails of a deal in one order, the latest first. */
export function Timeline({ deal }: { deal: DealDetails }) {
  const { kind, person, entry } = useSearch({
    from: "/frame/deals/$id",
    select: readDealSearch,
    structuralSharing: true,
  });
  const navigate = useNavigate({ from: "/deals/$id" });
  const set = (change: DealSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const found = useInfiniteQuery(timelineQuery(deal.id, { kind, person }));
  const items = useMemo(() => found.data?.pages.flatMap((page) => page.items) ?? [], [found.data]);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const turn = (id: string) =>
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  useAsked(entry, items, found, (id) => setOpen((before) => new Set(before).add(id)));
  const [taken, take] = useTaken(deal.id);
  // People of the entries that were read before stay to be chosen when one of them is.
  const people = usePeopleSeen(items);
  const months = useMemo(() => byMonth(items), [items]);
  const total = deal.calls + deal.emails;
  const filtered = kind !== undefined || person !== undefined;
  return (
    <section aria-label="Timeline" className="min-w-0">
      <header className="mb-3 flex flex-wrap items-center gap-2">
        <h2 className="sr-only">Timeline</h2>
        <p className="figures mr-auto text-soft max-sm:w-full">
          {many(deal.calls, "call")}, {many(deal.emails, "e-mail")}
        </p>
        <fieldset className="flex rounded-md border border-line bg-surface p-0.5">
          <legend className="sr-only">What the timeline shows</legend>
          {KINDS.map(([each, name]) => (
            <button
              key={name}
              type="button"
              aria-pressed={kind === each}
              onClick={() => set({ kind: each, entry: undefined })}
              className={clsx(
                "h-7 rounded px-2.5",
                kind === each ? "bg-sunken font-semibold" : "text-soft hover:text-ink",
              )}
            >
              {name}
            </button>
          ))}
        </fieldset>
        <Choose
          label="Person"
          size="sm"
          className="w-44 max-sm:flex-1"
          free
          choices={people}
          value={person}
          set={(next) => set({ person: next, entry: undefined })}
        />
      </header>
      {taken.told}
      {found.isPending && (
        <Card>
          <Waiting rows={8} label="Loading the timeline" />
        </Card>
      )}
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && items.length === 0 && (
        <Card>
          <Empty
            title={filtered ? "Nothing like that" : "Neither a call nor an e-mail yet"}
            action={
              filtered ? (
                <Button onClick={() => set({ kind: undefined, person: undefined })}>Show all of it</Button>
              ) : undefined
            }
          >
            {filtered
              ? "Nothing of this deal is with them, or of this kind."
              : "A call finds its deal by the customer’s mail domain and its date. On the page of a call you can say to which it belongs."}
          </Empty>
        </Card>
      )}
      <div className="grid gap-4">
        {months.map(([month, entries]) => (
          <section key={month} aria-label={month}>
            <h3 className="mb-1.5 text-xs font-semibold text-soft">{month}</h3>
            <Card className="overflow-hidden">
              <ol>
                {entries.map((each) => (
                  <Entry
                    key={each.id}
                    entry={each}
                    stage={deal.stage}
                    open={open.has(each.id)}
                    asked={each.id === entry}
                    turn={() => turn(each.id)}
                    take={take}
                    busy={taken.busy === each.id}
                  />
                ))}
              </ol>
            </Card>
          </section>
        ))}
      </div>
      {found.hasNextPage && (
        <div className="mt-3 grid justify-center">
          <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {filtered || total <= items.length
              ? "Load more"
              : `Load more (${many(total - items.length, "is", "are")} left)`}
          </Button>
        </div>
      )}
    </section>
  );
}

/** Entries below the month that they are of. */
function byMonth(items: readonly TimelineEntry[]): [month: string, entries: TimelineEntry[]][] {
  const found: [string, TimelineEntry[]][] = [];
  for (const item of items) {
    const month = monthOf(item.at);
    const last = found.at(-1);
    if (last?.[0] === month) last[1].push(item);
    else found.push([month, [item]]);
  }
  return found;
}

type Pages = Pick<ReturnType<typeof useInfiniteQuery>, "hasNextPage" | "isFetching" | "fetchNextPage">;

/** Opens the entry that the address asks for and brings it into sight, once; reads on until it is there. */
function useAsked(
  asked: string | undefined,
  items: readonly TimelineEntry[],
  pages: Pages,
  show: (id: string) => void,
) {
  const shown = useRef<string>(undefined);
  const { hasNextPage, isFetching, fetchNextPage } = pages;
  useEffect(() => {
    if (asked === undefined) {
      shown.current = undefined;
      return;
    }
    if (shown.current === asked) return;
    if (items.some(({ id }) => id === asked)) {
      shown.current = asked;
      show(asked);
      // Once it is drawn open.
      requestAnimationFrame(() => {
        const there = document.getElementById(`entry-${asked}`);
        there?.scrollIntoView({ block: "center" });
        there?.querySelector<HTMLElement>("button")?.focus({ preventScroll: true });
      });
    } else if (hasNextPage && !isFetching) void fetchNextPage();
  }, [asked, items, hasNextPage, isFetching, fetchNextPage, show]);
}

/** All people that were seen in this timeline since it was opened. */
function usePeopleSeen(items: readonly TimelineEntry[]) {
  const seen = useRef(new Map<string, TimelineEntry>());
  return useMemo(() => {
    for (const item of items) seen.current.set(item.id, item);
    return peopleOf([...seen.current.values()]);
  }, [items]);
}

type Call = Extract<TimelineEntry, { kind: "call" }>;

/** Takes a call from the deal, and gives it back where that was not meant. */
function useTaken(deal: string) {
  const queries = useQueryClient();
  const [last, setLast] = useState<Call>();
  const say = useMutation({
    mutationFn: ({ call, belongs }: { call: Call; belongs: boolean }) => sayLinked(deal, call.id, belongs),
    onSuccess: (_, { call, belongs }) => {
      setLast(belongs ? undefined : call);
      renewDeals(queries);
    },
  });
  const told = (
    <>
      {say.error && <Failed error={say.error} />}
      <div
        role="status"
        className={
          last ? "mb-3 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md bg-pitch-soft px-4 py-2" : "sr-only"
        }
      >
        {last && (
          <>
            <span className="min-w-0">“{last.title}” does not belong to this deal any more.</span>
            <Button
              kind="plain"
              autoFocus
              busy={say.isPending}
              onClick={() => say.mutate({ call: last, belongs: true })}
              className="-my-1"
            >
              <Undo2 aria-hidden className="size-4" />
              Undo
            </Button>
          </>
        )}
      </div>
    </>
  );
  const busy = say.isPending ? say.variables.call.id : undefined;
  return [{ told, busy }, (call: Call) => say.mutate({ call, belongs: false })] as const;
}
