import { useQuery } from "@tanstack/react-query";
import { meQuery } from "@/api/queries";
import { userQuery } from "./queries";
import { actorOf } from "./trail";

/** Who did something that only admins may. Managers see no admins, and nobody else may begin one. */
export function By({ actor }: { actor: string }) {
  const admin = useQuery(meQuery).data?.role === "admin";
  const who = actorOf(actor);
  const id = "user" in who ? who.user : undefined;
  const user = useQuery({ ...userQuery(id ?? ""), enabled: admin && id !== undefined });
  if ("name" in who) return who.name;
  return user.data?.name ?? (user.isLoading ? "…" : "an admin");
}
