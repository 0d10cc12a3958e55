//! What there is among the calls in which something was found.

use crate::allowed::Allowed;
use crate::keyword;
use crate::{Ranked, Search, SearchError};
use calls::PASSAGES;
use db::{Db, Statement};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::ToSchema;
use uuid::Uuid;

/// So many of each kind.
const MOST: usize = 12;

/// Of what kind, its name, in how many calls; of a rep the id and the mail address.
type Row = (String, String, i64, Option<Uuid>, Option<String>);

/// Something that calls have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SearchFacet)]
pub struct Facet {
    /// As it is written in a query behind the name of its field.
    #[schema(example = "Dana Whitlock")]
    pub value: String,
    /// What is shown of it. It differs where two reps have one name: their ids tell them apart, and their mail addresses are shown.
    #[schema(example = "Dana Whitlock")]
    pub label: String,
    /// In how many calls.
    #[schema(example = 17)]
    pub calls: i64,
}

/// What there is among the calls in which something was found, the most frequent first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SearchFacets)]
pub struct Facets {
    /// Whose calls they are.
    pub agents: Vec<Facet>,
    /// With which customers.
    pub customers: Vec<Facet>,
    /// In which languages.
    pub languages: Vec<Facet>,
    /// In which months, where the team is: `2026-11`, the latest first.
    pub months: Vec<Facet>,
    /// Whether more passages fit than are counted: then only the calls of the latest 1,000 are told of, and of those found by meaning.
    pub of_latest: bool,
}

/// Counts over all calls in which the counted words were found, the latest [`keyword::LATEST`] passages where there are more than [`keyword::MOST_COUNTED`],
/// and those found by meaning.
///
/// # Errors
/// When the database fails.
pub async fn facets(search: &Search, ranked: &Ranked, allowed: &Allowed) -> Result<Facets, SearchError> {
    let mut numbers: BTreeSet<i64> = ranked.passages.iter().map(|(id, _)| id / PASSAGES).collect();
    let more = ranked.keyword.expression.as_ref().filter(|_| ranked.keyword.total > keyword::MOST_COUNTED);
    match more {
        Some(expression) => numbers.extend(keyword::calls_with(search, expression, allowed).await?),
        None => numbers.extend(ranked.keyword.counted.iter().map(|id| id / PASSAGES)),
    }
    let facets = count(search, Some(numbers.into_iter().collect())).await?;
    Ok(Facets { of_latest: more.is_some(), ..facets })
}

/// The same over all of these calls.
///
/// # Errors
/// When the database fails.
pub async fn facets_of(search: &Search, allowed: &Allowed) -> Result<Facets, SearchError> {
    count(search, allowed.numbers().map(|numbers| numbers.iter().copied().map(i64::from).collect())).await
}

/// Counts over the calls of these numbers, or over all.
async fn count(search: &Search, numbers: Option<Vec<i64>>) -> Result<Facets, SearchError> {
    let db = &search.db;
    let mut made = Statement::default();
    let none = match db {
        Db::Sqlite(_) => "NULL, NULL",
        Db::Postgres(_) => "CAST(NULL AS UUID), CAST(NULL AS TEXT)",
    };
    let of = numbers.map(|numbers| format!(" AND i.number IN {}", made.list(db, numbers))).unwrap_or_default();
    let some = format!(
        "WITH hit AS (SELECT c.rep_id, c.customer, lower(c.language) AS language, substr(c.day, 1, 7) AS month FROM indexed_calls i \
         JOIN calls c ON c.id = i.call_id WHERE i.passages > 0{of})"
    );
    made.sql = format!(
        "{some} SELECT 'agent', u.name, count(*), u.id, u.email FROM hit JOIN users u ON u.id = hit.rep_id GROUP BY u.id, u.name, u.email \
         UNION ALL SELECT 'customer', customer, count(*), {none} FROM hit WHERE customer IS NOT NULL GROUP BY customer \
         UNION ALL SELECT 'language', language, count(*), {none} FROM hit WHERE language IS NOT NULL GROUP BY language \
         UNION ALL SELECT 'month', month, count(*), {none} FROM hit GROUP BY month"
    );
    let rows: Vec<Row> = made.rows(db).await?;
    let mut named: HashMap<String, usize> = HashMap::new();
    for (_, name, _, id, _) in &rows {
        *named.entry(name.to_lowercase()).or_default() += usize::from(id.is_some());
    }
    let facet = |(_, name, calls, id, email): &Row| {
        let (mut value, mut label) = (name.clone(), name.clone());
        if let Some(id) = id.filter(|_| named[&name.to_lowercase()] > 1) {
            value = id.to_string();
            label.extend(email.iter().flat_map(|email| [" (", email, ")"]));
        }
        Facet { value, label, calls: *calls }
    };
    let of = |kind: &str| -> Vec<Facet> {
        let mut all: Vec<Facet> = rows.iter().filter(|(of, ..)| of == kind).map(facet).collect();
        if kind == "month" {
            all.sort_by(|a, b| b.value.cmp(&a.value));
        } else {
            all.sort_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.label.cmp(&b.label)));
        }
        all.truncate(MOST);
        all
    };
    Ok(Facets {
        agents: of("agent"),
        customers: of("customer"),
        languages: of("language"),
        months: of("month"),
        of_latest: false,
    })
}
