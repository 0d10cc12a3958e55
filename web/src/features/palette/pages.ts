// The pages that the palette and the keys lead to.

import { linkOptions } from "@tanstack/react-router";
import type { Me } from "@/api/queries";
import { readsReviews } from "../reviews/weeks";
import { sectionsFor } from "../settings/sections";

const HOME = { name: "Home", key: "g h", link: linkOptions({ to: "/" }) };
const CALLS = { name: "Calls", key: "g c", link: linkOptions({ to: "/calls" }) };
const SEARCH = { name: "Search", key: "g f", link: linkOptions({ to: "/search", search: {} }) };
const ASK = { name: "Ask a question", key: "g a", link: linkOptions({ to: "/ask", search: {} }) };
const DEALS = { name: "Deals", key: "g o", link: linkOptions({ to: "/deals" }) };
const TEAM = { name: "Team", key: "g t", link: linkOptions({ to: "/team" }) };
const COMPARE = { name: "Compare reps", key: undefined, link: linkOptions({ to: "/people/compare" }) };
const REVIEWS = { name: "Weekly reviews", key: "g w", link: linkOptions({ to: "/reviews" }) };
const RUBRICS = { name: "Rubrics", key: "g r", link: linkOptions({ to: "/rubrics" }) };
const TRACKERS = { name: "Trackers", key: "g k", link: linkOptions({ to: "/trackers" }) };
const KNOWLEDGE = { name: "Knowledge", key: "g d", link: linkOptions({ to: "/knowledge" }) };
const SETTINGS = { name: "Settings", key: "g s", link: linkOptions({ to: "/settings/profile" }) };

const progress = (id: string) => ({
  name: "My progress",
  key: "g p",
  link: linkOptions({ to: "/people/$id", params: { id } }),
});

type Who = Pick<Me, "id" | "role">;

/** How they are called, by which two keys they open, and where they lead: those that somebody has. */
export function pagesFor(me: Who | undefined) {
  // A rep sees nobody else: in the place of the team they have the page about themselves.
  const people = !me
    ? []
    : me.role === "rep"
      ? [progress(me.id)]
      : [TEAM, COMPARE, ...(readsReviews(me.role) ? [REVIEWS] : [])];
  return [HOME, CALLS, SEARCH, ASK, DEALS, ...people, RUBRICS, TRACKERS, KNOWLEDGE, SETTINGS];
}

/** The parts of the settings that somebody has, besides the one that "Settings" opens. */
export function settingsFor(me: Who | undefined) {
  return (me ? sectionsFor(me.role) : [])
    .filter(({ to }) => to !== SETTINGS.link.to)
    .map(({ to, name }) => ({ name: `Settings: ${name}`, key: undefined, link: linkOptions({ to }) }));
}

/** All keys, as the overview shows them. */
export function overviewFor(me: Who | undefined): { name: string; keys: [keys: string, does: string][] }[] {
  const pages = pagesFor(me).flatMap(({ name, key }): [string, string][] => (key ? [[key, name]] : []));
  return [
    {
      name: "Everywhere",
      keys: [["⌘ K / Ctrl K", "Find a call or a person, or do something"], ["?", "This overview"], ...pages],
    },
    { name: "In the search", keys: [["/", "To the field"]] },
    ...ON_A_CALL,
  ];
}

const ON_A_CALL: { name: string; keys: [keys: string, does: string][] }[] = [
  {
    name: "In a call",
    keys: [
      ["j", "Next words"],
      ["k", "Words before"],
      ["n", "Next evidence"],
      ["p", "Evidence before"],
      ["/", "Search in the call"],
      ["f", "Words follow the map"],
      ["[", "Call before"],
      ["]", "Call after"],
    ],
  },
  {
    name: "On the map of a call",
    keys: [
      ["← →", "Words before and after"],
      ["Page ↑ ↓", "A minute on and back"],
      ["Home End", "First and last words"],
    ],
  },
];
