// Documents and their sections in words.

import type { Schemas } from "@/api/client";
import type { CitedSection, DocumentHead, KnowledgeSection } from "@/api/knowledge";
import { many, number } from "@/components/format";

export const KINDS: Record<Schemas["DocumentKind"], string> = { markdown: "Markdown", text: "Text", pdf: "PDF" };

/** What a field for files offers first. */
export const FILES = ".md,.markdown,.txt,.pdf";

const BETWEEN = " › ";

/** How long a document is: some three quarters of a word are a token. */
export function size(tokens: number): string {
  const words = tokens * 0.75;
  const step = words < 100 ? 10 : 100;
  return `about ${number(Math.max(step, Math.round(words / step) * step))} words`;
}

/** `12 sections, about 1,800 words`. */
export function extent({ sections, tokens }: Pick<DocumentHead, "sections" | "tokens">): string {
  return `${many(sections, "section")}, ${size(tokens)}`;
}

/** The headings above a section, without the name of the document itself where that is the first of several. */
function headings(heading: string, name: string): string[] {
  const all = heading === "" ? [] : heading.split(BETWEEN);
  return all.length > 1 && all[0] === name ? all.slice(1) : all;
}

export type Titled = KnowledgeSection & {
  /** What stands right above it. */
  title: string;
  /** What stands above that. */
  above: string;
  /** How deep it lies, from 0. */
  depth: number;
  /** Whether it goes on with what the section before began: long ones are cut. */
  continued: boolean;
};

/** Sections with what is shown above each. */
export function titled(parts: readonly KnowledgeSection[], name: string): Titled[] {
  return parts.map((part, n) => {
    const path = headings(part.heading, name);
    return {
      ...part,
      title: path.at(-1) ?? name,
      above: path.slice(0, -1).join(BETWEEN),
      depth: Math.max(0, path.length - 1),
      continued: n > 0 && parts[n - 1]?.heading === part.heading,
    };
  });
}

/** By what a citation is called: `Price list › Discounts`. */
export function citation({ name, heading }: Pick<CitedSection, "name" | "heading">): string {
  const path = headings(heading, name);
  return [name, ...path.filter((each) => each !== name || path.length > 1)].join(BETWEEN);
}
