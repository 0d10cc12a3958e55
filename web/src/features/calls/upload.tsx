import { useQueryClient } from "@tanstack/react-query";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { uploadFiles } from "./uploads";

/** Takes files that are dropped or chosen. What becomes of them stands in the tray. */
export function Upload({ children }: { children: (choose: () => void) => ReactNode }) {
  const input = useRef<HTMLInputElement>(null);
  const queries = useQueryClient();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void uploadFiles(queries, [...event.dataTransfer.files]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is beside the button, which does the same by keyboard
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && setOver(false)}
      onDrop={drop}
      className={over ? "rounded-lg outline-2 outline-offset-8 outline-pitch outline-dashed" : undefined}
    >
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
