import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Navigate, useLocation, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ArrowLeft, Copy, PenLine } from "lucide-react";
import { useState } from "react";
import { ApiError, api, taken } from "@/api/client";
import { meQuery, peopleQuery } from "@/api/queries";
import { type KeptRubric, type RubricHead, rubricQuery, rubricsQuery, rubricVersionsQuery } from "@/api/rubrics";
import { day, many } from "@/components/format";
import { NoSuch } from "@/components/no-such";
import { Button, Card, Failed, PageHead, Tag, Waiting } from "@/components/ui";
import { Compared } from "./compared";
import { documentOf } from "./document";
import { Editor } from "./editor";
import { Reading } from "./reading";
import { Retire } from "./retire";
import { readRubricSearch } from "./search";
import { Versions } from "./switches";
import { BUTTON } from "./tones";

/** One rubric: read, compared with another version of it, or written on. */
export function RubricPage() {
  const { id } = useParams({ from: "/frame/rubrics/$id" });
  const { version, against, write } = useSearch({
    from: "/frame/rubrics/$id",
    select: readRubricSearch,
    structuralSharing: true,
  });
  const navigate = useNavigate();
  const rubric = useQuery(rubricQuery(id, version));
  const versions = useQuery(rubricVersionsQuery(id));
  const { data: me } = useQuery(meQuery);
  const [saved, setSaved] = useState<KeptRubric>();
  const kept = rubric.data;
  const all = versions.data ?? [];
  if (rubric.isPending || me === undefined)
    return (
      <>
        <PageHead title="Rubric" />
        <Card>
          <Waiting rows={12} />
        </Card>
      </>
    );
  if (!kept && rubric.error instanceof ApiError && rubric.error.problem.status === 404)
    // Where the trackers were once, unless a rubric is called so.
    return id === "trackers" ? (
      <Navigate to="/trackers" replace />
    ) : (
      <NoSuch
        what="rubric"
        why="Nobody has written it, or not this version of it"
        to="/rubrics"
        back="To the rubrics"
      />
    );
  if (!kept)
    return (
      <>
        <Back />
        <PageHead title="Rubric" />
        <Card>
          <Failed error={rubric.error} retry={() => void rubric.refetch()} />
        </Card>
      </>
    );
  const admin = me.role === "admin";
  if (write && admin)
    return (
      <Editor
        key={`${id} ${write}`}
        kept={kept}
        write={write}
        done={(next) => {
          setSaved(next);
          const before = next.id === kept.id ? { against: kept.version } : {};
          void navigate({
            to: "/rubrics/$id",
            params: { id: next.id },
            search: { version: next.version, ...before },
            ignoreBlocker: true,
          });
        }}
        leave={() => void navigate({ to: "/rubrics/$id", params: { id }, search: version ? { version } : {} })}
      />
    );
  return (
    <>
      <Back />
      <PageHead title={kept.name} note={kept.description}>
        <Versions id={id} versions={all} version={kept.version} against={against} />
        {admin && <Actions kept={kept} versions={all} />}
      </PageHead>
      {saved?.id === kept.id && saved.version === kept.version && (
        <p role="status" className="mb-4 rounded-md bg-good-soft px-4 py-2.5 text-good">
          Saved as version {saved.version}. Calls that are judged from now on can be judged by it; earlier ones keep
          theirs.
        </p>
      )}
      <Facts kept={kept} versions={all} />
      {versions.isError && <Failed error={versions.error} retry={() => void versions.refetch()} />}
      <Body kept={kept} against={against === kept.version ? undefined : against} />
    </>
  );
}

function Body({ kept, against }: { kept: KeptRubric; against: number | undefined }) {
  const place = useLocation({ select: ({ hash }) => hash });
  const other = useQuery({ ...rubricQuery(kept.id, against), enabled: against !== undefined });
  if (against === undefined) return <Reading rubric={documentOf(kept)} place={place} />;
  // Whichever of both is read: one asks what became of the older one.
  const [before, after] = [other.data, kept].toSorted((a, b) => (a?.version ?? 0) - (b?.version ?? 0));
  return (
    <>
      {other.isPending && (
        <Card>
          <Waiting rows={8} />
        </Card>
      )}
      {other.isError && <Failed error={other.error} retry={() => void other.refetch()} />}
      {other.isSuccess && before && after && <Compared before={documentOf(before)} after={documentOf(after)} />}
    </>
  );
}

function Back() {
  return (
    <Link to="/rubrics" className="no-print mb-3 inline-flex items-center gap-1.5 text-soft hover:text-ink">
      <ArrowLeft aria-hidden className="size-4" /> All rubrics
    </Link>
  );
}

/** Whose it is, which version, since when and by whom, and whether it still judges. */
function Facts({ kept, versions }: { kept: KeptRubric; versions: readonly RubricHead[] }) {
  const people = useQuery({ ...peopleQuery(""), enabled: Boolean(kept.created_by) });
  const author = people.data?.items.find(({ id }) => id === kept.created_by)?.name;
  const latest = versions[0]?.version;
  const old = latest !== undefined && latest !== kept.version;
  const { dimensions } = documentOf(kept);
  const checks = dimensions.reduce((sum, { checks }) => sum + checks.length, 0);
  const facts = [
    kept.source === "own" ? "Your own" : "Built in",
    `${many(dimensions.length, "dimension")}, ${many(checks, "check")}`,
    kept.source === "own" && kept.created_at && `written ${day(kept.created_at)}${author ? ` by ${author}` : ""}`,
    kept.retired_at && "it judges no more calls, those that it judged keep it",
  ];
  return (
    <p className="mb-5 text-soft">
      {kept.retired_at ? (
        <Tag tone="poor">Retired {day(kept.retired_at)}</Tag>
      ) : old ? (
        <Tag tone="fair">
          Version {kept.version} of {latest}, not the latest
        </Tag>
      ) : (
        <Tag tone="good">Version {kept.version}</Tag>
      )}
      <span className="figures ml-2">{facts.filter(Boolean).join(" · ")}</span>
    </p>
  );
}

/** Takes a retired rubric back into use. */
function Restore({ id }: { id: string }) {
  const queries = useQueryClient();
  const restore = useMutation({
    mutationFn: () => taken(api.POST("/api/v1/rubrics/{id}/restore", { params: { path: { id }, header: {} } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["rubrics"] }),
  });
  return (
    <>
      <Button busy={restore.isPending} onClick={() => restore.mutate()}>
        Take back into use
      </Button>
      {restore.isError && <Failed error={restore.error} />}
    </>
  );
}

function Actions({ kept, versions }: { kept: KeptRubric; versions: readonly RubricHead[] }) {
  const [asking, setAsking] = useState(false);
  const offered = useQuery(rubricsQuery).data ?? [];
  // Retired is the rubric, also where an older version of it is read.
  const open = kept.source === "own" && !kept.retired_at && offered.some(({ id }) => id === kept.id);
  const latest = versions[0]?.version ?? kept.version;
  return (
    <>
      {open && kept.version === latest && (
        <Link to="/rubrics/$id" params={{ id: kept.id }} search={{ write: "version" }} className={BUTTON}>
          <PenLine aria-hidden className="size-4" /> New version
        </Link>
      )}
      <Link
        to="/rubrics/$id"
        params={{ id: kept.id }}
        search={{ version: kept.version, write: "copy" }}
        className={BUTTON}
      >
        <Copy aria-hidden className="size-4" /> Write a copy
      </Link>
      {open && (
        <Button kind="danger" onClick={() => setAsking(true)}>
          Retire
        </Button>
      )}
      {kept.source === "own" && kept.retired_at && <Restore id={kept.id} />}
      {asking && <Retire kept={kept} versions={versions.length} close={() => setAsking(false)} />}
    </>
  );
}
