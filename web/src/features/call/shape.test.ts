import { expect, test } from "vitest";
import type { SegmentItem } from "@/api/queries";
import { countsOf, filledOf, moodOf, placeAt, placeOf, runsOf, shapeOf, withSecond } from "./shape";

const said = (id: number, name: string, side: string, from: number | null, to: number | null): SegmentItem => ({
  id,
  speaker: { position: 0, name, side } as NonNullable<SegmentItem["speaker"]>,
  start_ms: from,
  end_ms: to,
  text: "words",
  estimated: false,
});

test("thousands of stretches become as many as there are columns, and none is lost", () => {
  const spans = Array.from({ length: 12_000 }, (_, n): [number, number] => [n * 3000, n * 3000 + 1000]);
  expect(runsOf(spans, 36_000_000, 1000).length).toBeLessThanOrEqual(1000);
  expect(
    runsOf(
      [
        [0, 100],
        [500, 501],
        [90, 200],
      ],
      1000,
      10,
    ),
  ).toEqual([
    [0, 2],
    [5, 6],
  ]);
  expect(runsOf([[999, 1000]], 1000, 10)).toEqual([[9, 10]]);
});

test("our side stands first, and a call without times has no end", () => {
  const shape = shapeOf([said(1, "Cy", "external", 0, 900), said(2, "Dana", "internal", 900, 1000)]);
  expect(shape.tracks.map(({ name }) => name)).toEqual(["Dana", "Cy"]);
  expect(shape.end).toBe(1000);
  expect(shapeOf([said(1, "Cy", "external", null, null)]).end).toBe(0);
});

test("who says least shares the last track", () => {
  const many = Array.from({ length: 9 }, (_, n) => said(n + 1, `S${n}`, "external", n * 100, n * 100 + 10 + n));
  const { tracks } = shapeOf(many);
  expect(tracks.length).toBe(6);
  expect(tracks.at(-1)?.name).toBe("4 others");
  expect(tracks.at(-1)?.spoken).toBe(10 + 11 + 12 + 13);
});

test("the segment at a moment is the one said then, else the nearer one", () => {
  const { places } = shapeOf([
    said(1, "A", "internal", 100, 200),
    said(2, "B", "external", 400, 500),
    said(3, "A", "internal", 600, 700),
  ]);
  expect([0, 150, 290, 310, 450, 9_000].map((ms) => placeAt(places, ms)?.id)).toEqual([1, 1, 1, 2, 2, 3]);
  expect(placeAt([], 5)).toBeUndefined();
  expect(placeOf(places, 3)?.from).toBe(600);
  expect(placeOf(places, 4)).toBeUndefined();
});

test("the mood of a column is that of the customer’s words in it", () => {
  const turn = (side: string, from: number, to: number, sentiment: number, word_count: number) => ({
    segment_id: 1,
    side,
    start_ms: from,
    end_ms: to,
    sentiment,
    word_count,
  });
  const turns = [
    turn("external", 0, 100, 1, 1),
    turn("external", 50, 100, 0, 3),
    turn("internal", 0, 400, -1, 9),
    turn("external", 300, 400, -0.5, 2),
  ];
  expect(moodOf(turns, 400, 4)).toEqual([0.25, undefined, undefined, -0.5]);
});

test("a second stands for what is said at it, unless a segment is named", () => {
  const shape = shapeOf([said(1, "Ada", "internal", 0, 900), said(2, "Bo", "external", 1000, 5000)]);
  expect(withSecond({ t: 3 }, shape)).toEqual({ t: 3, at: 2 });
  expect(withSecond({ t: 3, at: 1 }, shape).at).toBe(1);
  expect(withSecond({ t: 900 }, shape).at).toBe(2);
  expect(withSecond({ t: 3 }, shapeOf([])).at).toBeUndefined();
});

test("a column is as full as somebody speaks in it, and no fuller", () => {
  expect(
    filledOf(
      [
        [0, 50],
        [150, 400],
        [310, 390],
      ],
      400,
      4,
    ),
  ).toEqual([0.5, 0.5, 1, 1]);
});

test("columns are compared with the one in which most begins", () => {
  expect(
    countsOf(
      [
        [0, 0],
        [10, 10],
        [399, 399],
        [400, 400],
        [120, 120],
      ],
      400,
      4,
    ),
  ).toEqual([1, 0.5, 0, 1]);
});

test("where thousands speak in turn, each track says how much of a column it fills, and the fullest is full", () => {
  const long = Array.from({ length: 2_000 }, (_, n) =>
    said(n + 1, n % 2 ? "Bo" : "Ada", n % 2 ? "external" : "internal", n * 1000, n * 1000 + (n % 2 ? 250 : 500)),
  );
  const [ada, bo] = shapeOf(long).tracks;
  expect(Math.max(...(ada?.filled ?? []))).toBe(1);
  expect(Math.max(...(bo?.filled ?? []))).toBeLessThan(0.75);
  expect(shapeOf(long.slice(0, 20)).tracks[0]?.filled).toBeUndefined();
});
