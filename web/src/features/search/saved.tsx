import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import clsx from "clsx";
import { Pencil, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { changeSearch, dropSearch, type SavedSearch, savedHitsQuery, savedQuery, sawSearch } from "@/api/search";
import { Ask, Confirm } from "@/components/dialog";
import { day, many, time } from "@/components/format";
import { Button, Card, Failed, Field, Score, Tag, Waiting } from "@/components/ui";
import { factsOf } from "./moment";
import { Toggle } from "./saving";

const modeOf = ({ mode }: SavedSearch) => (mode === "hybrid" ? undefined : mode);

/** My searches, each with what is new in it. */
export function SavedSearches({ open, turn }: { open: string | undefined; turn: (id: string | undefined) => void }) {
  const saved = useQuery(savedQuery);
  return (
    <Card title="Saved searches">
      {saved.isPending && <Waiting rows={3} label="Loading your searches" />}
      {saved.isError && <Failed error={saved.error} retry={() => void saved.refetch()} />}
      {saved.data?.length === 0 && (
        <p className="px-4 py-3 text-soft">
          None yet. Search for something, then “Save this search”: you are told of new calls in which it is said.
        </p>
      )}
      {saved.data && saved.data.length > 0 && (
        <ul>
          {saved.data.map((each) => (
            <Row
              key={each.id}
              saved={each}
              open={open === each.id}
              turn={() => turn(open === each.id ? undefined : each.id)}
            />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Row({ saved, open, turn }: { saved: SavedSearch; open: boolean; turn: () => void }) {
  const { id, name, query, alert, unseen } = saved;
  const queries = useQueryClient();
  const [asks, setAsks] = useState<"name" | "delete">();
  const renew = () => queries.invalidateQueries({ queryKey: savedQuery.queryKey, exact: true });
  const tell = useMutation({ mutationFn: (on: boolean) => changeSearch(id, { alert: on }), onSettled: renew });
  const drop = useMutation({
    mutationFn: () => dropSearch(id),
    onSuccess: () => {
      setAsks(undefined);
      return renew();
    },
  });
  const on = tell.isPending ? tell.variables : alert;
  const icon = "grid size-8 place-items-center rounded text-soft hover:bg-sunken hover:text-ink";
  return (
    <li className="border-b border-line last:border-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
        <div className="min-w-0 flex-1 max-sm:basis-full">
          <Link
            to="/search"
            search={{ q: query, mode: modeOf(saved) }}
            className="font-medium break-words text-pitch hover:underline"
          >
            {name}
          </Link>
          {query !== name && <p className="truncate text-xs text-soft">{query}</p>}
        </div>
        <button
          type="button"
          aria-expanded={open}
          aria-controls={`new-${id}`}
          onClick={turn}
          className={clsx(
            "figures min-h-6 rounded-full px-2 text-xs whitespace-nowrap",
            unseen > 0 ? "bg-pitch font-semibold text-on-pitch" : "border border-line text-soft hover:text-ink",
          )}
        >
          {unseen > 0 ? many(unseen, "new call") : "New calls"}
          <span className="sr-only"> in {name}</span>
        </button>
        <span className="ml-auto flex items-center gap-1">
          <Toggle id={`tell-${id}`} on={on} set={(next) => tell.mutate(next)} label={`Tell me of new calls: ${name}`} />
          <button
            type="button"
            aria-label={`Rename ${name}…`}
            title="Rename…"
            onClick={() => setAsks("name")}
            className={clsx(icon, "ml-1")}
          >
            <Pencil aria-hidden className="size-4" />
          </button>
          <button
            type="button"
            aria-label={`Delete ${name}…`}
            title="Delete…"
            onClick={() => setAsks("delete")}
            className={icon}
          >
            <Trash2 aria-hidden className="size-4" />
          </button>
        </span>
      </div>
      {tell.isError && <Failed error={tell.error} />}
      <div id={`new-${id}`}>{open && <NewCalls saved={saved} />}</div>
      {asks === "name" && <Rename saved={saved} close={() => setAsks(undefined)} />}
      {asks === "delete" && (
        <Confirm
          title="Delete this search?"
          about={
            <>
              <strong className="font-semibold text-ink">{name}</strong> and what is new in it will go. The calls stay.
            </>
          }
          deed="Delete it"
          busy={drop.isPending}
          error={drop.error}
          close={() => setAsks(undefined)}
          go={() => drop.mutate()}
        />
      )}
    </li>
  );
}

function Rename({ saved: { id, name }, close }: { saved: SavedSearch; close: () => void }) {
  const queries = useQueryClient();
  const [next, setNext] = useState(name);
  const rename = useMutation({
    mutationFn: () => changeSearch(id, { name: next.trim() }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: savedQuery.queryKey, exact: true });
      close();
    },
  });
  return (
    <Ask title="Rename this search" close={close}>
      <form
        noValidate
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (next.trim() !== "") rename.mutate();
        }}
      >
        <Field label="Name" value={next} maxLength={100} onChange={({ target }) => setNext(target.value)} />
        {rename.error && <Failed error={rename.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" kind="primary" busy={rename.isPending} disabled={next.trim() === ""}>
            Rename
          </Button>
        </div>
      </form>
    </Ask>
  );
}

/** The calls that came in since a search was kept, and in which something is found; they are looked at by being shown. */
function NewCalls({ saved: { id, alert } }: { saved: SavedSearch }) {
  const queries = useQueryClient();
  // What is new stands as new as long as it is looked at.
  const hits = useQuery({ ...savedHitsQuery(id), staleTime: Number.POSITIVE_INFINITY, gcTime: 0 });
  const fresh = hits.data?.some(({ seen }) => !seen) ?? false;
  useEffect(() => {
    if (!fresh) return;
    void sawSearch(id).then(
      () => queries.invalidateQueries({ queryKey: savedQuery.queryKey, exact: true }),
      // The number stays, and is gone when one looks the next time.
      () => undefined,
    );
  }, [id, fresh, queries]);
  return (
    <div className="border-t border-line bg-paper">
      {hits.isPending && <Waiting rows={2} label="Loading the new calls" />}
      {hits.isError && <Failed error={hits.error} retry={() => void hits.refetch()} />}
      {hits.data?.length === 0 && (
        <p className="px-4 py-3 text-soft">
          {alert
            ? "No call has come in since in which this is said. New ones stand here by themselves."
            : "New calls are not looked through: the switch is off."}
        </p>
      )}
      <ul aria-label="New calls">
        {hits.data?.map(({ call, segment_id, found_at, seen }) => (
          <li key={call.id} className="border-b border-line last:border-0">
            <Link
              to="/calls/$id"
              params={{ id: call.id }}
              search={{ at: segment_id }}
              className="flex items-center gap-3 px-4 py-2 hover:bg-sunken"
            >
              <span className="min-w-0 flex-1">
                <span className="flex min-w-0 items-center gap-2">
                  <span className="truncate font-medium">{call.title}</span>
                  {!seen && <Tag tone="good">New</Tag>}
                </span>
                <span className="block truncate text-xs text-soft">
                  {factsOf(call)} · found {day(found_at)}, {time(found_at)}
                </span>
              </span>
              <Score value={call.overall_score} />
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
