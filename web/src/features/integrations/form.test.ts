import { expect, test } from "vitest";
import {
  dayBegins,
  deliveryUrl,
  FIELDS,
  FIREFLIES,
  formOf,
  missing,
  nameFor,
  newSecret,
  numberOf,
  secretsOf,
  settingsOf,
  webhookUrl,
} from "./form";

const ORIGIN = "https://coach.example.com";

test("a connection comes back from its form as it went in", () => {
  const settings = {
    ...settingsOf(formOf({ name: "main", kind: "gong" }), ORIGIN),
    access_key: "KEY",
    workspace: "623457276584334",
    public_key: "MIIB",
    webhook_url: "https://relay.example.com/gong",
    requests_per_second: 0.5,
    include_private: true,
  };
  expect(settingsOf(formOf({ name: "main", kind: "gong", settings }), ORIGIN, settings)).toEqual(settings);
  // It was let in by a client before; its secret is kept, and both belong together.
  const both = { ...settings, client_id: "client" };
  expect(settingsOf(formOf({ name: "main", kind: "gong", settings: both }), ORIGIN, both)).toEqual(both);
  const oauth = { ...settings, access_key: null, client_id: "client", proof: null };
  expect(formOf({ name: "main", kind: "gong", settings: oauth }).way).toBe("oauth");
  expect(settingsOf(formOf({ name: "main", kind: "gong", settings: oauth }), ORIGIN, oauth)).toEqual(oauth);
});

test("what was typed for the other way in, and then not chosen, is not sent", () => {
  const form = {
    ...formOf({ name: "main", kind: "gong" }),
    client_id: "client",
    client_secret: "s",
    access_key: " KEY ",
    secret: " t ",
  };
  expect(settingsOf(form, ORIGIN)).toMatchObject({ access_key: "KEY", client_id: null });
  expect(secretsOf(form)).toEqual({ secret: "t" });
  expect(settingsOf({ ...form, way: "oauth" }, ORIGIN)).toMatchObject({ access_key: null, client_id: "client" });
  expect(secretsOf({ ...form, way: "oauth" })).toEqual({ client_secret: "s" });
});

test("Fireflies is sent what it has, and what it has not stays as it usually is", () => {
  const form = { ...formOf({ name: "notes", kind: "fireflies" }), secret: " K ", webhook_secret: "w".repeat(16) };
  expect(missing(form, [])).toEqual({});
  const sent = settingsOf(form, ORIGIN);
  expect(sent).toMatchObject({ base_url: "", requests_per_second: 0, requests_per_day: 10_000, overlap_hours: 48 });
  expect(sent).toMatchObject({ proof: "hmac", access_key: null, client_id: null, public_key: null, webhook_url: null });
  expect(sent).toMatchObject({ workspace: null, include_private: false, strangers_are_customers: true });
  expect(secretsOf(form)).toEqual({ secret: "K", webhook_secret: "w".repeat(16) });
  expect(settingsOf({ ...form, access_key: "KEY", workspace: "7", include_private: true }, ORIGIN)).toEqual(sent);
  expect(settingsOf({ ...form, proof: "none" }, ORIGIN).proof).toBeNull();
  expect(secretsOf({ ...form, proof: "none" })).toEqual({ secret: "K" });
});

test("what Fireflies usually has is not written into its form, all else comes back as it went in", () => {
  const usual = { ...settingsOf(formOf({ name: "notes", kind: "fireflies" }), ORIGIN), ...FIREFLIES };
  const form = formOf({ name: "notes", kind: "fireflies", settings: usual });
  expect(form).toMatchObject({ base_url: "", requests_per_second: "", requests_per_day: "10000" });
  expect(settingsOf(form, ORIGIN, usual)).toEqual({ ...usual, base_url: "", requests_per_second: 0 });
  const other = {
    ...usual,
    base_url: "http://127.0.0.1:4010/graphql",
    requests_per_second: 0.5,
    requests_per_day: 50,
    timeout_seconds: 60,
    proof: "url_key" as const,
  };
  expect(settingsOf(formOf({ name: "notes", kind: "fireflies", settings: other }), ORIGIN, other)).toEqual(other);
  // Gong's numbers are in sight: its address has none that is everybody's.
  expect(formOf({ name: "main", kind: "gong" })).toMatchObject({ requests_per_second: "3", proof: "jwt" });
});

test("Fireflies needs its key alone, and a secret no longer than it takes", () => {
  const form = formOf({ name: "notes", kind: "fireflies" });
  expect(missing(form, [])).toEqual({ secret: "Write the API key", webhook_secret: "Write a secret, or make one" });
  expect(missing(form, ["secret", "webhook_secret"])).toEqual({});
  const long = { ...form, secret: "K", webhook_secret: "w".repeat(33) };
  expect(missing(long, [])).toEqual({ webhook_secret: "Fireflies takes 32 characters at most" });
  expect(missing({ ...long, webhook_secret: newSecret() }, [])).toEqual({});
  // A part of the address may be longer.
  expect(missing({ ...long, proof: "url_key" }, [])).toEqual({});
  expect(missing({ ...form, proof: "none", requests_per_second: "fast" }, ["secret"])).toEqual({
    requests_per_second: "Write a number",
  });
  expect(missing({ ...form, proof: "none", requests_per_day: "" }, ["secret"])).toEqual({
    requests_per_day: "Write a number",
  });
});

test("a program needs a name and a secret, and has nothing else", () => {
  const form = formOf({ name: "", kind: "push" });
  expect(missing(form, [])).toEqual({ name: "Write a name", webhook_secret: "Write a secret, or make one" });
  // What was typed elsewhere is not of this kind.
  const whole = { ...form, name: "dialler", webhook_secret: "w".repeat(40), secret: "s", overlap_hours: "x" };
  expect(missing(whole, [])).toEqual({});
  expect(secretsOf(whole)).toEqual({ webhook_secret: "w".repeat(40) });
  expect(settingsOf({ ...whole, proof: "url_key" }, ORIGIN)).toMatchObject({
    proof: "url_key",
    base_url: "",
    requests_per_second: 0,
    overlap_hours: 48,
  });
  const before = { ...settingsOf(whole, ORIGIN), requests_per_second: 3 };
  expect(settingsOf(formOf({ name: "dialler", kind: "push", settings: before }), ORIGIN, before)).toEqual(before);
});

test("what is refused of a field that a form does not have stands above its buttons", () => {
  expect(FIELDS.push).not.toContain("base_url");
  expect(FIELDS.fireflies).not.toContain("access_key");
  for (const fields of Object.values(FIELDS)) expect(fields).toContain("name");
});

test("a connection is named by what it connects, unless another one is called so", () => {
  const named = (...names: string[]) => names.map((name) => ({ name }));
  expect(nameFor("gong", [])).toBe("main");
  expect(nameFor("gong", named("folder"))).toBe("main");
  expect(nameFor("gong", named("main"))).toBe("");
  expect(nameFor("fireflies", named("main"))).toBe("fireflies");
  expect(nameFor("push", [])).toBe("");
});

test("secrets that are set need not be typed again, and stay when they are not", () => {
  const form = { ...formOf({ name: "main", kind: "gong" }), access_key: "KEY", proof: "hmac" as const };
  expect(missing(form, [])).toEqual({
    secret: "Write the secret of the access key",
    webhook_secret: "Write a secret, or make one",
  });
  expect(missing(form, ["secret", "webhook_secret"])).toEqual({});
  expect(secretsOf(form)).toEqual({});
});

test("numbers that are none are told before they are sent", () => {
  const form = { ...formOf({ name: "main", kind: "gong" }), access_key: "KEY", secret: "s", proof: "none" as const };
  expect(missing(form, [])).toEqual({});
  expect(Object.keys(missing({ ...form, requests_per_second: "fast" }, []))).toEqual(["requests_per_second"]);
  expect(missing({ ...form, requests_per_day: "1.5" }, []).requests_per_day).toBe("Write a whole number");
  expect(missing({ ...form, overlap_hours: "-1" }, []).overlap_hours).toBe("Write a whole number");
  expect(["10,000", " 3 ", "0.5", "", "x"].map(numberOf)).toEqual([10_000, 3, 0.5, undefined, undefined]);
});

test("the address has the connection's name, and the secret where that is the proof", () => {
  expect(deliveryUrl(ORIGIN, "gong", " main ")).toBe("https://coach.example.com/webhooks/gong/main");
  expect(deliveryUrl(ORIGIN, "gong", "main", "k3y")).toBe("https://coach.example.com/webhooks/gong/main/k3y");
  expect(deliveryUrl(ORIGIN, "gong", "")).toBe("https://coach.example.com/webhooks/gong/NAME");
  expect(deliveryUrl(ORIGIN, "fireflies", "notes")).toBe("https://coach.example.com/webhooks/fireflies/notes");
  expect(deliveryUrl(ORIGIN, "push", "dialler", "k3y")).toBe("https://coach.example.com/webhooks/push/dialler/k3y");
  expect(webhookUrl({ webhook_url: "", name: "main" }, ORIGIN)).toBe(deliveryUrl(ORIGIN, "gong", "main"));
  expect(webhookUrl({ webhook_url: " https://relay.example.com/x ", name: "main" }, ORIGIN)).toBe(
    "https://relay.example.com/x",
  );
});

test("a secret that is made is long, another each time, and can be a part of an address", () => {
  const made = new Set(Array.from({ length: 20 }, () => newSecret()));
  expect(made.size).toBe(20);
  for (const secret of made) expect(secret).toMatch(/^[a-z2-7]{32}$/);
  // No letter is more likely than another.
  const all = Array.from({ length: 8 }, (_, turn) => newSecret((bytes) => bytes.map((_, n) => turn * 32 + n))).join("");
  for (const letter of new Set(all)) expect(all.split(letter)).toHaveLength(9);
});

test("a day begins where the team is, also where clocks are changed", () => {
  expect(dayBegins("2026-11-22", "UTC")).toBe("2026-11-22T00:00:00.000Z");
  expect(dayBegins("2026-11-22", "Europe/Berlin")).toBe("2026-11-21T23:00:00.000Z");
  expect(dayBegins("2026-10-25", "Europe/Berlin")).toBe("2026-10-24T22:00:00.000Z");
  expect(dayBegins("2026-11-22", "Pacific/Auckland")).toBe("2026-11-21T11:00:00.000Z");
  expect(dayBegins("2026-03-08", "America/Los_Angeles")).toBe("2026-03-08T08:00:00.000Z");
});

test("a CRM is asked as its kind needs it, and what was set comes back from the form", () => {
  const salesforce = {
    ...formOf({ name: "salesforce", kind: "salesforce" }),
    base_url: "https://acme.my.salesforce.com",
    client_id: "KEY",
    client_secret: "s",
    product_field: " Product__c ",
  };
  expect(missing(salesforce, [])).toEqual({});
  const settings = settingsOf(salesforce, ORIGIN);
  expect(settings).toMatchObject({ client_id: "KEY", proof: null, product_field: "Product__c", health_field: null });
  // Without a refresh token none is sent: then the app's own flow is meant.
  expect(secretsOf(salesforce)).toEqual({ client_secret: "s" });
  expect(settingsOf(formOf({ name: "salesforce", kind: "salesforce", settings }), ORIGIN, settings)).toEqual(settings);
  expect(Object.keys(missing({ ...salesforce, base_url: "", client_id: "" }, ["client_secret"]))).toEqual([
    "base_url",
    "client_id",
  ]);
  const hubspot = formOf({ name: "hubspot", kind: "hubspot" });
  expect(Object.keys(missing(hubspot, []))).toEqual(["secret"]);
  expect(settingsOf(hubspot, ORIGIN)).toMatchObject({ base_url: "", proof: null, client_id: null });
  expect(secretsOf({ ...hubspot, secret: " T ", client_secret: "other" })).toEqual({ secret: "T" });
});
