import { Link } from "@tanstack/react-router";

const TABS = [
  { to: "/search", name: "Find moments" },
  { to: "/ask", name: "Ask a question" },
] as const;

/** The two ways to come to what was said; the words go along. */
export function Tabs({ q }: { q: string | undefined }) {
  return (
    <nav aria-label="Search" className="no-print mb-5 flex gap-1 border-b border-line">
      {TABS.map(({ to, name }) => (
        <Link
          key={to}
          to={to}
          search={q === undefined ? {} : { q }}
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
