//! The records, as Salesforce keeps them.

use super::schema::{OBJECTS, Object};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Stages that end an opportunity.
const CLOSED: [&str; 2] = ["Closed Won", "Closed Lost"];

/// Signs that the last three of an id are of.
const CHECKS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

#[derive(Debug, Default)]
pub(super) struct Store {
    /// By object and id.
    records: BTreeMap<(&'static str, String), Map<String, Value>>,
    /// Fields that the company added, by object.
    custom: BTreeMap<&'static str, BTreeSet<String>>,
    count: u64,
}

impl Store {
    pub(super) fn custom(&self, object: &str) -> Vec<String> {
        self.custom.get(object).into_iter().flatten().cloned().collect()
    }

    pub(super) fn put(&mut self, object: &str, fields: Value, now: DateTime<Utc>) -> Result<String, String> {
        let object = OBJECTS.iter().find(|known| known.name == object).ok_or("there is no such object")?;
        let Value::Object(fields) = fields else { return Err("expected an object of fields".to_owned()) };
        for field in fields.keys() {
            if field.ends_with("__c") {
                self.custom.entry(object.name).or_default().insert(field.clone());
            } else if !object.own().any(|own| own == field) {
                return Err(format!("{} has no field {field}", object.name));
            }
        }
        let id = match fields.get("Id").and_then(Value::as_str) {
            Some(id) if id.len() == 18 && is_id(id) && id.starts_with(object.prefix) => id.to_owned(),
            Some(id) => return Err(format!("{id} is no id of {}", object.name)),
            None => {
                self.count += 1;
                whole(&format!("{}{:012}", object.prefix, self.count))
            }
        };
        let record = self.records.entry((object.name, id.clone())).or_insert_with(|| {
            let mut new = Map::new();
            new.insert("Id".to_owned(), id.clone().into());
            new.insert("CreatedDate".to_owned(), shown(now).into());
            if object.deletes {
                new.insert("IsDeleted".to_owned(), false.into());
            }
            new
        });
        record.insert("SystemModstamp".to_owned(), shown(now).into());
        record.insert("LastModifiedDate".to_owned(), shown(now).into());
        if let (Some(stage), "Opportunity") = (fields.get("StageName").and_then(Value::as_str), object.name) {
            record.insert("IsClosed".to_owned(), CLOSED.contains(&stage).into());
            record.insert("IsWon".to_owned(), (stage == CLOSED[0]).into());
        }
        for (field, value) in fields {
            // Whatever way a time is written, it is told in one.
            let time = value.as_str().filter(|_| field != "CloseDate").and_then(time).map(|time| json!(shown(time)));
            record.insert(field, time.unwrap_or(value));
        }
        Ok(id)
    }

    pub(super) fn set_deleted(&mut self, id: &str, deleted: bool, now: DateTime<Utc>) -> bool {
        let Some(object) = Object::of_id(id).filter(|object| object.deletes) else { return false };
        let Some(record) = self.records.get_mut(&(object.name, id.to_owned())) else { return false };
        if record["IsDeleted"] == deleted {
            return false;
        }
        record.insert("IsDeleted".to_owned(), deleted.into());
        record.insert("SystemModstamp".to_owned(), shown(now).into());
        true
    }

    /// The records of an object in the order of their ids.
    pub(super) fn rows(&self, object: &str, with_deleted: bool) -> Vec<&Map<String, Value>> {
        let of = self.records.iter().filter(|((name, _), _)| *name == object).map(|(_, record)| record);
        of.filter(|record| with_deleted || record.get("IsDeleted") != Some(&Value::Bool(true))).collect()
    }

    pub(super) fn records(&self, object: &str) -> Vec<Value> {
        self.rows(object, false).into_iter().cloned().map(Value::Object).collect()
    }
}

/// An id of fifteen characters with the three that tell its capitals.
fn whole(short: &str) -> String {
    let check = |part: &[u8]| {
        let capitals = part.iter().enumerate().filter(|(_, sign)| sign.is_ascii_uppercase());
        char::from(CHECKS[capitals.map(|(at, _)| 1 << at).sum::<usize>()])
    };
    short.chars().chain(short.as_bytes().chunks(5).map(check)).collect()
}

/// Whether this has the form of an id.
pub(super) fn is_id(text: &str) -> bool {
    matches!(text.len(), 15 | 18) && text.bytes().all(|sign| sign.is_ascii_alphanumeric())
}

/// A time as answers have it: `2026-11-02T08:00:00.000+0000`, in whole seconds.
fn shown(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S.000+0000").to_string()
}

/// A time as answers or tests have it.
pub(super) fn time(text: &str) -> Option<DateTime<Utc>> {
    let answered = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.3f%z");
    answered.or_else(|_| DateTime::parse_from_rfc3339(text)).ok().map(|time| time.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_tell_their_capitals() {
        assert_eq!(whole("001000000000001"), "001000000000001AAA");
        assert_eq!(whole("00K000000000001"), "00K000000000001EAA");
        assert_eq!(whole("001D000000IRFma"), "001D000000IRFmaIAH");
        assert!(is_id("001D000000IRFmaIAH") && !is_id("001D000000IRFma'AH") && !is_id("001"));
    }
}
