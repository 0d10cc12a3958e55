import { useEffect, useRef, useState } from "react";

/**
 * Takes files that are dropped anywhere in the window: a page may be short, and beside it the browser would open the file.
 * Whether some are held over it is told back; nothing is taken while there is nothing to take them.
 */
export function useDrop(take: ((files: File[]) => void) | undefined): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(take);
  latest.current = take;
  const open = take !== undefined;
  useEffect(() => {
    if (!open) return undefined;
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
      latest.current?.([...(event.dataTransfer?.files ?? [])]);
    };
    window.addEventListener("dragover", drag);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", drag);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, [open]);
  return over;
}

/** The look of a place over which files are held. */
export const HELD_OVER = "rounded-lg outline-2 outline-offset-8 outline-pitch outline-dashed";
