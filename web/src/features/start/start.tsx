import { useQuery } from "@tanstack/react-query";
import { foundCallsQuery, meQuery } from "@/api/queries";
import { Card, Failed, Waiting } from "@/components/ui";
import { ManagerStart } from "./manager";
import { RepStart } from "./rep";
import { SamplesNote } from "./samples";
import { Welcome } from "./welcome";

/** The start page: of a rep about their own calls, of everybody else about those of others. */
export function StartPage() {
  const me = useQuery(meQuery);
  const latest = useQuery(foundCallsQuery(""));
  if (me.isError) return <Failed error={me.error} retry={() => void me.refetch()} />;
  if (!me.data || latest.isPending)
    return (
      <Card>
        <Waiting rows={6} />
      </Card>
    );
  if (latest.data?.items.length === 0) return <Welcome me={me.data} />;
  if (me.data.role === "rep") return <RepStart me={me.data} />;
  return (
    <>
      {me.data.role === "admin" && <SamplesNote />}
      <ManagerStart />
    </>
  );
}
