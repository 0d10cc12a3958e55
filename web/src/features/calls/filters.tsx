import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import type { CallItem, CallsFilter } from "@/api/queries";
import { DayRange } from "@/components/day-range";
import { FilterChoice } from "@/components/filter-choice";
import { BANDS, rangeWords } from "@/components/score";
import { SearchField } from "@/components/search-field";
import { Button } from "@/components/ui";
import { userQuery } from "../settings/queries";
import { chooseStatus, STATUS, statusChoice, WITHHELD } from "./status";
import { CustomerField, RepField } from "./who";

/** What narrows the list of calls. */
export function Filters({
  filter,
  items,
  set,
  clear,
}: {
  filter: CallsFilter;
  /** The calls that are shown. */
  items: readonly CallItem[];
  set: (change: Partial<CallsFilter>) => void;
  clear: (() => void) | undefined;
}) {
  const scores = rangeWords(filter.min_score, filter.max_score);
  const status = statusChoice(filter);
  return (
    <search className="mb-3 flex flex-wrap items-center gap-2">
      <SearchField label="Title" placeholder="Words of the title" value={filter.q} set={(q) => set({ q })} />
      <RepField items={items} set={(agent) => set({ agent })} />
      <CustomerField items={items} set={(customer) => set({ customer })} />
      <FilterChoice label="Status" value={status.choice} set={(choice) => set(chooseStatus(choice))}>
        {Object.entries(STATUS).map(([id, { name }]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
        <option value="withheld">{WITHHELD.name}</option>
      </FilterChoice>
      <FilterChoice
        label="Customer’s mood"
        value={filter.sentiment}
        set={(mood) => set({ sentiment: mood as CallsFilter["sentiment"] })}
      >
        <option value="negative">Negative</option>
        <option value="neutral">Neutral</option>
        <option value="positive">Positive</option>
      </FilterChoice>
      <FilterChoice
        label="Score"
        value={scoreChoice(filter)}
        set={(choice) =>
          set(BANDS.find(({ id }) => id === choice)?.range ?? { min_score: undefined, max_score: undefined })
        }
      >
        {BANDS.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </FilterChoice>
      <DayRange
        open
        since={filter.since ?? ""}
        until={filter.until ?? ""}
        set={({ since, until }) => set({ since: since || undefined, until: until || undefined })}
        className="max-sm:w-full"
      />
      {filter.agent && (
        <Chip away={() => set({ agent: undefined })}>
          <RepName agent={filter.agent} items={items} />
        </Chip>
      )}
      {filter.customer && <Chip away={() => set({ customer: undefined })}>{filter.customer}</Chip>}
      {status.beside && <Chip away={() => set({ withheld: undefined })}>{WITHHELD.name}</Chip>}
      {scores && <Chip away={() => set({ min_score: undefined, max_score: undefined })}>{scores}</Chip>}
      {clear && (
        <Button kind="plain" onClick={clear}>
          Clear
        </Button>
      )}
    </search>
  );
}

function Chip({ away, children }: { away: () => void; children: ReactNode }) {
  return (
    <Button onClick={away}>
      <span className="max-w-48 truncate">{children}</span>
      <X aria-label="take this filter away" className="size-3.5" />
    </Button>
  );
}

/** What the rep is called whose calls are shown: as the calls say, or the program where there are none. */
function RepName({ agent, items }: { agent: string; items: readonly CallItem[] }) {
  const rep = items.find((call) => call.rep?.id === agent)?.rep;
  const isId = /^[0-9a-f-]{36}$/i.test(agent);
  const { data: user, isPending } = useQuery({ ...userQuery(agent), enabled: isId && !rep });
  // An address may as well have a name or a mail address.
  if (!isId) return agent;
  return rep?.name ?? user?.name ?? (isPending ? "…" : "One rep");
}

function scoreChoice({ min_score, max_score }: CallsFilter): string | undefined {
  return BANDS.find(({ range }) => range.min_score === min_score && range.max_score === max_score)?.id;
}
