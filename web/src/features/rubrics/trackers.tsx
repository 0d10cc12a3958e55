import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { Fragment, useEffect, useState } from "react";
import { meQuery } from "@/api/queries";
import { type Tracker, trackersQuery } from "@/api/rubrics";
import { day } from "@/components/format";
import { Button, Card, Empty, Failed, PageHead, Waiting } from "@/components/ui";
import { having } from "./phrases";
import { readTrackersSearch } from "./search";
import { Tabs } from "./tabs";
import { DeleteTracker, TrackerForm } from "./tracker-form";

/** Phrases that are shown of a tracker before it is opened. */
const FEW = 8;

type Doing = { what: "add" } | { what: "change" | "delete"; tracker: Tracker };

/** What is listened for in calls. */
export function TrackersPage() {
  const { q } = useSearch({ from: "/frame/trackers", select: readTrackersSearch, structuralSharing: true });
  const trackers = useQuery(trackersQuery);
  const { data: me } = useQuery(meQuery);
  const [doing, setDoing] = useState<Doing>();
  const [done, setDone] = useState<string>();
  const leads = me?.role === "admin" || me?.role === "manager";
  const all = trackers.data ?? [];
  const found = having(all, q ?? "");
  const own = found.filter(({ source }) => source === "own");
  const builtIn = found.filter(({ source }) => source === "builtin");
  const close = () => setDoing(undefined);
  const begin = (next: Doing) => {
    setDone(undefined);
    setDoing(next);
  };
  return (
    <>
      <PageHead title="Trackers" note="Words and phrases that each call is searched for. They change no score.">
        {leads && (
          <Button kind="primary" onClick={() => begin({ what: "add" })}>
            Add a tracker
          </Button>
        )}
      </PageHead>
      <Tabs />
      <p role="status" className={done ? "mb-4 rounded-md bg-good-soft px-4 py-2.5 text-good" : "sr-only"}>
        {done}
      </p>
      <Words />
      {trackers.isPending && (
        <Card>
          <Waiting rows={8} />
        </Card>
      )}
      {trackers.isError && <Failed error={trackers.error} retry={() => void trackers.refetch()} />}
      {trackers.isSuccess && q && found.length === 0 && (
        <Card>
          <Empty title="No tracker has these words">Neither in its name nor in a phrase.</Empty>
        </Card>
      )}
      {trackers.isSuccess && !(q && found.length === 0) && (
        <div className="grid gap-5">
          {(own.length > 0 || !q) && (
            <Card title="Your own" aside={<span className="figures text-soft">{own.length}</span>}>
              {own.length === 0 && (
                <p className="px-4 py-3 text-soft">
                  None yet.{" "}
                  {leads
                    ? "Add one for the names of your competitors, your products, or what your customers keep asking."
                    : "Admins and managers can add them."}
                </p>
              )}
              {own.map((tracker) => (
                <Row key={tracker.id} tracker={tracker} {...(leads && { begin })} />
              ))}
            </Card>
          )}
          {builtIn.length > 0 && (
            <Card title="Built in" aside={<span className="figures text-soft">{builtIn.length}</span>}>
              {builtIn.map((tracker) => (
                <Row key={tracker.id} tracker={tracker} />
              ))}
            </Card>
          )}
        </div>
      )}
      {doing?.what === "add" && <TrackerForm close={close} saved={({ name }) => setDone(`“${name}” is added.`)} />}
      {doing?.what === "change" && (
        <TrackerForm tracker={doing.tracker} close={close} saved={({ name }) => setDone(`“${name}” is changed.`)} />
      )}
      {doing?.what === "delete" && (
        <DeleteTracker
          tracker={doing.tracker}
          close={close}
          deleted={() => setDone(`“${doing.tracker.name}” is deleted.`)}
        />
      )}
    </>
  );
}

function Words() {
  const { q = "" } = useSearch({
    from: "/frame/trackers",
    select: readTrackersSearch,
    structuralSharing: true,
  });
  const navigate = useNavigate({ from: "/trackers" });
  const [words, setWords] = useState(q);
  useEffect(() => setWords(q), [q]);
  return (
    <search className="relative mb-4 block max-w-md">
      <Search aria-hidden className="absolute top-2 left-2.5 size-4 text-soft" />
      <input
        type="search"
        aria-label="Words of a tracker"
        placeholder="Words of its name or a phrase"
        value={words}
        onChange={({ target }) => {
          setWords(target.value);
          void navigate({ search: target.value.trim() === "" ? {} : { q: target.value }, replace: true });
        }}
        className="h-8 w-full rounded-md border border-line-strong bg-surface pr-2 pl-8 placeholder:text-soft"
      />
    </search>
  );
}

/** A phrase that may go on in the next line between what is one of several. */
function Phrase({ words }: { words: string }) {
  return words.split(/(?<=\|)/).map((part, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
    <Fragment key={at}>
      {at > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}

const SIDES = { internal: "In our words", external: "In the customer’s words" };

function Row({ tracker, begin }: { tracker: Tracker; begin?: (next: Doing) => void }) {
  const [open, setOpen] = useState(false);
  const { id, name, side, phrases, updated_at } = tracker;
  const shown = open ? phrases : phrases.slice(0, FEW);
  return (
    <article
      id={`tracker-${id}`}
      className="grid gap-x-6 gap-y-2 border-b border-line px-4 py-3 last:border-0 md:grid-cols-[14rem_minmax(0,1fr)_auto]"
    >
      <div>
        <h3 className="font-semibold">{name}</h3>
        <p className="text-xs text-soft">{side ? SIDES[side] : "In everybody’s words"}</p>
        {updated_at && <p className="text-xs text-soft">Changed {day(updated_at)}</p>}
      </div>
      <div className="min-w-0">
        <ul aria-label={`Phrases of ${name}`} className="flex flex-wrap gap-1.5">
          {shown.map((phrase) => (
            <li
              key={phrase}
              className="max-w-full rounded border border-line bg-sunken px-1.5 py-0.5 font-mono text-xs break-words"
            >
              <Phrase words={phrase} />
            </li>
          ))}
        </ul>
        {phrases.length > FEW && (
          <button
            type="button"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
            className="mt-2 text-xs font-medium text-pitch underline"
          >
            {open ? "Show fewer" : `Show all ${phrases.length} phrases`}
          </button>
        )}
      </div>
      {begin && (
        <div className="flex items-start gap-2">
          <Button aria-label={`Change ${name}`} onClick={() => begin({ what: "change", tracker })}>
            Change
          </Button>
          <Button kind="danger" aria-label={`Delete ${name}`} onClick={() => begin({ what: "delete", tracker })}>
            Delete
          </Button>
        </div>
      )}
    </article>
  );
}
