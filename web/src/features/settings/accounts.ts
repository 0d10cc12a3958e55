// What the list of users says of an account.

import type { Role, User } from "./queries";

export const ROLE_NAMES: Record<Role, string> = {
  rep: "Rep",
  manager: "Manager",
  coach: "Coach",
  admin: "Admin",
};

export type Standing = { name: string; tone: "good" | "fair" | "none"; why: string };

/** Whether somebody may log in, and why not. */
export function standing({ username, active }: Pick<User, "username" | "active">): Standing {
  if (!username) return { name: "No account", tone: "none", why: "Calls name them; they cannot log in" };
  if (!active) return { name: "Deactivated", tone: "fair", why: "They may not log in until an admin lets them again" };
  return { name: "Active", tone: "good", why: "They may log in" };
}

export type Said = { name: string; email: string; role: Role };

export function saidOf(user: User): Said {
  return { name: user.name, email: user.email ?? user.unconfirmed_email ?? "", role: user.role };
}

/** What of an account was changed. To leave an unconfirmed address as it is confirms nothing. */
export function changeOf(user: User, said: Said): Partial<Said> {
  const was = saidOf(user);
  const [name, email] = [said.name.trim(), said.email.trim()];
  return {
    ...(name !== was.name && { name }),
    ...(email !== was.email && { email }),
    ...(said.role !== was.role && { role: said.role }),
  };
}

/** Whom calls name so already, without an address or an account: who gets an account may be one of them. */
export function namesakes(people: readonly User[], name: string): User[] {
  const key = (text: string) => text.trim().replace(/\s+/g, " ").toLocaleLowerCase();
  return people.filter((person) => !person.username && !person.email && key(person.name) === key(name));
}
