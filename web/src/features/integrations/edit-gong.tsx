// What Gong alone has in its form.

import type { Connection } from "@/api/connections";
import { Field } from "@/components/ui";
import { CheckField, Radios } from "../settings/fields";
import { returnUrl, type Way } from "./form";
import { type Filling, Limits, SecretField } from "./parts";
import { CopyField } from "./pieces";

const WAYS: { value: Way; name: string; hint: string }[] = [
  { value: "key", name: "With an access key", hint: "Made in Gong under Company settings › Ecosystem › API." },
  {
    value: "oauth",
    name: "By OAuth",
    hint: "For an integration that is registered with Gong; an admin of Gong then lets it in there.",
  },
];

/** Where Gong answers, and how this program gets in. */
export function GongAccess({ form, set, text, secrets, before }: Filling & { before?: Connection | undefined }) {
  // Both parts of a key belong together, and the program lets none of them go: another way in is another connection.
  const fixed = Boolean(before?.settings.access_key ?? before?.settings.client_id);
  return (
    <>
      <Field
        {...text("base_url")}
        label="Address of Gong"
        required
        inputMode="url"
        hint="As Gong shows it beside the key, such as https://us-55616.api.gong.io."
      />
      <div className="grid gap-4">
        {fixed ? (
          <p className="font-medium">{WAYS.find(({ value }) => value === form.way)?.name}</p>
        ) : (
          <Radios label="How Sideline gets in" value={form.way} set={(way) => set({ way })} choices={WAYS} />
        )}
        {form.way === "key" ? (
          <div className="grid items-start gap-4 sm:grid-cols-2">
            <Field {...text("access_key")} label="Access key" required />
            <SecretField {...text("secret")} label="Access key secret" there={secrets.includes("secret")} />
          </div>
        ) : (
          <>
            <div className="grid items-start gap-4 sm:grid-cols-2">
              <Field {...text("client_id")} label="Client id" required />
              <SecretField {...text("client_secret")} label="Client secret" there={secrets.includes("client_secret")} />
            </div>
            <CopyField
              label="Redirect address"
              value={returnUrl(window.location.origin)}
              hint={
                before
                  ? "It is registered with Gong. Another client id wants a new consent."
                  : "Register it with Gong. When the connection is made, you are led to Gong, where an admin decides."
              }
            />
          </>
        )}
      </div>
    </>
  );
}

/** What lies under "More". */
export function GongMore({ form, set, text }: Filling) {
  return (
    <>
      <Field
        {...text("workspace")}
        label="Workspace"
        hint="The id of one workspace of Gong. Empty: the calls of all of them."
      />
      <CheckField
        label="Private calls come in as well"
        checked={form.include_private}
        hint="Calls that are private in Gong are left out otherwise."
        set={(include_private) => set({ include_private })}
      />
      <CheckField
        label="Strangers are customers"
        checked={form.strangers_are_customers}
        hint="Who speaks and is on neither side in Gong is taken for a customer. Otherwise a person is asked who it is."
        set={(strangers_are_customers) => set({ strangers_are_customers })}
      />
      <Limits text={text}>
        Gong allows 3 requests a second and 10,000 a day, together with your other programs. A sync looks back some
        hours, since some calls become known late.
      </Limits>
      {form.way === "oauth" && (
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Field
            {...text("authorize_url")}
            label="Where Gong asks for consent"
            inputMode="url"
            hint="Empty: Gong’s own."
          />
          <Field {...text("token_url")} label="Where Gong gives tokens" inputMode="url" hint="Empty: Gong’s own." />
        </div>
      )}
    </>
  );
}
