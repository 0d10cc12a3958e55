//! What was found as it is shown: calls, and in them the lines that matter.

use crate::find::Ranks;
use crate::{Search, SearchError};
use chrono::{DateTime, Utc};
use db::{Db, DbError, Statement, on_db};
use retrieval::rank::{Line, highlights, matches};
use retrieval::{Fields, Query};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use transcript::{Side, char_offset};
use utoipa::ToSchema;
use uuid::Uuid;

/// Lines that are shown of a moment.
const LINES: usize = 3;
/// Longer lines are cut, in characters.
const LONGEST: usize = 600;

/// The call that something was found in.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FoundCall {
    /// Its id.
    pub id: Uuid,
    /// Title, or the file's name where there is none.
    #[schema(example = "Dockline and Acme: discovery")]
    pub title: String,
    /// The customer, where somebody said so.
    pub customer: Option<String>,
    /// Whose call it is, where that is known.
    pub rep: Option<calls::CallRep>,
    /// When it began, or came in where that is not known.
    pub happened_at: DateTime<Utc>,
    /// 0 to 100; null where it has none, or it is withheld.
    pub overall_score: Option<f64>,
}

/// A stretch of a text, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Highlight {
    /// The first.
    pub start: usize,
    /// The one behind the last.
    pub end: usize,
}

/// A line of a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundLine {
    /// The segment.
    pub segment_id: i32,
    /// Who says it, where that is known.
    #[schema(example = "Mara Lindqvist")]
    pub speaker: Option<String>,
    /// `internal` or `external`, where that is known.
    #[schema(example = "external")]
    pub side: Option<String>,
    /// From the beginning of the call.
    pub start_ms: Option<i64>,
    /// As it was said; a long segment in part.
    #[schema(example = "Honestly, the price is twice what we budgeted for this year.")]
    pub text: String,
    /// What was looked for.
    pub highlights: Vec<Highlight>,
}

/// A moment that was found.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = FoundMoment)]
pub struct Moment {
    /// The segment to open the call at.
    pub segment_id: i32,
    /// When it is said, from the beginning of the call; null where the source has no times.
    #[schema(example = 754_000)]
    pub start_ms: Option<i64>,
    /// The lines that matter most.
    pub lines: Vec<FoundLine>,
    /// Where it stands in the rankings; null unless it was asked for.
    pub ranks: Option<Ranks>,
    #[serde(skip)]
    pub(crate) passage: i64,
}

/// A call with what was found in it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FoundIn {
    /// The call.
    pub call: FoundCall,
    /// The moments, the best first.
    pub moments: Vec<Moment>,
}

#[derive(Debug, sqlx::FromRow)]
struct LineRow {
    passage: i64,
    call_id: Uuid,
    first_segment: i32,
    first_byte: i32,
    last_segment: i32,
    last_byte: i32,
    id: i32,
    speaker: Option<i32>,
    name: Option<String>,
    side: Option<String>,
    start_ms: Option<i64>,
    text: String,
}

impl LineRow {
    /// What of the segment is in the passage.
    fn bytes(&self) -> Range<usize> {
        let from = if self.id == self.first_segment { self.first_byte.max(0) as usize } else { 0 };
        let to = if self.id == self.last_segment { self.last_byte.max(0) as usize } else { self.text.len() };
        let to = to.min(self.text.len());
        if self.text.get(from..to).is_some() { from..to } else { 0..self.text.len() }
    }

    fn said(&self) -> &str {
        &self.text[self.bytes()]
    }
}

/// The lines of passages, by passage, in order.
async fn lines(db: &Db, ids: &[i64]) -> Result<BTreeMap<i64, Vec<LineRow>>, SearchError> {
    let mut all: BTreeMap<i64, Vec<LineRow>> = BTreeMap::new();
    if ids.is_empty() {
        return Ok(all);
    }
    let mut made = Statement::default();
    let listed = made.list(db, ids.iter().copied());
    made.sql = format!(
        "SELECT p.id AS passage, p.call_id, p.first_segment, p.first_byte, p.last_segment, p.last_byte, s.id, s.speaker, t.name, t.side, \
         s.start_ms, s.text FROM passages p JOIN segments s ON s.call_id = p.call_id AND s.id BETWEEN p.first_segment AND p.last_segment \
         LEFT JOIN participants t ON t.call_id = s.call_id AND t.position = s.speaker WHERE p.id IN {listed} ORDER BY p.id, s.id"
    );
    let rows: Vec<LineRow> = made.rows(db).await?;
    for row in rows {
        all.entry(row.passage).or_default().push(row);
    }
    Ok(all)
}

/// What is said in these passages, line by line.
pub(crate) async fn said_in(search: &Search, ids: &[i64]) -> Result<Vec<String>, SearchError> {
    let lines = lines(&search.db, ids).await?;
    Ok(lines.into_values().flatten().map(|row| row.said().to_owned()).collect())
}

/// A line as it was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) segment_id: i32,
    pub(crate) speaker: Option<String>,
    pub(crate) side: Option<String>,
    pub(crate) start_ms: Option<i64>,
    pub(crate) text: String,
}

/// The lines of these passages in the order of the call, each once.
pub(crate) async fn lines_of(search: &Search, ids: &[i64]) -> Result<Vec<Said>, SearchError> {
    let all = lines(&search.db, ids).await?;
    let said = |row: LineRow| Said {
        text: row.said().to_owned(),
        segment_id: row.id,
        speaker: row.name,
        side: row.side,
        start_ms: row.start_ms,
    };
    Ok(all.into_values().flatten().map(said).collect())
}

fn said(rows: &[LineRow]) -> Vec<Line<'_>> {
    let mut before = None;
    rows.iter()
        .map(|row| {
            let goes_on = before == Some(row.speaker);
            before = Some(row.speaker);
            Line { text: row.said(), goes_on }
        })
        .collect()
}

/// Whether a line is said by whom it is to be.
fn is_by(row: &LineRow, speaker: Option<&str>, side: Option<Side>) -> bool {
    let named = speaker.is_none_or(|speaker| {
        row.name.as_ref().is_some_and(|name| name.to_lowercase().contains(&speaker.to_lowercase()))
    });
    named && side.is_none_or(|side| row.side.as_deref() == Some(side.as_str()))
}

/// Of these passages those in which somebody of this name says something of what is looked for.
pub(crate) async fn said_by(
    search: &Search,
    query: &Query,
    ids: &[i64],
    speaker: &str,
    side: Option<Side>,
) -> Result<BTreeSet<i64>, SearchError> {
    let lines = lines(&search.db, ids).await?;
    let telling = query.telling();
    let theirs = |rows: &[LineRow]| {
        matches(&said(rows), &telling).iter().any(|found| is_by(&rows[found.line], Some(speaker), side))
    };
    Ok(lines.into_iter().filter(|(_, rows)| theirs(rows)).map(|(id, _)| id).collect())
}

/// Calls and moments of passages, the call with the best moment first.
pub(crate) async fn show(
    search: &Search,
    query: &Query,
    page: &[(i64, Ranks)],
    fields: &Fields,
) -> Result<Vec<FoundIn>, SearchError> {
    let ids: Vec<i64> = page.iter().map(|(id, _)| *id).collect();
    let lines = lines(&search.db, &ids).await?;
    let mut order: Vec<Uuid> = Vec::new();
    let mut moments: BTreeMap<Uuid, Vec<Moment>> = BTreeMap::new();
    for (id, ranks) in page {
        // One that is gone meanwhile is left out.
        let Some(rows) = lines.get(id) else { continue };
        let call = rows[0].call_id;
        if !order.contains(&call) {
            order.push(call);
        }
        moments.entry(call).or_default().push(moment(rows, query, fields, *id, *ranks));
    }
    let mut calls = found_calls(&search.db, &order).await?;
    let shown =
        order.into_iter().filter_map(|id| Some(FoundIn { call: calls.remove(&id)?, moments: moments.remove(&id)? }));
    Ok(shown.collect())
}

fn moment(rows: &[LineRow], query: &Query, fields: &Fields, passage: i64, ranks: Ranks) -> Moment {
    let lines = said(rows);
    let marked = highlights(&lines, query);
    let mut clauses = vec![BTreeSet::new(); rows.len()];
    for found in matches(&lines, &query.telling()) {
        clauses[found.line].insert(found.clause);
    }
    // The line with most of what is looked for, said by whom it is to be; the first of them.
    let weight = |at: usize| (is_by(&rows[at], fields.speaker.as_deref(), fields.side), clauses[at].len());
    let best = (0..rows.len()).rev().max_by_key(|at| weight(*at)).unwrap_or_default();
    let from = if clauses[best].is_empty() { best } else { best.saturating_sub(1) };
    let upto = (from + LINES).min(rows.len());
    let from = upto.saturating_sub(LINES).min(from);
    let shown = (from..upto).map(|at| line(&rows[at], &marked[at])).collect();
    Moment { segment_id: rows[best].id, start_ms: rows[best].start_ms, lines: shown, ranks: Some(ranks), passage }
}

fn line(row: &LineRow, marked: &[Range<usize>]) -> FoundLine {
    let said = row.said();
    // A long line from a little before the first thing that is looked for.
    let first = marked.first().map_or(0, |bytes| bytes.start);
    let start = if said.chars().count() <= LONGEST { 0 } else { before(said, first, LONGEST / 4) };
    let end = said[start..].char_indices().nth(LONGEST).map_or(said.len(), |(at, _)| start + at);
    let text = &said[start..end];
    let within = marked.iter().filter(|bytes| bytes.start >= start && bytes.end <= end);
    let highlight = |bytes: &Range<usize>| Highlight {
        start: char_offset(text, bytes.start - start),
        end: char_offset(text, bytes.end - start),
    };
    FoundLine {
        segment_id: row.id,
        speaker: row.name.clone(),
        side: row.side.clone(),
        start_ms: row.start_ms,
        text: text.to_owned(),
        highlights: within.map(highlight).collect(),
    }
}

/// The beginning of a word some characters before a place.
fn before(text: &str, at: usize, characters: usize) -> usize {
    let start = text[..at].char_indices().rev().nth(characters).map_or(0, |(at, _)| at);
    text[start..at].find(' ').filter(|_| start > 0).map_or(start, |space| start + space + 1)
}

/// The passage of a call in which a segment begins.
pub(crate) async fn passage_of(db: &Db, call: Uuid, segment: i32) -> Result<Option<i64>, DbError> {
    let sql =
        "SELECT id FROM passages WHERE call_id = $1 AND first_segment <= $2 AND last_segment >= $2 ORDER BY id LIMIT 1";
    Ok(on_db!(db, pool => sqlx::query_scalar(sql).bind(call).bind(segment).fetch_optional(pool).await?))
}

/// Calls as they are shown beside what was found in them.
pub(crate) async fn found_calls(db: &Db, ids: &[Uuid]) -> Result<BTreeMap<Uuid, FoundCall>, SearchError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        id: Uuid,
        title: String,
        customer: Option<String>,
        rep_id: Option<Uuid>,
        rep_name: Option<String>,
        happened_at: DateTime<Utc>,
        overall_score: Option<f64>,
    }
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut made = Statement::default();
    let listed: Vec<String> = ids.iter().map(|id| made.place(db::Value::Id(*id))).collect();
    made.sql = format!(
        "SELECT c.id, substr(coalesce(c.title, c.file_name), 1, 300) AS title, c.customer, c.rep_id, u.name AS rep_name, c.happened_at, \
         CASE WHEN c.withheld THEN NULL ELSE c.overall_score END AS overall_score FROM calls c LEFT JOIN users u ON u.id = c.rep_id \
         WHERE c.id IN ({})",
        listed.join(", ")
    );
    let rows: Vec<Row> = made.rows(db).await?;
    let call = |row: Row| FoundCall {
        id: row.id,
        title: row.title,
        customer: row.customer,
        rep: row.rep_id.zip(row.rep_name).map(|(id, name)| calls::CallRep { id, name }),
        happened_at: row.happened_at,
        overall_score: row.overall_score,
    };
    Ok(rows.into_iter().map(|row| (row.id, call(row))).collect())
}
