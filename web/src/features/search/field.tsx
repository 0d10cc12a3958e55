import { keepPreviousData, useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import {
  Building2,
  Contact,
  Handshake,
  type LucideIcon,
  MessageSquareText,
  Phone,
  Search,
  UserRound,
  X,
} from "lucide-react";
import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from "react";
import { type Suggestion, suggestQuery } from "@/api/search";

/** Milliseconds without a letter after which words are suggested, and after which is searched. */
const [SOON, PAUSE] = [150, 250];

/** How each kind is called, in the order in which they stand. */
const KINDS: Record<Suggestion["kind"], { name: string; icon: LucideIcon }> = {
  word: { name: "Words that were said", icon: MessageSquareText },
  customer: { name: "Customers", icon: Building2 },
  agent: { name: "Reps", icon: UserRound },
  speaker: { name: "Said by", icon: Contact },
  opportunity: { name: "Deals", icon: Handshake },
  call: { name: "Calls", icon: Phone },
};
type Kind = keyof typeof KINDS;
const ORDER = Object.keys(KINDS) as Kind[];
/** So many of each are offered; of words all that come. */
const [EACH, WORDS] = [3, 5];

/** The first few of a kind; deals of the same name are looked for by the same words. */
function offered(all: readonly Suggestion[], kind: Kind): Suggestion[] {
  const of = all.filter((each) => each.kind === kind);
  const first = (one: Suggestion, n: number) => of.findIndex(({ text }) => text === one.text) === n;
  return (kind === "opportunity" ? of.filter(first) : of).slice(0, kind === "word" ? WORDS : EACH);
}

/** What is looked for, with what may be meant below it while one types. */
export function QueryField({
  value = "",
  set,
  choose,
  field,
}: {
  value: string | undefined;
  /** Told after a pause in typing, and by Enter. */
  set: (words: string | undefined) => void;
  /** Told what was taken of the suggestions. */
  choose: (suggestion: Suggestion) => void;
  field: RefObject<HTMLInputElement | null>;
}) {
  const id = useId();
  const [typed, setTyped] = useState(value);
  const [asked, setAsked] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  // What was told and has not come back yet: letters that are typed meanwhile, and a space at the end, stay.
  const told = useRef<string[]>([]);
  useEffect(() => {
    const back = told.current.indexOf(value);
    told.current = back < 0 ? [] : told.current.slice(back + 1);
    if (back < 0) setTyped(value);
  }, [value]);
  const tell = (words: string) => {
    const now = words.trim();
    if (now === (told.current.at(-1) ?? value)) return;
    told.current.push(now);
    set(now || undefined);
  };
  useEffect(() => {
    const later = setTimeout(() => tell(typed), PAUSE);
    return () => clearTimeout(later);
  });
  useEffect(() => {
    const later = setTimeout(() => setAsked(typed.trim()), SOON);
    return () => clearTimeout(later);
  }, [typed]);
  const { data } = useQuery({
    ...suggestQuery(asked),
    enabled: open && asked !== "",
    placeholderData: keepPreviousData,
  });
  const groups = ORDER.map((kind) => ({ kind, items: offered(data ?? [], kind) }));
  const items = groups.flatMap((group) => group.items);
  const shown = open && typed.trim() !== "" && items.length > 0;
  const active = shown ? items[at] : undefined;
  const close = () => {
    setOpen(false);
    setAt(-1);
  };
  const take = (suggestion: Suggestion) => {
    close();
    choose(suggestion);
  };
  const press = (event: KeyboardEvent) => {
    const { key } = event;
    if (event.altKey || event.ctrlKey || event.metaKey || event.nativeEvent.isComposing) return;
    if (key === "Enter") {
      if (active) take(active);
      else {
        close();
        tell(typed);
      }
    } else if (key === "Escape" && shown) close();
    else if (key === "ArrowDown" && items.length > 0) {
      setOpen(true);
      setAt((before) => (before + 1 >= items.length ? -1 : before + 1));
    } else if (key === "ArrowUp" && shown) setAt((before) => (before < 0 ? items.length - 1 : before - 1));
    else return;
    event.preventDefault();
  };
  return (
    <div className="relative min-w-0 flex-1">
      <label htmlFor={id} className="sr-only">
        What was said
      </label>
      <Search aria-hidden className="absolute top-3 left-3 size-4 text-soft" />
      <input
        ref={field}
        id={id}
        type="text"
        role="combobox"
        aria-expanded={shown}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={active ? `${id}-${at}` : undefined}
        aria-keyshortcuts="/"
        autoComplete="off"
        autoCapitalize="none"
        enterKeyHint="search"
        spellCheck={false}
        maxLength={1000}
        placeholder="What was said, or what was meant"
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value);
          setOpen(true);
          setAt(-1);
        }}
        onKeyDown={press}
        onBlur={close}
        className="h-10 w-full rounded-md border border-line-strong bg-surface pr-9 pl-9 text-base text-ellipsis placeholder:text-soft"
      />
      {typed !== "" && (
        <button
          type="button"
          aria-label="Clear the words"
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => {
            setTyped("");
            tell("");
            close();
            field.current?.focus();
          }}
          className="absolute inset-y-0 right-1.5 my-auto grid size-7 place-items-center rounded text-soft hover:text-ink"
        >
          <X aria-hidden className="size-4" />
        </button>
      )}
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label="What you may mean"
        hidden={!shown}
        className="absolute inset-x-0 top-full z-30 mt-1 max-h-[min(26rem,60vh)] overflow-y-auto rounded-lg border border-line bg-surface p-1 shadow-raised"
      >
        {shown &&
          groups
            .filter((group) => group.items.length > 0)
            .map(({ kind, items: some }) => (
              // biome-ignore lint/a11y/useSemanticElements: a group of options, which no element stands for
              <div key={kind} role="group" aria-label={KINDS[kind].name}>
                <p aria-hidden className="px-2.5 pt-1.5 pb-0.5 text-xs text-soft">
                  {KINDS[kind].name}
                </p>
                {some.map((each) => {
                  const index = items.indexOf(each);
                  return (
                    <Option
                      key={`${each.id} ${each.text}`}
                      id={`${id}-${index}`}
                      suggestion={each}
                      active={index === at}
                      take={() => take(each)}
                      point={() => setAt(index)}
                    />
                  );
                })}
              </div>
            ))}
      </div>
    </div>
  );
}

function Option({
  id,
  suggestion: { kind, text, detail },
  active,
  take,
  point,
}: {
  id: string;
  suggestion: Suggestion;
  active: boolean;
  take: () => void;
  point: () => void;
}) {
  const Icon = KINDS[kind].icon;
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
      aria-selected={active}
      onMouseDown={(event) => event.preventDefault()}
      onClick={take}
      onPointerMove={() => !active && point()}
      className={clsx(
        "flex min-h-8 cursor-default items-center gap-2.5 rounded px-2.5 py-1",
        active && "bg-sunken shadow-[inset_3px_0_0_var(--pitch)]",
      )}
    >
      <Icon aria-hidden className="size-4 shrink-0 text-soft" />
      <span className="min-w-0 truncate">{text}</span>
      {detail && !text.includes(detail) && <span className="truncate text-xs text-soft">{detail}</span>}
    </div>
  );
}
