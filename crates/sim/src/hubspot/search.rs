//! The search: groups of filters, one order, pages up to the ten thousandth result.

use super::errors::Refused;
use super::store::{Kind, Object, Store, Version, time, told};
use crate::judge::Dice;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::cmp::Ordering;

/// Results of the largest page.
const LARGEST: u64 = 200;

/// Where a search ends.
const END: u64 = 10_000;

/// Groups, filters of one, filters of all.
const MOST: (usize, usize, usize) = (5, 6, 18);

/// A value that values can be ordered by.
#[derive(Debug, Clone, PartialEq)]
enum Key {
    Text(String),
    Number(f64),
    Time(DateTime<Utc>),
}

#[derive(Debug)]
struct Filter {
    property: String,
    kind: Kind,
    operator: Operator,
}

#[derive(Debug)]
enum Operator {
    Has(bool),
    Is(&'static [Ordering], bool, Key),
    Between(Key, Key),
    In(Vec<Key>, bool),
}

fn key(text: &str, kind: Kind) -> Option<Key> {
    match kind {
        Kind::Text => Some(Key::Text(text.to_lowercase())),
        Kind::Number => text.parse().ok().map(Key::Number),
        Kind::Time => time(text).map(Key::Time),
    }
}

fn compare(one: &Key, other: &Key) -> Ordering {
    match (one, other) {
        (Key::Text(one), Key::Text(other)) => one.cmp(other),
        (Key::Number(one), Key::Number(other)) => one.total_cmp(other),
        (Key::Time(one), Key::Time(other)) => one.cmp(other),
        _ => Ordering::Equal,
    }
}

impl Filter {
    fn read(filter: &Value, object: &'static Object, store: &Store) -> Result<Self, Refused> {
        let property = filter["propertyName"].as_str().ok_or_else(|| Refused::invalid("propertyName is required"))?;
        let kind = store.kind(object, property);
        let kind = kind.ok_or_else(|| {
            Refused::invalid(&format!("There was a problem with the request: property {property} does not exist"))
        })?;
        let wanted = |value: &Value| {
            let text = value.as_str().map(str::to_owned).or_else(|| value.is_number().then(|| value.to_string()));
            let key = text.and_then(|text| key(&text, kind));
            key.ok_or_else(|| Refused::invalid(&format!("{property}: the value is missing or of another type")))
        };
        let value = || wanted(&filter["value"]);
        let values = || {
            let values = filter["values"].as_array().filter(|values| !values.is_empty());
            let values = values.ok_or_else(|| Refused::invalid("values is required"))?;
            values.iter().map(wanted).collect::<Result<Vec<_>, _>>()
        };
        let operator = match filter["operator"].as_str().unwrap_or_default() {
            "EQ" => Operator::Is(&[Ordering::Equal], true, value()?),
            "NEQ" => Operator::Is(&[Ordering::Equal], false, value()?),
            "LT" => Operator::Is(&[Ordering::Less], true, value()?),
            "LTE" => Operator::Is(&[Ordering::Less, Ordering::Equal], true, value()?),
            "GT" => Operator::Is(&[Ordering::Greater], true, value()?),
            "GTE" => Operator::Is(&[Ordering::Greater, Ordering::Equal], true, value()?),
            "BETWEEN" => Operator::Between(value()?, wanted(&filter["highValue"])?),
            "IN" => Operator::In(values()?, true),
            "NOT_IN" => Operator::In(values()?, false),
            "HAS_PROPERTY" => Operator::Has(true),
            "NOT_HAS_PROPERTY" => Operator::Has(false),
            other => {
                return Err(Refused::invalid(&format!(
                    "operator {other} is not one of EQ, NEQ, LT, LTE, GT, GTE, BETWEEN, IN, NOT_IN, HAS_PROPERTY, NOT_HAS_PROPERTY"
                )));
            }
        };
        Ok(Self { property: property.to_owned(), kind, operator })
    }

    fn holds(&self, version: &Version) -> bool {
        let own = own(version, &self.property, self.kind);
        match &self.operator {
            Operator::Has(wanted) => own.is_some() == *wanted,
            Operator::Is(orders, wanted, value) => {
                own.is_some_and(|own| orders.contains(&compare(&own, value)) == *wanted)
            }
            Operator::Between(low, high) => {
                own.is_some_and(|own| compare(&own, low).is_ge() && compare(&own, high).is_le())
            }
            Operator::In(values, wanted) => own.is_some_and(|own| values.contains(&own) == *wanted),
        }
    }
}

fn own(version: &Version, property: &str, kind: Kind) -> Option<Key> {
    let text = version.properties.get(property)?.as_str().filter(|text| !text.is_empty())?;
    key(text, kind)
}

/// A whole number that may be written as a text.
fn number(value: &Value, name: &str, usual: u64) -> Result<u64, Refused> {
    let read = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    if value.is_null() {
        Ok(usual)
    } else {
        read.ok_or_else(|| Refused::invalid(&format!("{name} is no whole number")))
    }
}

/// Answers a search. `by` is up to when the search has taken in what happened; `serial` makes each search put what is equal in another order.
pub(super) fn search(
    store: &Store,
    object: &'static Object,
    body: &Value,
    by: DateTime<Utc>,
    serial: u64,
) -> Result<Value, Refused> {
    let none = Vec::new();
    let groups = body["filterGroups"].as_array().unwrap_or(&none);
    let mut read = Vec::new();
    for group in groups {
        let filters = group["filters"].as_array().ok_or_else(|| Refused::invalid("filters is required"))?;
        let filters =
            filters.iter().map(|filter| Filter::read(filter, object, store)).collect::<Result<Vec<_>, _>>()?;
        read.push(filters);
    }
    let (most_groups, most_of_one, most_of_all) = MOST;
    if read.len() > most_groups
        || read.iter().any(|group| group.len() > most_of_one)
        || read.iter().map(Vec::len).sum::<usize>() > most_of_all
    {
        return Err(Refused::invalid("There are too many filter groups or filters"));
    }
    let sorts = body["sorts"].as_array().unwrap_or(&none);
    if sorts.len() > 1 {
        return Err(Refused::invalid("Only one sort may be applied to a search"));
    }
    let sort = sorts.first().map(|sort| {
        let name = sort.as_str().or_else(|| sort["propertyName"].as_str()).unwrap_or_default();
        let kind =
            store.kind(object, name).ok_or_else(|| Refused::invalid(&format!("property {name} does not exist")))?;
        Ok::<_, Refused>((name, kind, sort["direction"].as_str() == Some("DESCENDING")))
    });
    let sort = sort.transpose()?;
    let (limit, after) = (number(&body["limit"], "limit", 10)?, number(&body["after"], "after", 0)?);
    if limit > LARGEST {
        return Err(Refused::invalid(&format!("limit {limit} is too large: at most {LARGEST}")));
    }
    if after + limit > END {
        return Err(Refused::invalid("There was a problem with the request: paging ends at 10000 results"));
    }
    let mut found = store.indexed(object, by);
    found.retain(|(_, _, version)| {
        read.is_empty() || read.iter().any(|group| group.iter().all(|filter| filter.holds(version)))
    });
    let mut found: Vec<_> = found
        .into_iter()
        .map(|(id, record, version)| {
            let by = sort.and_then(|(name, kind, _)| own(version, name, kind));
            (by, Dice::new(serial, id).below(1 << 30), id, record, version)
        })
        .collect();
    found.sort_by(|(one, chance, ..), (other, other_chance, ..)| {
        let by_value = match (one, other) {
            (Some(one), Some(other)) => compare(one, other),
            (one, other) => one.is_some().cmp(&other.is_some()),
        };
        let down = sort.is_some_and(|(_, _, down)| down);
        (if down { by_value.reverse() } else { by_value }).then(chance.cmp(other_chance))
    });
    let wanted: Vec<String> =
        body["properties"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let page = found.iter().skip(after as usize).take(limit as usize);
    let results: Vec<Value> =
        page.map(|(_, _, id, record, version)| told(object, *id, record, version, &wanted)).collect();
    let mut answer = json!({"total": found.len(), "results": results});
    if after + limit < found.len() as u64 {
        answer["paging"] = json!({"next": {"after": (after + limit).to_string()}});
    }
    Ok(answer)
}
