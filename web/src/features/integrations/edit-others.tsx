// What Fireflies and programs have in their forms, each for itself.

import { Link } from "@tanstack/react-router";
import { Field } from "@/components/ui";
import { deliveryUrl, FIREFLIES, type Form } from "./form";
import { type Filling, Limits, SecretField } from "./parts";

/** By which key Fireflies is asked. */
export function FirefliesAccess({ text, secrets }: Filling) {
  return (
    <div className="grid gap-2">
      <SecretField
        {...text("secret")}
        label="API key"
        there={secrets.includes("secret")}
        hint="Fireflies shows it under Integrations › Fireflies API. Calls that its owner sees come in."
      />
      <p className="text-xs text-soft">
        Fireflies does not tell who is of your side. That is known by{" "}
        <Link to="/settings/organisation" className="text-pitch underline">
          your own mail domains
        </Link>
        ; without them, somebody is asked in each call.
      </p>
    </div>
  );
}

/** What lies under "More". */
export function FirefliesMore({ text }: Filling) {
  return (
    <>
      <Field
        {...text("base_url")}
        label="Address of the API"
        inputMode="url"
        placeholder={FIREFLIES.base_url}
        hint="Empty: Fireflies’ own."
      />
      <Limits text={text} usual={{ requests_per_second: String(FIREFLIES.requests_per_second) }}>
        A call takes one request, or two where a webhook told of it. Fireflies allows 60 a minute with its Business and
        Enterprise plans, 50 a day with the others. A sync looks back some hours, since some calls become known late.
      </Limits>
    </>
  );
}

/** What a program sends. */
export function PushExample({ form }: { form: Form }) {
  const key = form.proof === "url_key" ? form.webhook_secret.trim() || "SECRET" : undefined;
  const { pathname } = new URL(deliveryUrl(window.location.origin, "push", form.name, key));
  const lines = [
    `POST ${pathname}`,
    ...(form.proof === "hmac" ? ["X-Sideline-Signature: sha256=…"] : []),
    "",
    "{",
    '  "id": "D-17",',
    '  "rep": "dana@acme.com",',
    '  "customer": "Menon",',
    '  "transcript": "Dana: What does it cost you?\\nRavi: A lot."',
    "}",
  ];
  return (
    <div className="grid gap-1.5">
      <p id="push-example" className="font-medium">
        What it sends
      </p>
      <section
        aria-labelledby="push-example"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys
        tabIndex={0}
        className="overflow-x-auto rounded-md border border-line bg-sunken"
      >
        <pre className="p-3 text-xs">{lines.join("\n")}</pre>
      </section>
      <p className="text-xs text-soft">
        The transcript is a text, or JSON of any format that an upload may have. The same id twice is one call.
        docs/gong.md says more, under “Transcripts from other programs”.
      </p>
    </div>
  );
}
