// Files of deals: what they bring, how each looks, and how it is told what is wrong with one.

import type { DealFile } from "@/api/deals";

export const KINDS: Record<
  DealFile,
  { name: string; about: string; needs: string; example: Record<string, string>[] }
> = {
  opportunities: {
    name: "Deals",
    about: "Each deal with its customer, stage, amount and dates. Bring these first.",
    needs: "id, name, stage",
    example: [
      {
        id: "D-1001",
        name: "Harbour rollout",
        account: "Harbour Foods",
        account_domain: "harbourfoods.example",
        owner: "dana@yourcompany.example",
        stage: "Negotiation",
        status: "open",
        stage_since: "2026-11-02",
        product: "Routes",
        segment: "Mid-market",
        amount: "24000.00",
        currency: "EUR",
        opened_at: "2026-09-14",
        close_date: "2026-12-18",
        closed_at: "",
        health: "62",
      },
    ],
  },
  emails: {
    name: "E-mails",
    about: "Without an opportunity_id an e-mail goes to the deals of the customer whose mail domain is in it.",
    needs: "id, sender, sent_at",
    example: [
      {
        id: "M-5001",
        opportunity_id: "D-1001",
        sender: "mara@harbourfoods.example",
        recipients: "dana@yourcompany.example",
        sent_at: "2026-11-12T09:30:00Z",
        subject: "Next steps",
        body: "Thursday at ten suits us.",
        incoming: "true",
      },
    ],
  },
  links: {
    name: "Links of calls",
    about: "Which call belongs to which deal, where mail domain and dates do not tell.",
    needs: "call_id, opportunity_id",
    example: [{ call_id: "the id of the call here or at its source", opportunity_id: "D-1001" }],
  },
};

export const FILES = Object.keys(KINDS) as DealFile[];

const quoted = (value: string) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** A file of this kind as it is to be filled: every column, and a row that shows how values are written. */
export function template(what: DealFile, as: "csv" | "json"): string {
  const rows = KINDS[what].example;
  if (as === "json") return `${JSON.stringify(rows.map(dropEmpty), undefined, 2)}\n`;
  const names = Object.keys(rows[0] ?? {});
  return `${[names, ...rows.map((row) => names.map((name) => row[name] ?? ""))].map((row) => row.map(quoted).join(",")).join("\n")}\n`;
}

function dropEmpty(row: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== ""));
}

/** As what a file is sent; nothing where it is neither CSV nor JSON by its name. */
export function typeOf(name: string): "text/csv" | "application/json" | undefined {
  if (/\.json$/i.test(name)) return "application/json";
  return /\.(csv|txt)$/i.test(name) ? "text/csv" : undefined;
}

/** What a file brings, by the names in its head; nothing where that cannot be told. */
export function guess(text: string): DealFile | undefined {
  const head = text.slice(0, 4_000).toLowerCase();
  if (/\bcall[_ -]id\b/.test(head)) return "links";
  if (/\bsent[_ -]at\b/.test(head) || /\bsender\b/.test(head)) return "emails";
  return /\bstage\b/.test(head) ? "opportunities" : undefined;
}

/** A refusal as its row and what is wrong there. */
export function rowOf(told: string): { row: string | undefined; why: string } {
  const [, row, why] = /^((?:line|item|row) \d+): (.*)$/s.exec(told) ?? [];
  return row && why ? { row: row[0]?.toUpperCase() + row.slice(1), why } : { row: undefined, why: told };
}
