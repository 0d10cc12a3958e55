import clsx from "clsx";
import { Check, X } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { type Choice, fitting, moved, placed, plain } from "./choosing";
import { number } from "./format";

/** Entries that are drawn at a time; more are found by typing. */
const DRAWN = 500;

type Field = {
  label: string;
  choices: readonly Choice[];
  /** The value of the one that is chosen. */
  value: string | undefined;
  set: (value: string | undefined) => void;
  /** What is shown of a value that is not among the choices. */
  shown?: string | undefined;
  placeholder?: string;
  /** Whether other words than those of the choices may be meant. */
  free?: boolean;
  /** Whether nothing may be chosen again. */
  clearable?: boolean;
  disabled?: boolean;
  /** Whether the label is seen, above the field. */
  labelled?: boolean;
  /** While the choices are asked for, or why there are none. */
  waiting?: boolean;
  failed?: string | undefined;
  /** Tells that one begins to choose: what is long to get is asked for then. */
  onOpen?: () => void;
  size?: "sm" | "md";
  className?: string;
};

/** Chooses one of many by typing a part of its name. */
export function Choose(field: Field) {
  const { label, choices, value, set, placeholder = label, free = false, clearable = true, labelled = false } = field;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const [words, setWords] = useState<string>();
  const [at, setAt] = useState(-1);
  const chosen = choices.find((choice) => choice.value === value);
  const name = chosen?.name ?? (value === undefined ? "" : (field.shown ?? value));
  const fit = listed(choices, words, free);
  const drawn = fit.slice(0, DRAWN);
  const active = open ? drawn[at] : undefined;
  const begin = () => {
    if (open || field.disabled) return;
    field.onOpen?.();
    setOpen(true);
    setAt(drawn.findIndex((choice) => choice.value === value));
  };
  const end = () => {
    setOpen(false);
    setWords(undefined);
    setAt(-1);
  };
  const take = (choice: Choice | undefined) => {
    if (choice?.disabled) return;
    end();
    if (choice?.value !== value) set(choice?.value);
  };
  const type = (next: string) => {
    if (!open) field.onOpen?.();
    setOpen(true);
    setWords(next);
    // What Enter would take is marked: the first that fits, and nothing where all is taken away.
    setAt(next.trim() === "" ? -1 : moved("Home", -1, listed(choices, next, free)));
  };
  const press = (event: KeyboardEvent) => {
    const { key } = event;
    if (event.altKey || event.ctrlKey || event.metaKey || event.nativeEvent.isComposing) return;
    if (key === "Escape" && open) end();
    else if (key === "Enter" && open && active) take(active);
    else if (key === "Enter" && open && words?.trim() === "" && clearable) take(undefined);
    else if ((key === "ArrowDown" || key === "ArrowUp") && !open) begin();
    else if (["ArrowDown", "ArrowUp", "Home", "End"].includes(key) && open) setAt(moved(key, at, drawn));
    // In a list that is open Enter chooses, and sends no form.
    else if (!(key === "Enter" && open)) return;
    event.preventDefault();
  };
  const leave = () => {
    // Whoever empties the field means nobody; words that nobody was chosen by mean nothing.
    if (words?.trim() === "" && clearable && value !== undefined) set(undefined);
    end();
  };
  const clears = clearable && !field.disabled && (value !== undefined || Boolean(words));
  return (
    <div className={clsx("grid min-w-0 gap-1", field.className)}>
      <label htmlFor={id} className={labelled ? "font-medium" : "sr-only"}>
        {label}
      </label>
      <div className="relative min-w-0">
        <input
          ref={input}
          id={id}
          type="text"
          role="combobox"
          aria-expanded={open}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={active ? `${id}-${at}` : undefined}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          disabled={field.disabled}
          placeholder={placeholder}
          title={name || undefined}
          value={words ?? name}
          onChange={({ target }) => type(target.value)}
          onKeyDown={press}
          onClick={begin}
          onFocus={({ target }) => target.select()}
          onBlur={leave}
          className={clsx(
            "w-full min-w-0 rounded-md border bg-surface pr-8 pl-2.5 text-ellipsis placeholder:text-soft disabled:opacity-60",
            field.size === "sm" ? "h-8" : "h-9",
            value === undefined ? "border-line-strong" : "border-pitch font-medium",
          )}
        />
        {clears ? (
          <button
            type="button"
            // By keys the words are taken away, and the field is left.
            tabIndex={-1}
            aria-label={`Clear: ${label}`}
            // The field keeps the focus, and its list stays as it is until the click.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => {
              take(undefined);
              input.current?.focus();
            }}
            className="absolute inset-y-0 right-0.5 my-auto grid size-7 place-items-center rounded text-soft hover:text-ink"
          >
            <X aria-hidden className="size-3.5" />
          </button>
        ) : (
          // As a select has it.
          <span
            aria-hidden
            className="pointer-events-none absolute inset-y-0 right-2.5 my-auto size-0 border-x-[0.3rem] border-t-[0.3rem] border-x-transparent border-t-soft"
          />
        )}
      </div>
      <List id={`${id}-list`} label={label} field={input} open={open} told={told(field, drawn.length, fit.length)}>
        {drawn.map((choice, index) => (
          <Option
            key={choice.value}
            id={`${id}-${index}`}
            choice={choice}
            active={index === at}
            chosen={choice.value === value}
            take={() => take(choice)}
            point={() => setAt(index)}
          />
        ))}
      </List>
    </div>
  );
}

/** What the list shows: all until something is typed, then what fits; where other words may be meant, these as the last. */
function listed(choices: readonly Choice[], words: string | undefined, free: boolean): Choice[] {
  const asked = words?.trim() ?? "";
  const fit = fitting(choices, asked);
  if (!free || asked === "" || fit.some(({ name }) => plain(name) === plain(asked))) return fit;
  return [...fit, { value: asked, name: `“${asked}”`, note: "as typed" }];
}

/** What stands below the list, or in its place. */
function told({ waiting, failed, free }: Field, drawn: number, fit: number): string | undefined {
  if (failed) return failed;
  if (waiting) return "Loading…";
  if (drawn === 0) return free ? "Type a name, then press Enter." : "Nobody has these words in their name.";
  return fit > drawn ? `${number(fit - drawn)} more: type a part of the name.` : undefined;
}

function Option({
  id,
  choice,
  active,
  chosen,
  take,
  point,
}: {
  id: string;
  choice: Choice;
  active: boolean;
  chosen: boolean;
  take: () => void;
  point: () => void;
}) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) line.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which says which one is meant
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are heard by the field
    <div
      ref={line}
      id={id}
      role="option"
      aria-selected={chosen}
      aria-disabled={choice.disabled || undefined}
      onClick={take}
      onPointerMove={() => !active && !choice.disabled && point()}
      className={clsx(
        "flex min-h-8 cursor-default items-center gap-2 rounded px-2.5 py-1",
        active && "bg-sunken shadow-[inset_3px_0_0_var(--pitch)]",
        choice.disabled && "opacity-50",
        chosen && "font-semibold",
      )}
    >
      <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{choice.name}</span>
      {choice.note && <span className="shrink-0 text-xs font-normal text-soft">{choice.note}</span>}
      {chosen && <Check aria-hidden className="size-3.5 shrink-0 text-pitch" />}
    </div>
  );
}

/** The list, above all else on the page: neither a card nor a dialog cuts it off. */
function List({
  id,
  label,
  field,
  open,
  told,
  children,
}: {
  id: string;
  label: string;
  field: { current: HTMLInputElement | null };
  open: boolean;
  told: string | undefined;
  children: ReactNode[];
}) {
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const [box, seen] = [list.current, window.visualViewport];
    if (!box || !open) return;
    const place = () => {
      const of = field.current?.getBoundingClientRect();
      if (!of) return;
      const { innerWidth: width, innerHeight: height } = window;
      const at = placed(
        of,
        seen
          ? { left: seen.offsetLeft, top: seen.offsetTop, width: seen.width, height: seen.height }
          : { left: 0, top: 0, width, height },
      );
      box.style.left = `${at.left}px`;
      box.style.width = `${at.width}px`;
      box.style.maxHeight = `${at.height}px`;
      box.style.top = at.top === undefined ? "auto" : `${at.top}px`;
      box.style.bottom = at.bottom === undefined ? "auto" : `${height - at.bottom}px`;
    };
    box.showPopover?.();
    place();
    window.addEventListener("scroll", place, true);
    window.addEventListener("resize", place);
    seen?.addEventListener("resize", place);
    return () => {
      window.removeEventListener("scroll", place, true);
      window.removeEventListener("resize", place);
      seen?.removeEventListener("resize", place);
      box.hidePopover?.();
    };
  }, [open, field]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only keeps the focus where it is
    <div
      ref={list}
      popover="manual"
      onMouseDown={(event) => event.preventDefault()}
      className={clsx(
        "fixed inset-auto z-50 m-0 flex-col overflow-hidden rounded-lg border border-line bg-surface p-1 font-normal text-ink shadow-raised",
        open ? "flex" : "hidden",
      )}
    >
      <div id={id} role="listbox" aria-label={label} className="min-h-0 overflow-y-auto overscroll-contain">
        {open && children}
      </div>
      {open && told && (
        <p role="status" className="shrink-0 px-2.5 py-1.5 text-soft">
          {told}
        </p>
      )}
    </div>
  );
}
