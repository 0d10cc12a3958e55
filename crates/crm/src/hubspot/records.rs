//! Records of HubSpot as what they are for us. Every value is a text there.

use super::stages::Stages;
use super::ties::Tie;
use crate::settings::Fields;
use crate::text::{cut, of_html};
use crate::{Account, Contact, Deal, Email, Object, Owner, Role, money, read};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// The number of the association of a deal with its primary company.
const PRIMARY: u64 = 5;

/// As HubSpot calls it in paths.
pub(super) fn path(object: Object) -> &'static str {
    match object {
        Object::Deal => "deals",
        Object::Account => "companies",
        Object::Contact => "contacts",
        Object::Email => "emails",
        Object::Owner => "owners",
    }
}

/// The property that tells when a record was changed last.
pub(super) fn modified_property(object: Object) -> &'static str {
    if object == Object::Contact { "lastmodifieddate" } else { "hs_lastmodifieddate" }
}

/// The properties that are asked for.
pub(super) fn properties(object: Object, own: &Fields) -> Vec<String> {
    let (known, custom): (&[&str], Vec<&Option<String>>) = match object {
        Object::Deal => (
            &[
                "dealname",
                "amount",
                "deal_currency_code",
                "dealstage",
                "pipeline",
                "closedate",
                "createdate",
                "hubspot_owner_id",
                "dealtype",
                "hs_is_closed",
                "hs_is_closed_won",
                "hs_deal_stage_probability",
                MERGED,
            ],
            vec![&own.product, &own.segment, &own.health],
        ),
        Object::Account => (&["name", "domain", "website", "industry", MERGED], vec![&own.account_segment]),
        Object::Contact => (&["firstname", "lastname", "email", "jobtitle", "associatedcompanyid", MERGED], Vec::new()),
        Object::Email => (
            &[
                "hs_timestamp",
                "hs_email_subject",
                "hs_email_text",
                "hs_email_html",
                "hs_email_direction",
                "hs_email_from_email",
                "hs_email_to_email",
                "hs_email_cc_email",
            ],
            Vec::new(),
        ),
        Object::Owner => (&[], Vec::new()),
    };
    let mut all: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
    all.push(modified_property(object).to_owned());
    for name in custom.into_iter().flatten() {
        if !all.contains(name) {
            all.push(name.clone());
        }
    }
    all
}

/// The records that were merged into one, by their ids divided by `;`.
const MERGED: &str = "hs_merged_object_ids";

/// The ids of the records that are gone because they were merged into this one.
pub(super) fn merged(record: &Value) -> Vec<String> {
    let list = record["properties"][MERGED].as_str().unwrap_or_default();
    let ids = list.split(';').map(str::trim).filter(|id| super::is_id(id) && record["id"] != **id);
    ids.map(str::to_owned).collect()
}

/// When a record was changed last.
pub(super) fn modified(object: Object, record: &Value) -> Option<DateTime<Utc>> {
    read::time(&record["properties"][modified_property(object)]).or_else(|| read::time(&record["updatedAt"]))
}

/// A deal; none if the record has no id or no time.
pub(super) fn deal(record: &Value, own: &Fields, stages: &Stages, companies: &[Tie], contacts: &[Tie]) -> Option<Deal> {
    let properties = &record["properties"];
    let text = |name: &str| read::text(&properties[name]);
    let named = |name: &Option<String>| name.as_deref().and_then(text);
    let (pipeline, stage) = (text("pipeline"), text("dealstage"));
    let known = stage.as_deref().and_then(|stage| stages.find(pipeline.as_deref(), stage));
    let is_closed = read::yes(&properties["hs_is_closed"]).or_else(|| known.map(|stage| stage.is_closed));
    let is_won = read::yes(&properties["hs_is_closed_won"]).or_else(|| known.map(|stage| stage.is_won));
    let primary = companies.iter().find(|tie| tie.kinds.contains(&PRIMARY)).or(companies.first());
    Some(Deal {
        id: read::text(&record["id"])?,
        name: text("dealname").unwrap_or_default(),
        account_id: primary.map(|tie| tie.id.clone()),
        owner_id: text("hubspot_owner_id"),
        stage_name: known.map(|stage| stage.label.clone()),
        stage,
        is_closed: is_closed.unwrap_or(false),
        is_won: is_won.unwrap_or(false),
        amount_cents: money::cents(&properties["amount"]),
        currency: text("deal_currency_code"),
        probability: read::number(&properties["hs_deal_stage_probability"]).or_else(|| known?.probability),
        created_at: read::time(&properties["createdate"]).or_else(|| read::time(&record["createdAt"])),
        close_date: read::day(&properties["closedate"]),
        modified_at: modified(Object::Deal, record)?,
        kind: text("dealtype"),
        product: named(&own.product),
        segment: named(&own.segment),
        health: named(&own.health),
        contacts: contacts.iter().map(role).collect(),
        fields: record.clone(),
    })
}

/// A contact in a deal.
pub(super) fn role(tie: &Tie) -> Role {
    Role { contact_id: tie.id.clone(), role: tie.label.clone(), is_primary: false }
}

/// A company; none if the record has no id or no time.
pub(super) fn account(record: &Value, own: &Fields) -> Option<Account> {
    let text = |name: &str| read::text(&record["properties"][name]);
    let domain = |name: &str| text(name).and_then(|site| read::domain(&site));
    Some(Account {
        id: read::text(&record["id"])?,
        name: text("name").unwrap_or_default(),
        domain: domain("domain").or_else(|| domain("website")),
        industry: text("industry"),
        segment: own.account_segment.as_deref().and_then(text),
        modified_at: modified(Object::Account, record)?,
    })
}

/// A contact; none if the record has no id or no time.
pub(super) fn contact(record: &Value) -> Option<Contact> {
    let text = |name: &str| read::text(&record["properties"][name]);
    Some(Contact {
        id: read::text(&record["id"])?,
        name: joined(text("firstname"), text("lastname")),
        email: text("email").and_then(|email| read::address(&email)),
        title: text("jobtitle"),
        account_id: text("associatedcompanyid"),
        modified_at: modified(Object::Contact, record)?,
    })
}

/// An e-mail; none if the record has no id or no time.
pub(super) fn email(record: &Value, deals: &[Tie]) -> Option<Email> {
    let properties = &record["properties"];
    let text = |name: &str| read::text(&properties[name]);
    let words = text("hs_email_text").or_else(|| text("hs_email_html").map(|html| of_html(&html))).unwrap_or_default();
    Some(Email {
        id: read::text(&record["id"])?,
        deal_ids: deals.iter().map(|tie| tie.id.clone()).collect(),
        subject: text("hs_email_subject"),
        from: text("hs_email_from_email").and_then(|from| read::address(&from)),
        to: read::addresses([&properties["hs_email_to_email"], &properties["hs_email_cc_email"]]),
        sent_at: read::time(&properties["hs_timestamp"]),
        is_incoming: text("hs_email_direction").as_deref() == Some("INCOMING_EMAIL"),
        text: cut(&words, Email::LONGEST),
        modified_at: modified(Object::Email, record)?,
    })
}

/// An owner; none if the record has no id.
pub(super) fn owner(record: &Value) -> Option<Owner> {
    let text = |name: &str| read::text(&record[name]);
    Some(Owner {
        id: text("id")?,
        name: joined(text("firstName"), text("lastName")),
        email: text("email").and_then(|email| read::address(&email)),
        is_active: record["archived"] != true,
    })
}

fn joined(first: Option<String>, last: Option<String>) -> String {
    [first, last].into_iter().flatten().collect::<Vec<_>>().join(" ")
}
