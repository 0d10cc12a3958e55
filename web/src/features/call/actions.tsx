import { useMutation, useQuery } from "@tanstack/react-query";
import {
  Download,
  Ellipsis,
  FileText,
  type LucideIcon,
  Pencil,
  Printer,
  RotateCw,
  Trash2,
  UsersRound,
} from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import type { Schemas } from "@/api/client";
import { download } from "@/api/download";
import { type CallDetails, meQuery, type SegmentItem } from "@/api/queries";
import { Ask } from "@/components/dialog";
import { Failed } from "@/components/ui";
import { DeleteCall } from "./delete";
import { EditCall } from "./edit";
import { useJudgeAgain } from "./judge-again";
import { Sides } from "./sides";

const ITEM =
  "flex cursor-default items-center gap-2 rounded px-2 py-1.5 outline-none data-disabled:opacity-50 data-highlighted:bg-sunken";

/** What can be done with a call, as far as one may. */
export function Actions({
  call,
  segments,
  judged,
  deleted,
}: {
  call: CallDetails;
  segments: SegmentItem[] | undefined;
  /** Told when the call is being judged again. */
  judged: () => void;
  deleted: (receipt: Schemas["DeletionReceipt"]) => void;
}) {
  const { data: me } = useQuery(meQuery);
  const [open, setOpen] = useState<"edit" | "sides" | "delete">();
  const judge = useJudgeAgain(call.id, judged);
  const load = useMutation({ mutationFn: download });
  const title = call.title.replaceAll(/[\\/:*?"<>|]+/g, " ").trim();
  const leads = me?.role === "manager" || me?.role === "admin";
  const says = me !== undefined && me.role !== "coach";
  const close = () => setOpen(undefined);
  const failed = judge.error ?? load.error;
  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger
          aria-label="More to do with this call"
          className="grid size-8 place-items-center rounded-md border border-line bg-surface hover:border-line-strong"
        >
          <Ellipsis aria-hidden className="size-4" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal container={document.getElementById("main")}>
          <DropdownMenu.Content
            align="end"
            sideOffset={6}
            className="z-50 min-w-52 rounded-lg border border-line bg-surface p-1 shadow-raised"
          >
            {says && <Item icon={Pencil} name="Edit details…" go={() => setOpen("edit")} />}
            {says && segments && <Item icon={UsersRound} name="Who is who…" go={() => setOpen("sides")} />}
            {call.status !== "needs_sides" && (
              <Item icon={RotateCw} name="Judge again" disabled={judge.isPending} go={() => judge.mutate()} />
            )}
            <DropdownMenu.Separator className="my-1 h-px bg-line" />
            <Item
              icon={Printer}
              name="Print the report"
              disabled={!segments}
              title={segments ? undefined : "Not all that was said is here yet"}
              go={() => window.print()}
            />
            {REPORTS.map(({ format, name }) => (
              <Item
                key={format}
                icon={FileText}
                name={name}
                disabled={load.isPending || !call.analysed_at}
                title={call.analysed_at ? undefined : "The call is not judged yet"}
                go={() => load.mutate({ of: `calls/${call.id}/report?format=${format}`, as: `${title}.${format}` })}
              />
            ))}
            <Item
              icon={Download}
              name="Download the original"
              disabled={load.isPending}
              go={() => load.mutate({ of: `calls/${call.id}/original`, as: call.file_name })}
            />
            {leads && (
              <>
                <DropdownMenu.Separator className="my-1 h-px bg-line" />
                <Item icon={Trash2} name="Delete…" go={() => setOpen("delete")} danger />
              </>
            )}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {open === "edit" && <EditCall call={call} leads={leads} close={close} />}
      {open === "sides" && segments && (
        <Ask
          title="Who is of your side?"
          about="The call is judged again by what you say here; earlier judgements stay."
          close={close}
        >
          <Sides call={call} segments={segments} done={close} />
        </Ask>
      )}
      {open === "delete" && <DeleteCall call={call} close={close} deleted={deleted} />}
      {failed && (
        <Ask
          title="This did not work"
          close={() => {
            judge.reset();
            load.reset();
          }}
        >
          <Failed error={failed} />
        </Ask>
      )}
    </>
  );
}

function Item({
  icon: Icon,
  name,
  go,
  disabled = false,
  title,
  danger = false,
}: {
  icon: LucideIcon;
  name: string;
  go: () => void;
  disabled?: boolean;
  /** Why it cannot be done now. */
  title?: string | undefined;
  danger?: boolean;
}) {
  return (
    <DropdownMenu.Item className={danger ? `${ITEM} text-poor` : ITEM} disabled={disabled} title={title} onSelect={go}>
      <Icon aria-hidden className="size-4" />
      {name}
    </DropdownMenu.Item>
  );
}

/** What a report can be saved as. */
const REPORTS = [
  { format: "html", name: "Report as a page" },
  { format: "md", name: "Report as Markdown" },
] as const;
