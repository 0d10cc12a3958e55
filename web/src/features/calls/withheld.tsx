import type { Me } from "@/api/queries";
import { Tag } from "@/components/ui";
import { WITHHELD, withheldWhy } from "./status";

/** Stands where the score of a call would, while it is withheld. */
export function WithheldTag({ role }: { role: Me["role"] | undefined }) {
  const why = withheldWhy(role);
  return (
    <Tag tone={WITHHELD.tone} title={why}>
      {WITHHELD.name}
      <span className="sr-only">: {why}</span>
    </Tag>
  );
}
