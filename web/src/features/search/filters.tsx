import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { trackersQuery } from "@/api/rubrics";
import type { Facets } from "@/api/search";
import { Choose } from "@/components/choose";
import { DayRange } from "@/components/day-range";
import { FilterChoice } from "@/components/filter-choice";
import { many } from "@/components/format";
import { BANDS, rangeWords } from "@/components/score";
import { Button } from "@/components/ui";
import { RepField } from "../calls/who";
import { isId } from "../people/search";
import { userQuery } from "../settings/queries";
import type { FindSearch } from "./search";
import { languageName } from "./words";

const FIELD = "w-36 max-sm:w-[calc(50%-0.25rem)]";

/** What narrows a search, beside its words. */
export function Filters({
  search,
  facets,
  set,
  clear,
}: {
  search: FindSearch;
  facets: Facets | undefined;
  set: (change: Partial<FindSearch>) => void;
  clear: (() => void) | undefined;
}) {
  const { data: trackers } = useQuery(trackersQuery);
  const customers = useMemo(
    () => (facets?.customers ?? []).map(({ value, calls }) => ({ value, name: value, note: many(calls, "call") })),
    [facets],
  );
  const languages = [...new Set([...(facets?.languages ?? []).map(({ value }) => value), search.language ?? ""])];
  const band = BANDS.find(({ range }) => range.min_score === search.min_score && range.max_score === search.max_score);
  const scores = rangeWords(search.min_score, search.max_score);
  return (
    <search aria-label="What narrows it" className="mb-4 flex flex-wrap items-center gap-2">
      <FilterChoice
        label="Said by"
        none="Said by both sides"
        value={search.side}
        set={(side) => set({ side: side === "internal" || side === "external" ? side : undefined })}
      >
        <option value="internal">Said by us</option>
        <option value="external">Said by the customer</option>
      </FilterChoice>
      <RepField items={[]} set={(agent) => set({ agent })} />
      <Choose
        label="Customer"
        size="sm"
        className={FIELD}
        free
        choices={customers}
        value={undefined}
        set={(customer) => set({ customer })}
      />
      <FilterChoice
        label="Score"
        value={band?.id}
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
      <FilterChoice label="Tracker" value={search.tracker} set={(tracker) => set({ tracker })}>
        {search.tracker && !trackers?.some(({ id }) => id === search.tracker) && (
          <option value={search.tracker}>{search.tracker}</option>
        )}
        {(trackers ?? []).map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </FilterChoice>
      {(languages.filter(Boolean).length > 1 || search.language) && (
        <FilterChoice label="Language" value={search.language} set={(language) => set({ language })}>
          {languages.filter(Boolean).map((code) => (
            <option key={code} value={code}>
              {languageName(code)}
            </option>
          ))}
        </FilterChoice>
      )}
      <DayRange
        open
        since={search.since ?? ""}
        until={search.until ?? ""}
        set={({ since, until }) => set({ since: since || undefined, until: until || undefined })}
        className="max-sm:w-full"
      />
      {search.agent && (
        <Chip away={() => set({ agent: undefined })}>
          <RepName agent={search.agent} />
        </Chip>
      )}
      {search.customer && <Chip away={() => set({ customer: undefined })}>{search.customer}</Chip>}
      {scores && !band && <Chip away={() => set({ min_score: undefined, max_score: undefined })}>{scores}</Chip>}
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

/** What a rep is called whom an address may name by id. */
function RepName({ agent }: { agent: string }) {
  const known = isId(agent);
  const { data: user, isPending } = useQuery({ ...userQuery(agent), enabled: known });
  return known ? (user?.name ?? (isPending ? "…" : "One rep")) : agent;
}
