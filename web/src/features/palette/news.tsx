import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Bell } from "lucide-react";
import { Popover } from "radix-ui";
import { useEffect, useState } from "react";
import { ApiError } from "@/api/client";
import { callQuery } from "@/api/queries";
import { time } from "@/components/format";
import { Score, Tag } from "@/components/ui";
import { forget, type Notice, seen, useNotices } from "./notices";

/** A quiet list of what happened; nothing comes up by itself. */
export function Notices() {
  const notices = useNotices();
  const [open, setOpen] = useState(false);
  const fresh = notices.filter((notice) => notice.fresh).length;
  return (
    <Popover.Root
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        // What was new is shown as new once.
        if (!next) seen();
      }}
    >
      <Popover.Trigger className="relative flex items-center gap-2.5 rounded-md px-2.5 py-1.5 text-soft hover:bg-sunken hover:text-ink md:w-full">
        <Bell aria-hidden className="size-4" />
        <span className="max-md:sr-only">News</span>
        {fresh > 0 && (
          <span className="figures ml-auto rounded-full bg-pitch px-1.5 text-xs font-semibold text-on-pitch max-md:absolute max-md:-top-1 max-md:right-0 max-md:px-1 max-md:text-2xs">
            {fresh}
            <span className="sr-only"> new</span>
          </span>
        )}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          side="top"
          sideOffset={6}
          collisionPadding={12}
          aria-label="News"
          className="z-50 max-h-96 w-[min(22rem,calc(100vw-1.5rem))] overflow-y-auto rounded-lg border border-line bg-surface shadow-raised"
        >
          {notices.length === 0 ? (
            <p className="px-4 py-5 text-soft">
              Nothing has happened since you opened this window. Calls that are judged, or cannot be, stand here.
            </p>
          ) : (
            <ul>
              {notices.map((notice) => (
                <Row key={notice.call} notice={notice} close={() => setOpen(false)} />
              ))}
            </ul>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Row({ notice, close }: { notice: Notice; close: () => void }) {
  const { data: call, error } = useQuery(callQuery(notice.call));
  // It may have been deleted while this window was not open.
  const gone = error instanceof ApiError && error.problem.status === 404;
  useEffect(() => {
    if (gone) forget(notice.call);
  }, [gone, notice.call]);
  return (
    <li className="border-b border-line last:border-0">
      <Link
        to="/calls/$id"
        params={{ id: notice.call }}
        onClick={close}
        className="flex items-center gap-3 px-4 py-2.5 hover:bg-sunken"
      >
        <span className="min-w-0 flex-1">
          <span className={notice.fresh ? "block truncate font-semibold" : "block truncate"}>
            {call?.title ?? "A call"}
          </span>
          <span className="block text-xs text-soft">
            {notice.kind === "judged" ? "Judged" : "Could not be judged"}, {time(notice.at)}
          </span>
        </span>
        {notice.kind === "judged" ? <Score value={notice.score} /> : <Tag tone="poor">Failed</Tag>}
      </Link>
    </li>
  );
}
