//! What the customer's CRM knows of a call: its account and its opportunity, which moves on from week to week.

use super::Desk;
use super::request::{Context, Selector};
use crate::world::For;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use synth::SynthCall;

/// The stages of an opportunity with their probabilities; some are lost instead of won.
const STAGES: [(&str, u32); 5] =
    [("Qualification", 10), ("Discovery", 25), ("Proposal", 50), ("Negotiation", 75), ("Closed Won", 100)];

/// Days that an opportunity stays in a stage.
const STAGE_DAYS: i64 = 21;

/// The context of a call.
pub(super) fn context(desk: &Desk, number: u32, call: &SynthCall, selector: &Selector) -> Value {
    let (false, Some(company)) = (selector.context == Context::None, call.company.as_deref()) else {
        return json!([]);
    };
    let key = key(company);
    let (account, opportunity) = (format!("0015{key:011}"), format!("0065{key:011}"));
    if selector.context == Context::Basic {
        return json!([{"system": "Salesforce", "objects": [
            {"objectType": "Account", "objectId": account, "fields": []},
            {"objectType": "Opportunity", "objectId": opportunity, "fields": []},
        ]}]);
    }
    let mut objects = Vec::new();
    for timing in &selector.timings {
        let at = if timing == "Now" { desk.now() } else { desk.world.finish(number) };
        objects.push(json!({
            "objectType": "Account",
            "objectId": account,
            "timing": timing,
            "fields": fields(&[
                ("Name", company.into()),
                ("Website", format!("https://www.{}.example", company.to_lowercase().replace(' ', "-")).into()),
                ("Industry", Value::Null),
                ("Region__c", "EMEA".into()),
            ]),
        }));
        objects.push(json!({
            "objectType": "Opportunity",
            "objectId": opportunity,
            "timing": timing,
            "fields": opportunity_at(desk, key, company, at),
        }));
    }
    json!([{"system": "Salesforce", "objects": objects}])
}

fn opportunity_at(desk: &Desk, key: u64, company: &str, at: DateTime<Utc>) -> Value {
    let mut dice = desk.world.dice(For::Deal, key);
    let opened = desk.settings.begin - TimeDelta::days(i64::from(desk.settings.days) + dice.below(40) as i64);
    let (amount, won) = (5_000 + 500 * dice.below(180), dice.chance(0.4));
    let stage = ((at - opened).num_days() / STAGE_DAYS).clamp(0, STAGES.len() as i64 - 1) as usize;
    let (name, probability) = match STAGES[stage] {
        ("Closed Won", _) if !won => ("Closed Lost", 0),
        stage => stage,
    };
    let close = opened + TimeDelta::days(STAGE_DAYS * (STAGES.len() as i64 - 1));
    fields(&[
        ("Name", format!("{company} 2026").into()),
        ("LeadSource", "Web".into()),
        ("Type", "New Business".into()),
        ("StageName", name.into()),
        ("Probability", probability.into()),
        ("Amount", amount.into()),
        ("CloseDate", close.format("%Y-%m-%d").to_string().into()),
        ("Next_Step__c", Value::Null),
    ])
}

fn fields(fields: &[(&str, Value)]) -> Value {
    fields.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

/// A number that stands for a company, the same in all its calls (FNV-1a).
fn key(company: &str) -> u64 {
    let hash = company
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash % 100_000_000_000
}
