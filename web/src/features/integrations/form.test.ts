import { expect, test } from "vitest";
import {
  dayBegins,
  deliveryUrl,
  formOf,
  missing,
  newSecret,
  numberOf,
  secretsOf,
  settingsOf,
  webhookUrl,
} from "./form";

const ORIGIN = "https://coach.example.com";

test("a connection comes back from its form as it went in", () => {
  const settings = {
    ...settingsOf(formOf({ name: "main" }), ORIGIN),
    access_key: "KEY",
    workspace: "623457276584334",
    public_key: "MIIB",
    webhook_url: "https://relay.example.com/gong",
    requests_per_second: 0.5,
    include_private: true,
  };
  expect(settingsOf(formOf({ name: "main", settings }), ORIGIN, settings)).toEqual(settings);
  // It was let in by a client before; its secret is kept, and both belong together.
  const both = { ...settings, client_id: "client" };
  expect(settingsOf(formOf({ name: "main", settings: both }), ORIGIN, both)).toEqual(both);
  const oauth = { ...settings, access_key: null, client_id: "client", proof: null };
  expect(formOf({ name: "main", settings: oauth }).way).toBe("oauth");
  expect(settingsOf(formOf({ name: "main", settings: oauth }), ORIGIN, oauth)).toEqual(oauth);
});

test("what was typed for the other way in, and then not chosen, is not sent", () => {
  const form = {
    ...formOf({ name: "main" }),
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

test("secrets that are set need not be typed again, and stay when they are not", () => {
  const form = { ...formOf({ name: "main" }), access_key: "KEY", proof: "hmac" as const };
  expect(missing(form, [])).toEqual({
    secret: "Write the secret of the access key",
    webhook_secret: "Write a secret, or make one",
  });
  expect(missing(form, ["secret", "webhook_secret"])).toEqual({});
  expect(secretsOf(form)).toEqual({});
});

test("numbers that are none are told before they are sent", () => {
  const form = { ...formOf({ name: "main" }), access_key: "KEY", secret: "s", proof: "none" as const };
  expect(missing(form, [])).toEqual({});
  expect(Object.keys(missing({ ...form, requests_per_second: "fast" }, []))).toEqual(["requests_per_second"]);
  expect(missing({ ...form, requests_per_day: "1.5" }, []).requests_per_day).toBe("Write a whole number");
  expect(missing({ ...form, overlap_hours: "-1" }, []).overlap_hours).toBe("Write a whole number");
  expect(["10,000", " 3 ", "0.5", "", "x"].map(numberOf)).toEqual([10_000, 3, 0.5, undefined, undefined]);
});

test("the address for Gong has the connection's name, and the secret where that is the proof", () => {
  expect(deliveryUrl(ORIGIN, " main ")).toBe("https://coach.example.com/webhooks/gong/main");
  expect(deliveryUrl(ORIGIN, "main", "k3y")).toBe("https://coach.example.com/webhooks/gong/main/k3y");
  expect(deliveryUrl(ORIGIN, "")).toBe("https://coach.example.com/webhooks/gong/NAME");
  expect(webhookUrl({ webhook_url: "", name: "main" }, ORIGIN)).toBe(deliveryUrl(ORIGIN, "main"));
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
