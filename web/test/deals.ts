// Deals with calls and e-mails, brought over the interface as an admin brings them.

import { ask, enter, fresh, upload } from "./browser";

const DAY_MS = 86_400_000;

/** So many days ago, as a time. */
const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
/** As a day; in the past, or with a number below nothing in the future. */
const day = (days: number) => ago(days).slice(0, 10);

type Taken = { rows: number; new: number };

/** Brings rows as a file of JSON. */
export function bringRows(what: "opportunities" | "emails" | "links", rows: object[], url?: string): Promise<Taken> {
  return ask<Taken>("viktor", `/opportunities/import?what=${what}`, rows, "POST", url);
}

export type Deals = {
  /** Words that no other fixture has in its names. */
  mark: string;
  /** Of Felix: three calls, 24 e-mails, closes in nine days. */
  harbour: string;
  /** Of Amara: overdue, and its customer does not answer. */
  kiln: string;
  /** Titles of the calls of Harbour, the latest first. */
  calls: { id: string; title: string }[];
};

const SAID: Record<string, [who: "rep" | "vera" | "jon", words: string][]> = {
  first: [
    ["rep", "Good morning, thanks for making the time. I would like to hear how you plan your routes."],
    ["vera", "We plan by hand in the morning, and every late change costs us about an hour."],
    ["rep", "What does an hour of that cost you in a month?"],
    ["vera", "Maybe two thousand euros. I would have to see it with our own data."],
    ["rep", "Then I will set up a trial with last week's orders, and we look at it on Tuesday at ten."],
    ["vera", "Tuesday at ten is fine."],
  ],
  second: [
    ["rep", "Last time you said that late changes cost you two thousand euros a month. Here is your own week."],
    ["jon", "That looks good, but your price worries me. It is too expensive for twelve vans."],
    ["rep", "A van costs 39 euros a month. Compared to two thousand, what would be fair?"],
    ["jon", "I have to think about it. We are also talking to a competitor."],
    ["vera", "My manager has the budget and decides at the end of the month."],
    ["rep", "I understand. I will write down what it would save you."],
  ],
  third: [
    ["rep", "Thanks for coming back to me. What did your manager say to the figures?"],
    ["vera", "She liked them. If we start in January, the budget is there."],
    ["jon", "And the contract? We would need a month to leave the old one."],
    ["rep", "Then I will send the contract tomorrow, and we go through it on Thursday at two, the three of us."],
    ["vera", "Thursday at two suits us both."],
  ],
};

/** A call with people of a customer, as a file. */
function talk(title: string, rep: string, domain: string, days: number, said: keyof typeof SAID): string {
  const names = { rep, vera: "Vera Holt", jon: "Jon Aske" };
  const segments = (SAID[said] ?? []).map(([who, text], n) => ({
    id: n + 1,
    speaker: names[who],
    start_ms: n * 9_000,
    end_ms: n * 9_000 + 8_000,
    text,
  }));
  return JSON.stringify({
    format: "json",
    title,
    language: "en",
    started_at: ago(days),
    participants: [
      { name: rep, side: "internal" },
      { name: "Vera Holt", side: "external", email: `vera@${domain}`, title: "Head of Logistics" },
      { name: "Jon Aske", side: "external", email: `jon@${domain}`, title: "Buyer" },
    ],
    segments,
  });
}

/** Brings them, and waits until they have been reckoned. */
export async function bringAll(url?: string): Promise<Deals> {
  await Promise.all([enter("viktor", url), enter("ingrid", url)]);
  const mark = fresh();
  const [harbour, kiln] = [`harbour${mark}.example`, `kiln${mark}.example`];
  const base = { status: "open", product: "Routes", currency: "EUR" };
  await bringRows(
    "opportunities",
    [
      {
        ...base,
        id: `H-${mark}`,
        name: `Harbour rollout ${mark}`,
        account: "Harbour Foods",
        account_domain: harbour,
        owner: "Felix Lindgren",
        stage: "Negotiation",
        stage_since: ago(12),
        amount: "24000.00",
        opened_at: ago(70),
        close_date: day(-9),
        health: 62,
      },
      {
        ...base,
        id: `K-${mark}`,
        name: `Kiln renewal ${mark}`,
        account: "Kiln & Sons",
        account_domain: kiln,
        owner: "Amara Okoro",
        stage: "Proposal",
        stage_since: ago(45),
        amount: "8000.50",
        currency: "USD",
        opened_at: ago(90),
        close_date: day(12),
        health: 71,
        product: "Docks",
      },
      {
        ...base,
        id: `Q-${mark}`,
        name: `Quay pilot ${mark}`,
        account: "Quayside",
        account_domain: `quay${mark}.example`,
        owner: "Felix Lindgren",
        stage: "Discovery",
        stage_since: ago(5),
        amount: "5000",
        opened_at: ago(5),
        close_date: day(-60),
      },
      {
        ...base,
        id: `W-${mark}`,
        name: `Wharf expansion ${mark}`,
        account: "Wharf Group",
        account_domain: `wharf${mark}.example`,
        owner: "Felix Lindgren",
        stage: "Closed Won",
        status: "won",
        amount: "41000",
        opened_at: ago(120),
        close_date: day(20),
        closed_at: ago(20),
      },
    ],
    url,
  );
  const mail = (id: string, domain: string, days: number, incoming: boolean, subject: string, body: string) => ({
    id: `${id}-${mark}`,
    sender: incoming ? `vera@${domain}` : "felix@brightlane.example",
    recipients: [incoming ? "felix@brightlane.example" : `vera@${domain}`],
    sent_at: ago(days),
    incoming,
    subject,
    body,
  });
  const letters = Array.from({ length: 24 }, (_, n) =>
    mail(
      `M${n}`,
      harbour,
      2 + n * 2.5,
      n % 2 === 0,
      n === 0 ? "Contract" : `Routes, ${n % 2 === 0 ? "from us" : "your questions"} (${24 - n})`,
      n === 0
        ? "We are fine with the contract but for the notice. Can we talk on Thursday?"
        : `This is letter ${24 - n}.`,
    ),
  );
  await bringRows(
    "emails",
    [
      ...letters,
      mail("K1", kiln, 40, true, "Renewal", "Please send the new prices."),
      mail("K2", kiln, 30, false, "Re: Renewal", "Here they are."),
      mail("K3", kiln, 21, false, "Re: Renewal", "Did you have time to look at them?"),
    ],
    url,
  );
  const calls: Deals["calls"] = [];
  for (const [title, days, said] of [
    ["Contract and start", 3, "third"],
    ["Prices", 12, "second"],
    ["First look at routes", 33, "first"],
  ] as const) {
    const text = talk(`${title} ${mark}`, "Felix Lindgren", harbour, days, said);
    calls.push({ id: await upload("viktor", `${said}-${mark}.json`, text, {}, url), title: `${title} ${mark}` });
  }
  const found = async () =>
    (await listed(mark, url)).map(({ id, name, calls, emails, health }) => ({ id, name, calls, emails, health }));
  for (let left = 60; left > 0; left -= 1) {
    const all = await found();
    const of = (name: string) => all.find((deal) => deal.name.startsWith(name));
    const [one, other] = [of("Harbour"), of("Kiln")];
    if (
      one?.calls === 3 &&
      one.emails === 24 &&
      other &&
      typeof other.health === "number" &&
      typeof one.health === "number"
    )
      return { mark, harbour: one.id, kiln: other.id, calls };
    await new Promise((later) => setTimeout(later, 500));
  }
  throw new Error(`the deals are not as they were brought: ${JSON.stringify(await found())}`);
}

export type Listed = {
  id: string;
  name: string;
  calls: number;
  emails: number;
  health: number | null;
  warnings: { kind: string; text: string }[];
};

/** The deals with these words in their names, as an admin sees them. */
export async function listed(words: string, url?: string): Promise<Listed[]> {
  return (await ask<{ items: Listed[] }>("viktor", `/opportunities?q=${words}`, undefined, "GET", url)).items;
}
