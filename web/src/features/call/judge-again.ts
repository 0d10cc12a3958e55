import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, taken } from "@/api/client";

/** Sends a call to be judged again, also where nothing has changed. */
export function useJudgeAgain(call: string, judged: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      taken(
        api.POST("/api/v1/coaching/analyze-call", { params: { header: {} }, body: { call_id: call, force: true } }),
      ),
    onSuccess: () => {
      judged();
      return queries.invalidateQueries({ queryKey: ["call", call] });
    },
  });
}
