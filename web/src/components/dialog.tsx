import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { type ReactNode, useState } from "react";
import { Button, Failed } from "./ui";

/** What has the focus; of a menu, which is gone soon, the button that opened it. */
function opener(): HTMLElement | null {
  const menu = document.activeElement?.closest("[role=menu]");
  if (!menu) return document.activeElement as HTMLElement | null;
  return document.getElementById(menu.getAttribute("aria-labelledby") ?? "");
}

/** For `onCloseAutoFocus` of a dialog that no trigger opened: the focus goes back to where it was before. */
export function useFocusBack(): (event: Event) => void {
  const [back] = useState(opener);
  return (event) => {
    if (!back?.isConnected) return;
    event.preventDefault();
    back.focus();
  };
}

const FIELDS = "input:enabled:not([hidden]), select:enabled, textarea:enabled";

/** Asks for something above the page. */
export function Ask({
  title,
  about,
  close,
  children,
}: {
  title: string;
  about?: ReactNode;
  close: () => void;
  children: ReactNode;
}) {
  const focusBack = useFocusBack();
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-ink/30 dark:bg-paper/70" />
        <Dialog.Content
          onOpenAutoFocus={(event) => {
            const box = event.currentTarget as HTMLElement;
            // What one types into; in a question the first answer, which is always the one that changes nothing.
            const field = box.querySelector<HTMLElement>(FIELDS);
            const first = field ?? box.querySelector<HTMLElement>("button:enabled:not([data-close])");
            if (!first) return;
            event.preventDefault();
            first.focus();
          }}
          onCloseAutoFocus={focusBack}
          onEscapeKeyDown={(event) => {
            // A list that is open within is closed first.
            const list = (event.target as Element | null)?.closest?.("[role=combobox][aria-expanded=true]");
            if (list) event.preventDefault();
          }}
          {...(!about && { "aria-describedby": undefined })}
          className="fixed top-[12vh] left-1/2 z-50 max-h-[80vh] max-sm:top-4 max-sm:max-h-[calc(100dvh-2rem)] w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 overflow-y-auto rounded-lg border border-line bg-surface p-5 shadow-raised"
        >
          <div className="mb-3 flex items-start justify-between gap-3">
            <Dialog.Title className="text-lg font-semibold tracking-tight">{title}</Dialog.Title>
            <Dialog.Close
              data-close
              aria-label="Close"
              className="rounded p-1 text-soft hover:bg-sunken hover:text-ink"
            >
              <X aria-hidden className="size-4" />
            </Dialog.Close>
          </div>
          {about && <Dialog.Description className="mb-4 text-soft">{about}</Dialog.Description>}
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Asks before something goes, or cannot be taken back: by name, and what it means. */
export function Confirm({
  title,
  about,
  deed,
  keep = "Keep it",
  kind = "danger",
  busy,
  error,
  close,
  go,
}: {
  title: string;
  about: ReactNode;
  /** What the button that does it says. */
  deed: string;
  keep?: string;
  /** Red where something goes. */
  kind?: "danger" | "primary";
  busy: boolean;
  error: unknown;
  close: () => void;
  go: () => void;
}) {
  return (
    <Ask title={title} about={about} close={close}>
      {error ? <Failed error={error} /> : null}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={close}>{keep}</Button>
        <Button kind={kind} busy={busy} onClick={go}>
          {deed}
        </Button>
      </div>
    </Ask>
  );
}
