import { Search } from "lucide-react";
import { useEffect, useState } from "react";

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
  useEffect(() => setQ(value), [value]);
  useEffect(() => {
    const later = setTimeout(() => q.trim() !== value && set(q.trim() || undefined), PAUSE);
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
