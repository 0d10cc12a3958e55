// Who judged a call, what it took and what became of it, in words.

import type { Schemas } from "@/api/client";
import { dollars, lasted, many, number, percent } from "@/components/format";

export type ModelUse = Schemas["ModelUse"];
type Head = Pick<Schemas["SessionHead"], "analyst" | "model" | "withheld" | "confirmed_at">;

/** The flag of words that speak to whoever judges. */
export const SPEAKS = "instruction_to_judge";

/** Whether the scores wait until a person has looked. */
export function waits({ withheld, confirmed_at }: Pick<Head, "withheld" | "confirmed_at">): boolean {
  return withheld && !confirmed_at;
}

/** The program's reason after a colon. */
export function within(reason: string): string {
  const text = reason.trim();
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** `claude-sonnet-5-5`, or `the offline analyst`. */
export function judge({ analyst }: Pick<Head, "analyst">): string {
  return analyst === "offline" ? "the offline analyst" : analyst;
}

/** In one line: `Judged by claude-sonnet-5-5 · US$ 0.04 · 3 of 5 answers used again`. */
export function whoJudged({ analyst, model }: Pick<Head, "analyst" | "model">): string {
  const parts = [`Judged by ${judge({ analyst })}`];
  if (model?.failure) {
    // What was asked in vain may have cost something all the same.
    if (model.cost_micros) parts.push(`${dollars(model.cost_micros)} for the model`);
  } else if (model) {
    parts.push(typeof model.cost_micros === "number" ? dollars(model.cost_micros) : "price not known");
    if (model.cached > 0) parts.push(`${model.cached} of ${model.requests + model.cached} answers used again`);
  }
  return parts.join(" · ");
}

/** That the model judged nothing, why, and what stands. */
export function failedNotice({ sentence: why, again }: Schemas["ModelFailure"]): string {
  const next = again ? " It is tried again by itself." : "";
  return `The model could not judge this call: ${within(why)} The offline analyst’s scores stand.${next}`;
}

/** What it took to ask the model: each with its name. */
export function took(model: ModelUse): [name: string, words: string][] {
  const { input_tokens, cache_write_tokens, cache_read_tokens, output_tokens } = model;
  const read = input_tokens + cache_write_tokens + cache_read_tokens;
  const remembered = read > 0 ? `, ${percent(cache_read_tokens / read)} of them remembered` : "";
  const rows: [string, string][] = [
    ["Questions", `${number(model.requests)} sent${model.cached > 0 ? `, ${model.cached} answered before` : ""}`],
    [
      "Tokens",
      `${number(read)} read${remembered}; ${number(output_tokens)} written${model.estimated ? "; counted here, since the service did not tell" : ""}`,
    ],
    ["Time", lasted(model.took_ms)],
  ];
  if (model.failure) return rows;
  rows.push(["The call", model.windows > 1 ? `Read in ${model.windows} pieces` : "Read as a whole"]);
  rows.push(["Claims", claims(model.dropped)]);
  rows.push([
    "Advice",
    model.advice_checked ? "Checked: what the call follows already is left out" : "Not checked against the call",
  ]);
  return rows;
}

function claims(dropped: number): string {
  if (dropped === 0) return "All of them stand in the call";
  return `${many(dropped, "claim")} of the model did not stand in the call and ${dropped === 1 ? "is" : "are"} not shown`;
}

const TIMES: Record<number, string> = { 2: "judged twice", 3: "judged three times" };

/** Whether there is more to tell than who judged. */
export function hasMore(model: ModelUse | null | undefined): model is ModelUse {
  return model !== null && model !== undefined && (!model.failure || model.requests + model.cached > 0);
}

/** What is worth knowing about how a dimension was judged; nothing where it went as usual. */
export function asked({ model }: Pick<Schemas["DimensionView"], "model">): string | undefined {
  if (!model || model.failure) return undefined;
  const { cached, passes, dropped, repaired, followed } = model;
  const parts: string[] = [];
  if (cached) parts.push("answer used again");
  if (passes > 1) parts.push(TIMES[passes] ?? `judged ${passes} times`);
  if (repaired) parts.push("first answer not understood, second was");
  if (dropped > 0) parts.push(`${many(dropped, "claim")} not shown: not in the call`);
  const left = followed?.length ?? 0;
  if (left > 0) parts.push(`${many(left, "piece", "pieces")} of advice left out: followed already`);
  if (parts.length === 0) return undefined;
  const text = parts.join(" · ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Why the model did not judge a dimension, unless its note says so already. */
export function notAsked({ model, note }: Pick<Schemas["DimensionView"], "model" | "note">): string | undefined {
  if (!model?.failure) return undefined;
  const bare = model.failure.sentence.trim().replace(/\.$/, "");
  if (note?.toLowerCase().includes(bare.toLowerCase())) return undefined;
  return `The model did not judge this: ${within(model.failure.sentence)}${model.failure.again ? " It is tried again by itself." : ""}`;
}
