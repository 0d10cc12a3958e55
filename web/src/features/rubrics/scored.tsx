import clsx from "clsx";
import { Card } from "@/components/ui";
import { type Rubric, shareOf, sharePercent } from "./document";

/** How many looks the parts of the bar have. */
const LOOKS = ["bg-pitch text-on-pitch", "bg-pitch-soft text-pitch"];

/** How verdicts become a score, in plain words, and what counts how much. */
export function HowScored({ rubric }: { rubric: Rubric }) {
  return (
    <Card title="How the score is made">
      <div className="px-4 py-4">
        <div aria-hidden className="mb-4 flex gap-0.5 overflow-hidden rounded-md max-sm:hidden">
          {rubric.dimensions.map((dimension, at) => {
            const share = shareOf(dimension, rubric.dimensions);
            return (
              <span
                key={dimension.id}
                title={`${dimension.name}, ${sharePercent(share)}`}
                style={{ flexGrow: share * 1000, flexBasis: 0 }}
                className={clsx("flex h-8 min-w-0 items-center gap-1.5 px-2 text-xs font-medium", LOOKS[at % 2])}
              >
                <span className="truncate">{dimension.name}</span>
                <span className="figures ml-auto shrink-0">{sharePercent(share)}</span>
              </span>
            );
          })}
        </div>
        <dl className="mb-4 grid grid-cols-[1fr_auto] gap-y-1 sm:sr-only">
          {rubric.dimensions.map((dimension) => (
            <div key={dimension.id} className="contents">
              <dt>{dimension.name}</dt>
              <dd className="figures text-right text-soft">{sharePercent(shareOf(dimension, rubric.dimensions))}</dd>
            </div>
          ))}
        </dl>
        <ol className="grid max-w-prose list-decimal gap-1.5 pl-5 marker:text-soft">
          <li>
            Each check gets a verdict: met, not met, does not apply, or cannot be judged from the words. A check that is
            met brings its weight, one that is not brings nothing; a scale brings a third of it for each of its levels.
          </li>
          <li>
            A dimension’s score is the weight of what was met among all that was judged, from 0 to 100. What does not
            apply is left out. Where less than 60 % of the rest could be judged, there is no score.
          </li>
          <li>
            The overall score is the mean of the dimensions, weighted as above. The weight of a dimension without a
            score goes to the others; they must carry at least half of it all.
          </li>
          <li>Levels come from the score: 2 begins at 30, 3 at 50, 4 at 70 and 5 at 90.</li>
        </ol>
      </div>
    </Card>
  );
}
