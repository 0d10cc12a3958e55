import { Link } from "@tanstack/react-router";
import { TrendingDown, TrendingUp } from "lucide-react";
import { Card } from "@/components/ui";
import { calls, written } from "./measures";
import { Change } from "./pieces";
import { changeOf, moversOf, type Row } from "./rows";

/** Who has improved and who has declined against the period before, with the numbers that this rests on. */
export function Movers({ rows }: { rows: readonly Row[] }) {
  const { up, down, untold } = moversOf(rows);
  return (
    <Card title="Who has moved" aside={<span className="text-xs text-soft">overall, from the period before</span>}>
      <div className="grid gap-4 p-4">
        {untold < rows.length && (
          <>
            <Way name="Improved" rows={up} none="Nobody’s score has risen." icon={<TrendingUp className="size-4" />} />
            <Way
              name="Declined"
              rows={down}
              none="Nobody’s score has fallen."
              icon={<TrendingDown className="size-4" />}
            />
          </>
        )}
        {untold > 0 && (
          <p className="text-xs text-soft">
            {untold === 1 ? "One rep has" : `${untold} reps have`} fewer than five judged calls in one of the two
            periods and cannot be compared.
          </p>
        )}
      </div>
    </Card>
  );
}

function Way({ name, rows, none, icon }: { name: string; rows: readonly Row[]; none: string; icon: React.ReactNode }) {
  return (
    <div>
      <h3 className="mb-1 flex items-center gap-2 font-medium">
        <span aria-hidden className="text-soft">
          {icon}
        </span>
        {name}
      </h3>
      {rows.length === 0 && <p className="text-soft">{none}</p>}
      <ul className="grid">
        {rows.map((row) => (
          <li key={row.now.rep.id} className="flex items-baseline gap-3 py-1">
            <Link
              to="/people/$id"
              params={{ id: row.now.rep.id }}
              className="min-w-0 flex-1 truncate font-medium hover:text-pitch hover:underline"
            >
              {row.now.rep.name}
            </Link>
            <span className="figures text-xs whitespace-nowrap text-soft">
              {written("score", row.before?.overall.mean)} → {written("score", row.now.overall.mean)} (
              {row.before?.overall.n ?? 0} → {calls(row.now.overall.n)})
            </span>
            <span className="w-9 text-right">
              <Change value={changeOf(row)} kind="score" />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
