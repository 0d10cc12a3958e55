//! What there is among the calls in which something was found.

use crate::allowed::Allowed;
use crate::keyword;
use crate::{Ranked, Search, SearchError};
use calls::PASSAGES;
use db::{Db, Statement};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// So many of each kind.
const MOST: usize = 12;

/// Something that calls have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SearchFacet)]
pub struct Facet {
    /// As it is written in a query behind the name of its field.
    #[schema(example = "Dana Whitlock")]
    pub value: String,
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
}

/// Counts over all calls in which the counted words were found, up to the latest [`keyword::MOST_COUNTED`] passages, and those found by meaning.
///
/// # Errors
/// When the database fails.
pub async fn facets(search: &Search, ranked: &Ranked, allowed: &Allowed) -> Result<Facets, SearchError> {
    let mut numbers: BTreeSet<i64> = ranked.passages.iter().map(|(id, _)| id / PASSAGES).collect();
    if let Some(expression) = &ranked.keyword.expression {
        numbers.extend(keyword::calls_with(search, expression, allowed).await?);
    }
    count(search, Some(numbers.into_iter().collect())).await
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
    let month = match db {
        Db::Sqlite(_) => "substr(c.day, 1, 7)",
        Db::Postgres(_) => "to_char(c.day, 'YYYY-MM')",
    };
    let of = numbers.map(|numbers| format!(" AND i.number IN {}", made.list(db, numbers))).unwrap_or_default();
    let some = format!(
        "WITH hit AS (SELECT c.rep_id, c.customer, lower(c.language) AS language, {month} AS month FROM indexed_calls i \
         JOIN calls c ON c.id = i.call_id WHERE i.passages > 0{of})"
    );
    made.sql = format!(
        "{some} SELECT 'agent', u.name, count(*) FROM hit JOIN users u ON u.id = hit.rep_id GROUP BY u.name \
         UNION ALL SELECT 'customer', customer, count(*) FROM hit WHERE customer IS NOT NULL GROUP BY customer \
         UNION ALL SELECT 'language', language, count(*) FROM hit WHERE language IS NOT NULL GROUP BY language \
         UNION ALL SELECT 'month', month, count(*) FROM hit GROUP BY month"
    );
    let rows: Vec<(String, String, i64)> = made.rows(db).await?;
    let of = |kind: &str| -> Vec<Facet> {
        let mut all: Vec<Facet> = rows
            .iter()
            .filter(|(of, ..)| of == kind)
            .map(|(_, value, calls)| Facet { value: value.clone(), calls: *calls })
            .collect();
        if kind == "month" {
            all.sort_by(|a, b| b.value.cmp(&a.value));
        } else {
            all.sort_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.value.cmp(&b.value)));
        }
        all.truncate(MOST);
        all
    };
    Ok(Facets { agents: of("agent"), customers: of("customer"), languages: of("language"), months: of("month") })
}
