//! HubSpot, by searches: each page is the first page of a search of its own, from the time of the last record of the one before. A search has one
//! order alone, so among records of the same time it goes on by their ids; it never comes near the ten thousandth result, where searches end, and
//! no record slips by because others move. Archived records are listed by themselves.

mod records;
mod refusal;
mod stages;
mod ties;

pub(crate) use refusal::refused;

use crate::mark::{List, Position};
use crate::settings::{HubSpot, Settings};
use crate::wire::{Answer, Ask, Wire};
use crate::{Change, CrmError, Email, Identity, Mark, Object, Page, Role, read};
use chrono::{DateTime, TimeDelta, Utc};
use records::{merged, modified, modified_property, path, properties};
use serde_json::{Value, json};
use stages::Stages;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Results of the largest page of a search.
const SEARCHED: u32 = 200;

/// Records of the largest page of a list, and of the largest batch.
const LISTED: usize = 100;

/// How long the stages of deals are believed.
const STAGES_HOLD: Duration = Duration::from_hours(1);

/// A stage that is not known is looked for no more often.
const STAGES_SOONEST: Duration = Duration::from_mins(1);

/// A record that cannot be followed.
const ODD: &str = "a record of it has no id or no time";

#[derive(Debug)]
pub(crate) struct Client {
    pub wire: Wire,
    settings: Settings,
    own: HubSpot,
    stages: Mutex<Option<(Instant, Arc<Stages>)>>,
}

/// Whether this has the form of an id of HubSpot.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit())
}

impl Client {
    pub fn new(wire: Wire, settings: Settings, own: HubSpot) -> Self {
        Self { wire, settings, own, stages: Mutex::default() }
    }

    pub async fn changes(&self, object: Object, mark: Mark) -> Result<Page, CrmError> {
        if object == Object::Owner {
            return self.owners(mark).await;
        }
        match mark.list.clone() {
            Some(list) => self.archived(object, mark, list).await,
            None => self.searched(object, mark).await,
        }
    }

    fn overlap(&self) -> TimeDelta {
        TimeDelta::from_std(self.settings.overlap).unwrap_or_default()
    }

    async fn searched(&self, object: Object, mut mark: Mark) -> Result<Page, CrmError> {
        let by_time = modified_property(object);
        let (filters, sort) = match &mark.at {
            Position::From(at) => (vec![filter(by_time, "GTE", &ms(*at))], by_time),
            Position::After(at, id) if is_id(id) => {
                (vec![filter(by_time, "EQ", &ms(*at)), filter("hs_object_id", "GT", id)], "hs_object_id")
            }
            Position::After(..) => return Err(CrmError::Mark { service: self.wire.service, object }),
        };
        let body = json!({
            "filterGroups": [{ "filters": filters }],
            "sorts": [{ "propertyName": sort, "direction": "ASCENDING" }],
            "properties": properties(object, &self.settings.fields),
            "limit": self.settings.page.min(SEARCHED),
        });
        let path = format!("/crm/v3/objects/{}/search", path(object));
        let ask = Ask { what: object.plural(), path, body: Some(body), is_search: true, ..Ask::default() };
        let Answer { document, now } = self.wire.ask(&ask).await?;
        let records = self.results(&document)?;
        let has_more = !document["paging"]["next"].is_null() && !records.is_empty();
        let since = *mark.archived.get_or_insert_with(|| now.checked_sub_signed(self.overlap()).unwrap_or(now));
        let next = self.next(object, &mark.at, records.last(), has_more)?;
        let was_among = matches!(mark.at, Position::After(..));
        mark.read_to(next, now, self.overlap());
        let mut is_last = false;
        if !has_more && !was_among {
            mark.end_round();
            let every = TimeDelta::from_std(self.own.archived_every).unwrap_or_default();
            if now - since >= self.overlap() + every {
                mark.list = Some(List { archived: true, after: None, begun: now });
            } else {
                is_last = true;
            }
        }
        let items = self.read(object, &records).await?;
        Ok(Page { items, mark, is_last })
    }

    /// Where to go on behind a page that ends with this record.
    fn next(&self, object: Object, at: &Position, last: Option<&Value>, has_more: bool) -> Result<Position, CrmError> {
        let odd = || self.wire.not_understood(ODD);
        let time = last.map(|last| modified(object, last).ok_or_else(odd)).transpose()?;
        Ok(match (at, time) {
            (Position::After(at, _), _) if !has_more => Position::From(just_after(*at)),
            (Position::After(at, before), Some(_)) => {
                let id = last.and_then(|last| read::text(&last["id"])).filter(|id| is_id(id) && id != before);
                Position::After(*at, id.ok_or_else(odd)?)
            }
            (Position::From(at), Some(time)) if !has_more => Position::From(just_after(time.max(*at))),
            (Position::From(at), Some(time)) if time.timestamp_millis() > at.timestamp_millis() => Position::From(time),
            // A page full of records of the same time: they are read by their ids.
            (Position::From(at), Some(_)) => Position::After(*at, "0".to_owned()),
            (at, None) => at.clone(),
        })
    }

    async fn read(&self, object: Object, records: &[Value]) -> Result<Vec<Change>, CrmError> {
        let ids: Vec<String> = records.iter().filter_map(|record| read::text(&record["id"])).collect();
        let own = &self.settings.fields;
        let mut items: Vec<Change> = records.iter().flat_map(merged).map(|id| Change::Gone { object, id }).collect();
        let read: Option<Vec<Change>> = match object {
            Object::Deal => {
                let companies = self.ties("deals", "companies", &ids, "companies of deals").await?;
                let contacts = if self.settings.contacts {
                    self.ties("deals", "contacts", &ids, "contacts of deals").await?
                } else {
                    BTreeMap::new()
                };
                let stages = self.stages(records).await?;
                let ties = |ties: &ties::Ties, id: &Value| {
                    id.as_str().and_then(|id| ties.get(id)).cloned().unwrap_or_default()
                };
                let deal = |record: &Value| {
                    let (companies, contacts) = (ties(&companies, &record["id"]), ties(&contacts, &record["id"]));
                    let deal = records::deal(record, own, &stages, &companies, &contacts)?;
                    Some(Change::Deal(Box::new(deal)))
                };
                records.iter().map(deal).collect()
            }
            Object::Account => {
                records.iter().map(|record| records::account(record, own).map(Change::Account)).collect()
            }
            Object::Contact => records.iter().map(|record| records::contact(record).map(Change::Contact)).collect(),
            Object::Email => Some(self.emails(records).await?.into_iter().map(Change::Email).collect()),
            Object::Owner => records.iter().map(|record| records::owner(record).map(Change::Owner)).collect(),
        };
        items.extend(read.ok_or_else(|| self.wire.not_understood(ODD))?);
        Ok(items)
    }

    /// E-mails with their deals.
    async fn emails(&self, records: &[Value]) -> Result<Vec<Email>, CrmError> {
        let ids: Vec<String> = records.iter().filter_map(|record| read::text(&record["id"])).collect();
        let deals = self.ties("emails", "deals", &ids, "deals of e-mails").await?;
        let none = Vec::new();
        let email = |record: &Value| {
            let deals = record["id"].as_str().and_then(|id| deals.get(id)).unwrap_or(&none);
            records::email(record, deals).ok_or_else(|| self.wire.not_understood(ODD))
        };
        records.iter().map(email).collect()
    }

    /// The stages, anew where these deals are in one that is not known.
    async fn stages(&self, deals: &[Value]) -> Result<Arc<Stages>, CrmError> {
        let mut kept = self.stages.lock().await;
        let text = |record: &Value, name: &str| read::text(&record["properties"][name]);
        let is_known = |stages: &Stages| {
            deals.iter().all(|deal| {
                text(deal, "dealstage")
                    .is_none_or(|stage| stages.find(text(deal, "pipeline").as_deref(), &stage).is_some())
            })
        };
        if let Some((at, stages)) = &*kept {
            let age = at.elapsed();
            if age < STAGES_SOONEST || age < STAGES_HOLD && is_known(stages) {
                return Ok(stages.clone());
            }
        }
        let ask = Ask { what: "pipelines", path: "/crm/v3/pipelines/deals".to_owned(), ..Ask::default() };
        let stages = Arc::new(Stages::read(&self.results(&self.wire.ask(&ask).await?.document)?));
        *kept = Some((Instant::now(), stages.clone()));
        Ok(stages)
    }

    async fn archived(&self, object: Object, mut mark: Mark, list: List) -> Result<Page, CrmError> {
        let (records, after, _) = self.listed(path(object), &list, object.plural()).await?;
        let since = mark.archived.unwrap_or(DateTime::UNIX_EPOCH);
        let is_new = |record: &&Value| read::time(&record["archivedAt"]).is_none_or(|at| at >= since);
        let gone = |record: &Value| {
            let id = read::text(&record["id"]).ok_or_else(|| self.wire.not_understood(ODD))?;
            Ok(Change::Gone { object, id })
        };
        let items = records.iter().filter(is_new).map(gone).collect::<Result<Vec<_>, CrmError>>()?;
        let is_last = after.is_none();
        if is_last {
            mark.archived = Some(list.begun.checked_sub_signed(self.overlap()).unwrap_or(list.begun));
            mark.list = None;
        } else {
            mark.list = Some(List { after, ..list });
        }
        Ok(Page { items, mark, is_last })
    }

    /// A page of the owners: those who are active, then those who were.
    async fn owners(&self, mut mark: Mark) -> Result<Page, CrmError> {
        let first = || List { archived: false, after: None, begun: self.settings.clock.now() };
        let list = mark.list.take().unwrap_or_else(first);
        let (records, after, _) = self.listed("owners", &list, Object::Owner.plural()).await?;
        let mut items = self.read(Object::Owner, &records).await?;
        if list.archived {
            for item in &mut items {
                if let Change::Owner(owner) = item {
                    owner.is_active = false;
                }
            }
        }
        let is_last = after.is_none() && list.archived;
        mark.list = match after {
            Some(after) => Some(List { after: Some(after), ..list }),
            None if list.archived => None,
            None => Some(List { archived: true, after: None, ..list }),
        };
        Ok(Page { items, mark, is_last })
    }

    /// A page of a list: its records, the mark of the next, and when it was given.
    async fn listed(
        &self,
        name: &str,
        list: &List,
        what: &'static str,
    ) -> Result<(Vec<Value>, Option<String>, DateTime<Utc>), CrmError> {
        let path = if name == "owners" { "/crm/v3/owners".to_owned() } else { format!("/crm/v3/objects/{name}") };
        let limit = LISTED.min(self.settings.page as usize);
        let mut query = vec![("limit", limit.to_string()), ("archived", list.archived.to_string())];
        query.extend(list.after.clone().map(|after| ("after", after)));
        let Answer { document, now } = self.wire.ask(&Ask { what, path, query, ..Ask::default() }).await?;
        let after = read::text(&document["paging"]["next"]["after"]);
        if after.is_some() && after == list.after {
            return Err(self.wire.not_understood("it gives again what was read"));
        }
        Ok((self.results(&document)?, after, now))
    }

    pub async fn emails_of(&self, deals: &[String]) -> Result<Vec<Email>, CrmError> {
        let ties = self.ties("deals", "emails", deals, "e-mails of deals").await?;
        let ids: BTreeSet<String> = ties.into_values().flatten().map(|tie| tie.id).collect();
        let (ids, mut records) = (ids.into_iter().collect::<Vec<_>>(), Vec::new());
        for ids in ids.chunks(LISTED) {
            let inputs: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
            let body = json!({ "inputs": inputs, "properties": properties(Object::Email, &self.settings.fields) });
            let path = "/crm/v3/objects/emails/batch/read".to_owned();
            let ask = Ask { what: Object::Email.plural(), path, body: Some(body), ..Ask::default() };
            records.extend(self.results(&self.wire.ask(&ask).await?.document)?);
        }
        self.emails(&records).await
    }

    pub async fn contacts_of(&self, deals: &[String]) -> Result<BTreeMap<String, Vec<Role>>, CrmError> {
        let ties = self.ties("deals", "contacts", deals, "contacts of deals").await?;
        Ok(ties.into_iter().map(|(deal, ties)| (deal, ties.iter().map(records::role).collect())).collect())
    }

    pub async fn check(&self) -> Result<Identity, CrmError> {
        let get = |what, path: &str| Ask { what, path: path.to_owned(), ..Ask::default() };
        let told = self.wire.ask(&get("account", "/account-info/v3/details")).await?.document;
        let organisation =
            read::text(&told["portalId"]).ok_or_else(|| self.wire.not_understood("it names no account"))?;
        for object in Object::ALL {
            let path = if object == Object::Owner {
                "/crm/v3/owners".to_owned()
            } else {
                format!("/crm/v3/objects/{}", path(object))
            };
            let query = vec![("limit", "1".to_owned())];
            self.wire.ask(&Ask { what: object.plural(), path, query, ..Ask::default() }).await?;
        }
        let own = &self.settings.fields;
        let deals = [&own.product, &own.segment, &own.health].map(|name| (Object::Deal, name));
        for (object, name) in deals.into_iter().chain([(Object::Account, &own.account_segment)]) {
            let Some(name) = name else { continue };
            let path = format!("/crm/v3/properties/{}/{name}", path(object));
            match self.wire.ask(&get("properties", &path)).await {
                Err(CrmError::NotThere { service, .. }) => {
                    return Err(CrmError::NoField { service, what: object.plural(), message: format!(": {name}") });
                }
                answered => drop(answered?),
            }
        }
        Ok(Identity { organisation, user: None, currency: read::text(&told["companyCurrency"]) })
    }

    fn results(&self, document: &Value) -> Result<Vec<Value>, CrmError> {
        let results =
            document["results"].as_array().ok_or_else(|| self.wire.not_understood("it has no list of results"))?;
        Ok(results.clone())
    }
}

/// A time in milliseconds since 1970, as searches have it.
fn ms(time: DateTime<Utc>) -> String {
    time.timestamp_millis().to_string()
}

/// The next moment that HubSpot tells from this one.
fn just_after(time: DateTime<Utc>) -> DateTime<Utc> {
    time.checked_add_signed(TimeDelta::milliseconds(1)).unwrap_or(time)
}

fn filter(property: &str, operator: &str, value: &str) -> Value {
    json!({ "propertyName": property, "operator": operator, "value": value })
}
