import { useEffect, useState } from "react";

/** Whether something has just been copied, and the way to copy it. */
export function useCopied(): [boolean, (text: string) => void] {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const later = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(later);
  }, [copied]);
  return [
    copied,
    (text) => {
      // Pages over plain HTTP from elsewhere have no clipboard; then nothing is said to be copied.
      void navigator.clipboard?.writeText(text).then(
        () => setCopied(true),
        () => undefined,
      );
    },
  ];
}
