import { expect, test } from "vitest";
import { makePosition } from "./position";

test("who listens is told of each move, and of none that leads nowhere", () => {
  const position = makePosition();
  const heard: number[] = [];
  const stop = position.listen(() => heard.push(position.read()));
  position.move(1200);
  position.move(1200);
  position.move(0);
  stop();
  position.move(5000);
  expect(heard).toEqual([1200, 0]);
  expect(position.read()).toBe(5000);
});
