import { useMutation, useQueryClient } from "@tanstack/react-query";
import clsx from "clsx";
import { useMemo, useState } from "react";
import { api, taken } from "@/api/client";
import type { CallDetails, SegmentItem } from "@/api/queries";
import { Button, Card, Failed, Tag } from "@/components/ui";

/** Words from which somebody is known: their first that are more than a greeting. */
export function firstWords(segments: readonly SegmentItem[], position: number): string | undefined {
  const own = segments.filter(({ speaker }) => speaker?.position === position);
  return (own.find(({ text }) => text.split(/\s+/).length >= 6) ?? own[0])?.text;
}

/** Asks who is of our side, where the file did not say so. */
export function SidesCard({ call, segments }: { call: CallDetails; segments: SegmentItem[] }) {
  return (
    <Card title="Who is of your side?" aside={<Tag tone="fair">Needed before it is coached</Tag>} className="mb-5">
      <div className="px-4 py-3">
        <Sides call={call} segments={segments} done={() => undefined} />
      </div>
    </Card>
  );
}

/** Who is of our side and who of the customer’s, by what each of them says. */
export function Sides({ call, segments, done }: { call: CallDetails; segments: SegmentItem[]; done: () => void }) {
  const queries = useQueryClient();
  const [chosen, setChosen] = useState(() => new Map(call.participants.map(({ name, side }) => [name, side])));
  const ours = call.participants.flatMap(({ name }) => (chosen.get(name) === "internal" ? name : []));
  const choose = (who: string, side: "internal" | "external") =>
    setChosen(
      new Map(
        // Who is of our side is said; then everybody else is the customer’s until it is said otherwise.
        call.participants.map(({ name }) => [
          name,
          name === who ? side : (chosen.get(name) ?? (side === "internal" ? "external" : undefined)),
        ]),
      ),
    );
  const said = useMemo(
    () => new Map(call.participants.map(({ position }) => [position, firstWords(segments, position)])),
    [call.participants, segments],
  );
  const say = useMutation({
    mutationFn: () =>
      taken(api.PATCH("/api/v1/calls/{id}", { params: { path: { id: call.id } }, body: { internal: ours } })),
    onSuccess: () => {
      done();
      return queries.invalidateQueries({ queryKey: ["call", call.id] });
    },
  });
  return (
    <fieldset className="min-w-0">
      <legend className="sr-only">Participants</legend>
      <ul className="grid gap-2">
        {call.participants.map(({ name, position, email }) => {
          const own = chosen.get(name);
          return (
            <li
              key={position}
              className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-md border border-line p-3"
            >
              <div className="min-w-0 flex-1 basis-56">
                <p className="font-semibold">
                  {name} {email && <span className="font-normal text-soft">{email}</span>}
                </p>
                <p className="line-clamp-2 break-words text-soft">
                  {said.get(position) ?? "Says nothing in this call."}
                </p>
              </div>
              <div className="flex rounded-md border border-line-strong">
                {(["internal", "external"] as const).map((side) => (
                  <label
                    key={side}
                    className={clsx(
                      "cursor-pointer rounded px-3 py-1 has-focus-visible:outline-2 has-focus-visible:outline-pitch",
                      own === side &&
                        (side === "internal"
                          ? "bg-pitch-soft font-semibold text-ours"
                          : "bg-sunken font-semibold text-theirs"),
                      own !== side && "text-soft",
                    )}
                  >
                    <input
                      type="radio"
                      name={`side-${position}`}
                      checked={own === side}
                      onChange={() => choose(name, side)}
                      className="sr-only"
                    />
                    <span className="sr-only">{name}: </span>
                    {side === "internal" ? "Ours" : "Customer’s"}
                  </label>
                ))}
              </div>
            </li>
          );
        })}
      </ul>
      <div className="mt-4 flex flex-wrap items-center gap-x-3 gap-y-2">
        <Button kind="primary" disabled={ours.length === 0} busy={say.isPending} onClick={() => say.mutate()}>
          Coach the call
        </Button>
        <p className="text-soft">
          {ours.length === 0 ? "Say of at least one that they are of your side." : "The call is judged by this."}
        </p>
      </div>
      {say.isError && <Failed error={say.error} />}
    </fieldset>
  );
}
