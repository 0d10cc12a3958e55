// What CRMs have in their forms.

import { Field } from "@/components/ui";
import { HUBSPOT, SALESFORCE_VERSION } from "./form";
import { type Filling, Limits, SecretField } from "./parts";

/** Where Salesforce answers, and by which app it lets this program in. */
export function SalesforceAccess({ text, secrets }: Filling) {
  return (
    <>
      <Field
        {...text("base_url")}
        label="Address of Salesforce"
        required
        inputMode="url"
        placeholder="https://acme.my.salesforce.com"
        hint="Your My Domain address, as Setup › My Domain shows it."
      />
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <Field {...text("client_id")} label="Consumer key" required />
        <SecretField {...text("client_secret")} label="Consumer secret" there={secrets.includes("client_secret")} />
      </div>
      <SecretField
        {...text("secret")}
        label="Refresh token"
        there={secrets.includes("secret")}
        hint="Empty where the connected app has the client credentials flow, with a user that may read deals. Setup › App Manager shows key and secret."
      />
    </>
  );
}

/** By which token HubSpot lets this program in. */
export function HubspotAccess({ text, secrets }: Filling) {
  return (
    <SecretField
      {...text("secret")}
      label="Access token"
      there={secrets.includes("secret")}
      hint="Of a private app: Settings › Integrations › Private Apps. It needs to read deals, companies, contacts, owners and e-mails."
    />
  );
}

/** What lies under "More" of a CRM: its own fields, and how much it is asked. */
export function CrmMore({ form, text }: Filling) {
  const salesforce = form.kind === "salesforce";
  return (
    <>
      <div className="grid items-start gap-4 sm:grid-cols-3">
        <Field
          {...text("product_field")}
          label="Field of the product"
          placeholder={salesforce ? "Product__c" : "product"}
          hint="As the API names it."
        />
        <Field {...text("segment_field")} label="Field of the segment" />
        <Field {...text("health_field")} label="Field of the health" hint="A number from 0 to 100." />
      </div>
      {salesforce ? (
        <Field
          {...text("api_version")}
          label="Version of the API"
          className="max-w-48"
          placeholder={SALESFORCE_VERSION}
          hint={`Empty: ${SALESFORCE_VERSION}.`}
        />
      ) : (
        <Field
          {...text("base_url")}
          label="Address of the API"
          inputMode="url"
          placeholder={HUBSPOT.base_url}
          hint="Empty: HubSpot’s own."
        />
      )}
      <Limits text={text} usual={salesforce ? {} : { requests_per_second: String(HUBSPOT.requests_per_second) }}>
        Deals are read change by change, every 15 minutes and when somebody asks.
      </Limits>
    </>
  );
}
