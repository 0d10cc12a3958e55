//! The records, as HubSpot keeps them.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// An object: its name, the property that tells when it was changed last, its other properties that numbers or times are.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) name: &'static str,
    pub(super) modified: &'static str,
    texts: &'static [&'static str],
    numbers: &'static [&'static str],
    times: &'static [&'static str],
}

/// What a property holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Time,
}

pub(super) const OBJECTS: [Object; 4] = [
    Object {
        name: "deals",
        modified: "hs_lastmodifieddate",
        texts: &[
            "dealname",
            "dealstage",
            "pipeline",
            "dealtype",
            "deal_currency_code",
            "hubspot_owner_id",
            "hs_is_closed",
            "hs_is_closed_won",
            "hs_merged_object_ids",
        ],
        numbers: &["amount", "hs_deal_stage_probability"],
        times: &["closedate"],
    },
    Object {
        name: "companies",
        modified: "hs_lastmodifieddate",
        texts: &["name", "domain", "website", "industry", "hubspot_owner_id", "hs_merged_object_ids"],
        numbers: &["numberofemployees"],
        times: &[],
    },
    Object {
        name: "contacts",
        modified: "lastmodifieddate",
        texts: &["firstname", "lastname", "email", "jobtitle", "associatedcompanyid", "hs_merged_object_ids"],
        numbers: &[],
        times: &[],
    },
    Object {
        name: "emails",
        modified: "hs_lastmodifieddate",
        texts: &[
            "hs_email_subject",
            "hs_email_text",
            "hs_email_html",
            "hs_email_direction",
            "hs_email_from_email",
            "hs_email_to_email",
            "hs_email_cc_email",
            "hs_email_status",
            "hubspot_owner_id",
        ],
        numbers: &[],
        times: &["hs_timestamp"],
    },
];

/// A record as it was at a time.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) properties: Map<String, Value>,
    pub(super) updated: DateTime<Utc>,
}

#[derive(Debug)]
pub(super) struct Record {
    pub(super) now: Version,
    /// What the search still finds while it has not taken in the change.
    before: Option<Version>,
    created: DateTime<Utc>,
    pub(super) archived: Option<DateTime<Utc>>,
}

/// What ties two records together: the number of its kind, its label.
pub(super) type Tie = (u64, Option<String>);

#[derive(Debug, Default)]
pub(super) struct Store {
    records: BTreeMap<(&'static str, u64), Record>,
    /// From one record to others; both ways are kept.
    ties: BTreeMap<(&'static str, u64, &'static str), BTreeMap<u64, Tie>>,
    custom: BTreeSet<(&'static str, String)>,
    count: u64,
}

impl Object {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        OBJECTS.iter().find(|object| object.name == name)
    }

    fn own(&self, property: &str) -> Option<Kind> {
        let is = |names: &[&str]| names.contains(&property);
        if property == self.modified || property == "createdate" || is(self.times) {
            return Some(Kind::Time);
        }
        if property == "hs_object_id" || is(self.numbers) {
            return Some(Kind::Number);
        }
        is(self.texts).then_some(Kind::Text)
    }
}

impl Store {
    /// What a property of an object holds, if there is such a property.
    pub(super) fn kind(&self, object: &'static Object, property: &str) -> Option<Kind> {
        let custom = || self.custom.contains(&(object.name, property.to_owned())).then_some(Kind::Text);
        object.own(property).or_else(custom)
    }

    pub(super) fn declare(&mut self, object: &'static Object, property: &str) {
        if object.own(property).is_none() {
            self.custom.insert((object.name, property.to_owned()));
        }
    }

    /// Puts a record in, or changes the one whose `id` is given.
    pub(super) fn put(&mut self, object: &'static Object, fields: Value, now: DateTime<Utc>) -> Result<u64, String> {
        let Value::Object(mut fields) = fields else { return Err("expected an object of properties".to_owned()) };
        let id = match fields.remove("id") {
            None => {
                self.count += 1;
                self.count
            }
            Some(id) => {
                let text = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
                text.parse().map_err(|_| format!("{text} is no id"))?
            }
        };
        self.count = self.count.max(id);
        let given = fields.get(object.modified).and_then(Value::as_str).and_then(time).unwrap_or(now);
        let updated = DateTime::from_timestamp_millis(given.timestamp_millis()).unwrap_or(given);
        let before = self.records.remove(&(object.name, id));
        let created = before.as_ref().map_or(updated, |before| before.created);
        let mut properties = before.as_ref().map(|before| before.now.properties.clone()).unwrap_or_default();
        for (name, value) in fields {
            self.declare(object, &name);
            // Every value is a text.
            let value = match value {
                Value::Null | Value::String(_) => value,
                other => other.to_string().into(),
            };
            properties.insert(name, value);
        }
        properties.insert("hs_object_id".to_owned(), id.to_string().into());
        properties.insert("createdate".to_owned(), shown(created).into());
        properties.insert(object.modified.to_owned(), shown(updated).into());
        let before = before.map(|before| before.now);
        let record = Record { now: Version { properties, updated }, before, created, archived: None };
        self.records.insert((object.name, id), record);
        Ok(id)
    }

    pub(super) fn archive(&mut self, object: &'static Object, id: u64, now: DateTime<Utc>) -> bool {
        let record = self.records.get_mut(&(object.name, id)).filter(|record| record.archived.is_none());
        record.map(|record| record.archived = Some(now)).is_some()
    }

    pub(super) fn restore(&mut self, object: &'static Object, id: u64, now: DateTime<Utc>) -> bool {
        let there = self.records.get(&(object.name, id)).is_some_and(|record| record.archived.is_some());
        there && self.put(object, json!({"id": id.to_string()}), now).is_ok()
    }

    pub(super) fn tie(
        &mut self,
        from: (&'static Object, u64),
        to: (&'static Object, u64),
        kind: u64,
        label: Option<&str>,
    ) {
        for (one, other) in [(from, to), (to, from)] {
            let ties = self.ties.entry((one.0.name, one.1, other.0.name)).or_default();
            ties.insert(other.1, (kind, label.map(str::to_owned)));
        }
    }

    /// What a record is tied to, in the order of their ids.
    pub(super) fn tied(&self, from: &'static Object, id: u64, to: &'static Object) -> Vec<(u64, &Tie)> {
        let ties = self.ties.get(&(from.name, id, to.name));
        let there = |to_id: &u64| self.get(to, *to_id).is_some_and(|record| record.archived.is_none());
        ties.into_iter().flatten().filter(|(id, _)| there(id)).map(|(id, tie)| (*id, tie)).collect()
    }

    pub(super) fn get(&self, object: &'static Object, id: u64) -> Option<&Record> {
        self.records.get(&(object.name, id))
    }

    /// The records of an object, archived or not, in the order of their ids, after this one.
    pub(super) fn list(
        &self,
        object: &'static Object,
        archived: bool,
        after: u64,
    ) -> impl Iterator<Item = (u64, &Record)> {
        let all = self.records.range((object.name, after.saturating_add(1))..=(object.name, u64::MAX));
        all.map(|((_, id), record)| (*id, record)).filter(move |(_, record)| record.archived.is_some() == archived)
    }

    /// What the search finds of an object when it has taken in what happened up to then.
    pub(super) fn indexed(&self, object: &'static Object, by: DateTime<Utc>) -> Vec<(u64, &Record, &Version)> {
        let all = self.list(object, false, 0);
        all.filter_map(|(id, record)| {
            let version = if record.now.updated <= by { Some(&record.now) } else { record.before.as_ref() };
            version.map(|version| (id, record, version))
        })
        .collect()
    }
}

/// A record as it is told, with these properties beside those that are always told.
pub(super) fn told(object: &Object, id: u64, record: &Record, version: &Version, wanted: &[String]) -> Value {
    let mut properties = Map::new();
    for name in wanted.iter().map(String::as_str).chain(["createdate", object.modified, "hs_object_id"]) {
        properties.insert(name.to_owned(), version.properties.get(name).cloned().unwrap_or_default());
    }
    let mut told = json!({
        "id": id.to_string(),
        "properties": properties,
        "createdAt": shown(record.created),
        "updatedAt": shown(version.updated),
        "archived": record.archived.is_some(),
    });
    if let Some(at) = record.archived {
        told["archivedAt"] = shown(at).into();
    }
    told
}

pub(super) fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A time as a value has it: milliseconds since 1970, or ISO 8601.
pub(super) fn time(text: &str) -> Option<DateTime<Utc>> {
    let parsed = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).ok();
    parsed.or_else(|| DateTime::<Utc>::UNIX_EPOCH.checked_add_signed(TimeDelta::try_milliseconds(text.parse().ok()?)?))
}
