import { useNavigate } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { type Keys, useKeys } from "@/components/keys";
import { PAGES } from "./pages";

// Loaded when it is first asked for: most pages are looked at without it.
const Palette = lazy(() => import("./palette"));
const Shortcuts = lazy(() => import("./shortcuts"));

/** The button, the keys that lead to every page, and what they open. */
export function PaletteHost({ leave }: { leave: () => void }) {
  const [open, setOpen] = useState<"palette" | "shortcuts">();
  const navigate = useNavigate();
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      setOpen((before) => (before === "palette" ? undefined : "palette"));
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
  const keys = useMemo(() => {
    const all: Keys = { "?": () => setOpen("shortcuts") };
    for (const { key, to } of PAGES) all[key] = () => void navigate({ to });
    return all;
  }, [navigate]);
  useKeys(keys);
  const close = () => setOpen(undefined);
  return (
    <>
      <button
        type="button"
        aria-keyshortcuts="Meta+K Control+K"
        onClick={() => setOpen("palette")}
        className="flex items-center gap-2.5 rounded-md px-2.5 py-1.5 text-soft hover:bg-sunken hover:text-ink md:mb-2 md:border md:border-line md:bg-surface"
      >
        <Search aria-hidden className="size-4" />
        <span className="max-md:sr-only">Find or do</span>
        <kbd className="ml-auto rounded border border-line px-1 font-sans text-2xs max-md:hidden">
          {MAC ? "⌘" : "Ctrl"} K
        </kbd>
      </button>
      <Suspense fallback={null}>
        {open === "palette" && <Palette close={close} leave={leave} shortcuts={() => setOpen("shortcuts")} />}
        {open === "shortcuts" && <Shortcuts close={close} />}
      </Suspense>
    </>
  );
}

const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);
