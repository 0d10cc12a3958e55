//! Salesforce, by queries: each page is a query of its own that goes on behind the last row of the one before, in the order of time and id, so that
//! it depends on nothing that Salesforce keeps for us.

mod records;
mod refusal;
mod soql;

pub(crate) use refusal::refused;
pub(crate) use soql::is_id;

use crate::mark::Position;
use crate::settings::{Salesforce, Settings};
use crate::wire::{Answer, Ask, Wire};
use crate::{Change, CrmError, Email, Identity, Mark, Object, Page, Role, read};
use chrono::TimeDelta;
use records::{change, email, gone, modified};
use remote::Trail;
use serde_json::Value;
use soql::Table;
use std::collections::BTreeMap;

/// Ids of one query: with more its address could be longer than addresses may be.
const IDS: usize = 400;

/// E-mails of one page; they can be long.
const EMAILS: u32 = 200;

#[derive(Debug)]
pub(crate) struct Client {
    pub wire: Wire,
    pub settings: Settings,
    pub own: Salesforce,
}

impl Client {
    pub async fn changes(&self, object: Object, mut mark: Mark) -> Result<Page, CrmError> {
        let most = if object == Object::Email { EMAILS } else { 2_000 };
        let limit = self.settings.page.min(most);
        let table = Table::of(object, self);
        let query = soql::changes(&table, &mark.at).ok_or(CrmError::Mark { service: self.wire.service, object })?;
        let Answer { document, now } =
            self.query(&format!("{query} LIMIT {limit}"), object.plural(), &table, None).await?;
        let rows = self.rows(&document)?;
        let is_last = rows.is_empty() || document["done"] != false && rows.len() < limit as usize;
        if let Some(last) = rows.last() {
            let odd = || self.wire.not_understood("a row of it has no id or no time");
            let id = last["Id"].as_str().filter(|id| is_id(id)).ok_or_else(odd)?;
            let position = Position::After(modified(last).ok_or_else(odd)?, id.to_owned());
            if position == mark.at {
                return Err(self.wire.not_understood("it gives again what was read"));
            }
            let overlap = TimeDelta::from_std(self.settings.overlap).unwrap_or_default();
            mark.read_to(position, now, overlap);
        }
        if is_last {
            mark.end_round();
        }
        let mut contacts = BTreeMap::new();
        if object == Object::Deal && self.settings.contacts {
            let there = rows.iter().filter(|row| !gone(row));
            let ids: Vec<String> = there.filter_map(|row| row["Id"].as_str().map(str::to_owned)).collect();
            contacts = self.contacts_of(&ids).await?;
        }
        let items = rows.iter().map(|row| {
            let read = change(object, row, &self.settings.fields, &mut contacts);
            read.ok_or_else(|| self.wire.not_understood("a row of it has no id or no time"))
        });
        Ok(Page { items: items.collect::<Result<_, _>>()?, mark, is_last })
    }

    pub async fn contacts_of(&self, deals: &[String]) -> Result<BTreeMap<String, Vec<Role>>, CrmError> {
        let mut all: BTreeMap<String, Vec<Role>> = BTreeMap::new();
        for row in self.of_deals(&Table::roles(), "OpportunityId", deals, "roles of contacts", None).await? {
            let (deal, contact) = (read::text(&row["OpportunityId"]), read::text(&row["ContactId"]));
            if let Some((deal, contact_id)) = deal.zip(contact) {
                let is_primary = row["IsPrimary"] == true;
                all.entry(deal).or_default().push(Role { contact_id, role: read::text(&row["Role"]), is_primary });
            }
        }
        Ok(all)
    }

    pub async fn emails_of(&self, deals: &[String]) -> Result<Vec<Email>, CrmError> {
        let table = Table::of(Object::Email, self);
        let rows = self.of_deals(&table, "RelatedToId", deals, Object::Email.plural(), Some(EMAILS)).await?;
        // Rows in the bin are not among those of a query that does not ask for them.
        let emails = rows
            .iter()
            .map(|row| email(row).ok_or_else(|| self.wire.not_understood("a row of it has no id or no time")));
        emails.collect()
    }

    pub async fn check(&self) -> Result<Identity, CrmError> {
        let ask = Ask { what: "user", path: "/services/oauth2/userinfo".to_owned(), ..Ask::default() };
        let told = self.wire.ask(&ask).await?.document;
        let organisation =
            read::text(&told["organization_id"]).ok_or_else(|| self.wire.not_understood("it names no organisation"))?;
        for object in Object::ALL {
            let table = Table::of(object, self);
            self.query(&format!("{} LIMIT 1", table.select()), object.plural(), &table, None).await?;
        }
        if self.settings.contacts {
            let table = Table::roles();
            self.query(&format!("{} LIMIT 1", table.select()), "roles of contacts", &table, None).await?;
        }
        Ok(Identity { organisation, user: read::text(&told["preferred_username"]), currency: None })
    }

    /// All rows that belong to these deals by this field.
    async fn of_deals(
        &self,
        table: &Table,
        field: &str,
        deals: &[String],
        what: &'static str,
        batch: Option<u32>,
    ) -> Result<Vec<Value>, CrmError> {
        let mut all = Vec::new();
        for ids in deals.chunks(IDS) {
            let ids = ids.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(",");
            let query = format!("{} WHERE {field} IN ({ids}) ORDER BY Id", table.select());
            let table = table.without_deleted();
            let mut document = self.query(&query, what, &table, batch).await?.document;
            let mut trail = Trail::default();
            loop {
                all.extend(self.rows(&document)?);
                if document["done"] != false {
                    break;
                }
                let next = document["nextRecordsUrl"].as_str().filter(|next| is_more(next));
                let next = next.ok_or_else(|| self.wire.not_understood("it does not say where it goes on"))?;
                if !trail.goes_on(next, std::iter::empty::<&str>()) {
                    return Err(self.wire.not_understood("it gives again what was read"));
                }
                let ask = Ask { what, path: next.to_owned(), batch, ..Ask::default() };
                document = self.wire.ask(&ask).await?.document;
            }
        }
        Ok(all)
    }

    async fn query(
        &self,
        query: &str,
        what: &'static str,
        table: &Table,
        batch: Option<u32>,
    ) -> Result<Answer, CrmError> {
        let which = if table.with_deleted { "queryAll" } else { "query" };
        let path = format!("/services/data/{}/{which}", self.own.version);
        let ask = Ask { what, path, query: vec![("q", query.to_owned())], batch, ..Ask::default() };
        self.wire.ask(&ask).await
    }

    fn rows(&self, document: &Value) -> Result<Vec<Value>, CrmError> {
        let rows =
            document["records"].as_array().ok_or_else(|| self.wire.not_understood("it has no list of records"))?;
        Ok(rows.clone())
    }
}

/// Whether this is the path of another page, and of nothing else.
fn is_more(path: &str) -> bool {
    path.starts_with("/services/data/v")
        && !path.contains("..")
        && path.bytes().all(|c| c.is_ascii_alphanumeric() || b"/.-_".contains(&c))
}

impl Change {
    fn deleted(object: Object, id: String) -> Self {
        Self::Gone { object, id }
    }
}
