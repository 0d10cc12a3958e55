//! What Gong tells of deals, in the context of a call.

use super::amount;
use super::facts::Status;
use super::link::salesforce_id;
use super::mail;
use super::record::{AccountRecord, DealRecord, Row, short};
use serde_json::Value;

/// What the context of a call tells.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// The deals, each with the system whose ids it has, and the stage that it had at the time of the call.
    pub deals: Vec<(String, DealRecord, Option<String>)>,
    /// The firms, each with the system whose ids it has.
    pub accounts: Vec<(String, AccountRecord)>,
}

/// The system of a context as it is called here: `salesforce`, `hubspot`.
fn system(name: &str) -> String {
    match name {
        "MicrosoftDynamic" => "dynamics".to_owned(),
        other => other.to_lowercase(),
    }
}

/// An id in the form in which all sources of its system tell it.
pub fn id_of(system: &str, id: &str) -> String {
    if system == "salesforce" { salesforce_id(id) } else { id.to_owned() }
}

fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// The deals and firms of a context as Gong writes it: `context[].objects[]` with `fields`. What is told as of the time of the call gives the stage that
/// a deal had then; the rest is as of now.
pub fn told(details: &Value) -> Told {
    let mut found = Told::default();
    for context in details["context"].as_array().into_iter().flatten() {
        let Some(system) = context["system"].as_str().map(system) else { continue };
        let objects = || context["objects"].as_array().into_iter().flatten();
        let account = objects().find(|object| object["objectType"] == "Account").and_then(|object| id(&system, object));
        for object in objects() {
            let Some(id) = id(&system, object) else { continue };
            let fields: Row = object["fields"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|field| Some((field["name"].as_str()?.to_owned(), field["value"].clone())))
                .collect();
            let is_then = object["timing"] == "TimeOfCall";
            match object["objectType"].as_str() {
                Some("Opportunity" | "Deal") => {
                    let place = found.deals.iter().position(|(of, deal, _)| *of == system && deal.external_id == id);
                    let stage = fields.get("StageName").and_then(text);
                    match (place, is_then) {
                        (Some(place), true) => found.deals[place].2 = stage,
                        (Some(place), false) => found.deals[place].1 = deal(&id, account.as_deref(), &fields),
                        (None, _) => {
                            let then = if is_then { stage } else { None };
                            found.deals.push((system.clone(), deal(&id, account.as_deref(), &fields), then));
                        }
                    }
                }
                Some("Account") if !is_then => {
                    let name = fields.get("Name").and_then(text);
                    let website = fields.get("Website").and_then(text);
                    let record = AccountRecord {
                        name: name.unwrap_or_else(|| id.clone()),
                        domain: website.as_deref().and_then(mail::domain),
                        industry: fields.get("Industry").and_then(text),
                        segment: None,
                        external_id: id,
                    };
                    found.accounts.push((system.clone(), record));
                }
                _ => {}
            }
        }
    }
    found
}

fn id(system: &str, object: &Value) -> Option<String> {
    text(&object["objectId"]).map(|id| id_of(system, &id))
}

fn deal(id: &str, account: Option<&str>, fields: &Row) -> DealRecord {
    let field = |name: &str| fields.get(name).and_then(text);
    let stage = field("StageName").unwrap_or_default();
    DealRecord {
        external_id: id.to_owned(),
        name: short(&field("Name").unwrap_or_else(|| id.to_owned()), 300),
        account_external_id: account.map(str::to_owned),
        account: None,
        owner: field("OwnerEmail").or_else(|| field("Owner")),
        owner_external_id: None,
        owner_here: None,
        status: Status::of_stage(&stage),
        stage: short(&stage, 300),
        stage_since: None,
        product: field("Product"),
        segment: None,
        amount_cents: field("Amount").as_deref().and_then(amount::cents),
        currency: field("CurrencyIsoCode"),
        close_date: field("CloseDate").as_deref().and_then(amount::day),
        opened_at: field("CreatedDate").as_deref().and_then(amount::moment),
        closed_at: None,
        source_health: None,
        gong_opportunity_id: Some(id.to_owned()),
        metadata: (!fields.is_empty()).then(|| Value::Object(fields.clone())),
        modified_at: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn now_and_the_time_of_the_call_are_told_apart() {
        let object = |timing: &str, stage: &str| {
            json!({"objectType": "Opportunity", "objectId": "006A0000006Vm9u", "timing": timing,
                "fields": [{"name": "Name", "value": "Dock doors"}, {"name": "StageName", "value": stage}, {"name": "Amount", "value": 125_000},
                    {"name": "CloseDate", "value": "2026-12-01"}]})
        };
        let account = json!({"objectType": "Account", "objectId": "001A0000006Vm9uIAC", "timing": "Now",
            "fields": [{"name": "Name", "value": "Acme"}, {"name": "Website", "value": "https://www.acme.example"}]});
        for objects in [
            json!([object("Now", "Closed Won"), object("TimeOfCall", "Demo"), account]),
            json!([account, object("TimeOfCall", "Demo"), object("Now", "Closed Won")]),
        ] {
            let told = told(&json!({"context": [{"system": "Salesforce", "objects": objects}]}));
            assert_eq!(told.deals.len(), 1);
            let (system, deal, then) = &told.deals[0];
            assert_eq!(
                (&**system, &*deal.external_id, then.as_deref()),
                ("salesforce", "006A0000006Vm9uIAC", Some("Demo"))
            );
            assert_eq!((&*deal.stage, deal.status, deal.amount_cents), ("Closed Won", Status::Won, Some(12_500_000)));
            assert_eq!(deal.account_external_id.as_deref(), Some("001A0000006Vm9uIAC"));
            assert_eq!(told.accounts[0].1.domain.as_deref(), Some("acme.example"));
        }
    }

    #[test]
    fn a_context_of_any_other_shape_tells_nothing() {
        for details in [json!({}), json!({"context": 3}), json!({"context": [{"objects": [{}]}]}), json!(null)] {
            assert_eq!(told(&details), Told::default());
        }
        let bare =
            json!({"context": [{"system": "HubSpot", "objects": [{"objectType": "Opportunity", "objectId": 77}]}]});
        assert_eq!(told(&bare).deals[0].1.name, "77", "with its id alone it is known by that");
    }
}
