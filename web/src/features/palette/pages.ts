// The pages that the palette and the keys lead to.

/** Where it leads, how it is called and by which two keys. */
export const PAGES = [
  { to: "/", name: "Home", key: "g h" },
  { to: "/calls", name: "Calls", key: "g c" },
  { to: "/team", name: "Team", key: "g t" },
  { to: "/rubrics", name: "Rubrics", key: "g r" },
  { to: "/rubrics/trackers", name: "Trackers", key: "g k" },
  { to: "/settings/profile", name: "Settings", key: "g s" },
] as const;

/** All keys, as the overview shows them. */
export const OVERVIEW: { name: string; keys: [keys: string, does: string][] }[] = [
  {
    name: "Everywhere",
    keys: [
      ["⌘ K / Ctrl K", "Find a call or a person, or do something"],
      ["?", "This overview"],
      ...PAGES.map(({ name, key }): [string, string] => [key, name]),
    ],
  },
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
