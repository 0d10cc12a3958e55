import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { Dialog, Switch } from "radix-ui";
import { meQuery } from "@/api/queries";
import { useFocusBack } from "@/components/dialog";
import { useKeysOn } from "@/components/keys";
import { overviewFor } from "./pages";

/** Which keys do what, and whether they do. */
export default function Shortcuts({ close }: { close: () => void }) {
  const [on, setOn] = useKeysOn();
  const { data: me } = useQuery(meQuery);
  const focusBack = useFocusBack();
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-ink/30 dark:bg-paper/70" />
        <Dialog.Content
          aria-describedby={undefined}
          onCloseAutoFocus={focusBack}
          className="fixed top-[10vh] left-1/2 z-50 max-h-[80vh] w-[min(38rem,calc(100vw-2rem))] -translate-x-1/2 overflow-y-auto rounded-lg border border-line bg-surface p-5 shadow-raised"
        >
          <div className="mb-3 flex items-start justify-between">
            <Dialog.Title className="text-lg font-semibold tracking-tight">Keys</Dialog.Title>
            <Dialog.Close aria-label="Close" className="rounded p-1 text-soft hover:bg-sunken hover:text-ink">
              <X aria-hidden className="size-4" />
            </Dialog.Close>
          </div>
          <div className="gap-8 sm:columns-2">
            {overviewFor(me).map(({ name, keys }) => (
              <section key={name} className="mb-4 break-inside-avoid">
                <h3 className="mb-1 font-semibold">{name}</h3>
                <ul>
                  {keys.map(([key, does]) => (
                    <li
                      key={key}
                      className="flex items-baseline justify-between gap-4 border-b border-line py-1 last:border-0"
                    >
                      <span className="text-soft">{does}</span>
                      <kbd className="rounded border border-line bg-sunken px-1.5 font-sans text-xs whitespace-nowrap">
                        {key}
                      </kbd>
                    </li>
                  ))}
                </ul>
              </section>
            ))}
          </div>
          <label htmlFor="single-keys" className="flex items-center justify-between gap-4 border-t border-line pt-3">
            <span>
              Single keys do something
              <span className="block text-xs text-soft">
                Switch this off if you speak to your computer. ⌘ K, Ctrl K and ? stay.
              </span>
            </span>
            <Switch.Root
              id="single-keys"
              checked={on}
              onCheckedChange={setOn}
              className="h-6 w-10 shrink-0 rounded-full border border-line-strong bg-sunken p-0.5 data-[state=checked]:border-pitch data-[state=checked]:bg-pitch"
            >
              <Switch.Thumb className="block size-4.5 rounded-full bg-line-strong transition-transform data-[state=checked]:translate-x-4 data-[state=checked]:bg-on-pitch" />
            </Switch.Root>
          </label>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
