//! Coaching sessions as they are shown: what was judged in a call, with the words it rests on.

use calls::{CallError, Status};
use chrono::{DateTime, Utc};
use db::{Db, DbError, on_db};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// The words something rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuoteView {
    /// The segment in which they stand.
    #[schema(example = 12)]
    pub segment_id: u32,
    /// Where the segment begins, from the start of the recording.
    pub start_ms: Option<u64>,
    /// Who says it.
    pub speaker: Option<String>,
    /// The words, cut out of the segment.
    #[schema(example = "About four hundred euros each time.")]
    pub quote: String,
    /// Where they begin in the segment, in characters.
    pub offset: usize,
    /// How many characters they are.
    pub length: usize,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CheckView {
    /// Its id in the rubric.
    pub id: String,
    /// Its name in the rubric.
    pub name: String,
    /// `presence`, `absence`, `metric` or `scale`.
    #[schema(example = "presence")]
    pub kind: String,
    /// Its weight in the rubric.
    pub weight: f64,
    /// `met`, `unmet`, `not_applicable` or `cannot_assess`.
    #[schema(example = "met")]
    pub verdict: String,
    /// For a scale: 0 to 3.
    #[serde(default)]
    pub level: Option<u8>,
    /// Why.
    pub reason: String,
    /// What to do; empty where there is nothing to advise.
    pub advice: String,
    /// The words it rests on.
    pub evidence: Vec<QuoteView>,
}

/// One dimension of a call.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, sqlx::FromRow)]
pub struct DimensionView {
    /// Its id in the rubric.
    #[schema(example = "discovery")]
    pub dimension: String,
    /// Its name in the rubric.
    pub title: String,
    /// Its weight in the rubric.
    pub weight: f64,
    /// 0 to 100; null where too little could be judged or nothing applies.
    pub score: Option<f64>,
    /// Share of the applicable weight that could be judged, 0 to 1; null where nothing applies.
    pub coverage: Option<f64>,
    /// 1 to 5 by the score.
    pub level: Option<i32>,
    /// Why there is no score.
    pub note: Option<String>,
    /// The checks in the rubric's order.
    #[sqlx(json)]
    pub checks: Vec<CheckView>,
}

/// Something to look at, whatever the score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FlagView {
    /// `repeated_question`, `contradicted_fact`, `unanswered_question`, `unresolved_request` or `compliance_phrase`.
    #[schema(example = "unanswered_question")]
    pub kind: String,
    /// What was found.
    pub reason: String,
    /// The words it rests on.
    pub evidence: Vec<QuoteView>,
}

/// When and by what a call was judged.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, sqlx::FromRow)]
pub struct SessionHead {
    /// Its id.
    pub id: Uuid,
    /// The rubric.
    #[schema(example = "default")]
    pub rubric_id: String,
    /// Its version.
    #[schema(example = 1)]
    pub rubric_version: i32,
    /// Who judged.
    #[schema(example = "offline")]
    pub analyst: String,
    /// 0 to 100.
    pub overall_score: Option<f64>,
    /// Why there is no overall score.
    pub overall_note: Option<String>,
    /// When it was judged.
    pub finished_at: DateTime<Utc>,
}

/// Everything that was found in a call at one time.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CoachingSession {
    /// When and by what.
    #[serde(flatten)]
    pub head: SessionHead,
    /// In a sentence.
    pub summary: String,
    /// What is to be worked on.
    pub key_themes: Vec<String>,
    /// What stands beside the scores.
    pub flags: Vec<FlagView>,
    /// The dimensions in the rubric's order.
    pub dimensions: Vec<DimensionView>,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    head: SessionHead,
    summary: String,
    #[sqlx(json)]
    key_themes: Vec<String>,
    #[sqlx(json)]
    flags: Vec<FlagView>,
}

const HEAD: &str = "s.id, s.rubric_id, s.rubric_version, s.analyst, s.overall_score, s.overall_note, s.finished_at";

/// This session of a call, or the latest one; `None` where there is none.
///
/// # Errors
/// When the database fails.
pub async fn session(db: &Db, call: Uuid, session: Option<Uuid>) -> Result<Option<CoachingSession>, DbError> {
    let sql = format!(
        "SELECT {HEAD}, s.summary, s.key_themes, s.flags FROM calls c \
         JOIN coaching_sessions s ON s.call_id = c.id AND s.id = coalesce($2, c.session_id) WHERE c.id = $1"
    );
    let row: Option<Row> = on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(call)
        .bind(session)
        .fetch_optional(pool)
        .await?);
    let Some(Row { head, summary, key_themes, flags }) = row else { return Ok(None) };
    let sql = "SELECT dimension, title, weight, score, coverage, level, note, checks FROM analyses WHERE session_id = $1 \
         ORDER BY position";
    let dimensions = on_db!(db, pool => sqlx::query_as(sql).bind(head.id).fetch_all(pool).await?);
    Ok(Some(CoachingSession { head, summary, key_themes, flags, dimensions }))
}

/// The sessions of a call, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn sessions(db: &Db, call: Uuid) -> Result<Vec<SessionHead>, DbError> {
    let sql = format!(
        "SELECT {HEAD} FROM coaching_sessions s WHERE s.call_id = $1 ORDER BY s.finished_at DESC, s.id DESC LIMIT 200"
    );
    Ok(on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(call).fetch_all(pool).await?))
}

/// What was measured in a call.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Measured {
    /// The call.
    pub call_id: Uuid,
    /// How far it has come.
    pub status: Status,
    /// When it was measured; null where it was not yet.
    pub computed_at: Option<DateTime<Utc>>,
    /// Talk ratio, pauses, questions and the others; a metric that the source cannot support is null, and `unavailable` says why. Null where the
    /// call was not measured yet.
    #[schema(value_type = Option<Object>)]
    pub metrics: Option<Value>,
    /// What was mentioned, how often and where.
    #[schema(value_type = Vec<Object>)]
    pub trackers: Vec<Value>,
}

/// What was measured in a call.
///
/// # Errors
/// When there is no such call or the database fails.
pub async fn measured(db: &Db, call: Uuid) -> Result<Measured, CallError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(json)]
        metrics: Value,
        #[sqlx(json)]
        trackers: Vec<Value>,
        computed_at: DateTime<Utc>,
    }
    let kept = calls::get(db, call).await?.ok_or_else(|| CallError::Unknown(call.to_string()))?;
    let sql = "SELECT metrics, trackers, computed_at FROM metrics WHERE call_id = $1";
    let row: Option<Row> =
        on_db!(db, pool => sqlx::query_as(sql).bind(call).fetch_optional(pool).await.map_err(DbError::from)?);
    let (metrics, trackers, computed_at) = match row {
        Some(row) => (Some(row.metrics), row.trackers, Some(row.computed_at)),
        None => (None, Vec::new(), None),
    };
    Ok(Measured { call_id: call, status: kept.status, computed_at, metrics, trackers })
}

/// What the latest session of a call was judged from.
pub(crate) async fn latest_input(db: &Db, call: Uuid) -> Result<Option<String>, DbError> {
    let sql = "SELECT s.input_hash FROM calls c JOIN coaching_sessions s ON s.call_id = c.id AND s.id = c.session_id WHERE c.id = $1";
    Ok(on_db!(db, pool => sqlx::query_scalar(sql).bind(call).fetch_optional(pool).await?))
}
