import { expect, test } from "vitest";
import { readCallSearch } from "../call/search";
import { readCallsSearch } from "./search";
import { chooseStatus, isWithheld, statusChoice, UNSCORED, waitingLine, withheldWhy } from "./status";

test("an address narrows to withheld calls, also that of a call that was opened from them", () => {
  expect(readCallsSearch({ withheld: true })).toEqual({ withheld: true });
  expect(readCallsSearch({ withheld: false })).toEqual({});
  expect(readCallsSearch({ withheld: "yes" })).toEqual({});
  expect(readCallSearch({ list: { withheld: true, q: "acme" } })).toEqual({ list: { withheld: true, q: "acme" } });
});

test("withheld is one of the choices of a status, and takes the place of the others", () => {
  expect(chooseStatus("withheld")).toEqual({ status: undefined, withheld: true });
  expect(chooseStatus("failed")).toEqual({ status: "failed", withheld: undefined });
  expect(chooseStatus(undefined)).toEqual({ status: undefined, withheld: undefined });
  expect(statusChoice({})).toEqual({ choice: undefined, beside: false });
  expect(statusChoice({ status: "queued" })).toEqual({ choice: "queued", beside: false });
  expect(statusChoice({ withheld: true })).toEqual({ choice: "withheld", beside: false });
});

test("an address that has both a status and withheld shows both", () => {
  expect(statusChoice({ status: "analysed", withheld: true })).toEqual({ choice: "analysed", beside: true });
});

test("scores wait for somebody only where there are some", () => {
  expect(isWithheld({ status: "analysed", withheld: true })).toBe(true);
  expect(isWithheld({ status: "analysed", withheld: false })).toBe(false);
  // It is being judged anew.
  expect(isWithheld({ status: "queued", withheld: true })).toBe(false);
});

test("whoever may look is told to, reps are told who does", () => {
  expect(withheldWhy("manager")).toBe("Words in it speak to whoever judges it: somebody has to look first");
  expect(withheldWhy("coach")).toBe(withheldWhy(undefined));
  expect(withheldWhy("rep")).toBe("Words in it speak to whoever judges it: a manager or coach looks at it first");
  expect(UNSCORED).not.toContain("look");
});

test("the start page counts the calls that wait, and says nothing where none does", () => {
  const said = (count: number) => Object.values(waitingLine(count) ?? {}).join(": ");
  expect(said(3)).toBe("3 calls wait for a look: their scores are withheld");
  expect(said(1)).toBe("1 call waits for a look: its scores are withheld");
  expect(said(1200)).toMatch(/^1,200 calls wait/);
  expect(waitingLine(0)).toBeUndefined();
});
