// The parts of the settings, and for whom each is.

import type { Schemas } from "@/api/client";

type Role = Schemas["Role"];

export const SECTIONS = [
  { to: "/settings/profile", name: "Profile", roles: ["rep", "manager", "coach", "admin"] },
  { to: "/settings/organisation", name: "Organisation", roles: ["admin"] },
  { to: "/settings/users", name: "Users", roles: ["admin"] },
  { to: "/settings/coaches", name: "Coaches", roles: ["admin"] },
  { to: "/settings/invitations", name: "Invitations", roles: ["admin"] },
  { to: "/settings/teams", name: "Teams", roles: ["manager", "admin"] },
  { to: "/settings/model", name: "Model", roles: ["manager", "admin"] },
  { to: "/settings/costs", name: "Costs", roles: ["manager", "admin"] },
  { to: "/settings/deal-warnings", name: "Deal warnings", roles: ["manager", "admin"] },
  { to: "/settings/integrations", name: "Integrations", roles: ["admin"] },
  { to: "/settings/storage", name: "Storage", roles: ["admin"] },
  { to: "/settings/system", name: "System", roles: ["manager", "admin"] },
  { to: "/settings/jobs", name: "Jobs", roles: ["admin"] },
  { to: "/settings/audit", name: "Audit trail", roles: ["admin"] },
] as const satisfies readonly { to: string; name: string; roles: readonly Role[] }[];

export type Section = (typeof SECTIONS)[number];

function isFor(section: Section, role: Role): boolean {
  return (section.roles as readonly Role[]).includes(role);
}

/** What somebody in this role is offered. */
export function sectionsFor(role: Role): Section[] {
  return SECTIONS.filter((section) => isFor(section, role));
}

/** The part that an address lies in. */
export function sectionAt(path: string): Section | undefined {
  return SECTIONS.find(({ to }) => `${path}/`.startsWith(`${to}/`));
}

/** Why somebody in this role does not get what an address names; nothing where they do. */
export function refusal(path: string, role: Role): string | undefined {
  const section = sectionAt(path);
  if (!section || isFor(section, role)) return undefined;
  const roles: readonly Role[] = section.roles;
  return `${section.name}: this is for ${roles.map((each) => `${each}s`).join(" and ")} only.`;
}
