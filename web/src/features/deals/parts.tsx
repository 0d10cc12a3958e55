// What several pages about deals are made of.

import clsx from "clsx";
import type { Deal, DealWarning } from "@/api/deals";
import { many } from "@/components/format";
import { Score, Tag } from "@/components/ui";
import { today } from "../people/dates";
import { byWeight, due, STATUS, theirs, WARNING } from "./words";

/** What warns of a deal, in chips; the sentence of each when it is pointed at, and for screen readers. */
export function WarningChips({ warnings, most = 8 }: { warnings: readonly DealWarning[]; most?: number }) {
  const all = byWeight(warnings);
  const shown = all.slice(0, most);
  const rest = all.slice(most);
  return (
    <ul className={clsx("flex gap-1", most > 2 && "flex-wrap")}>
      {shown.map(({ kind, text }) => (
        <li key={kind}>
          <Tag tone={WARNING[kind].tone} title={text}>
            <span className="whitespace-nowrap">{WARNING[kind].name}</span>
            <span className="sr-only">: {text}</span>
          </Tag>
        </li>
      ))}
      {rest.length > 0 && (
        <li>
          <Tag title={rest.map(({ text }) => text).join("\n")}>
            <span aria-hidden>+{rest.length}</span>
            <span className="sr-only">
              {many(rest.length, "more")}: {rest.map(({ text }) => text).join(" ")}
            </span>
          </Tag>
        </li>
      )}
    </ul>
  );
}

/** Why a deal has no health of ours. */
export function noHealth({ status, calls, emails }: Pick<Deal, "status" | "calls" | "emails">): string {
  if (status !== "open") return "A deal that is closed has no health";
  return calls + emails === 0 ? "There is neither a call nor an e-mail yet" : "It is being reckoned";
}

/** Our health, beside it the one that its source tells. */
export function Health({ deal }: { deal: Deal }) {
  const { source_health: other, system } = deal;
  return (
    <span className="inline-flex items-center gap-2">
      {typeof other === "number" && (
        <span className="figures text-xs text-soft" title={`Health as ${theirs(system)} tells it`}>
          <span className="sr-only">As its source tells it: </span>
          {Math.round(other)}
          <span className="sr-only">; here: </span>
        </span>
      )}
      <Score value={deal.health} note={noHealth(deal)} />
    </span>
  );
}

/** When it is to close; marked where that day has passed. */
export function CloseDate({ deal, row = false }: { deal: Pick<Deal, "close_date" | "status">; row?: boolean }) {
  const { day, note, late } = due(deal, today());
  return (
    <span className={clsx("figures whitespace-nowrap", row ? "inline-flex gap-1.5" : "block")}>
      <span className={clsx(late && "font-medium text-poor")}>{day}</span>
      {note && (
        <span className={clsx("text-xs", row ? "self-center" : "block", late ? "text-poor" : "text-soft")}>{note}</span>
      )}
    </span>
  );
}

export function Standing({ status }: { status: Deal["status"] }) {
  const { name, tone } = STATUS[status];
  return <Tag tone={tone}>{name}</Tag>;
}
