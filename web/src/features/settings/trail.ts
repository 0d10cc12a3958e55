// The audit trail in words.

import { number } from "@/components/format";
import type { AuditEvent } from "./queries";

const ACTIONS: Record<string, string> = {
  "assignment.add": "Assigned a rep to a coach",
  "assignment.remove": "Took a rep from a coach",
  "call.analyse": "Had a call judged",
  "call.change": "Changed a call",
  "deals.import": "Brought deals, e-mails or links from a file",
  "deal.link": "Said that a call belongs to a deal",
  "deal.unlink": "Said that a call does not belong to a deal",
  "deal.write": "Had a model word the coaching of a deal",
  "search.ask": "Asked a model a question over calls",
  "deal_warnings.change": "Changed what warns of deals",
  "review.write": "Had the review of a week written",
  "retention.run": "Had old e-mails and copies of the CRM taken away",
  "call.delete": "Deleted a call",
  "call.import": "Took a call in",
  "call.sides": "Said who is who in a call",
  "connection.add": "Made a connection",
  "connection.change": "Changed a connection",
  "connection.remove": "Removed a connection",
  "connection.retry": "Had a call tried again that did not come in",
  "connection.sync": "Asked for the calls of a connection",
  "data.backup": "Copied everything",
  "data.restore": "Restored from a copy",
  "insights.write": "Had a model word insights",
  "job.cancel": "Cancelled a job",
  "job.retry": "Had a job done again",
  "backfill.begin": "Had many calls judged in batches",
  "backfill.cancel": "Ended that many calls are judged in batches",
  "knowledge.add": "Brought a document to the knowledge base",
  "knowledge.change": "Brought the next version of a document",
  "knowledge.remove": "Retired a document",
  "knowledge.restore": "Took a document back into use",
  "member.add": "Put somebody into a team",
  "member.remove": "Took somebody out of a team",
  "rubric.add": "Wrote a rubric",
  "rubric.change": "Wrote the next version of a rubric",
  "rubric.remove": "Retired a rubric",
  "scores.confirm": "Let withheld scores be shown",
  "settings.change": "Changed the settings",
  "team.add": "Made a team",
  "team.change": "Renamed a team",
  "team.remove": "Deleted a team",
  "tracker.add": "Wrote a tracker",
  "tracker.change": "Changed a tracker",
  "tracker.remove": "Deleted a tracker",
  "user.add": "Made an account",
  "user.change": "Changed an account",
  "user.invite": "Invited somebody",
  "user.password": "Changed their password",
  "user.remove": "Removed an account",
};

/** What was done, in words; what is not known here by its own name. */
export function actionName({ action, detail }: Pick<AuditEvent, "action" | "detail">): string {
  const { registered, withdrawn } = (detail ?? {}) as { registered?: unknown; withdrawn?: unknown };
  if (action === "user.add" && registered === true) return "Registered";
  if (action === "user.invite" && withdrawn === true) return "Withdrew an invitation";
  return ACTIONS[action] ?? action;
}

/** Who did it: a user's id, or the name that the machine gave them. */
export function actorOf(actor: string): { user: string } | { name: string } {
  const [kind, ...rest] = actor.split(":");
  const who = rest.join(":");
  if (kind === "user" && who !== "") return { user: who };
  if (actor === "cron") return { name: "a scheduler" };
  return { name: kind === "cli" && who !== "" ? `${who}, at the machine` : actor };
}

/** What kind of thing it was done to, so that it can be named or led to. */
export function subjectOf({ action, subject }: Pick<AuditEvent, "action" | "subject">): {
  kind: "call" | "gone" | "team" | "user" | "other";
  id: string;
} {
  const [thing] = action.split(".");
  const kind =
    action === "call.delete" || action === "team.remove"
      ? "gone"
      : thing === "call" || thing === "scores"
        ? "call"
        : thing === "team"
          ? "team"
          : (thing === "user" && action !== "user.invite") ||
              thing === "member" ||
              thing === "assignment" ||
              thing === "insights"
            ? "user"
            : "other";
  return { kind, id: subject };
}

const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i;

/** An id by its end, where those of one hour differ. */
export function short(id: string): string {
  return ID.test(id) ? `…${id.slice(-8)}` : id;
}

/** The users that some events speak of. */
export function usersIn(events: readonly AuditEvent[]): string[] {
  const ids = events.flatMap((event) => {
    const [actor, subject] = [actorOf(event.actor), subjectOf(event)];
    const { coach_id } = (event.detail ?? {}) as { coach_id?: unknown };
    return [
      "user" in actor ? actor.user : undefined,
      subject.kind === "user" ? subject.id : undefined,
      typeof coach_id === "string" ? coach_id : undefined,
    ];
  });
  return [...new Set(ids)].filter((id) => id !== undefined && ID.test(id)) as string[];
}

/** Fields that stand elsewhere in the row, or that only programs need. */
const ELSEWHERE = new Set(["call_id", "deleted_at", "internal", "registered", "withdrawn"]);

function written(value: unknown): string {
  if (Array.isArray(value)) {
    const pairs = value.filter((each): each is [string, number] => Array.isArray(each) && each.length === 2);
    if (pairs.length > 0 && pairs.length === value.length) {
      return pairs
        .filter(([, count]) => count !== 0)
        .map(([name, count]) => `${name.replaceAll("_", " ")} ${number(count)}`)
        .join(", ");
    }
    return value.map(written).join(", ");
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([name, each]) => `${name.replaceAll("_", " ")} ${written(each)}`)
      .join(", ");
  }
  return typeof value === "number" ? number(value) : String(value).replaceAll("_", " ");
}

/** More about it: what holds, in words; whether something was changed is told by its name alone. */
export function detailOf(
  { action, detail }: Pick<AuditEvent, "action" | "detail">,
  nameOf: (id: string) => string | undefined = () => undefined,
): string {
  if (typeof detail !== "object" || detail === null || Array.isArray(detail)) return detail ? written(detail) : "";
  // Of a change it is told which fields it was, not what they held; only whether somebody may log in says itself.
  const changed: string[] = [];
  const told: string[] = [];
  for (const [name, value] of Object.entries(detail as Record<string, unknown>)) {
    if (ELSEWHERE.has(name) || value === null || value === undefined || value === "") continue;
    const label = name.replace(/_ids?$/, "").replaceAll("_", " ");
    if (action.endsWith(".change") && name !== "active" && typeof value === "boolean") {
      if (value) changed.push(label);
      continue;
    }
    const text = typeof value === "string" && ID.test(value) ? (nameOf(value) ?? short(value)) : written(value);
    if (text !== "") told.push(`${label}: ${text}`);
  }
  return [...(changed.length > 0 ? [`changed: ${changed.join(", ")}`] : []), ...told].join(" · ");
}
