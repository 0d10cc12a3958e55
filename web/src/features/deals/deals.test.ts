import { expect, test } from "vitest";
import type { Deal, TimelineEntry, WarningKind } from "@/api/deals";
import { FILES, guess, KINDS, rowOf, template, typeOf } from "./files";
import { filterOf, readDealSearch, readDealsSearch } from "./search";
import { byWeight, due, money, ofTheWeek, peopleOf, sumOf, sums, togetherOf, WARNING } from "./words";

const ID = "01a20052-2cc5-71cb-a2a2-368a616e3577";
const TODAY = "2026-11-22";

let made = 0;
const deal = (change: Partial<Deal>): Deal => {
  made += 1;
  return {
    id: `${made}`,
    external_id: "D-1",
    system: "import",
    name: `Deal ${made}`,
    stage: "Negotiation",
    status: "open",
    calls: 1,
    emails: 1,
    warnings: [],
    ...change,
  };
};
const warned = (kind: WarningKind) => ({ kind, text: "Look.", links: [] });

test("an address says which deals are shown; open ones by their close date where it says nothing", () => {
  expect(
    readDealsSearch({ owner: "dana", status: "open", health: "fine", since: "2026-13-01", sort: "stage" }),
  ).toEqual({});
  expect(readDealsSearch({ q: 42, owner: ID, warning: "ghosted", sort: "-amount", status: "all" })).toEqual({
    q: "42",
    owner: ID,
    warning: "ghosted",
    sort: "-amount",
    status: "all",
  });
  expect(filterOf({})).toEqual({ status: "open", sort: "close_date", order: "asc" });
  expect(filterOf({ status: "all", owner: ID, health: "fair", since: "2026-11-01", sort: "-amount" })).toEqual({
    owner_id: ID,
    min_health: 45,
    max_health: 69,
    close_since: "2026-11-01",
    sort: "amount",
    order: "desc",
  });
  expect(readDealSearch({ kind: "letter", person: " mara ", entry: "x" })).toEqual({ person: "mara" });
  expect(readDealSearch({ kind: "email", entry: ID })).toEqual({ kind: "email", entry: ID });
});

test("an amount has the sign of its currency, and cents only where there are some", () => {
  expect(money(1_250_000, "EUR")).toBe("€\u202f12,500");
  expect(money(1_250_050, "USD")).toBe("US$\u202f12,500.50");
  expect(money(100, "CHF")).toBe("CHF\u00a01");
  expect(money(100, null)).toBe("1");
  expect(money(null, "EUR")).toBe("–");
  expect(money(0, "EUR")).toBe("€\u202f0");
});

test("money of different currencies is never added up", () => {
  const deals = [
    { amount_cents: 100_000, currency: "EUR" },
    { amount_cents: 300_000, currency: "USD" },
    { amount_cents: 50_000, currency: "EUR" },
    { amount_cents: null, currency: "GBP" },
  ];
  expect(sums(deals)).toEqual(["US$\u202f3,000", "€\u202f1,500"]);
  expect(sums([{ amount_cents: 30_000, currency: null }])).toEqual(["300 without a currency"]);
  expect(sums([])).toEqual([]);
});

test("an open deal is late from the day after its close date, a closed one never", () => {
  const open = (close_date: string) => due({ close_date, status: "open" }, TODAY);
  expect(open("2026-11-21")).toMatchObject({ note: "1 day late", late: true });
  expect(open("2026-11-22")).toMatchObject({ note: "today", late: false });
  expect(open("2026-11-23").note).toBe("tomorrow");
  expect(open("2026-12-06").note).toBe("in 14 days");
  expect(open("2026-12-07").note).toBeUndefined();
  expect(due({ close_date: "2026-11-01", status: "won" }, TODAY)).toMatchObject({ note: undefined, late: false });
  expect(due({ close_date: null, status: "open" }, TODAY)).toEqual({ day: "–", note: undefined, late: false });
});

test("a health is 50 and its points, and says where it was kept within its bounds", () => {
  const of = (...all: number[]) => sumOf(all.map((points) => ({ points })));
  expect(of(15, 10, -20)).toEqual({ terms: ["+15", "+10", "−20"], total: 55, cut: undefined });
  expect(of(-20, -15, -15, -10)).toMatchObject({ total: 0, cut: "never below 0" });
  expect(of(-20, -15, -15)).toMatchObject({ total: 0, cut: undefined });
  expect(of(30, 30)).toMatchObject({ total: 100, cut: "never above 100" });
});

test("of warnings the weightiest comes first, and each has its words", () => {
  expect(byWeight([warned("pricing_not_mentioned"), warned("ghosted")]).map(({ kind }) => kind)).toEqual([
    "ghosted",
    "pricing_not_mentioned",
  ]);
  expect(WARNING.ghosted.means(1)).toBe("The customer has not answered for 1 day, though somebody wrote.");
  expect(WARNING.not_enough_contacts.means(2)).toContain("Fewer than 2 people");
});

test("deals of the week close within two weeks or are warned of, the worst first, five at most, each once", () => {
  const quiet = deal({ health: 80, close_date: "2027-03-01" });
  const soon = deal({ health: 60, close_date: "2026-12-06" });
  const later = deal({ health: 10, close_date: "2026-12-07" });
  const bad = deal({ health: 20, warnings: [warned("ghosted")] });
  const unknown = deal({ health: null, close_date: TODAY });
  const won = deal({ status: "won", close_date: TODAY, health: null });
  const all = [quiet, soon, later, bad, unknown, won, soon];
  expect(ofTheWeek(all, TODAY).map(({ id }) => id)).toEqual([bad.id, unknown.id, soon.id]);
  const many = Array.from({ length: 8 }, (_, n) => deal({ health: n, warnings: [warned("stalled")] }));
  expect(ofTheWeek(many, TODAY).map(({ health }) => health)).toEqual([0, 1, 2, 3, 4]);
});

test("deals of which nothing is known keep nobody from the worst, and that all were read is said only where it is so", () => {
  const unknown = [deal({ health: null }), deal({}), deal({ health: null })];
  const [bad, fine] = [deal({ health: 10, warnings: [warned("ghosted")] }), deal({ health: 80 })];
  const full = togetherOf(unknown, [bad, fine], 3);
  expect(full.deals).toEqual([...unknown, bad, fine]);
  expect(ofTheWeek(full.deals, TODAY)).toEqual([bad]);
  // There may be a fourth of which nothing is known, and warned of.
  expect(full.whole).toBe(false);
  expect(togetherOf(unknown, [bad, fine], 4).whole).toBe(true);
  // Those without a health end before those with one begin: none of them is left out.
  const mixed = togetherOf([...unknown, bad], [bad, fine], 4);
  expect(mixed.deals).toEqual([...unknown, bad, fine]);
  expect(mixed.whole).toBe(true);
  expect(togetherOf([...unknown, bad], [bad, fine, deal({ health: 81 }), deal({ health: 82 })], 4).whole).toBe(false);
  expect(togetherOf([], [], 3)).toEqual({ deals: [], whole: true });
});

test("people of a timeline are there once, by their name where one is known, the customer's first", () => {
  const email: TimelineEntry = {
    kind: "email",
    id: "1",
    at: "2026-11-12T09:30:00Z",
    subject: "",
    sender: "mara@harbour.example",
    recipients: ["dana@dockline.example"],
    incoming: true,
  };
  const call: TimelineEntry = {
    kind: "call",
    id: "2",
    at: "2026-11-11T09:30:00Z",
    title: "Routes",
    how: "inferred",
    people: [
      { name: "Dana", email: "dana@dockline.example", internal: true },
      { name: "Mara", email: "Mara@harbour.example", title: "Head of Logistics", internal: false },
      { name: "Jon", internal: false },
    ],
  };
  expect(peopleOf([email, call])).toEqual([
    { value: "Jon", name: "Jon", note: undefined },
    { value: "Mara@harbour.example", name: "Mara", note: "Head of Logistics" },
    { value: "dana@dockline.example", name: "Dana", note: "ours" },
  ]);
});

test("a template has every column that is needed, and is read as what it is", () => {
  for (const what of FILES) {
    const csv = template(what, "csv");
    const [head, row, end] = csv.split("\n");
    for (const needed of KINDS[what].needs.split(", ")) expect(head?.split(",")).toContain(needed);
    expect(row).not.toBe("");
    expect(end).toBe("");
    expect(guess(csv)).toBe(what);
    const json = template(what, "json");
    expect(guess(json)).toBe(what);
    expect(Object.values(JSON.parse(json)[0])).not.toContain("");
  }
  expect(guess("name\nAcme")).toBeUndefined();
});

test("a file is CSV or JSON by its name", () => {
  expect(typeOf("deals.CSV")).toBe("text/csv");
  expect(typeOf("deals.json")).toBe("application/json");
  expect(typeOf("deals.xlsx")).toBeUndefined();
});

test("what is wrong with a file is told by its row", () => {
  expect(rowOf("line 3: amount: “many” is no amount such as 12500.00")).toEqual({
    row: "Line 3",
    why: "amount: “many” is no amount such as 12500.00",
  });
  expect(rowOf("row 12: call_id: there is no call “x”").row).toBe("Row 12");
  expect(rowOf("this is no CSV: it ends in the middle")).toEqual({
    row: undefined,
    why: "this is no CSV: it ends in the middle",
  });
});
