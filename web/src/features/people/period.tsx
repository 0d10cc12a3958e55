import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import clsx from "clsx";
import { teamsQuery } from "@/api/analytics";
import { DayRange } from "@/components/day-range";
import { today } from "./dates";
import { type PeopleSearch, periodOf, readPeopleSearch, SPANS, type Span, spanOf } from "./search";

/** The period and team in the address of the page that is shown. */
export function usePeople() {
  const search = useSearch({ strict: false, select: readPeopleSearch, structuralSharing: true });
  return { search, period: periodOf(search, today()), team: search.team_id };
}

function useChange() {
  const navigate = useNavigate();
  return (change: PeopleSearch) =>
    void navigate({ to: ".", search: (before: object) => ({ ...before, ...change }), replace: true });
}

const NAMES: Record<Span, string> = { 7: "7 days", 30: "30 days", 90: "90 days", 365: "1 year" };

/** Over which days the numbers are. */
export function PeriodSwitch() {
  const { search, period } = usePeople();
  const set = useChange();
  const chosen = spanOf(search);
  const own = chosen === undefined;
  const piece = (on: boolean) =>
    clsx(
      "h-7 rounded px-2 whitespace-nowrap sm:px-2.5",
      on ? "bg-surface font-semibold ring-1 ring-line" : "text-soft hover:text-ink",
    );
  return (
    <fieldset className="flex flex-wrap items-center gap-2">
      <legend className="sr-only">Period, up to today</legend>
      <div className="flex gap-0.5 rounded-md border border-line bg-sunken p-0.5">
        {SPANS.map((span) => (
          <button
            key={span}
            type="button"
            aria-pressed={chosen === span}
            className={piece(chosen === span)}
            onClick={() => set({ days: span === 30 ? undefined : span, from: undefined, to: undefined })}
          >
            {NAMES[span]}
          </button>
        ))}
        <button
          type="button"
          aria-pressed={own}
          className={piece(own)}
          onClick={() => set({ days: undefined, from: period.since, to: period.until })}
        >
          Dates
        </button>
      </div>
      {own && (
        <DayRange
          since={period.since}
          until={period.until}
          set={({ since, until }) => set({ from: since, to: until })}
        />
      )}
    </fieldset>
  );
}

/** Whose numbers: of one's teams, where there is more than one. */
export function TeamSwitch() {
  const { team } = usePeople();
  const set = useChange();
  const teams = useQuery(teamsQuery).data ?? [];
  if (teams.length < 2 && !team) return null;
  return (
    <label>
      <span className="sr-only">Team</span>
      <select
        value={team ?? ""}
        onChange={(event) => set({ team_id: event.target.value || undefined })}
        className="h-8 max-w-48 rounded-md border border-line-strong bg-surface px-2"
      >
        <option value="">All teams</option>
        {team && !teams.some(({ id }) => id === team) && <option value={team}>A team that is not yours</option>}
        {teams.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
