// Simulated services as processes of their own, and a program that they may be connected to.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { ask, enter, PASSWORD } from "./browser";

/** Where a program answers that nobody has set up, and the simulators of services as files. */
export const CONNECTED = process.env.SIDELINE_CONNECTED_URL;
export const SIMULATOR = process.env.SIDELINE_GONG_SIMULATOR;
export const FIREFLIES = process.env.SIDELINE_FIREFLIES_SIMULATOR;
export const MISSING =
  "SIDELINE_CONNECTED_URL, SIDELINE_GONG_SIMULATOR and SIDELINE_FIREFLIES_SIMULATOR do not name a program and simulated services";

/** The admin of that program. */
export const ADMIN = "runa";

export type Gong = Simulator & {
  accessKey: string;
  secret: string;
  /** By which it knows a program that people let in. */
  client: { id: string; secret: string };
};

export type Fireflies = Simulator & { key: string };

type Simulator = { url: string; stop: () => Promise<void> };

/** Starts it with these options, which its own head tells. */
export async function startGong(simulator: string, options: Options): Promise<Gong> {
  // Its first two lines tell where it is, which key it takes and which client it knows.
  const { read, stop } = await start(simulator, options, "OAuth: ");
  return {
    url: read(/GONG_BASE_URL=(\S+)/),
    accessKey: read(/GONG_ACCESS_KEY=(\S+)/),
    secret: read(/GONG_ACCESS_KEY_SECRET=(\S+)/),
    client: { id: read(/ client (\S+)/), secret: read(/ client \S+ secret (\S+)/) },
    stop,
  };
}

/** The same of Fireflies. */
export async function startFireflies(simulator: string, options: Options): Promise<Fireflies> {
  const { read, stop } = await start(simulator, options, "FIREFLIES_URL=");
  return { url: read(/FIREFLIES_URL=(\S+)/), key: read(/FIREFLIES_API_KEY=(\S+)/), stop };
}

type Options = Record<string, string | number>;

/** Starts a simulator; it has told all when it tells a line that begins with `last`. */
async function start(simulator: string, options: Options, last: string) {
  // Calls that no other run had: those would be here already.
  const words = Object.entries({ port: 0, seed: Date.now() % 1_000_000, ...options }).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);
  const child = spawn(simulator, words, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  const told = new Promise<string>((resolve, reject) => {
    let lines = "";
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines += `${line}\n`;
      if (line.startsWith(last)) resolve(lines);
    });
    void ended.then(() => reject(new Error("the simulator has ended")));
  });
  const lines = await told;
  const read = (what: RegExp) => {
    const found = what.exec(lines)?.[1];
    if (!found) throw new Error(`the simulator does not tell ${what}`);
    return found;
  };
  const stop = () => {
    child.stdin.end();
    return ended;
  };
  return { read, stop };
}

/** Makes the admin's account, unless it is there, and takes away what an earlier run has connected. */
export async function setUp(url: string): Promise<void> {
  const body = { username: ADMIN, email: "runa@brightlane.example", password: PASSWORD };
  const headers = { "content-type": "application/json" };
  await fetch(`${url}/api/v1/auth/register`, { method: "POST", headers, body: JSON.stringify(body) });
  await enter(ADMIN, url);
  type Connections = { items: { id: string }[] };
  const { items } = await ask<Connections>(ADMIN, "/connections", undefined, "GET", url);
  for (const { id } of items) await remove(id, url);
}

async function remove(id: string, url: string): Promise<void> {
  // The answer has no body.
  await ask(ADMIN, `/connections/${id}`, {}, "DELETE", url).catch((error: unknown) => {
    if (!(error instanceof SyntaxError)) throw error;
  });
}
