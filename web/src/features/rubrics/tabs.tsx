import { Link } from "@tanstack/react-router";

const TABS = [
  { to: "/rubrics", name: "Rubrics" },
  { to: "/trackers", name: "Trackers" },
] as const;

/** What calls are judged by, and what is listened for in them. */
export function Tabs() {
  return (
    <nav aria-label="Rubrics and trackers" className="no-print mb-5 flex gap-1 border-b border-line">
      {TABS.map(({ to, name }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: true, includeSearch: false }}
          className="-mb-px border-b-2 border-transparent px-3 py-2 text-soft hover:text-ink"
          activeProps={{ className: "!border-pitch !text-ink font-semibold" }}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}
