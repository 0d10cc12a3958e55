// The settings of the installation as a form has them, and back.

import type { Settings } from "./queries";

export type Door = "started" | "closed" | "invited" | "domain";

export type Form = {
  organisation: string;
  door: Door;
  /** At which domain an address opens, where the door is `domain`. */
  domain: string;
  /** Empty: as the program was started. */
  rubric: string;
  /** Mail domains, one a line. */
  domains: string;
  /** Empty: as usual. */
  shown: NonNullable<Settings["shown_of_others"]> | "";
};

/** The settings that this form is about. */
export type Own = Pick<Settings, "organisation" | "registration" | "rubric" | "internal_domains" | "shown_of_others">;

export function formOf(settings: Own): Form {
  const { registration } = settings;
  const domain = registration?.startsWith("@") ? registration.slice(1) : "";
  return {
    organisation: settings.organisation ?? "",
    door: domain ? "domain" : registration === "closed" || registration === "invited" ? registration : "started",
    domain,
    rubric: settings.rubric ?? "",
    domains: settings.internal_domains?.join("\n") ?? "",
    shown: settings.shown_of_others ?? "",
  };
}

/** A mail domain as somebody wrote it, without an `@` before it. */
function bare(text: string): string {
  return text.trim().replace(/^@/, "").toLowerCase();
}

/** The domains of a list with a line, comma or space between them, each once. */
export function domainsOf(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).map(bare))].filter(Boolean);
}

function settingsOf(form: Form): Own {
  const domains = domainsOf(form.domains);
  return {
    organisation: form.organisation.trim() || null,
    registration: form.door === "started" ? null : form.door === "domain" ? `@${bare(form.domain)}` : form.door,
    rubric: form.rubric || null,
    internal_domains: domains.length > 0 ? domains : null,
    shown_of_others: form.shown || null,
  };
}

/** What a form changes; what is left out stays as it is. */
export function changeOf(before: Own, form: Form): Partial<Own> {
  const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
  const after = Object.entries(settingsOf(form));
  const changed = after.filter(([name, value]) => !same(value, before[name as keyof Own]));
  return Object.fromEntries(changed) as Partial<Own>;
}

/** Whether an invitation opens the door; `undefined` where only the configuration of the program knows. */
export function takesInvitations({ registration }: Pick<Settings, "registration">): boolean | undefined {
  if (registration === null || registration === undefined) return undefined;
  return registration !== "closed";
}
