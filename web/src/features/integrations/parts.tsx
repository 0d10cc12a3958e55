// What the forms of connections are made of, whatever is connected.

import { type ReactNode, useState } from "react";
import { Button, Field } from "@/components/ui";
import { PasswordField, Radios, TextField } from "../settings/fields";
import { deliveryUrl, type Form, newSecret, type ProofChoice, webhookUrl } from "./form";
import { CopyField } from "./pieces";
import { type Connectable, type Crm, isCrm } from "./search";

type TextOf = (field: keyof Form) => {
  value: string;
  error: string | undefined;
  onChange: (event: { target: { value: string } }) => void;
};

/** A form, what changes it, and the secrets that the program has already. */
export type Filling = {
  form: Form;
  set: (change: Partial<Form>) => void;
  text: TextOf;
  secrets: readonly string[];
};

type Proofs = {
  label: string;
  choices: { value: ProofChoice; name: string; hint: string }[];
  /** Whose address it is. */
  whose: string;
  /** Who calls it. */
  called: ReactNode;
};

const URL_KEY = { value: "url_key", name: "A secret part of the address" } as const;
const NONE = {
  value: "none",
  name: "Take no webhooks",
  hint: "Calls come with the nightly sync, or when somebody asks.",
} as const;

/** The kinds to which something is delivered. */
type Delivered = Exclude<Connectable, Crm>;

const PROOFS: Record<Delivered, Proofs> = {
  gong: {
    label: "How Gong tells of calls that have ended",
    choices: [
      { value: "jwt", name: "Signed by Gong", hint: "The rule has “Signed JWT header”; its public key goes here." },
      { ...URL_KEY, hint: "The rule has “URL includes key”." },
      { value: "hmac", name: "Signed with a secret", hint: "For a relay that signs: HMAC-SHA256 in X-Gong-Signature." },
      NONE,
    ],
    whose: "Address for Gong",
    called: "An automation rule in Gong with “Fire webhook” calls it when a call has ended.",
  },
  fireflies: {
    label: "How Fireflies tells of calls that are transcribed",
    choices: [
      {
        value: "hmac",
        name: "Signed with a secret",
        hint: "The secret is entered as the signing secret of the webhook.",
      },
      { ...URL_KEY, hint: "For a webhook without a signing secret." },
      NONE,
    ],
    whose: "Address for Fireflies",
    called: "Enter it in Fireflies’ settings under Webhooks V2, with the event meeting.transcribed.",
  },
  push: {
    label: "How the program proves itself",
    choices: [
      {
        value: "hmac",
        name: "Signed with a secret",
        hint: "HMAC-SHA256 of the body in X-Sideline-Signature, in hexadecimal.",
      },
      { ...URL_KEY, hint: "For what cannot sign. Whoever sees the address can send." },
    ],
    whose: "Address for the program",
    called: "The program sends each transcript there, by POST.",
  },
};

/** By what deliveries are known to be genuine, and the address to which they go. */
export function Deliveries(filling: Filling) {
  const { form, set } = filling;
  const { kind } = form;
  // A CRM is asked, and delivers nothing.
  if (isCrm(kind)) return null;
  const { label, choices } = PROOFS[kind];
  return (
    <div className="grid gap-4 border-t border-line pt-5 first:border-0 first:pt-0">
      <Radios label={label} value={form.proof} set={(proof) => set({ proof })} choices={choices} />
      {form.proof !== "none" && <Delivery {...filling} kind={kind} />}
    </div>
  );
}

/** How long a secret may be. */
const LENGTHS: Record<Delivered, string> = {
  gong: "16 characters or more that nobody can guess.",
  fireflies: "16 to 32 characters that nobody can guess.",
  push: "16 characters or more that nobody can guess.",
};

function Delivery({ form, set, text, secrets, kind }: Filling & { kind: Delivered }) {
  const { origin } = window.location;
  const { whose, called } = PROOFS[kind];
  const there = secrets.includes("webhook_secret");
  const key = form.webhook_secret.trim();
  return (
    <>
      {form.proof === "jwt" ? (
        <TextField
          {...text("public_key")}
          label="Public key"
          spellCheck={false}
          hint="Gong shows it beside the rule; with or without its first and last line."
        />
      ) : (
        <SecretField
          {...text("webhook_secret")}
          label={form.kind === "push" ? "Secret" : "Webhook secret"}
          there={there}
          make={() => set({ webhook_secret: newSecret() })}
          hint={key ? "Copy it now: it is never shown again once it is saved." : LENGTHS[kind]}
        />
      )}
      {form.proof === "jwt" ? (
        <CopyField
          {...text("webhook_url")}
          value={webhookUrl(form, origin)}
          label={whose}
          inputMode="url"
          hint="As it stands in Gong’s rule, letter by letter: Gong signs it. An automation rule with “Fire webhook” calls it."
        />
      ) : form.proof === "url_key" && !key ? (
        <p className="text-xs text-soft">
          {there
            ? `The ${whose.toLowerCase()} ends with the secret, which is not shown again. Replace it to get a new address.`
            : `The ${whose.toLowerCase()} comes with the secret.`}
        </p>
      ) : (
        <CopyField
          label={whose}
          value={deliveryUrl(origin, form.kind, form.name, form.proof === "url_key" ? key : undefined)}
          hint={called}
        />
      )}
    </>
  );
}

/** A secret, which is never shown again once it is set: then it can only be replaced. */
export function SecretField({
  there,
  make,
  hint,
  ...field
}: ReturnType<TextOf> & { label: string; there: boolean; make?: () => void; hint?: ReactNode }) {
  const [replacing, setReplacing] = useState(false);
  // What is refused is to be entered anew.
  if (field.error && !replacing) setReplacing(true);
  if (there && !replacing)
    return (
      <div className="grid gap-1">
        <span className="font-medium">{field.label}</span>
        <div className="flex h-9 items-center gap-3">
          <span className="text-soft">Set</span>
          <Button aria-label={`Replace: ${field.label}`} onClick={() => setReplacing(true)}>
            Replace
          </Button>
        </div>
      </div>
    );
  if (!make) return <PasswordField {...field} autoComplete="off" hint={hint} />;
  // In the open: it has to be carried to where it signs.
  return <CopyField {...field} hint={hint} empty={<Button onClick={make}>Make one</Button>} />;
}

/** How much may be asked; `usual`: what stands where nothing was written. */
export function Limits({ text, usual = {}, children }: Pick<Filling, "text"> & { usual?: Usual; children: ReactNode }) {
  const field = (name: keyof Usual) => ({ ...text(name), placeholder: usual[name] });
  return (
    <>
      <div className="grid items-start gap-4 sm:grid-cols-3">
        <Field {...field("requests_per_second")} label="Requests a second" inputMode="decimal" />
        <Field {...field("requests_per_day")} label="Requests a day" inputMode="numeric" />
        <Field {...field("overlap_hours")} label="Hours looked back" inputMode="numeric" />
      </div>
      <p className="-mt-3 text-xs text-soft">{children}</p>
    </>
  );
}

type Usual = Partial<Record<"requests_per_second" | "requests_per_day" | "overlap_hours", string>>;
