//! Queries. Nothing gets into one but names that the settings checked, times, and ids of checked form.

use super::Client;
use crate::Object;
use crate::mark::Position;
use chrono::{DateTime, SecondsFormat, Utc};

/// What is asked of an object of Salesforce.
#[derive(Debug, Clone)]
pub(super) struct Table {
    name: &'static str,
    fields: Vec<String>,
    /// Whether rows in the bin are told too.
    pub with_deleted: bool,
}

impl Table {
    pub fn of(object: Object, client: &Client) -> Self {
        let own = &client.settings.fields;
        let (name, fields): (_, &[&str]) = match object {
            Object::Deal => (
                "Opportunity",
                &[
                    "Name",
                    "AccountId",
                    "OwnerId",
                    "StageName",
                    "Amount",
                    "Probability",
                    "CreatedDate",
                    "CloseDate",
                    "IsClosed",
                    "IsWon",
                    "Type",
                ],
            ),
            Object::Account => ("Account", &["Name", "Website", "Industry"]),
            Object::Contact => ("Contact", &["Name", "Email", "Title", "AccountId"]),
            Object::Email => (
                "EmailMessage",
                &[
                    "RelatedToId",
                    "Subject",
                    "FromAddress",
                    "ToAddress",
                    "CcAddress",
                    "MessageDate",
                    "Incoming",
                    "TextBody",
                    "HtmlBody",
                ],
            ),
            Object::Owner => ("User", &["Name", "Email", "IsActive"]),
        };
        let custom = match object {
            Object::Deal => vec![&own.product, &own.segment, &own.health],
            Object::Account => vec![&own.account_segment],
            _ => Vec::new(),
        };
        // Users are not deleted.
        let with_deleted = object != Object::Owner;
        let mut table = Self::new(name, fields);
        table.with_deleted = with_deleted;
        if with_deleted {
            table.add("IsDeleted");
        }
        if object == Object::Deal && client.own.has_currencies {
            table.add("CurrencyIsoCode");
        }
        for field in custom.into_iter().flatten() {
            table.add(field);
        }
        table
    }

    /// The roles of contacts in opportunities.
    pub fn roles() -> Self {
        Self::new("OpportunityContactRole", &["OpportunityId", "ContactId", "Role", "IsPrimary"])
    }

    fn new(name: &'static str, fields: &[&str]) -> Self {
        let fields = ["Id", "SystemModstamp"].iter().chain(fields).map(|field| (*field).to_owned()).collect();
        Self { name, fields, with_deleted: false }
    }

    /// A field may stand there once.
    fn add(&mut self, field: &str) {
        if !self.fields.iter().any(|known| known.eq_ignore_ascii_case(field)) {
            self.fields.push(field.to_owned());
        }
    }

    /// The same without rows in the bin.
    pub fn without_deleted(&self) -> Self {
        Self { with_deleted: false, ..self.clone() }
    }

    pub fn select(&self) -> String {
        format!("SELECT {} FROM {}", self.fields.join(","), self.name)
    }
}

/// Whether this has the form of an id of Salesforce.
pub(crate) fn is_id(text: &str) -> bool {
    matches!(text.len(), 15 | 18) && text.bytes().all(|c| c.is_ascii_alphanumeric())
}

/// What changed since then, in the order of time and id; none if the place is none.
pub(super) fn changes(table: &Table, from: &Position) -> Option<String> {
    let time = |time: &DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
    let condition = match from {
        Position::From(at) => format!("SystemModstamp >= {}", time(at)),
        Position::After(at, id) if is_id(id) => {
            let at = time(at);
            format!("SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > '{id}')")
        }
        Position::After(..) => return None,
    };
    Some(format!("{} WHERE {condition} ORDER BY SystemModstamp,Id", table.select()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_times_and_ids_gets_into_a_query() {
        let table = Table::roles();
        let at = DateTime::from_timestamp_millis(1_793_606_400_250).unwrap();
        let query = changes(&table, &Position::After(at, "006000000000001AAA".to_owned())).unwrap();
        assert_eq!(
            query,
            "SELECT Id,SystemModstamp,OpportunityId,ContactId,Role,IsPrimary FROM OpportunityContactRole WHERE SystemModstamp > 2026-11-02T08:00:00.250Z OR (SystemModstamp = 2026-11-02T08:00:00.250Z AND Id > '006000000000001AAA') ORDER BY SystemModstamp,Id"
        );
        for id in ["", "x' OR Name != '", "006000000000001AA'", "0060000000000 1"] {
            assert_eq!(changes(&table, &Position::After(at, id.to_owned())), None, "{id}");
        }
    }
}
