import { expect, test } from "vitest";
import { overviewFor, pagesFor, settingsFor } from "./pages";

const names = (pages: { name: string }[]) => pages.map(({ name }) => name);

test("a rep is offered the page about themselves in the place of the team", () => {
  const rep = { id: "noor", role: "rep" } as const;
  expect(names(pagesFor(rep))).toEqual([
    "Home",
    "Calls",
    "Search",
    "Ask a question",
    "Deals",
    "My progress",
    "Rubrics",
    "Trackers",
    "Knowledge",
    "Settings",
  ]);
  expect(overviewFor(rep)[0]?.keys.map(([key]) => key)).not.toContain("g t");
  expect(settingsFor(rep)).toEqual([]);
});

test("who leads is offered the team, the comparison and the settings they have", () => {
  const manager = { id: "selma", role: "manager" } as const;
  expect(names(pagesFor(manager))).toContain("Compare reps");
  expect(overviewFor(manager)[0]?.keys).toContainEqual(["g t", "Team"]);
  expect(overviewFor(manager)[0]?.keys).toContainEqual(["g w", "Weekly reviews"]);
  expect(names(settingsFor(manager))).toEqual([
    "Settings: Teams",
    "Settings: Model",
    "Settings: Costs",
    "Settings: Deal warnings",
    "Settings: System",
  ]);
});

test("a coach is offered the team and no reviews of weeks, which they may not read", () => {
  const coach = names(pagesFor({ id: "selma", role: "coach" }));
  expect(coach).toContain("Team");
  expect(coach).not.toContain("Weekly reviews");
});

test("until it is known who one is, nothing is offered that not everybody has", () => {
  expect(names(pagesFor(undefined))).toEqual([
    "Home",
    "Calls",
    "Search",
    "Ask a question",
    "Deals",
    "Rubrics",
    "Trackers",
    "Knowledge",
    "Settings",
  ]);
});
