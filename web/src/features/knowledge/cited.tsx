import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type CitedSection, citedQuery } from "@/api/knowledge";
import { citation } from "./words";

/** The sections of the knowledge base that a verdict rests on, each as it was when it was cited. */
export function Cited({ ids }: { ids: readonly string[] }) {
  const cited = useQuery(citedQuery(ids));
  if (cited.isPending) return null;
  if (cited.isError)
    return <p className="text-xs text-soft">It rests on the knowledge base, which cannot be read at the moment.</p>;
  if (cited.data.length === 0) return null;
  const [only, ...more] = cited.data;
  if (only && more.length === 0)
    return (
      <p>
        <span className="font-semibold">According to: </span>
        <Way section={only} />
      </p>
    );
  return (
    <div>
      <p className="font-semibold">According to:</p>
      <ul className="ml-4 list-disc">
        {cited.data.map((section) => (
          <li key={section.id}>
            <Way section={section} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** To the section in the version that was cited. */
function Way({ section }: { section: CitedSection }) {
  return (
    <>
      <Link
        to="/knowledge/$id"
        params={{ id: section.document_id }}
        search={{ version: section.version }}
        hash={section.id}
        className="break-words text-pitch underline underline-offset-2 hover:no-underline"
      >
        {citation(section)}
      </Link>
      {!section.current && <span className="text-xs text-soft"> (version {section.version}, since replaced)</span>}
    </>
  );
}
