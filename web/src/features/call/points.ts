// Places of a call that are worth going to: where the claims, the mentions and what was measured lie.

import type { Schemas } from "@/api/client";
import type { CoachingSession } from "@/api/queries";
import type { Tone } from "@/components/score";
import { waits } from "./judged";
import { GROUPS, type Metrics, type Tracker } from "./measures";
import type { Place } from "./shape";

/** What the map can show beside who speaks. */
export const KINDS = [
  "evidence",
  "flags",
  "questions",
  "objections",
  "mentions",
  "fillers",
  "extremes",
  "mood",
] as const;
export type Kind = (typeof KINDS)[number];

export const KIND_NAMES: Record<Kind, string> = {
  evidence: "Evidence",
  flags: "Look at",
  questions: "Questions",
  objections: "Objections",
  mentions: "Mentions",
  fillers: "Filler words",
  extremes: "Longest",
  mood: "Customer’s mood",
};

/** Not shown until somebody asks for it. */
const AT_FIRST_HIDDEN: readonly Kind[] = ["fillers", "extremes"];

export type Point = {
  kind: Kind;
  name: string;
  tone: Tone;
  segment: number;
  mark?: string | undefined;
  /** The check that it is evidence of. */
  check?: string | undefined;
  ms: number;
};

export const FLAGS: Record<string, string> = {
  repeated_question: "Asked again",
  contradicted_fact: "Contradicted",
  unanswered_question: "Left unanswered",
  unresolved_request: "Not taken up",
  compliance_phrase: "Must not be promised",
  instruction_to_judge: "Speaks to the judge",
};

/** What was longest, called as among the numbers. */
const LONGEST = GROUPS.flatMap(({ figures }) => figures).flatMap(({ moment, name }) =>
  moment ? [{ moment, name }] : [],
);

/** Which kinds are shown, given those whose showing was turned round. */
export function shownKinds(turned: readonly Kind[] = []): Set<Kind> {
  return new Set(KINDS.filter((kind) => AT_FIRST_HIDDEN.includes(kind) === turned.includes(kind)));
}

/** The kinds that are turned round once `kind` has been. */
export function turn(turned: readonly Kind[] = [], kind: Kind): Kind[] | undefined {
  const next = KINDS.filter((known) => turned.includes(known) !== (known === kind));
  return next.length > 0 ? next : undefined;
}

/** All points of a call whose time is known, in the order of time. */
export function pointsOf(
  session: CoachingSession | undefined,
  metrics: Metrics | undefined,
  trackers: readonly Tracker[],
  places: readonly Place[],
): Point[] {
  if (places.length === 0) return [];
  // Ten hours have thousands of mentions: each is found at once.
  const times = new Map(places.map(({ id, from }) => [id, from]));
  const points: Point[] = [];
  const add = (point: Omit<Point, "ms">) => {
    const ms = times.get(point.segment);
    if (ms !== undefined) points.push({ ...point, ms });
  };
  const quote = ({ segment_id, offset, length }: Pick<Schemas["QuoteView"], "segment_id" | "offset" | "length">) => ({
    segment: segment_id,
    mark: `${offset}-${length}`,
  });
  // Verdicts that somebody in the call may have steered are no evidence before a person has looked.
  const judged = session && !waits(session) ? session.dimensions : [];
  for (const { id, name, verdict, evidence } of judged.flatMap(({ checks }) => checks)) {
    if (verdict !== "met" && verdict !== "unmet") continue;
    const tone = verdict === "met" ? "good" : "poor";
    for (const each of evidence) add({ kind: "evidence", name, tone, check: id, ...quote(each) });
  }
  for (const { kind, evidence } of session?.flags ?? []) {
    for (const each of evidence) add({ kind: "flags", name: FLAGS[kind] ?? kind, tone: "fair", ...quote(each) });
  }
  for (const { id, name, hits } of trackers) {
    const kind = id === "fillers" ? "fillers" : "mentions";
    for (const hit of hits) add({ kind, name: `${name}: “${hit.quote}”`, tone: "none", ...quote(hit) });
  }
  for (const words of metrics?.questions ?? []) {
    const [name, tone] = words.side === "external" ? ["The customer asks", "fair"] : ["We ask", "good"];
    add({ kind: "questions", name, tone: tone as Tone, ...quote(words) });
  }
  for (const words of metrics?.objections ?? [])
    add({ kind: "objections", name: "The customer objects", tone: "poor", ...quote(words) });
  for (const { moment, name } of LONGEST) {
    const found = metrics?.moments[moment];
    if (found) add({ kind: "extremes", name, tone: "none", segment: found.segment_id });
  }
  return points.sort((a, b) => a.ms - b.ms || a.segment - b.segment);
}

/** Where points of a tone (of any, where none is named) lie in a row, in percent of its width: those that would cover each other once. */
export function sharesOf(points: readonly Point[], tone: Tone | undefined, end: number): number[] {
  const own = points.filter((point) => tone === undefined || point.tone === tone);
  return [...new Set(own.map(({ ms }) => Math.round((500 * ms) / end) / 5))];
}

/** The point after (or before) where one is; from nowhere the first (or the last). */
export function stepPoint(points: readonly Point[], at: number | undefined, mark: string | undefined, by: 1 | -1) {
  if (points.length === 0) return undefined;
  const here = points.findIndex((point) => point.segment === at && point.mark === mark);
  if (here >= 0) {
    // The same words can be evidence of several checks: one place is gone to once.
    for (let n = here + by; n >= 0 && n < points.length; n += by) {
      const point = points[n];
      if (point && (point.segment !== at || point.mark !== mark)) return point;
    }
    return undefined;
  }
  if (at === undefined) return by > 0 ? points[0] : points.at(-1);
  return by > 0 ? points.find(({ segment }) => segment > at) : points.findLast(({ segment }) => segment < at);
}
