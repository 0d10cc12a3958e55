import { expect, test } from "vitest";
import { type Citation, events } from "@/api/search";
import { type Answer, ASKED, heard, numberOf, sourcesOf } from "./answer";

/** The answer after these bytes, which come in pieces of so many characters. */
function after(told: string, size: number): Answer {
  let answer = ASKED;
  const feed = events((name, data) => {
    answer = heard(answer, name, data);
  });
  for (let at = 0; at < told.length; at += size) feed(told.slice(at, at + size));
  return answer;
}

const event = (name: string, data?: object) => `event: ${name}\n${data ? `data: ${JSON.stringify(data)}\n` : ""}\n`;
const cite = (segment_id: number, call_id = "a"): Citation => ({ call_id, call_title: "A", segment_id, quote: "q" });
const sentence = (text: string, ...citations: Citation[]) => event("sentence", { text, citations });

const FOUND = event("found", {
  reading: { text: "price", understood: ["side:customer"] },
  calls: [],
  meaning_off: null,
});
const DONE = event("done", { sentences: 2, dropped: 1, model: "m", failure: null });

test("an answer is read whatever the pieces are in which it comes", () => {
  // A line that only keeps the connection open stands between them.
  const told = `${FOUND}: \n\n${sentence("One – “é”.", cite(3))}${sentence("Two.", cite(4))}${DONE}`;
  for (const size of [1, 7, told.length]) {
    const answer = after(told, size);
    expect(answer.state).toBe("done");
    expect(answer.reading?.understood).toEqual(["side:customer"]);
    expect(answer.sentences.map(({ text }) => text)).toEqual(["One – “é”.", "Two."]);
    expect(answer.end?.dropped).toBe(1);
  }
});

test("what was told before holds no more when the model begins anew", () => {
  // `data` is null there, and may be left out.
  for (const again of ["event: again\ndata: null\n\n"]) {
    const answer = after(`${FOUND}${sentence("Wrong.", cite(1))}${again}${sentence("Right.", cite(2))}`, 5);
    expect(answer.sentences.map(({ text }) => text)).toEqual(["Right."]);
    expect(answer.state).toBe("coming");
    expect(answer.reading?.text).toBe("price");
  }
});

test("what fails in the midst says its sentence, and keeps what was told", () => {
  const failed = event("failed", { type: "/problems/x", title: "X", status: 503, detail: "The database is away." });
  const answer = after(`${FOUND}${sentence("One.", cite(1))}${failed}`, 9);
  expect(answer.state).toBe("failed");
  expect(answer.error?.message).toBe("The database is away.");
  expect(answer.sentences).toHaveLength(1);
});

test("an event that is not known changes nothing", () => {
  expect(heard(ASKED, "later", "{}")).toBe(ASKED);
});

test("a place that is cited twice has one number", () => {
  const said = [
    { text: "One.", citations: [cite(7), cite(3)] },
    { text: "Two.", citations: [cite(3), cite(3, "b")] },
  ];
  const sources = sourcesOf(said);
  expect(said.map(({ citations }) => citations.map((cited) => numberOf(cited, sources)))).toEqual([
    [1, 2],
    [2, 3],
  ]);
});
