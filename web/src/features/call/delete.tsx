import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, type Schemas, taken } from "@/api/client";
import type { CallDetails } from "@/api/queries";
import { Ask } from "@/components/dialog";
import { day, many, number, time } from "@/components/format";
import { Button, Card, Failed, PageHead } from "@/components/ui";

type Receipt = Schemas["DeletionReceipt"];

/** Asks before a call is deleted, and says what goes with it. */
export function DeleteCall({
  call,
  close,
  deleted,
}: {
  call: CallDetails;
  close: () => void;
  deleted: (receipt: Receipt) => void;
}) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => taken(api.DELETE("/api/v1/calls/{id}", { params: { path: { id: call.id } } })),
    onSuccess: (receipt) => {
      deleted(receipt);
      close();
      void queries.invalidateQueries({ queryKey: ["calls"] });
      void queries.invalidateQueries({ queryKey: ["moments"] });
    },
  });
  return (
    <Ask
      title="Delete this call?"
      about={
        <>
          <strong className="font-semibold text-ink">{call.title}</strong> goes with its words, its judgements, its
          figures and the original file. It cannot be brought back.
        </>
      }
      close={close}
    >
      {remove.isError && <Failed error={remove.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={close}>Keep it</Button>
        <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
          Delete the call
        </Button>
      </div>
    </Ask>
  );
}

/** What was deleted, to be kept by whoever has to show it. */
export function Receipt({ title, receipt }: { title: string; receipt: Receipt }) {
  const rows = Object.entries(receipt.rows).filter(([, count]) => count > 0);
  return (
    <>
      <PageHead title="The call is deleted" note={title}>
        <Button onClick={() => window.print()}>Print</Button>
        <Link to="/calls" className="font-medium text-pitch underline">
          To the calls
        </Link>
      </PageHead>
      <Card title="Receipt" className="max-w-2xl">
        <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5 px-4 py-3">
          <dt className="text-soft">Call</dt>
          <dd className="figures break-all">{receipt.call_id}</dd>
          <dt className="text-soft">Deleted</dt>
          <dd className="figures">
            {day(receipt.deleted_at)}, {time(receipt.deleted_at)}
          </dd>
          <dt className="text-soft">Original</dt>
          <dd className="figures">
            {number(receipt.original_bytes)} bytes,{" "}
            {receipt.original_deleted ? "gone" : "goes as soon as its store answers"}
          </dd>
          {rows.map(([table, count]) => (
            <div key={table} className="contents">
              <dt className="text-soft">{table.replaceAll("_", " ")}</dt>
              <dd className="figures">{many(count, "row")}</dd>
            </div>
          ))}
        </dl>
      </Card>
    </>
  );
}
