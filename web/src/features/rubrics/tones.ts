// Looks that several pieces of these pages share.

const SHAPE =
  "inline-flex h-8 items-center justify-center gap-1.5 rounded-md px-3 font-medium whitespace-nowrap transition-colors";

/** A link that does something, looking like a button. */
export const BUTTON = `${SHAPE} border border-line bg-surface text-ink hover:border-line-strong`;
