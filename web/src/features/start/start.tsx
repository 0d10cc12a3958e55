import { useQuery } from "@tanstack/react-query";
import { meQuery } from "@/api/queries";
import { Card, Failed, Waiting } from "@/components/ui";
import { ManagerStart } from "./manager";
import { RepStart } from "./rep";

/** The start page: of a rep about their own calls, of everybody else about those of others. */
export function StartPage() {
  const me = useQuery(meQuery);
  if (me.isError) return <Failed error={me.error} retry={() => void me.refetch()} />;
  if (!me.data)
    return (
      <Card>
        <Waiting rows={6} />
      </Card>
    );
  return me.data.role === "rep" ? <RepStart me={me.data} /> : <ManagerStart />;
}
