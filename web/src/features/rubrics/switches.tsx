import { useNavigate } from "@tanstack/react-router";
import type { RubricHead } from "@/api/rubrics";

const SELECT = "h-8 rounded-md border border-line-strong bg-surface px-2";

/** Which version is read, and which it is compared with. */
export function Versions({
  id,
  versions,
  version,
  against,
}: {
  id: string;
  versions: readonly RubricHead[];
  version: number;
  against: number | undefined;
}) {
  const navigate = useNavigate();
  const others = versions.filter((one) => one.version !== version);
  const go = (search: { version: number; against?: number }) =>
    void navigate({ to: "/rubrics/$id", params: { id }, search, replace: true });
  const latest = versions[0]?.version;
  const name = (one: number) => `Version ${one}${one === latest ? " (latest)" : ""}`;
  if (versions.length < 2) return null;
  return (
    <>
      <label>
        <span className="sr-only">Version</span>
        <select
          value={version}
          onChange={({ target }) => {
            const next = Number(target.value);
            go({ version: next, ...(against !== undefined && against !== next && { against }) });
          }}
          className={SELECT}
        >
          {versions.map((one) => (
            <option key={one.version} value={one.version}>
              {name(one.version)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span className="sr-only">Compare with</span>
        <select
          value={against ?? ""}
          onChange={({ target }) => go({ version, ...(target.value !== "" && { against: Number(target.value) }) })}
          className={SELECT}
        >
          <option value="">Compare with…</option>
          {others.map((one) => (
            <option key={one.version} value={one.version}>
              against version {one.version}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}
