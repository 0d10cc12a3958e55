import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { meQuery } from "@/api/queries";
import { type Keys, useKeys } from "@/components/keys";
import { uploadFiles } from "../calls/uploads";
import { pagesFor } from "./pages";

// Loaded when it is first asked for: most pages are looked at without it.
const Palette = lazy(() => import("./palette"));
const Shortcuts = lazy(() => import("./shortcuts"));

/** The button, the keys that lead to every page, and what they open. */
export function PaletteHost({ leave }: { leave: () => void }) {
  const [open, setOpen] = useState<"palette" | "shortcuts">();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const files = useRef<HTMLInputElement>(null);
  const { data: me } = useQuery(meQuery);
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
    for (const { key, link } of pagesFor(me)) if (key) all[key] = () => void navigate(link);
    return all;
  }, [navigate, me]);
  useKeys(keys);
  const close = () => setOpen(undefined);
  const upload = () => {
    // At once: a browser opens the chooser only soon after a key or a click.
    files.current?.click();
    void navigate({ to: "/calls" });
  };
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
      {/* Here and not in the palette, which is closed while files are chosen. */}
      <input
        ref={files}
        type="file"
        multiple
        hidden
        onChange={({ target }) => {
          void uploadFiles(queries, [...(target.files ?? [])]);
          target.value = "";
        }}
      />
      <Suspense fallback={null}>
        {open === "palette" && (
          <Palette close={close} leave={leave} upload={upload} shortcuts={() => setOpen("shortcuts")} />
        )}
        {open === "shortcuts" && <Shortcuts close={close} />}
      </Suspense>
    </>
  );
}

const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);
