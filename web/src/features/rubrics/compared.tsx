import clsx from "clsx";
import { Minus, Pencil, Plus } from "lucide-react";
import { Card, Empty } from "@/components/ui";
import {
  type CheckChange,
  type Comparison,
  compare,
  type DimensionChange,
  type Field,
  type How,
  pieces,
} from "./compare";
import { type Check, type Rubric, shareOf, sharePercent } from "./document";
import { RubricLink } from "./link";

const HOWS = {
  added: { name: "Added", icon: Plus, look: "bg-good-soft text-good" },
  removed: { name: "Removed", icon: Minus, look: "bg-poor-soft text-poor" },
  changed: { name: "Changed", icon: Pencil, look: "bg-fair-soft text-fair" },
};

/** What one version of a rubric says otherwise than another. */
export function Compared({ before, after }: { before: Rubric; after: Rubric }) {
  const found = compare(before, after);
  const between = `from version ${before.version} to version ${after.version}`;
  if (found.same)
    return (
      <Card>
        <Empty title="They say the same">Nothing but the number was changed {between}.</Empty>
      </Card>
    );
  const changed = found.dimensions.filter(({ how }) => how !== "same");
  const same = found.dimensions.filter(({ how }) => how === "same");
  return (
    <div className="grid max-w-4xl grid-cols-1 gap-5">
      <p>
        <span className="font-semibold">What was changed {between}:</span> {summary(found)}
      </p>
      {found.fields.length > 0 && (
        <Card title="The rubric itself">
          <Fields fields={found.fields} />
        </Card>
      )}
      {changed.map((change) => (
        <DimensionPart key={change.id} change={change} rubric={change.how === "removed" ? before : after} />
      ))}
      {same.length > 0 && (
        <p className="text-soft">
          As before: {same.map(({ name }) => name).join(", ")}. Their share of the overall score may be another where
          weights beside them were changed.
        </p>
      )}
    </div>
  );
}

/** How many checks, in words. */
function summary({ counts }: Comparison): string {
  const said = (["added", "removed", "changed"] as const)
    .filter((how) => counts[how] > 0)
    .map((how) => `${counts[how]} ${counts[how] === 1 ? "check" : "checks"} ${how}`);
  return said.length > 0 ? `${said.join(", ")}.` : "no check; what stands around them.";
}

function Mark({ how }: { how: Exclude<How, "same"> }) {
  const { name, icon: Icon, look } = HOWS[how];
  return (
    <span className={clsx("inline-flex items-center gap-1 rounded px-1.5 py-0.5 text-xs font-medium", look)}>
      <Icon aria-hidden className="size-3" />
      {name}
    </span>
  );
}

function DimensionPart({ change, rubric }: { change: DimensionChange; rubric: Rubric }) {
  const { how, name, dimension, fields, checks } = change;
  const same = checks.filter((check) => check.how === "same");
  return (
    <Card title={name} {...(how !== "same" && how !== "changed" && { aside: <Mark how={how} /> })}>
      <div className="divide-y divide-line">
        {how !== "changed" && (
          <p className="px-4 py-3 text-soft">
            {dimension.description} It {how === "removed" ? "was" : "is"}{" "}
            {sharePercent(shareOf(dimension, rubric.dimensions))} of the overall score.
          </p>
        )}
        {fields.length > 0 && <Fields fields={fields} />}
        {checks
          .filter((check) => check.how !== "same")
          .map((check) => (
            <CheckPart key={check.id} change={check} rubric={rubric} checks={dimension.checks} />
          ))}
        {same.length > 0 && (
          <p className="px-4 py-2.5 text-xs text-soft">As before: {same.map((check) => check.name).join(", ")}.</p>
        )}
      </div>
    </Card>
  );
}

function CheckPart({
  change: { id, how, name, check, fields },
  rubric,
  checks,
}: {
  change: CheckChange;
  rubric: Rubric;
  checks: readonly Check[];
}) {
  if (how === "same") return null;
  const share = checks.includes(check) ? shareOf(check, checks) : undefined;
  return (
    <article>
      <header className="flex items-center gap-2 px-4 pt-3 pb-1">
        <h3 className="font-semibold">{name}</h3>
        <Mark how={how} />
        {how !== "removed" && (
          <span className="ml-auto">
            <RubricLink rubric={rubric.id} version={rubric.version} check={id} name={name} />
          </span>
        )}
      </header>
      {how === "changed" ? (
        <Fields fields={fields} />
      ) : (
        <p className="max-w-prose px-4 pb-3">
          {check.sentence}
          {share !== undefined && how === "added" && (
            <span className="text-soft"> It is {sharePercent(share)} of its dimension.</span>
          )}
        </p>
      )}
    </article>
  );
}

/** Fields that are a value, in which the same word is chance. */
const WHOLE = new Set(["Weight", "Kind", "Bound", "Dimension"]);

/** What was said before and what is said now, beside each other. */
function Fields({ fields }: { fields: readonly Field[] }) {
  return (
    <div className="px-4 py-2">
      <div aria-hidden className="grid gap-4 pb-1 text-xs text-soft max-md:hidden md:grid-cols-[9rem_1fr_1fr]">
        <span />
        <span>Before</span>
        <span>After</span>
      </div>
      <dl>
        {fields.map(({ name, before, after }) => {
          const all = WHOLE.has(name)
            ? [
                { text: before, in: "before" as const },
                { text: after, in: "after" as const },
              ]
            : pieces(before, after);
          const side = (which: "before" | "after", text: string) => (
            <dd className="min-w-0">
              <span className="text-xs text-soft md:sr-only">{which === "before" ? "Before: " : "After: "}</span>
              {text === "" ? (
                <span className="text-soft">nothing</span>
              ) : (
                all
                  .filter((piece) => piece.in === "both" || piece.in === which)
                  // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its place
                  .map((piece, at) => <Words key={at} in={piece.in} text={piece.text} />)
              )}
            </dd>
          );
          return (
            <div
              key={name}
              className="grid gap-x-4 gap-y-1 border-t border-line py-2 first:border-0 md:grid-cols-[9rem_1fr_1fr]"
            >
              <dt className="text-soft max-md:font-medium">{name}</dt>
              {side("before", before)}
              {side("after", after)}
            </div>
          );
        })}
      </dl>
    </div>
  );
}

function Words({ in: where, text }: { in: "both" | "before" | "after"; text: string }) {
  if (where === "both") return text;
  // The blank behind the last word belongs to neither.
  const words = text.trimEnd();
  const marked =
    where === "before" ? (
      <del className="rounded-xs bg-poor-soft text-poor">{words}</del>
    ) : (
      <ins className="rounded-xs bg-good-soft text-good underline decoration-1 underline-offset-2">{words}</ins>
    );
  return (
    <>
      {marked}
      {text.slice(words.length)}
    </>
  );
}
