import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";

/** Milliseconds without a letter after which the program is asked: not every letter is a question to it. */
const PAUSE = 250;

/** Words that a list is searched for. */
export function SearchField({
  label,
  placeholder,
  value = "",
  set,
}: {
  label: string;
  placeholder: string;
  value: string | undefined;
  /** Told after a pause in typing; none where nothing is searched for. */
  set: (words: string | undefined) => void;
}) {
  const [q, setQ] = useState(value);
  // What was told and has not come back yet: letters that are typed meanwhile, and a space at the end, stay.
  const told = useRef<string[]>([]);
  useEffect(() => {
    const back = told.current.indexOf(value);
    told.current = back < 0 ? [] : told.current.slice(back + 1);
    if (back < 0) setQ(value);
  }, [value]);
  useEffect(() => {
    const later = setTimeout(() => {
      const words = q.trim();
      if (words === (told.current.at(-1) ?? value)) return;
      told.current.push(words);
      set(words || undefined);
    }, PAUSE);
    return () => clearTimeout(later);
  });
  return (
    <label className="relative min-w-48 flex-1">
      <span className="sr-only">{label}</span>
      <Search aria-hidden className="absolute top-2 left-2.5 size-4 text-soft" />
      <input
        type="search"
        value={q}
        onChange={({ target }) => setQ(target.value)}
        placeholder={placeholder}
        className="h-8 w-full rounded-md border border-line-strong bg-surface pr-2 pl-8 placeholder:text-soft"
      />
    </label>
  );
}
