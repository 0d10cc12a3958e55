//! Rows of Salesforce as what they are for us.

use crate::settings::Fields;
use crate::text::{cut, of_html};
use crate::{Account, Change, Contact, Deal, Email, Object, Owner, Role, money, read};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::BTreeMap;

/// How the ids of opportunities begin.
const OPPORTUNITY: &str = "006";

/// When a row was changed last.
pub(super) fn modified(row: &Value) -> Option<DateTime<Utc>> {
    read::time(&row["SystemModstamp"])
}

/// Whether a row lies in the bin.
pub(super) fn gone(row: &Value) -> bool {
    row["IsDeleted"] == true
}

/// What became of a row; none if it has no id or no time.
pub(super) fn change(
    object: Object,
    row: &Value,
    own: &Fields,
    contacts: &mut BTreeMap<String, Vec<Role>>,
) -> Option<Change> {
    let (id, modified_at) = (read::text(&row["Id"])?, modified(row)?);
    if gone(row) {
        return Some(Change::deleted(object, id));
    }
    let text = |name: &str| read::text(&row[name]);
    let named = |name: &Option<String>| name.as_deref().and_then(|name| field(row, name));
    let name = text("Name").unwrap_or_default();
    Some(match object {
        Object::Deal => Change::Deal(Box::new(Deal {
            name,
            account_id: text("AccountId"),
            owner_id: text("OwnerId"),
            stage: text("StageName"),
            stage_name: text("StageName"),
            is_closed: row["IsClosed"] == true,
            is_won: row["IsWon"] == true,
            amount_cents: money::cents(&row["Amount"]),
            currency: text("CurrencyIsoCode"),
            // It comes in hundredths.
            probability: read::number(&row["Probability"]).map(|percent| percent / 100.0),
            created_at: read::time(&row["CreatedDate"]),
            close_date: read::day(&row["CloseDate"]),
            modified_at,
            kind: text("Type"),
            product: named(&own.product),
            segment: named(&own.segment),
            health: named(&own.health),
            contacts: contacts.remove(&id).unwrap_or_default(),
            fields: row.clone(),
            id,
        })),
        Object::Account => Change::Account(Account {
            id,
            name,
            domain: text("Website").and_then(|site| read::domain(&site)),
            industry: text("Industry"),
            segment: named(&own.account_segment),
            modified_at,
        }),
        Object::Contact => Change::Contact(Contact {
            id,
            name,
            email: text("Email").and_then(|email| read::address(&email)),
            title: text("Title"),
            account_id: text("AccountId"),
            modified_at,
        }),
        Object::Email => Change::Email(email(row)?),
        Object::Owner => Change::Owner(Owner {
            id,
            name,
            email: text("Email").and_then(|email| read::address(&email)),
            is_active: row["IsActive"] != false,
        }),
    })
}

/// An e-mail; none if the row has no id or no time.
pub(super) fn email(row: &Value) -> Option<Email> {
    let text = |name: &str| read::text(&row[name]);
    let words = text("TextBody").or_else(|| text("HtmlBody").map(|html| of_html(&html))).unwrap_or_default();
    Some(Email {
        id: text("Id")?,
        deal_ids: text("RelatedToId").filter(|id| id.starts_with(OPPORTUNITY)).into_iter().collect(),
        subject: text("Subject"),
        from: text("FromAddress").and_then(|from| read::address(&from)),
        to: read::addresses([&row["ToAddress"], &row["CcAddress"]]),
        sent_at: read::time(&row["MessageDate"]),
        is_incoming: row["Incoming"] == true,
        text: cut(&words, Email::LONGEST),
        modified_at: modified(row)?,
    })
}

/// A field by its name, in whatever case the settings have it.
fn field(row: &Value, name: &str) -> Option<String> {
    let mut found = row.as_object()?.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    found.next().and_then(|(_, value)| read::text(value))
}
