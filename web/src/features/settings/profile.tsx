import { useQuery } from "@tanstack/react-query";
import { meQuery } from "@/api/queries";
import { day } from "@/components/format";
import { Card, PageHead } from "@/components/ui";
import { THEMES, type Theme, useTheme } from "../frame/theme";
import { Radios } from "./fields";
import { Logins } from "./logins";
import { ChangePassword } from "./password";

/** Who one is, and what everybody may set for themselves. */
export function ProfilePage() {
  const { data: me } = useQuery(meQuery);
  const facts = [
    ["User name", me?.username],
    ["Mail address", me?.email ?? me?.unconfirmed_email],
    ["Role", me?.role],
    ["Known since", day(me?.created_at)],
  ];
  return (
    <>
      <PageHead title={me?.name ?? "Profile"} note="An admin changes name, mail address and role." />
      <div className="grid gap-5">
        <Card title="Who you are">
          <dl className="grid gap-x-6 gap-y-3 px-4 py-3.5 sm:grid-cols-2 xl:grid-cols-4">
            {facts.map(([name, value]) => (
              <div key={name} className="min-w-0">
                <dt className="text-xs text-soft">{name}</dt>
                <dd className="break-words">{value ?? "–"}</dd>
              </div>
            ))}
          </dl>
          {me?.unconfirmed_email && (
            <p className="border-t border-line px-4 py-2.5 text-soft">
              No admin has confirmed {me.unconfirmed_email} yet; until then calls are not yours by it.
            </p>
          )}
        </Card>
        <div className="grid items-start gap-5 xl:grid-cols-2">
          <ChangePassword />
          <ThemeChoice />
        </div>
        <Logins current={me?.session_id} />
      </div>
    </>
  );
}

const NAMES: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

function ThemeChoice() {
  const [theme, setTheme] = useTheme();
  return (
    <Card title="Look">
      <div className="px-4 py-3.5">
        <Radios
          label="Theme"
          value={theme}
          set={setTheme}
          choices={THEMES.map((value) => ({ value, name: NAMES[value] }))}
        />
        <p className="mt-3 text-xs text-soft">Kept in this browser.</p>
      </div>
    </Card>
  );
}
