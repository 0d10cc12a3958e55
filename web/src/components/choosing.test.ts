import { expect, test } from "vitest";
import { type Choice, fitting, moved, placed } from "./choosing";

const named = (...names: string[]): Choice[] => names.map((name) => ({ value: name, name }));
const names = (choices: Choice[]) => choices.map(({ name }) => name);

test("words that begin a word come before words within one, and else the order stays", () => {
  const all = named("Joanna Reyes", "Anna Berg", "Susanna Ek", "Mary-Ann Holt", "Bo Lund");
  expect(names(fitting(all, "ann"))).toEqual(["Anna Berg", "Mary-Ann Holt", "Joanna Reyes", "Susanna Ek"]);
  expect(fitting(all, "  ")).toEqual(all);
});

test("all the words are meant, in any order, without case and accents", () => {
  const all = named("Zoë Müller", "Zoe Brandt");
  expect(names(fitting(all, "MUL zoe"))).toEqual(["Zoë Müller"]);
  expect(names(fitting(all, "zoë"))).toEqual(["Zoë Müller", "Zoe Brandt"]);
  expect(fitting(all, "zoe x")).toEqual([]);
});

test("keys go round, and leave out who cannot be chosen", () => {
  const all = named("a", "b", "c", "d").map((choice, n) => ({ ...choice, disabled: n === 0 || n === 2 }));
  expect(moved("ArrowDown", -1, all)).toBe(1);
  expect(moved("ArrowDown", 1, all)).toBe(3);
  expect(moved("ArrowDown", 3, all)).toBe(1);
  expect(moved("ArrowUp", 1, all)).toBe(3);
  expect(moved("ArrowUp", -1, all)).toBe(3);
  expect([moved("Home", 3, all), moved("End", 1, all), moved("x", 1, all)]).toEqual([1, 3, 1]);
  expect([moved("ArrowDown", -1, []), moved("End", -1, [])]).toEqual([-1, -1]);
});

const desk = { left: 0, top: 0, width: 1440, height: 900 };

test("the list stands below its field, and above where there is too little room below", () => {
  const field = { left: 100, top: 100, bottom: 132, width: 250 };
  expect(placed(field, desk)).toEqual({ left: 100, width: 250, height: 320, top: 136, bottom: undefined });
  const low = { left: 100, top: 820, bottom: 852, width: 250 };
  expect(placed(low, desk)).toEqual({ left: 100, width: 250, height: 320, top: undefined, bottom: 816 });
});

test("the list stays within what is seen above a keyboard on a phone", () => {
  const field = { left: 280, top: 90, bottom: 122, width: 90 };
  const at = placed(field, { left: 0, top: 0, width: 390, height: 400 });
  expect(at).toMatchObject({ width: 208, top: 126, height: 270 });
  expect(at.left + at.width).toBeLessThanOrEqual(390 - 8);
});
