import { expect, test } from "vitest";
import type { CoachingSession } from "@/api/queries";
import type { Metrics } from "./measures";
import { type Point, pointsOf, shownKinds, stepPoint, turn } from "./points";

const places = [1, 2, 3].map((id) => ({ id, index: id - 1, from: id * 1000, to: id * 1000 + 500, name: "A" }));
const quote = (segment_id: number) => ({ segment_id, offset: 4, length: 2, quote: "ab", speaker: "A", start_ms: 0 });

test("only what was judged is evidence, fillers are apart, and all stands in the order of time", () => {
  const check = (id: string, verdict: string, segment: number) => ({
    id,
    name: id,
    verdict,
    evidence: [quote(segment)],
  });
  const session = {
    dimensions: [{ checks: [check("a", "met", 3), check("b", "unmet", 1), check("c", "cannot_assess", 2)] }],
    flags: [{ kind: "unanswered_question", reason: "", evidence: [quote(2)] }],
  } as unknown as CoachingSession;
  const trackers = ["pricing", "fillers"].map((id) => ({ id, name: id, count: 1, hits: [quote(2), quote(99)] }));
  expect(pointsOf(session, undefined, trackers, places).map(({ kind, tone, ms }) => [kind, tone, ms])).toEqual([
    ["evidence", "poor", 1000],
    ["flags", "fair", 2000],
    ["mentions", "none", 2000],
    ["fillers", "none", 2000],
    ["evidence", "good", 3000],
  ]);
});

test("verdicts that wait for a person are no evidence, the words that they wait for are marked", () => {
  const session = {
    withheld: true,
    confirmed_at: null,
    dimensions: [{ checks: [{ id: "a", name: "a", verdict: "met", evidence: [quote(3)] }] }],
    flags: [{ kind: "instruction_to_judge", reason: "", evidence: [quote(2)] }],
  } as unknown as CoachingSession;
  const told = (of: CoachingSession) => pointsOf(of, undefined, [], places).map(({ kind, name }) => [kind, name]);
  expect(told(session)).toEqual([["flags", "Speaks to the judge"]]);
  expect(told({ ...session, confirmed_at: "2026-11-22T11:00:00Z" })).toHaveLength(2);
});

test("questions of both sides and objections are told apart", () => {
  const words = (segment_id: number, side: string) => ({ segment_id, side, offset: 4, length: 2 });
  const metrics = {
    moments: {},
    questions: [words(3, "external"), words(1, "internal"), words(99, "internal")],
    objections: [words(2, "external")],
  } as unknown as Metrics;
  expect(
    pointsOf(undefined, metrics, [], places).map(({ kind, name, segment, mark }) => [kind, name, segment, mark]),
  ).toEqual([
    ["questions", "We ask", 1, "4-2"],
    ["objections", "The customer objects", 2, "4-2"],
    ["questions", "The customer asks", 3, "4-2"],
  ]);
});

test("a kind is turned round, and back", () => {
  expect(shownKinds().has("evidence")).toBe(true);
  expect(shownKinds().has("fillers")).toBe(false);
  const turned = turn(turn(undefined, "fillers"), "evidence");
  expect(turned).toEqual(["evidence", "fillers"]);
  expect(shownKinds(turned).has("evidence")).toBe(false);
  expect(shownKinds(turned).has("fillers")).toBe(true);
  expect(turn(turn(turned, "fillers"), "evidence")).toBeUndefined();
});

test("one steps from place to place, and the same words are one place", () => {
  const at = (segment: number, mark: string): Point => ({
    kind: "evidence",
    name: "",
    tone: "good",
    segment,
    mark,
    ms: segment,
  });
  const points = [at(1, "0-1"), at(3, "0-1"), at(3, "0-1"), at(3, "5-1"), at(7, "0-1")];
  expect(stepPoint(points, undefined, undefined, 1)?.segment).toBe(1);
  expect(stepPoint(points, 3, "0-1", 1)?.mark).toBe("5-1");
  expect(stepPoint(points, 3, "5-1", -1)?.mark).toBe("0-1");
  expect(stepPoint(points, 5, undefined, -1)?.mark).toBe("5-1");
  expect(stepPoint(points, 5, undefined, 1)?.segment).toBe(7);
  expect(stepPoint(points, 7, "0-1", 1)).toBeUndefined();
});

test("what was longest is called on the map as among the numbers", () => {
  const moments = {
    longest_monologue: { segment_id: 1, start_ms: 1000 },
    longest_customer_story: { segment_id: 2, start_ms: 2000 },
    longest_silence: { segment_id: 3, start_ms: 3000 },
  };
  expect(pointsOf(undefined, { moments } as unknown as Metrics, [], places).map(({ name }) => name)).toEqual([
    "Our longest turn",
    "Customer’s longest turn",
    "Longest silence",
  ]);
});
