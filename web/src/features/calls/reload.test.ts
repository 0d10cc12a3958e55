import { expect, test } from "vitest";
import { keptOf, readUploads } from "./reload";
import type { UploadedFile } from "./uploads";

const taken = (id: string, call_status: "queued" | "analysed" | "needs_sides") =>
  ({ file: `${id}.vtt`, status: "kept", id, call_status }) as const;

const again = (files: UploadedFile[]) => readUploads(JSON.parse(JSON.stringify(keptOf(files))));

test("what was sent is shown again, and asked for where it was not at its end", () => {
  const files: UploadedFile[] = [
    { key: 7, name: "a.vtt", taken: taken("a", "analysed"), score: 61.5 },
    { key: 8, name: "b.vtt", taken: taken("b", "queued") },
    { key: 9, name: "c.vtt", taken: { file: "c.vtt", status: "kept" } },
  ];
  expect(again(files)).toEqual([
    { key: 1, name: "a.vtt", taken: { ...taken("a", "analysed") }, score: 61.5 },
    { key: 2, name: "b.vtt", taken: { ...taken("b", "queued") }, missed: true },
    { key: 3, name: "c.vtt", taken: { file: "c.vtt", status: "kept" } },
  ]);
});

test("what was refused keeps its reason, and what was on its way says that it was not sent", () => {
  const problem = { type: "/problems/invalid", title: "Invalid", status: 422, detail: "no words in it" };
  const files: UploadedFile[] = [
    { key: 1, name: "a.vtt", taken: { file: "a.vtt", status: "refused", problem } },
    { key: 2, name: "b.vtt", problem: "too large" },
    { key: 3, name: "c.vtt" },
    { key: 4, name: "d.vtt", problem: "no answer", unsent: true },
  ];
  expect(again(files).map((file) => [file.taken?.status, file.problem, file.unsent])).toEqual([
    ["refused", "no words in it", undefined],
    [undefined, "too large", undefined],
    [undefined, "The page was loaded again before it was sent. Drop the file once more.", true],
    [undefined, "no answer", true],
  ]);
});

test("no more than a hundred are kept, the last ones, and nonsense is left out", () => {
  const many = Array.from({ length: 120 }, (_, n) => ({ key: n, name: `${n}.vtt`, problem: "x" }));
  const read = again(many);
  expect([read.length, read[0]?.name, read.at(-1)?.name]).toEqual([100, "20.vtt", "119.vtt"]);
  expect(readUploads([null, 3, { name: 4 }, "x"])).toEqual([]);
  expect(readUploads("files")).toEqual([]);
});
