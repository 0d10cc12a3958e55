//! What is found by its words.

mod dialect;
mod forms;
mod known;

pub(crate) use forms::{Forms, forms};
pub(crate) use known::Known;
use known::Size;

use crate::allowed::Allowed;
use crate::{Search, SearchError};
use calls::PASSAGES;
use db::{Db, Statement};
use retrieval::{Clause, Query, rank};
use serde::Serialize;
use std::collections::BTreeSet;
use transcript::Side;
use utoipa::ToSchema;

/// More than so many are not counted, nor put in order by a database: it takes those that came in last.
pub const MOST_COUNTED: i64 = 4_000;
/// SQLite reads all passages with a word, also those that are not looked at: so many at most for words of which any is enough.
const PASSED_BY: i64 = 20_000;
/// Where there are more, the calls of so many are told of: the latest.
pub const LATEST: i64 = 1_000;
/// So many of the passages that fit best by the database's own reckoning are looked at closely.
pub(crate) const CLOSELY: i64 = 200;

/// Whether what was found has all that was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Matched {
    /// Some passages have all words; those are counted, and come first where is looked by words alone.
    All,
    /// None has all of them: passages with some of them are counted.
    Any,
    /// Nothing was found by words.
    None,
}

/// A passage that was found by its words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ByWords {
    /// The passage.
    pub id: i64,
    /// BM25.
    pub score: f64,
    /// Whether it has all that was looked for.
    pub is_all: bool,
}

/// What was found by words.
#[derive(Debug, Clone, PartialEq)]
pub struct Keyword {
    /// The best first.
    pub found: Vec<ByWords>,
    /// Whether what is counted has all words.
    pub matched: Matched,
    /// How many passages there are, up to [`MOST_COUNTED`] and one.
    pub total: i64,
    /// What is counted, as the database is asked for it; `None` where nothing is.
    pub(crate) expression: Option<String>,
    /// The passages that are counted, one more than [`MOST_COUNTED`] at most, in no order.
    pub(crate) counted: Vec<i64>,
    /// Those with some of the words, in the same way, where few have all of them.
    pub(crate) some: Option<(String, Vec<i64>)>,
}

impl Keyword {
    /// Nothing at all.
    pub fn nothing() -> Self {
        Self { found: Vec::new(), matched: Matched::None, total: 0, expression: None, counted: Vec::new(), some: None }
    }
}

/// The passages with the words of a query.
///
/// # Errors
/// When the database fails.
pub async fn keyword(
    search: &Search,
    query: &Query,
    allowed: &Allowed,
    side: Option<Side>,
) -> Result<Keyword, SearchError> {
    let telling = query.telling();
    if telling.is_empty() || allowed.is_empty() {
        return Ok(Keyword::nothing());
    }
    let db = &search.db;
    let say = |clause: &Clause| dialect::clause(db, clause, side);
    let unwanted: Vec<String> = query.unwanted.iter().map(say).collect();
    // Each with how many passages have it, the rarest first.
    let mut told: Vec<(String, i64, &Clause)> = Vec::new();
    for clause in &telling {
        let expression = say(clause);
        let count = search.known.count(search, &expression).await?;
        told.push((expression, count, clause));
    }
    told.sort_by_key(|(_, count, _)| *count);
    let all: Vec<&str> = told.iter().map(|(expression, ..)| &**expression).collect();
    let everything = dialect::without(db, &dialect::all(db, &all), &unwanted);
    let mut counted = hits(search, &everything, allowed).await?;
    let total = counted.len() as i64;
    let mut ids = BTreeSet::new();
    if total > 0 {
        ids.extend(candidates(search, &everything, &counted, allowed).await?);
    }
    let (mut matched, mut expression) =
        if total > 0 { (Matched::All, Some(everything)) } else { (Matched::None, None) };
    let mut some = None;
    // Where that is few, those with some of them as well: as many of the rarest words as can be put in order.
    if telling.len() > 1 && total < CLOSELY {
        let musts: Vec<&str> =
            told.iter().filter(|(_, _, clause)| clause.is_quoted).map(|(text, ..)| &**text).collect();
        let mut sum = 0;
        let room = room(search, allowed).await?;
        let fit = told.iter().take_while(|(_, count, _)| {
            sum += count;
            sum <= room
        });
        let mut taken = fit.count().max(1);
        let (any, found) = loop {
            let mut any = dialect::any(db, &all[..taken]);
            if !musts.is_empty() {
                any = dialect::all(db, &[dialect::all(db, &musts).as_str(), &any]);
            }
            let any = dialect::without(db, &any, &unwanted);
            let found = hits(search, &any, allowed).await?;
            // Rare may be what nobody says, least of all here: then the next as well.
            if !found.is_empty() || taken == all.len() {
                break (any, found);
            }
            taken += 1;
        };
        if !found.is_empty() {
            ids.extend(candidates(search, &any, &found, allowed).await?);
        }
        if total == 0 && !found.is_empty() {
            (matched, counted, expression) = (Matched::Any, found, Some(any));
        } else {
            some = Some((any, found));
        }
    }
    let counts: Vec<(&Clause, i64)> = told.iter().map(|(_, count, clause)| (*clause, *count)).collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let mut found = score(search, &forms(db, &ids).await?, &counts, side).await?;
    found.sort_by(|a, b| b.is_all.cmp(&a.is_all).then(b.score.total_cmp(&a.score)).then(b.id.cmp(&a.id)));
    Ok(Keyword { found, matched, total: counted.len() as i64, expression, counted, some })
}

/// How many passages words may have together, of all there are, for those of them that are looked at to be put in order.
async fn room(search: &Search, allowed: &Allowed) -> Result<i64, SearchError> {
    let Size { calls, passages, .. } = search.known.size(search).await?;
    let room = (MOST_COUNTED as f64 / allowed.share(calls, passages).max(1e-6)) as i64;
    Ok(match search.db {
        Db::Sqlite(_) => room.min(PASSED_BY),
        Db::Postgres(_) => room,
    })
}

/// The passages that fit, one more than [`MOST_COUNTED`] at most.
async fn hits(search: &Search, expression: &str, allowed: &Allowed) -> Result<Vec<i64>, SearchError> {
    let mut made = Statement::default();
    let ids = dialect::ids(&search.db, &mut made, expression, allowed);
    // As one text: rows one by one would take longer than to find them.
    let list = match search.db {
        Db::Sqlite(_) => "json_group_array(id)",
        Db::Postgres(_) => "coalesce(json_agg(id)::text, '[]')",
    };
    made.sql = format!("SELECT {list} FROM ({ids} LIMIT {}) AS hit", MOST_COUNTED + 1);
    let rows: Vec<(String,)> = made.rows(&search.db).await?;
    Ok(rows.first().and_then(|(list,)| serde_json::from_str(list).ok()).unwrap_or_default())
}

/// How many passages have this.
pub(crate) async fn how_many(search: &Search, clause: &Clause) -> Result<i64, SearchError> {
    Ok(search.known.count(search, &dialect::clause(&search.db, clause, None)).await?)
}

/// The numbers of the calls with passages that fit, of the latest [`LATEST`] of these.
pub(crate) async fn calls_with(search: &Search, expression: &str, allowed: &Allowed) -> Result<Vec<i64>, SearchError> {
    let mut numbers = latest(search, expression, allowed, LATEST).await?;
    for id in &mut numbers {
        *id /= PASSAGES;
    }
    numbers.dedup();
    Ok(numbers)
}

/// The numbers of the calls with passages that have any of these, in order.
pub(crate) async fn calls_with_any(
    search: &Search,
    clauses: &[Clause],
    side: Option<Side>,
    allowed: &Allowed,
) -> Result<Vec<i64>, SearchError> {
    let db = &search.db;
    let each: Vec<String> = clauses.iter().map(|clause| dialect::clause(db, clause, side)).collect();
    let each: Vec<&str> = each.iter().map(|text| &**text).collect();
    let mut made = Statement::default();
    let ids = dialect::ids(db, &mut made, &dialect::any(db, &each), allowed);
    made.sql = format!("SELECT DISTINCT id >> 16 AS number FROM ({ids}) AS hit ORDER BY number");
    let rows: Vec<(i64,)> = made.rows(db).await?;
    Ok(rows.into_iter().map(|(number,)| number).collect())
}

/// The passages in which a word begins so, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn beginning(search: &Search, prefix: &str, allowed: &Allowed, most: usize) -> Result<Vec<i64>, SearchError> {
    let clause = Clause { forms: vec![prefix.to_owned()], is_prefix: true, is_quoted: false, is_common: false };
    latest(search, &dialect::clause(&search.db, &clause, None), allowed, most as i64).await
}

/// Of what fits that which came in last, the latest first.
async fn latest(search: &Search, expression: &str, allowed: &Allowed, most: i64) -> Result<Vec<i64>, SearchError> {
    let find = async |allowed: &Allowed| -> Result<Vec<i64>, SearchError> {
        let mut made = Statement::default();
        let ids = dialect::ids(&search.db, &mut made, expression, allowed);
        made.sql = format!("{ids} ORDER BY id DESC LIMIT {most}");
        let rows: Vec<(i64,)> = made.rows(&search.db).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    };
    // Of many calls, PostgreSQL would fetch all that fits to put it in order. What is in the latest calls came in last.
    if let (Db::Postgres(_), Some(newest)) = (&search.db, allowed.newest()) {
        let found = find(&newest).await?;
        if found.len() as i64 == most {
            return Ok(found);
        }
    }
    find(allowed).await
}

/// Of what fits that which fits best by the database's own reckoning; the latest where there are too many to put them in order.
async fn candidates(
    search: &Search,
    expression: &str,
    counted: &[i64],
    allowed: &Allowed,
) -> Result<Vec<i64>, SearchError> {
    let db = &search.db;
    let total = counted.len() as i64;
    if total <= CLOSELY {
        return Ok(counted.to_vec());
    }
    let mut made = Statement::default();
    made.sql = match db {
        _ if total > MOST_COUNTED => return latest(search, expression, allowed, CLOSELY).await,
        Db::Sqlite(_) => {
            let ids = dialect::ids(db, &mut made, expression, allowed);
            format!("{ids} ORDER BY rank, id DESC LIMIT {CLOSELY}")
        }
        // Fetched where they are: to see anew whether a phrase is there takes longer.
        Db::Postgres(_) => {
            let (wanted, listed) = (made.text(expression), made.list(db, counted.iter().copied()));
            // All sides count alike.
            format!(
                "SELECT id FROM passages WHERE id IN {listed} \
                 ORDER BY ts_rank('{{1, 1, 1, 1}}', terms, {wanted}::tsquery) DESC, id DESC LIMIT {CLOSELY}"
            )
        }
    };
    let rows: Vec<(i64,)> = made.rows(&search.db).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// BM25 of passages for these, each with how many passages have it.
async fn score(
    search: &Search,
    passages: &[(i64, Forms)],
    counts: &[(&Clause, i64)],
    side: Option<Side>,
) -> Result<Vec<ByWords>, SearchError> {
    let Size { passages: all, words: mean, .. } = search.known.size(search).await?;
    let scored = passages.iter().map(|(id, forms)| {
        let of = forms.of(side);
        let length = of.len() as f64 / mean;
        let (mut score, mut is_all) = (0.0, true);
        for (clause, count) in counts {
            let often = rank::occurrences(&of, clause) as f64;
            is_all &= often > 0.0;
            score += rank::bm25(rank::rarity(all, *count as f64), often, length);
        }
        ByWords { id: *id, score, is_all }
    });
    Ok(scored.collect())
}

/// BM25 of these passages for what a query looks for, and what no passage can reach.
///
/// # Errors
/// When the database fails.
pub async fn scores(
    search: &Search,
    query: &Query,
    ids: &[i64],
    side: Option<Side>,
) -> Result<(Vec<ByWords>, f64), SearchError> {
    let mut counts: Vec<(&Clause, i64)> = Vec::new();
    for clause in query.telling() {
        let expression = dialect::clause(&search.db, clause, side);
        counts.push((clause, search.known.count(search, &expression).await?));
    }
    let all = search.known.size(search).await?.passages;
    let bound = counts.iter().map(|(_, count)| rank::bm25_bound(rank::rarity(all, *count as f64))).sum();
    Ok((score(search, &forms(&search.db, ids).await?, &counts, side).await?, bound))
}

/// Of these passages those that a query does not rule out: with what stands in quotes, without what is unwanted, and with words of this side.
///
/// # Errors
/// When the database fails.
pub async fn possible(
    search: &Search,
    query: &Query,
    ids: &[i64],
    side: Option<Side>,
) -> Result<BTreeSet<i64>, SearchError> {
    let quoted: Vec<&Clause> = query.wanted.iter().filter(|clause| clause.is_quoted).collect();
    if quoted.is_empty() && query.unwanted.is_empty() && side.is_none() {
        return Ok(ids.iter().copied().collect());
    }
    let passages = forms(&search.db, ids).await?;
    let fits = |forms: &Forms| {
        let of = forms.of(side);
        let has = |clause: &&Clause| rank::occurrences(&of, clause) > 0;
        !of.is_empty() && quoted.iter().all(has) && !query.unwanted.iter().any(|clause| has(&clause))
    };
    Ok(passages.into_iter().filter(|(_, forms)| fits(forms)).map(|(id, _)| id).collect())
}
