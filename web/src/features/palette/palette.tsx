import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import {
  Building2,
  FileUp,
  Handshake,
  Keyboard,
  Link2,
  LogOut,
  type LucideIcon,
  MessageCircleQuestion,
  Monitor,
  Moon,
  Phone,
  Search,
  Sun,
  TextSearch,
  User,
} from "lucide-react";
import { Dialog } from "radix-ui";
import { type ReactNode, useEffect, useState } from "react";
import { foundCallsQuery, meQuery, peopleQuery } from "@/api/queries";
import { type Suggestion, suggestQuery } from "@/api/search";
import { useFocusBack } from "@/components/dialog";
import { day } from "@/components/format";
import { Score } from "@/components/ui";
import { copyText } from "../call/copied";
import { setTheme } from "../frame/theme";
import { pagesFor, settingsFor } from "./pages";

/** Milliseconds without a letter after which the program is asked. */
const PAUSE = 150;
const GROUP =
  "px-2 pb-1 [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2.5 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-soft";

/** What is offered of what the program suggests; calls and people it knows more of elsewhere. */
const SUGGESTED = ["customer", "opportunity"] as const satisfies Suggestion["kind"][];
/** So many of each. */
const EACH = 3;

/** Finds calls, people, customers, deals and pages, and does what can be done from everywhere. */
export default function Palette({
  close,
  leave,
  upload,
  shortcuts,
}: {
  close: () => void;
  leave: () => void;
  upload: () => void;
  shortcuts: () => void;
}) {
  const [words, setWords] = useState("");
  const [asked, setAsked] = useState("");
  const navigate = useNavigate();
  useEffect(() => {
    const later = setTimeout(() => setAsked(words.trim()), PAUSE);
    return () => clearTimeout(later);
  }, [words]);
  const { data: me } = useQuery(meQuery);
  const calls = useQuery({ ...foundCallsQuery(asked), placeholderData: keepPreviousData });
  const people = useQuery({ ...peopleQuery(asked), enabled: asked !== "", placeholderData: keepPreviousData });
  const suggested = useQuery({ ...suggestQuery(asked), enabled: asked !== "", placeholderData: keepPreviousData });
  const [customers = [], deals = []] = SUGGESTED.map((kind) =>
    asked === "" ? [] : (suggested.data ?? []).filter((each) => each.kind === kind).slice(0, EACH),
  );
  const does = (what: () => unknown) => () => {
    close();
    what();
  };
  const fits = (name: string) => name.toLocaleLowerCase().includes(words.trim().toLocaleLowerCase());
  const actions: { name: string; icon: LucideIcon; go: () => unknown }[] = [
    ...(me?.role === "coach" ? [] : [{ name: "Upload transcripts", icon: FileUp, go: upload }]),
    { name: "Copy the link to this page", icon: Link2, go: () => copyText(window.location.href) },
    { name: "Light theme", icon: Sun, go: () => setTheme("light") },
    { name: "Dark theme", icon: Moon, go: () => setTheme("dark") },
    { name: "Theme as the system", icon: Monitor, go: () => setTheme("system") },
    { name: "Keys", icon: Keyboard, go: shortcuts },
    { name: "Log out", icon: LogOut, go: leave },
  ].filter(({ name }) => fits(name));
  // The parts of the settings come when they are looked for; unasked they would hide what can be done.
  const pages = [...pagesFor(me), ...(words.trim() === "" ? [] : settingsFor(me))].filter(({ name }) => fits(name));
  const found = asked === "" ? [] : (people.data?.items.slice(0, 5) ?? []);
  // What Enter does: the first thing that fits. As long as calls of other words are shown, none of them.
  const stale = words.trim() !== asked || [calls, people, suggested].some(({ isPlaceholderData }) => isPlaceholderData);
  const local = [...pages.map(({ name }) => `page ${name}`), ...actions.map(({ name }) => name)];
  // What Enter does only where it is known that nothing else fits.
  const further = words.trim() === "" ? [] : [SEARCH, ASK];
  const names = [...customers, ...deals].map(keyOf);
  // Shown still, so that the list does not jump, but not to be taken.
  const asking = stale || calls.isFetching || people.isFetching || suggested.isFetching;
  const known = stale ? [] : [...[...(calls.data?.items ?? []), ...found].map(({ id }) => id), ...names];
  const first = [...known, ...local, ...(asking ? [] : further)][0] ?? "";
  const [value, setValue] = useState(first);
  useEffect(() => setValue(first), [first]);
  const focusBack = useFocusBack();
  const failed = [calls, people, suggested].find(({ isError }) => isError)?.error;
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-ink/30 dark:bg-paper/70" />
        <Dialog.Content
          aria-label="Find or do"
          aria-describedby={undefined}
          onCloseAutoFocus={focusBack}
          className="fixed top-[12vh] left-1/2 z-50 w-[min(40rem,calc(100vw-2rem))] -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-surface shadow-raised"
        >
          <Dialog.Title className="sr-only">Find or do</Dialog.Title>
          <Command
            label="Find or do"
            shouldFilter={false}
            value={stale && !local.includes(value) ? first : value}
            onValueChange={setValue}
            loop
          >
            <div className="flex items-center gap-2.5 border-b border-line px-4">
              <Search aria-hidden className="size-4 shrink-0 text-soft" />
              <Command.Input
                value={words}
                onValueChange={setWords}
                placeholder="A call, a person, a customer, a deal, a page, something to do"
                className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-soft"
              />
            </div>
            <Command.List className="max-h-[min(26rem,60vh)] overflow-y-auto pb-1">
              {failed && <p className="px-4 py-3 text-poor">{failed.message}</p>}
              {!asking && !failed && known.length + local.length === 0 && (
                <p role="status" className="px-4 pt-5 pb-2 text-center text-soft">
                  Nothing has these words in its name.
                </p>
              )}
              {(calls.data?.items.length ?? 0) > 0 && (
                <Command.Group heading={asked === "" ? "Last calls" : "Calls"} className={GROUP}>
                  {calls.data?.items.map((call) => (
                    <Item
                      key={call.id}
                      value={call.id}
                      icon={Phone}
                      stale={stale}
                      go={does(() => navigate({ to: "/calls/$id", params: { id: call.id } }))}
                      aside={<Score value={call.overall_score} />}
                    >
                      {call.title}
                      <span className="ml-2 text-xs text-soft">
                        {call.rep?.name} · {day(call.started_at ?? call.imported_at)}
                      </span>
                    </Item>
                  ))}
                </Command.Group>
              )}
              {found.length > 0 && (
                <Command.Group heading="People" className={GROUP}>
                  {found.flatMap(({ id, name, role }) => [
                    <Item
                      key={id}
                      value={id}
                      icon={User}
                      stale={stale}
                      go={does(() => navigate({ to: "/people/$id", params: { id } }))}
                      aside={<span className="text-xs text-soft">{role}</span>}
                    >
                      {name}
                    </Item>,
                    <Item
                      key={`calls ${id}`}
                      value={`calls ${id}`}
                      icon={Phone}
                      stale={stale}
                      go={does(() => navigate({ to: "/calls", search: { agent: id } }))}
                    >
                      Calls of {name}
                    </Item>,
                  ])}
                </Command.Group>
              )}
              {customers.length > 0 && (
                <Command.Group heading="Customers" className={GROUP}>
                  {customers.map((each) => (
                    <Item
                      key={keyOf(each)}
                      value={keyOf(each)}
                      icon={Building2}
                      stale={stale}
                      go={does(() => navigate({ to: "/calls", search: { customer: each.text } }))}
                      aside={<span className="text-xs text-soft">their calls</span>}
                    >
                      {each.text}
                    </Item>
                  ))}
                </Command.Group>
              )}
              {deals.length > 0 && (
                <Command.Group heading="Deals" className={GROUP}>
                  {deals.map((each) => (
                    <Item
                      key={keyOf(each)}
                      value={keyOf(each)}
                      icon={Handshake}
                      stale={stale}
                      go={does(() => each.id && navigate({ to: "/deals/$id", params: { id: each.id } }))}
                    >
                      {each.text}
                      {each.detail && !each.text.includes(each.detail) && (
                        <span className="ml-2 text-xs text-soft">{each.detail}</span>
                      )}
                    </Item>
                  ))}
                </Command.Group>
              )}
              {pages.length > 0 && (
                <Command.Group heading="Pages" className={GROUP}>
                  {pages.map(({ name, key, link }) => (
                    <Item
                      key={name}
                      value={`page ${name}`}
                      go={does(() => navigate(link))}
                      aside={key && <kbd className="font-sans text-xs text-soft">{key}</kbd>}
                    >
                      {name}
                    </Item>
                  ))}
                </Command.Group>
              )}
              {actions.length > 0 && (
                <Command.Group heading="Do" className={GROUP}>
                  {actions.map(({ name, icon, go }) => (
                    <Item key={name} value={name} icon={icon} go={does(go)}>
                      {name}
                    </Item>
                  ))}
                </Command.Group>
              )}
              {further.length > 0 && (
                <Command.Group heading="In what was said" className={GROUP}>
                  <Item
                    value={SEARCH}
                    icon={TextSearch}
                    stale={asking}
                    go={does(() => navigate({ to: "/search", search: { q: words.trim() } }))}
                  >
                    Search for “{words.trim()}”
                  </Item>
                  <Item
                    value={ASK}
                    icon={MessageCircleQuestion}
                    stale={asking}
                    go={does(() => navigate({ to: "/ask", search: { q: words.trim() } }))}
                  >
                    Ask “{words.trim()}”
                  </Item>
                </Command.Group>
              )}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** What Enter does where nothing has the words in its name. */
const [SEARCH, ASK] = ["search further", "ask further"];

const keyOf = ({ kind, id, text }: Suggestion) => `${kind} ${id ?? text}`;

function Item({
  value,
  icon: Icon,
  go,
  stale = false,
  aside,
  children,
}: {
  value: string;
  icon?: LucideIcon;
  go: () => void;
  /** Found by words that were typed before. */
  stale?: boolean;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Command.Item
      value={value}
      disabled={stale}
      onSelect={go}
      className="flex h-9 cursor-default items-center gap-2.5 rounded-md px-2 data-[selected=true]:bg-sunken"
    >
      {Icon ? <Icon aria-hidden className="size-4 shrink-0 text-soft" /> : <span className="size-4 shrink-0" />}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {aside}
    </Command.Item>
  );
}
