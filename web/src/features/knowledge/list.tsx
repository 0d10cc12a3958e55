import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type DocumentHead, documentsQuery } from "@/api/knowledge";
import { meQuery } from "@/api/queries";
import { day, many, number } from "@/components/format";
import { Button, Card, Empty, Failed, PageHead, Tag, Waiting } from "@/components/ui";
import { modelQuery } from "../settings/queries";
import { Bring } from "./bring";
import { useNames } from "./names";
import { readKnowledgeSearch } from "./search";
import { extent, KINDS, size } from "./words";

/** The documents that is known of the product: what is said of it is held against them. */
export function KnowledgePage() {
  const { retired = false } = useSearch({
    from: "/frame/knowledge",
    select: readKnowledgeSearch,
    structuralSharing: true,
  });
  const { data: me } = useQuery(meQuery);
  const documents = useQuery(documentsQuery(retired));
  const model = useQuery(modelQuery);
  const may = me?.role === "admin" || me?.role === "manager";
  const all = documents.data ?? [];
  const inUse = all.filter(({ retired_at }) => !retired_at);
  return (
    <Bring may={may}>
      {(choose, busy, told) => {
        const add = may && (
          <Button kind="primary" busy={busy} onClick={choose}>
            Add documents
          </Button>
        );
        return (
          <>
            <PageHead
              title="Knowledge"
              note={
                inUse.length > 0
                  ? `${many(inUse.length, "document")} that product knowledge is judged against`
                  : "What product knowledge is judged against"
              }
            >
              {all.length > 0 && add}
            </PageHead>
            {told}
            {model.data && model.data.judge !== "model" && all.length > 0 && <Unused />}
            <Card className="overflow-hidden">
              {documents.isPending && <Waiting rows={5} />}
              {documents.isError && <Failed error={documents.error} retry={() => void documents.refetch()} />}
              {documents.isSuccess && all.length === 0 && <None add={add} />}
              {all.length > 0 && <Table documents={all} />}
            </Card>
            {documents.isSuccess && (
              <p className="mt-3 max-w-prose text-xs text-soft">
                {may && all.length > 0 && "Drop Markdown, text or PDF anywhere on this page. "}
                Nothing is held against retired documents; what cites them still opens.{" "}
                <Link
                  to="."
                  search={{ retired: retired ? undefined : true }}
                  replace
                  className="whitespace-nowrap text-pitch underline"
                >
                  {retired ? "Hide retired documents" : "Show retired documents"}
                </Link>
              </p>
            )}
          </>
        );
      }}
    </Bring>
  );
}

/** Told where no model judges: then nobody looks into the documents. */
function Unused() {
  return (
    <p className="mb-4 max-w-prose rounded-md bg-fair-soft px-4 py-2.5">
      No model judges calls now, so no verdict rests on these documents: the offline analyst does not read them.
    </p>
  );
}

function None({ add }: { add: ReactNode }) {
  return (
    <Empty title="No documents yet" action={add}>
      <p>
        Product sheets, price lists, playbooks: what a rep says of the product is held against them under product
        knowledge, and each such verdict names the section that it rests on.
      </p>
      <p className="mt-2">
        A model does that where one judges calls; without one they are kept, but no verdict rests on them.
      </p>
      <p className="mt-2">
        {add ? "Drop Markdown, text or PDF anywhere on this page." : "Admins and managers bring them."}
      </p>
    </Empty>
  );
}

function Table({ documents }: { documents: readonly DocumentHead[] }) {
  const nameOf = useNames(documents.flatMap(({ created_by }) => created_by ?? []));
  const head = "px-3 py-2 font-medium whitespace-nowrap";
  return (
    <table className="w-full text-left">
      <thead className="border-b border-line text-xs text-soft">
        <tr>
          <th scope="col" className={`${head} w-full pl-4`}>
            Document
          </th>
          <th scope="col" className={`${head} max-md:hidden`}>
            Kind
          </th>
          <th scope="col" className={`${head} text-right max-sm:pr-4`}>
            Version
          </th>
          <th scope="col" className={`${head} text-right max-md:hidden`}>
            Sections
          </th>
          <th scope="col" className={`${head} text-right max-lg:hidden`}>
            Size
          </th>
          <th scope="col" className={`${head} pr-4 max-sm:hidden`}>
            Brought
          </th>
        </tr>
      </thead>
      <tbody>
        {documents.map((document) => (
          <Row key={document.id} document={document} by={nameOf(document.created_by)} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ document, by }: { document: DocumentHead; by: string | undefined }) {
  const { id, name, kind, version, sections, tokens, created_at, retired_at } = document;
  const cell = "px-3 py-2.5 align-top whitespace-nowrap";
  return (
    <tr className="group relative border-b border-line last:border-0 hover:bg-sunken">
      <td className="py-2.5 pr-3 pl-4 align-top">
        <Link
          to="/knowledge/$id"
          params={{ id }}
          className="font-medium break-words after:absolute after:inset-0 group-hover:text-pitch"
        >
          {name}
        </Link>
        {retired_at && (
          <span className="ml-2">
            <Tag tone="poor">Retired</Tag>
          </span>
        )}
        <span className="block text-xs text-soft md:hidden">
          {KINDS[kind]} · {extent(document)}
        </span>
        <span className="block text-xs text-soft sm:hidden">
          {day(created_at)}
          {by && ` by ${by}`}
        </span>
      </td>
      <td className={`${cell} max-md:hidden`}>{KINDS[kind]}</td>
      <td className={`${cell} figures text-right max-sm:pr-4`}>{version}</td>
      <td className={`${cell} figures text-right max-md:hidden`}>{number(sections)}</td>
      <td className={`${cell} figures text-right text-soft max-lg:hidden`}>{size(tokens)}</td>
      <td className={`${cell} pr-4 max-sm:hidden`}>
        {day(created_at)}
        {by && <span className="text-soft"> by {by}</span>}
      </td>
    </tr>
  );
}
