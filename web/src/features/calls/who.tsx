import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { type CallItem, meQuery } from "@/api/queries";
import { Choose } from "@/components/choose";
import { everybodyQuery } from "../settings/queries";
import { customersOf, repsOf } from "./named";

const FIELD = "w-36 max-sm:w-[calc(50%-0.25rem)]";

/** Chooses whose calls are shown, where one sees those of several people. */
export function RepField({ items, set }: { items: readonly CallItem[]; set: (agent: string | undefined) => void }) {
  const { data: me } = useQuery(meQuery);
  const [asked, setAsked] = useState(false);
  const people = useQuery({ ...everybodyQuery(), enabled: asked });
  const choices = useMemo(() => repsOf(people.data ?? [], items), [people.data, items]);
  if (!me || me.role === "rep") return null;
  return (
    <Choose
      label="Rep"
      size="sm"
      className={FIELD}
      choices={choices}
      value={undefined}
      set={set}
      waiting={people.isPending}
      failed={people.isError ? people.error.message : undefined}
      onOpen={() => setAsked(true)}
    />
  );
}

/** Chooses the customer. The program has no list of them: those of the calls that were read are offered, and any other may be typed. */
export function CustomerField({
  items,
  set,
}: {
  items: readonly CallItem[];
  set: (customer: string | undefined) => void;
}) {
  const queries = useQueryClient();
  const [read, setRead] = useState<unknown[]>([]);
  const choices = useMemo(() => customersOf([...read, { items }]), [read, items]);
  return (
    <Choose
      label="Customer"
      size="sm"
      className={FIELD}
      free
      choices={choices}
      value={undefined}
      set={set}
      // Also those of other lists: with one customer chosen this one has no other.
      onOpen={() => setRead(queries.getQueriesData({ queryKey: ["calls"] }).map(([, data]) => data))}
    />
  );
}
