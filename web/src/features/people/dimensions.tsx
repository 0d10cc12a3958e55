import type { Insights } from "@/api/analytics";
import { LineChart } from "@/components/chart";
import { Card, Empty, Score } from "@/components/ui";
import { shortDay } from "./dates";
import { calls, shownChange, written } from "./measures";
import { Change, whyNot } from "./pieces";

/** Each dimension of a rep: where it stands, how it changed, and how it went. */
export function Dimensions({ of }: { of: Insights }) {
  if (of.dimensions.length === 0)
    return (
      <Card>
        <Empty title="No dimension has been judged">
          {of.note ?? "Calls of this period were judged, but none by a rubric with dimensions."}
        </Empty>
      </Card>
    );
  return (
    <ul className="grid gap-5 md:grid-cols-2 2xl:grid-cols-4">
      {of.dimensions.map((dimension) => (
        <li key={dimension.id} className="min-w-0 rounded-lg border border-line bg-surface p-4 pb-3">
          <div className="mb-2 flex items-start gap-3">
            <div className="min-w-0 flex-1">
              <h3 className="truncate font-semibold">{dimension.name}</h3>
              <p className="text-xs text-soft">
                {typeof dimension.now.mean === "number" ? (
                  <>
                    {dimension.change === null || dimension.change === undefined ? (
                      <span title={whyNot(dimension)}>nothing to compare with</span>
                    ) : (
                      <>
                        <Change value={shownChange("score", dimension.now.mean, dimension.before.mean)} kind="score" />{" "}
                        from the period before
                      </>
                    )}{" "}
                    · {calls(dimension.now.n)}
                  </>
                ) : (
                  dimension.now.note
                )}
              </p>
            </div>
            <Score value={dimension.now.mean} note={dimension.now.note} />
          </div>
          <LineChart
            title={`${dimension.name}, each point an average over four weeks`}
            lines={[{ name: dimension.name, points: dimension.weekly }]}
            write={(value) => written("score", value)}
            week={shortDay}
            tall={128}
            plain
          />
        </li>
      ))}
    </ul>
  );
}
