import { placed, range } from "./band";
import { type Band, type Unit, written } from "./measures";

const WIDE = 112;
const INKS = { inside: "var(--ink)", watch: "var(--fair)", flag: "var(--poor)" };

/** Where a figure lies: a round marker on its band, a pointed one beside it; what to aim for is the darker part. */
export function Track({ band, value, unit }: { band: Band; value: number; unit: Unit }) {
  const at = placed(band, value, unit);
  const x = (share: number) => share * WIDE;
  const ink = INKS[band.standing] ?? INKS.inside;
  const halo = { fill: ink, stroke: "var(--surface)", strokeWidth: 2, paintOrder: "stroke" } as const;
  return (
    <svg viewBox={`0 0 ${WIDE} 12`} role="img" className="h-3 w-28 shrink-0 overflow-visible">
      <title>{`${written(value, unit)}; band ${range(band, unit)}`}</title>
      <rect y="5" width={WIDE} height="2" rx="1" fill="var(--line)" />
      <Stretch from={x(at.band[0])} to={x(at.band[1])} fill="var(--line-strong)" />
      {at.aim && <Stretch from={x(at.aim[0])} to={x(at.aim[1])} fill="var(--ink-soft)" />}
      {band.standing === "inside" ? (
        <circle cx={x(at.value)} cy="6" r="4" {...halo} />
      ) : (
        <path d={`M${x(at.value)} 1l5 5l-5 5l-5 -5z`} {...halo} />
      )}
    </svg>
  );
}

function Stretch({ from, to, fill }: { from: number; to: number; fill: string }) {
  return <rect x={from} y="3" width={Math.max(1, to - from)} height="6" rx="1" fill={fill} />;
}
