import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef } from "react";
import { HELD_OVER, useDrop } from "@/components/drop";
import { uploadFiles } from "./uploads";

/** Takes files that are dropped or chosen. What becomes of them stands in the tray. */
export function Upload({ children }: { children: (choose: () => void) => ReactNode }) {
  const input = useRef<HTMLInputElement>(null);
  const queries = useQueryClient();
  const take = (files: File[]) => void uploadFiles(queries, files);
  const over = useDrop(take);
  return (
    <div className={over ? HELD_OVER : undefined}>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Transcripts"
        onChange={(event) => {
          take([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      {children(() => input.current?.click())}
    </div>
  );
}
