import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { uploadFiles } from "./uploads";

/** Takes files that are dropped or chosen. What becomes of them stands in the tray. */
export function Upload({ children }: { children: (choose: () => void) => ReactNode }) {
  const input = useRef<HTMLInputElement>(null);
  const queries = useQueryClient();
  const [over, setOver] = useState(false);
  useEffect(() => {
    // The whole window takes them: a page with few calls is short, and beside it the browser would open the file.
    const withFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const drag = (event: DragEvent) => {
      if (!withFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    // Out of the window there is nothing that is entered instead.
    const leave = (event: DragEvent) => event.relatedTarget === null && setOver(false);
    const drop = (event: DragEvent) => {
      if (!withFiles(event)) return;
      event.preventDefault();
      setOver(false);
      void uploadFiles(queries, [...(event.dataTransfer?.files ?? [])]);
    };
    window.addEventListener("dragover", drag);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", drag);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, [queries]);
  return (
    <div className={over ? "rounded-lg outline-2 outline-offset-8 outline-pitch outline-dashed" : undefined}>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Transcripts"
        onChange={(event) => {
          void uploadFiles(queries, [...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      {children(() => input.current?.click())}
    </div>
  );
}
