import { expect, test } from "vitest";
import { changeOf as accountChange, namesakes, saidOf, standing } from "./accounts";
import { counted, deedOf, deletes, kindName, took } from "./figures";
import { changeOf, domainsOf, formOf, takesInvitations } from "./installation";
import { goodFor, invitationLink } from "./link";
import { programOf } from "./program";
import type { AuditEvent, User } from "./queries";
import { readAuditSearch, readCostsSearch, readJobsSearch, readTeamsSearch, readUsersSearch } from "./search";
import { refusal, sectionsFor } from "./sections";
import { actionName, actorOf, detailOf, short, subjectOf, usersIn } from "./trail";

const ID = "01a20052-2cc5-71cb-a2a2-368a616e3577";
const OTHER = "01a20052-2cc5-71cb-a2a2-368a616e0000";
const NONE = { organisation: null, registration: null, rubric: null, shown_of_others: null, internal_domains: null };

const user = (change: Partial<User>): User => ({
  id: ID,
  name: "Dana Whitlock",
  role: "rep",
  active: true,
  created_at: "2026-11-01T08:00:00Z",
  username: "dana",
  email: "dana@dockline.example",
  ...change,
});

test("each role is offered what is for it, and told why it does not get the rest", () => {
  expect(sectionsFor("rep").map(({ name }) => name)).toEqual(["Profile"]);
  expect(sectionsFor("coach").map(({ name }) => name)).toEqual(["Profile"]);
  expect(sectionsFor("manager").map(({ name }) => name)).toEqual([
    "Profile",
    "Teams",
    "Model",
    "Costs",
    "Deal warnings",
    "System",
  ]);
  expect(sectionsFor("admin")).toHaveLength(14);
  expect(refusal("/settings/jobs", "manager")).toBe("Jobs: this is for admins only.");
  expect(refusal("/settings/teams/", "rep")).toBe("Teams: this is for managers and admins only.");
  expect(refusal("/settings/teams", "manager")).toBeUndefined();
  expect(refusal("/settings/profile", "rep")).toBeUndefined();
  // What lies below a part is for the same people.
  expect(refusal("/settings/integrations/events", "manager")).toBe("Integrations: this is for admins only.");
  expect(refusal("/settings/integrations/new", "admin")).toBeUndefined();
  expect(refusal("/settings/profiles", "rep")).toBeUndefined();
});

test("an address says what is shown, and what is not understood is left out", () => {
  expect(readUsersSearch({ q: " dana ", role: "coach", team_id: ID, inactive: "true" })).toEqual({
    q: "dana",
    role: "coach",
    team_id: ID,
    inactive: true,
  });
  expect(readUsersSearch({ q: 42, role: "owner", team_id: "x", inactive: false })).toEqual({ q: "42" });
  expect(readCostsSearch({ days: "90", team_id: ID })).toEqual({ days: 90 });
  expect(readTeamsSearch({ team: "North" })).toEqual({});
  expect(readJobsSearch({ state: "dead", kind: "analyse_call" })).toEqual({ state: "dead", kind: "analyse_call" });
  expect(readJobsSearch({ state: "lost", kind: "" })).toEqual({});
  expect(readAuditSearch({ actor: `user:${ID}`, subject: " " })).toEqual({ actor: `user:${ID}` });
});

test("settings come back from their form as they went in", () => {
  for (const registration of [null, "closed", "invited", "@dockline.example"]) {
    const settings = { ...NONE, registration, organisation: "Dockline", internal_domains: ["dockline.example"] };
    expect(changeOf(settings, formOf(settings))).toEqual({});
  }
});

test("a form of settings changes only what is another, and empties with null", () => {
  const before = { ...NONE, organisation: "Dockline", registration: "invited", internal_domains: ["dockline.example"] };
  const form = formOf(before);
  expect(changeOf(before, { ...form, organisation: "  " })).toEqual({ organisation: null });
  expect(changeOf(before, { ...form, door: "started" })).toEqual({ registration: null });
  expect(changeOf(before, { ...form, door: "domain", domain: " @Acme.com " })).toEqual({ registration: "@acme.com" });
  expect(changeOf(before, { ...form, domains: "" })).toEqual({ internal_domains: null });
  expect(changeOf(before, { ...form, rubric: "service" })).toEqual({ rubric: "service" });
  expect(changeOf(before, { ...form, shown: "quotes" })).toEqual({ shown_of_others: "quotes" });
});

test("domains are told apart by lines, commas and spaces, each once", () => {
  expect(domainsOf("@Acme.com, acme.com\n dock.example;;")).toEqual(["acme.com", "dock.example"]);
});

test("it is known whether invitations open anything, or that it is not known", () => {
  expect(takesInvitations(NONE)).toBeUndefined();
  expect(takesInvitations({ ...NONE, registration: "closed" })).toBe(false);
  expect(takesInvitations({ ...NONE, registration: "@acme.com" })).toBe(true);
});

test("an account without a user name is none, one that is switched off is deactivated", () => {
  expect(standing(user({})).name).toBe("Active");
  expect(standing(user({ active: false })).name).toBe("Deactivated");
  expect(standing(user({ username: null })).name).toBe("No account");
  expect(standing(user({ username: null, active: false })).name).toBe("No account");
});

test("a change of an account names what is another; an unconfirmed address is not confirmed by the way", () => {
  const dana = user({ email: null, unconfirmed_email: "dana@dockline.example" });
  expect(accountChange(dana, saidOf(dana))).toEqual({});
  expect(accountChange(dana, { ...saidOf(dana), name: " Dana W. ", role: "coach" })).toEqual({
    name: "Dana W.",
    role: "coach",
  });
  expect(accountChange(dana, { ...saidOf(dana), email: "d@acme.com" })).toEqual({ email: "d@acme.com" });
});

test("namesakes have neither account nor address", () => {
  const person = { username: null, email: null };
  const people = [
    user({ id: "a", ...person, name: "Milo  Reyes" }),
    user({ id: "b", name: "Milo Reyes" }),
    user({ id: "c", ...person, email: "milo@acme.com", name: "Milo Reyes" }),
    user({ id: "d", ...person, name: "Milo Reyes-Ortega" }),
  ];
  expect(namesakes(people, " milo reyes ").map(({ id }) => id)).toEqual(["a"]);
});

test("the link of an invitation leads to the login", () => {
  expect(invitationLink("https://coach.example", "a+b/c")).toBe("https://coach.example/login?invitation=a%2Bb%2Fc");
  expect([604_800, 86_400, 3_600].map(goodFor)).toEqual(["7 days", "24 hours", "an hour"]);
});

test("a login is known by browser and system", () => {
  const agent = (system: string, rest: string) => `Mozilla/5.0 (${system}) ${rest}`;
  const chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0 Safari/537.36";
  expect(programOf(agent("X11; Linux x86_64", chrome))).toBe("Chrome on Linux");
  expect(programOf(agent("Windows NT 10.0; Win64", `${chrome} Edg/149.0`))).toBe("Edge on Windows");
  expect(programOf(agent("Linux; Android 16", chrome))).toBe("Chrome on Android");
  expect(programOf(agent("iPhone; CPU iPhone OS 19_0 like Mac OS X", "Version/19.0 Mobile Safari/604.1"))).toBe(
    "Safari on iOS",
  );
  expect(programOf("curl/8.9.1")).toBe("curl");
  expect(programOf(null)).toBe("Unknown program");
});

test("a queue is counted as far as it was read", () => {
  expect(counted({ items: [] })).toBe("0");
  expect(counted({ items: Array(200).fill(0), next_cursor: "x" })).toBe("200 or more");
  expect(counted(undefined)).toBe("–");
});

test("how long a job took", () => {
  const from = "2026-11-22T10:00:00.000Z";
  expect(took(from, "2026-11-22T10:00:00.020Z")).toBe("< 0.1 s");
  expect(took(from, "2026-11-22T10:00:00.420Z")).toBe("0.4 s");
  expect(took(from, "2026-11-22T10:00:59.700Z")).toBe("1 min 00 s");
  expect(took(from, "2026-11-22T10:03:05Z")).toBe("3 min 05 s");
  expect(took(from, null)).toBe("–");
});

test("a job is done again or cancelled by its state", () => {
  const states = ["queued", "running", "done", "dead", "cancelled"] as const;
  expect(states.map((state) => deedOf({ state }))).toEqual(["cancel", "cancel", undefined, "retry", "retry"]);
  expect(["delete_original", "analyse_call"].map((kind) => deletes({ kind }))).toEqual([true, false]);
  expect(kindName("analyse_call")).toBe("Judge a call");
  expect(kindName("mourn_twice")).toBe("mourn twice");
});

const event = (change: Partial<AuditEvent>): AuditEvent => ({
  id: "e",
  at: "2026-11-22T10:00:00Z",
  actor: `user:${ID}`,
  action: "user.change",
  subject: OTHER,
  detail: {},
  ...change,
});

test("the trail says in words what was done, by whom and to what", () => {
  expect(actionName(event({ action: "user.add", detail: { registered: true } }))).toBe("Registered");
  expect(actionName(event({ action: "user.invite", detail: { withdrawn: true } }))).toBe("Withdrew an invitation");
  expect(actionName(event({ action: "planet.turn", detail: null }))).toBe("planet.turn");
  expect(actorOf(`user:${ID}`)).toEqual({ user: ID });
  expect(actorOf("cli:dana")).toEqual({ name: "dana, at the machine" });
  expect(subjectOf(event({ action: "call.delete" })).kind).toBe("gone");
  expect(subjectOf(event({ action: "call.change" })).kind).toBe("call");
  expect(subjectOf(event({ action: "scores.confirm" })).kind).toBe("call");
  expect(actionName(event({ action: "scores.confirm" }))).toBe("Let withheld scores be shown");
  expect(subjectOf(event({ action: "user.invite" })).kind).toBe("other");
  expect(subjectOf(event({ action: "member.add" })).kind).toBe("user");
  expect(actionName(event({ action: "insights.write" }))).toBe("Had a model word insights");
  expect(subjectOf(event({ action: "insights.write" })).kind).toBe("user");
  expect(short(ID)).toBe("…616e3577");
});

test("the users whom the trail names are asked for once each", () => {
  const events = [event({}), event({ action: "assignment.add", detail: { coach_id: ID } }), event({ actor: "cli:x" })];
  expect(usersIn(events)).toEqual([ID, OTHER]);
});

test("more about it is told without what nobody reads", () => {
  const detail = { name: true, email: false, role: "coach", active: null, password: true };
  expect(detailOf(event({ detail }))).toBe("changed: name, password · role: coach");
  expect(detailOf(event({ detail: { name: false, active: false } }))).toBe("active: false");
  const rows = [
    ["analyses", 4],
    ["coaching_sessions", 1],
    ["jobs", 0],
  ];
  expect(detailOf(event({ action: "call.delete", detail: { call_id: ID, rows } }))).toBe(
    "rows: analyses 4, coaching sessions 1",
  );
  const team = event({ action: "member.add", detail: { team_id: ID } });
  expect(detailOf(team, (id) => (id === ID ? "North" : undefined))).toBe("team: North");
  expect(detailOf(team)).toBe("team: …616e3577");
});
