// Which program a login is of, as far as it says so itself.

const PROGRAMS: [mark: RegExp, name: string][] = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\b(OPR|Opera)\//, "Opera"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(HeadlessChrome|Chrome|Chromium|CriOS)\//, "Chrome"],
  [/\bVersion\/.*\bSafari\//, "Safari"],
];
// A telephone names its desktop system as well, so it is asked for first.
const SYSTEMS: [mark: RegExp, name: string][] = [
  [/\b(iPhone|iPad)\b/, "iOS"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
];

/** Browser and system of a user agent in words; what else it is by its own name. */
export function programOf(agent: string | null | undefined): string {
  const said = agent?.trim();
  if (!said) return "Unknown program";
  const named = (list: typeof PROGRAMS) => list.find(([mark]) => mark.test(said))?.[1];
  const [program, system] = [named(PROGRAMS), named(SYSTEMS)];
  if (program) return system ? `${program} on ${system}` : program;
  return said.split(/[\s/]/)[0] ?? said;
}
