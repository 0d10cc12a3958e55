import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import clsx from "clsx";
import { ArrowLeft } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { ApiError, api, taken } from "@/api/client";
import { documentQuery, type KnowledgeDocument } from "@/api/knowledge";
import { meQuery } from "@/api/queries";
import { Confirm } from "@/components/dialog";
import { day } from "@/components/format";
import { NoSuch } from "@/components/no-such";
import { Button, Card, Failed, PageHead, Tag, Waiting } from "@/components/ui";
import { isId } from "../people/search";
import { type Block, blocks } from "./blocks";
import { Bring } from "./bring";
import { useNames } from "./names";
import { readDocumentSearch } from "./search";
import { extent, KINDS, type Titled, titled } from "./words";

/** A version of a document, section by section, as it is laid before the judge and cited. */
export function DocumentPage() {
  const id = useParams({ from: "/frame/knowledge/$id" }).id.toLowerCase();
  const { version } = useSearch({ from: "/frame/knowledge/$id", select: readDocumentSearch, structuralSharing: true });
  const { data: me } = useQuery(meQuery);
  const known = isId(id);
  const read = useQuery({ ...documentQuery(id, version), enabled: known });
  const navigate = useNavigate();
  const document = read.data;
  if (!known || (!document && read.error instanceof ApiError && read.error.problem.status === 404))
    return (
      <NoSuch
        what="document"
        why="Nobody has brought it, or not this version of it"
        to="/knowledge"
        back="To the knowledge base"
      />
    );
  if (!document)
    return (
      <>
        <Back />
        <PageHead title="Document" />
        <Card>
          {read.isError ? <Failed error={read.error} retry={() => void read.refetch()} /> : <Waiting rows={12} />}
        </Card>
      </>
    );
  const may = (me?.role === "admin" || me?.role === "manager") && !document.retired_at;
  const toLatest = () => void navigate({ to: "/knowledge/$id", params: { id }, search: {}, replace: true });
  return (
    <Bring may={may} into={id} brought={toLatest}>
      {(choose, busy, told) => (
        <>
          <Back />
          <PageHead title={document.name}>
            <Versions document={document} />
            {may && (
              <Button busy={busy} onClick={choose}>
                New version
              </Button>
            )}
            <Deeds document={document} leads={me?.role === "admin" || me?.role === "manager"} />
          </PageHead>
          {told}
          <Facts document={document} />
          <Reading document={document} />
        </>
      )}
    </Bring>
  );
}

function Back() {
  return (
    <Link to="/knowledge" className="no-print mb-3 inline-flex items-center gap-1.5 text-soft hover:text-ink">
      <ArrowLeft aria-hidden className="size-4" /> All documents
    </Link>
  );
}

/** Which version is read. */
function Versions({ document: { id, version, latest } }: { document: KnowledgeDocument }) {
  const navigate = useNavigate();
  if (latest < 2) return null;
  return (
    <select
      aria-label="Version"
      value={version}
      onChange={({ target }) => {
        const chosen = Number(target.value);
        const search = chosen === latest ? {} : { version: chosen };
        void navigate({ to: "/knowledge/$id", params: { id }, search, replace: true });
      }}
      className="h-8 rounded-md border border-line-strong bg-surface px-2"
    >
      {Array.from({ length: latest }, (_, n) => latest - n).map((one) => (
        <option key={one} value={one}>
          Version {one}
          {one === latest && " (latest)"}
        </option>
      ))}
    </select>
  );
}

/** Which version it is, what it was read from, and since when and by whom. */
function Facts({ document }: { document: KnowledgeDocument }) {
  const { id, version, latest, kind, created_at, created_by, retired_at } = document;
  const by = useNames(created_by ? [created_by] : [])(created_by);
  const facts = [KINDS[kind], extent(document), `brought ${day(created_at)}${by ? ` by ${by}` : ""}`];
  return (
    <p className="mb-5 text-soft">
      {retired_at ? (
        <Tag tone="poor">Retired {day(retired_at)}</Tag>
      ) : version < latest ? (
        <Tag tone="fair">
          Version {version} of {latest}, not the latest
        </Tag>
      ) : (
        <Tag tone="good">Version {version}</Tag>
      )}
      <span className="figures ml-2">{facts.join(" · ")}</span>
      {retired_at && (
        <span className="mt-1 block">Nothing is held against it any more; what cites it still opens.</span>
      )}
      {!retired_at && version < latest && (
        <span className="mt-1 block">
          Calls are held against version {latest} now; those that were judged by this one still cite it.{" "}
          <Link to="/knowledge/$id" params={{ id }} className="whitespace-nowrap text-pitch underline">
            To the latest
          </Link>
        </span>
      )}
    </p>
  );
}

/** Takes the document out of use, after asking, or back into it. */
function Deeds({ document: { id, name, retired_at }, leads }: { document: KnowledgeDocument; leads: boolean }) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const path = { id };
  const again = () => queries.invalidateQueries({ queryKey: ["knowledge"] });
  const retire = useMutation({
    mutationFn: () => taken(api.DELETE("/api/v1/knowledge/{id}", { params: { path } })),
    onSuccess: () => {
      setAsking(false);
      return again();
    },
  });
  const restore = useMutation({
    mutationFn: () => taken(api.POST("/api/v1/knowledge/{id}/restore", { params: { path, header: {} } })),
    onSuccess: again,
  });
  if (!leads) return null;
  if (retired_at)
    return (
      <>
        <Button busy={restore.isPending} onClick={() => restore.mutate()}>
          Take back into use
        </Button>
        {restore.isError && <Failed error={restore.error} />}
      </>
    );
  return (
    <>
      <Button kind="danger" onClick={() => setAsking(true)}>
        Retire…
      </Button>
      {asking && (
        <Confirm
          title="Retire this document?"
          about={
            <>
              Nothing is held against <strong className="font-semibold text-ink">{name}</strong> any more. It is not
              deleted: what cites it still opens, and it can be taken back into use.
            </>
          }
          deed="Retire the document"
          busy={retire.isPending}
          error={retire.error}
          close={() => setAsking(false)}
          go={() => retire.mutate()}
        />
      )}
    </>
  );
}

function Reading({ document: { name, kind, parts } }: { document: KnowledgeDocument }) {
  const place = useLocation({ select: ({ hash }) => hash });
  const sections = titled(parts, name);
  return (
    <div className="lg:grid lg:grid-cols-[minmax(0,56rem)_15rem] lg:items-start lg:gap-8">
      <Card className="max-w-4xl min-w-0">
        {sections.map((section) => (
          <Section key={section.id} section={section} marked={kind === "markdown"} here={place === section.id} />
        ))}
      </Card>
      <nav
        aria-label="Contents"
        className="no-print sticky top-7 max-h-[calc(100dvh-3.5rem)] overflow-y-auto pb-2 text-xs max-lg:hidden"
      >
        <p className="mb-2 font-semibold">Contents</p>
        <ol>
          {sections
            .filter(({ continued }) => !continued)
            .map(({ id, title, depth }) => (
              <li key={id}>
                <Link
                  to="."
                  search={(before) => before}
                  hash={id}
                  aria-current={place === id ? "location" : undefined}
                  style={{ paddingLeft: `${0.75 + 0.75 * Math.min(depth, 4)}rem` }}
                  className={clsx(
                    "block border-l-2 py-1 break-words hover:text-pitch",
                    place === id ? "border-pitch font-semibold text-ink" : "border-line text-soft",
                  )}
                >
                  {title}
                </Link>
              </li>
            ))}
        </ol>
      </nav>
    </div>
  );
}

function Section({
  section: { id, title, above, continued, text },
  marked,
  here,
}: {
  section: Titled;
  /** Whether its marks are those of Markdown. */
  marked: boolean;
  here: boolean;
}) {
  const article = useRef<HTMLElement>(null);
  // Comes into view when the address means it, also when the document is read a moment later than the address.
  useEffect(() => {
    if (here) article.current?.scrollIntoView({ block: "start" });
  }, [here]);
  return (
    <article
      ref={article}
      id={id}
      className={clsx(
        "scroll-mt-16 border-b border-line px-4 py-4 last:border-0 md:scroll-mt-7",
        here && "bg-pitch-soft",
      )}
    >
      {above && <p className="text-xs text-soft">{above}</p>}
      <h2 className={clsx("text-base font-semibold break-words", here && "touchline")}>
        <Link to="." search={(before) => before} hash={id} className="hover:text-pitch hover:underline">
          {title}
          {continued && <span className="font-normal text-soft">, continued</span>}
        </Link>
      </h2>
      <div className="mt-1 grid max-w-prose grid-cols-1 gap-2">
        {marked ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a version of a document never changes
          blocks(text).map((block, n) => <Part key={n} block={block} />)
        ) : (
          <Words text={text} />
        )}
      </div>
    </article>
  );
}

function Words({ text }: { text: string }) {
  return <p className="break-words whitespace-pre-wrap">{text}</p>;
}

function Part({ block }: { block: Block }) {
  switch (block.kind) {
    case "words":
      return <Words text={block.text} />;
    case "code":
      return <pre className="rounded bg-sunken px-3 py-2 text-xs break-words whitespace-pre-wrap">{block.text}</pre>;
    case "list":
      return (
        <ul className="ml-4 grid list-disc gap-1">
          {block.items.map((item, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a version of a document never changes
            <li key={n} className="break-words">
              {item}
            </li>
          ))}
        </ul>
      );
    case "table":
      return <Table head={block.head} rows={block.rows} />;
  }
}

function Table({ head, rows }: { head: readonly string[]; rows: readonly string[][] }) {
  const cell = "px-3 py-1.5 text-left align-top break-words first:pl-0";
  const named = (name: string, n: number) => `${n} ${name}`;
  return (
    <table className="w-fit max-w-full">
      <thead className="border-b border-line-strong text-xs text-soft">
        <tr>
          {head.map((name, n) => (
            <HeadCell key={named(name, n)} name={name} className={`${cell} font-medium`} />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, n) => (
          <tr key={named(row.join("|"), n)} className="border-b border-line last:border-0">
            {head.map((name, at) => (
              <td key={named(name, at)} className={cell}>
                {row[at]}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A head of a column; where a table has none above its first, it is a cell like others. */
function HeadCell({ name, className }: { name: string; className: string }) {
  if (name === "") return <td className={className} />;
  return (
    <th scope="col" className={className}>
      {name}
    </th>
  );
}
