// The rules by which deals are warned of, as their form has them.

import type { Schemas } from "@/api/client";
import type { DealRule } from "@/api/deals";

/** What is typed as a threshold stays as it is typed until it is saved. */
export type RuleForm = Record<string, { enabled: boolean; threshold: string }>;

export function formOf(rules: readonly DealRule[]): RuleForm {
  return Object.fromEntries(
    rules.map(({ kind, enabled, threshold }) => [kind, { enabled, threshold: `${threshold}` }]),
  );
}

/** What is wrong with a threshold; nothing where it can be saved. */
export function wrongOf({ bounds, unit }: DealRule, threshold: string): string | undefined {
  const [least = 1, most = 365] = bounds;
  const n = Number(threshold);
  const fits = /^\d{1,4}$/.test(threshold.trim()) && n >= least && n <= most;
  return fits ? undefined : `A whole number of ${unit}, from ${least} to ${most}.`;
}

/** The rules that are another than before. */
export function changesOf(before: readonly DealRule[], form: RuleForm): Schemas["DealWarningChange"][] {
  return before.flatMap(({ kind, ...was }) => {
    const now = form[kind];
    if (!now) return [];
    const change = { kind, enabled: now.enabled, threshold: Number(now.threshold) };
    return change.enabled === was.enabled && change.threshold === was.threshold ? [] : [change];
  });
}

/** Whether a rule is as the program is shipped. */
export function isUsual({ usual }: DealRule, { enabled, threshold }: { enabled: boolean; threshold: string }): boolean {
  return enabled && Number(threshold) === usual;
}
