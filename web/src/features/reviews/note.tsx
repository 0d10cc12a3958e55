import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CalendarCheck } from "lucide-react";
import { meQuery } from "@/api/queries";
import { newestReviewsQuery } from "@/api/reviews";
import { today } from "../people/dates";
import { lastWeek, newest, readsReviews, weekSpan } from "./weeks";

/** Leads who reads reviews to the newest one; nothing as long as there is none. */
export function ReviewNote() {
  const { data: me } = useQuery(meQuery);
  const { data } = useQuery({ ...newestReviewsQuery, enabled: readsReviews(me?.role) });
  const head = data && newest(data);
  if (!head) return null;
  const last = head.week === lastWeek(today());
  return (
    <p className="no-print mb-5 flex items-start gap-2">
      <CalendarCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-pitch" />
      <span>
        <Link
          to="/reviews"
          search={{ week: head.week, team: head.team?.id }}
          className="font-medium text-pitch underline"
        >
          {last ? "Review of last week" : "The newest weekly review"}
        </Link>
        <span className="text-soft">
          : {weekSpan(head.week, today())}, {head.team?.name ?? "all teams"}
        </span>
      </span>
    </p>
  );
}
