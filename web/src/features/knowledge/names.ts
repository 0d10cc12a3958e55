import { useQuery } from "@tanstack/react-query";
import { peopleQuery } from "@/api/queries";

/** The names of users, of those whom one sees; nothing of the others, and of what was done at the machine. */
export function useNames(ids: readonly string[]): (id: string | null | undefined) => string | undefined {
  const people = useQuery({ ...peopleQuery(""), enabled: ids.length > 0 });
  return (id) => people.data?.items.find((person) => person.id === id)?.name;
}
