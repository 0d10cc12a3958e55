import { Link } from "@tanstack/react-router";
import { Card, Empty, PageHead } from "./ui";

/** The page of something that is not there, or not for whoever asks: which of the two is not told. */
export function NoSuch({
  what,
  why,
  to,
  back,
}: {
  what: string;
  why: string;
  to: "/calls" | "/deals" | "/team" | "/rubrics" | "/knowledge" | "/settings/integrations";
  /** The words of the way back. */
  back: string;
}) {
  return (
    <>
      <PageHead title={`There is no such ${what}`} />
      <Card>
        <Empty
          title={why}
          action={
            <Link to={to} className="font-medium text-pitch underline">
              {back}
            </Link>
          }
        />
      </Card>
    </>
  );
}
