import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ShieldQuestion } from "lucide-react";
import { withheldQuery } from "@/api/queries";
import { waitingLine } from "@/features/calls/status";

/** Says how many calls wait for whoever reads this to look, as long as there are any. */
export function WithheldNote() {
  const line = waitingLine(useQuery(withheldQuery).data ?? 0);
  if (!line) return null;
  return (
    <p className="no-print mb-5 flex items-start gap-2">
      <ShieldQuestion aria-hidden className="mt-0.5 size-4 shrink-0 text-fair" />
      <span>
        <Link to="/calls" search={{ withheld: true }} className="font-medium text-pitch underline">
          {line.calls}
        </Link>
        <span className="text-soft">: {line.why}</span>
      </span>
    </p>
  );
}
