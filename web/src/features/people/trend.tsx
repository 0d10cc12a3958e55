import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type Period, trendQuery } from "@/api/analytics";
import { LineChart } from "@/components/chart";
import { countScale, moodScale, SCORE_SCALE, type Scale, SHARE_SCALE, type Spot } from "@/components/series";
import { Card, Failed, Waiting } from "@/components/ui";
import { shortDay } from "./dates";
import { type Kind, kindOf, MEASURES, nameOf, written } from "./measures";
import { longer } from "./search";

/** The scale on which a measure is drawn. */
export function scaleOf(kind: Kind, points: readonly Spot[]): Scale {
  const values = points.flatMap(({ mean }) => (typeof mean === "number" ? [mean] : []));
  if (kind === "count") return countScale(values);
  if (kind === "mood") return moodScale(values);
  return kind === "share" ? SHARE_SCALE : SCORE_SCALE;
}

/** How a measure of the team went, week by week. */
export function TeamTrend({
  period,
  team,
  measure,
  setMeasure,
  names,
}: {
  period: Period;
  team: string | undefined;
  measure: string;
  setMeasure: (measure: string) => void;
  names: Record<string, string>;
}) {
  const of = { ...longer(period, 13), measure, ...(team && { team_id: team }) };
  const trend = useQuery({ ...trendQuery(of), placeholderData: keepPreviousData });
  const shown = trend.data?.measure ?? measure;
  const kind = kindOf(shown);
  const points = trend.data?.points ?? [];
  const choices = [...MEASURES, ...Object.keys(names).map((id) => `dimension:${id}`)];
  return (
    <Card
      className="min-w-0"
      title="Week by week"
      aside={
        <label>
          <span className="sr-only">Measure</span>
          <select
            value={measure}
            onChange={(event) => setMeasure(event.target.value)}
            className="h-8 max-w-44 rounded-md border border-line-strong bg-surface px-2"
          >
            {(choices.includes(measure) ? choices : [...choices, measure]).map((id) => (
              <option key={id} value={id}>
                {nameOf(id, names)}
              </option>
            ))}
          </select>
        </label>
      }
    >
      {trend.isPending && <Waiting rows={7} />}
      {trend.isError && <Failed error={trend.error} retry={() => void trend.refetch()} />}
      {trend.isSuccess && (
        <div className="p-4 pb-3">
          <LineChart
            title={`${nameOf(shown, names)} by week`}
            lines={[{ name: nameOf(shown, names), points }]}
            scale={scaleOf(kind, points)}
            write={(value) => written(kind, value)}
            week={shortDay}
            tall={224}
            plain
          />
          <p className="mt-2 text-xs text-soft">
            Whole weeks from Monday, at least 13 of them. A week with fewer than five calls breaks the line.
          </p>
        </div>
      )}
    </Card>
  );
}
