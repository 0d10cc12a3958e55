import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, linkOptions, useNavigate, useSearch } from "@tanstack/react-router";
import { type CallItem, type CallsFilter, callsQuery, type Me, meQuery } from "@/api/queries";
import { day, length, number } from "@/components/format";
import { type Column, ListCard, ListHead, ROW_LINK } from "@/components/list";
import { Button, Empty, PageHead, Score, Tag } from "@/components/ui";
import { Filters } from "./filters";
import { readCallsSearch } from "./search";
import { isWithheld, STATUS, UNSCORED, withheldWhy } from "./status";
import { Upload } from "./upload";
import { WithheldTag } from "./withheld";

/** The calls, and where one may upload, the place to drop more of them. */
export function CallsPage() {
  const { data: me } = useQuery(meQuery);
  // Coaches read: the program takes no calls from them.
  if (!me || me.role === "coach") return <Calls />;
  return <Upload>{(choose) => <Calls choose={choose} />}</Upload>;
}

/** All calls that one may see: filtered, sorted, page by page. */
function Calls({ choose }: { choose?: () => void }) {
  const filter = useSearch({ from: "/frame/calls", select: readCallsSearch, structuralSharing: true });
  const navigate = useNavigate({ from: "/calls" });
  const calls = useInfiniteQuery(callsQuery(filter));
  const set = (change: Partial<CallsFilter>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const items = calls.data?.pages.flatMap((page) => page.items) ?? [];
  const total = calls.data?.pages[0]?.total;
  const { sort, ...narrow } = filter;
  const filtered = Object.keys(narrow).length > 0;
  const clear = () => void navigate({ search: sort ? { sort } : {} });
  const upload = choose && (
    <Button kind="primary" onClick={choose}>
      Upload transcripts
    </Button>
  );
  return (
    <>
      <PageHead
        title="Calls"
        note={total === undefined || total === null ? undefined : `${number(total)} ${filtered ? "found" : "in all"}`}
      >
        {upload}
      </PageHead>
      <Filters filter={filter} items={items} set={set} clear={filtered ? clear : undefined} />
      <ListCard read={calls} loading="Loading the calls" more="More calls">
        {items.length > 0 ? (
          <Table items={items} filter={filter} set={(next) => set({ sort: next })} />
        ) : (
          <Empty
            title={filtered ? "No call fits" : "No calls yet"}
            action={filtered ? <Button onClick={clear}>Clear the filters</Button> : upload}
          >
            {filtered
              ? "Take a filter away, or look for something else."
              : choose
                ? "Drop transcripts anywhere on this page: VTT, SRT, JSON, text and the formats of the usual recorders."
                : "Calls appear here when they are uploaded for the reps whom you coach."}
          </Empty>
        )}
      </ListCard>
    </>
  );
}

const COLUMNS = [
  { key: "title", name: "Call", sorts: "text", className: "w-full xl:w-2/5" },
  { key: undefined, name: "Customer", sorts: undefined, className: "max-xl:hidden" },
  { key: undefined, name: "Rep", sorts: undefined, className: "max-md:hidden" },
  { key: "started_at", name: "When", sorts: "day", className: "max-sm:hidden" },
  { key: "duration", name: "Length", sorts: "figure", className: "max-sm:hidden md:max-lg:hidden" },
  { key: "score", name: "Score", sorts: "figure", className: "" },
] as const satisfies readonly Column[];

function Table({ items, filter, set }: { items: CallItem[]; filter: CallsFilter; set: (sort: string) => void }) {
  const { data: me } = useQuery(meQuery);
  const sort = filter.sort ?? "-started_at";
  return (
    <table className="w-full text-left">
      <ListHead columns={COLUMNS} sort={sort} set={set} />
      <tbody>
        {items.map((call) => (
          <Row key={call.id} call={call} list={filter} role={me?.role} />
        ))}
      </tbody>
    </table>
  );
}

/** The link of a row once more, over a cell that says something when it is pointed at. Whoever sees or points nothing has the first one. */
function Over(way: { to: "/calls/$id"; params: { id: string }; search: { list?: CallsFilter }; title: string }) {
  return <Link {...way} aria-hidden tabIndex={-1} className="absolute inset-0 z-[2]" />;
}

/** Whether words within this are marked. */
function marksWordsOf(link: HTMLElement): boolean {
  const marked = window.getSelection();
  return marked !== null && !marked.isCollapsed && marked.containsNode(link, true);
}

function Row({ call, list, role }: { call: CallItem; list: CallsFilter; role: Me["role"] | undefined }) {
  const status = STATUS[call.status];
  const when = day(call.started_at ?? call.imported_at);
  // With the list, for the calls before and after it.
  const search = Object.keys(list).length > 0 ? { list } : {};
  const way = linkOptions({ to: "/calls/$id", params: { id: call.id }, search });
  return (
    <tr className="group border-b border-line last:border-0 hover:bg-sunken">
      <td className="relative max-w-0 py-2 pr-3 pl-4">
        <Link
          {...way}
          // What was marked before is not meant by this click; a link does not let go of it by itself.
          onMouseDown={({ button }) => button === 0 && window.getSelection()?.removeAllRanges()}
          onClick={(event) => {
            // Words of the title that were marked (with Alt, as in any link) are meant to be copied.
            if (marksWordsOf(event.currentTarget)) event.preventDefault();
          }}
          className={ROW_LINK}
        >
          <span title={call.title} className="relative z-[2] block truncate">
            {call.title}
          </span>
        </Link>
        <span className="block truncate text-xs text-soft xl:hidden">
          {call.customer}
          <span className="sm:hidden">
            {call.customer && " · "}
            {when}
          </span>
        </span>
      </td>
      <td className="relative max-w-64 truncate px-3 py-2 text-soft max-xl:hidden">
        {call.customer}
        {call.customer && <Over {...way} title={call.customer} />}
      </td>
      <td className="relative max-w-32 truncate px-3 py-2 max-md:hidden lg:max-w-48">
        {call.rep?.name ?? <span className="text-soft">nobody yet</span>}
        {call.rep && <Over {...way} title={call.rep.name} />}
      </td>
      <td className="figures px-3 py-2 whitespace-nowrap text-soft max-sm:hidden">{when}</td>
      <td className="figures px-3 py-2 text-right whitespace-nowrap text-soft max-sm:hidden md:max-lg:hidden">
        {length(call.duration_ms)}
      </td>
      <td className="relative py-2 pr-4 pl-3 text-right whitespace-nowrap">
        {/* What is as usual needs no word. */}
        {isWithheld(call) ? (
          <>
            <WithheldTag role={role} />
            <Over {...way} title={withheldWhy(role)} />
          </>
        ) : call.status === "analysed" ? (
          <>
            <Score value={call.overall_score} note={UNSCORED} />
            {typeof call.overall_score !== "number" && <Over {...way} title={UNSCORED} />}
          </>
        ) : (
          <Tag tone={status.tone}>{status.name}</Tag>
        )}
      </td>
    </tr>
  );
}
