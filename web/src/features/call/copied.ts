import { useEffect, useState } from "react";

/** Copies, and says whether it did. */
export async function copyText(text: string): Promise<boolean> {
  // Pages over plain HTTP from elsewhere have no clipboard, and some browsers refuse it.
  if (!navigator.clipboard) return copySelected(text);
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => copySelected(text),
  );
}

/** The old way: what is selected in a field is copied. */
function copySelected(text: string): boolean {
  const before = document.activeElement as HTMLElement | null;
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "sr-only";
  // In the dialog, where there is one: it takes the focus back from everything else.
  (before?.closest("[role=dialog]") ?? document.body).append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  before?.focus();
  return copied;
}

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
      void copyText(text).then(setCopied);
    },
  ];
}
