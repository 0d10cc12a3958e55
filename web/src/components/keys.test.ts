import { expect, test } from "vitest";
import { meant } from "./keys";

const KNOWN = ["j", "c", "?", "g c", "g h"];

test("one key does what it is known for", () => {
  expect(meant(KNOWN, undefined, "j")).toEqual({ does: "j", waits: false });
  expect(meant(KNOWN, undefined, "x")).toEqual({ waits: false });
});

test("the first of two waits, and the second is not taken for a key of its own", () => {
  expect(meant(KNOWN, undefined, "g")).toEqual({ waits: true });
  expect(meant(KNOWN, "g", "c")).toEqual({ does: "g c", waits: false });
  expect(meant(KNOWN, "g", "j")).toEqual({ does: "j", waits: false });
});
