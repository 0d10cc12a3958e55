import { Check } from "lucide-react";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from "react";

/** How long it is said that something was done, in milliseconds. */
const SHOWN = 6_000;

const Tell = createContext<(done: string) => void>(() => undefined);

/** The way to say that something is saved or done. */
export function useTell(): (done: string) => void {
  return useContext(Tell);
}

/** Where it is said what was done, on every page within. */
export function Telling({ children }: { children: ReactNode }) {
  const [told, setTold] = useState<{ text: string; at: number }>();
  useEffect(() => {
    if (!told) return undefined;
    const later = setTimeout(() => setTold(undefined), SHOWN);
    return () => clearTimeout(later);
  }, [told]);
  const tell = useCallback((text: string) => setTold({ text, at: Date.now() }), []);
  return (
    <Tell value={tell}>
      {children}
      <div
        role="status"
        className="no-print pointer-events-none fixed inset-x-0 bottom-5 z-50 grid justify-items-center px-4"
      >
        {told && (
          <p
            key={told.at}
            className="flex items-center gap-2 rounded-lg border border-line bg-surface px-3.5 py-2 shadow-raised"
          >
            <Check aria-hidden className="size-4 shrink-0 text-good" />
            {told.text}
          </p>
        )}
      </div>
    </Tell>
  );
}
