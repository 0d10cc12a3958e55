//! Coaching sessions as they are shown: what was judged in a call, with the words it rests on.

use crate::{DimensionUse, ModelUse};
use calls::{CallError, Status};
use chrono::{DateTime, Utc};
use db::{Db, DbError, on_db};
use kernel::Role;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signals::bands::{BANDS, Band, Standing};
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
    /// The checks in the rubric's order; none for reps while the scores are withheld.
    #[sqlx(json)]
    pub checks: Vec<CheckView>,
    /// What it took to ask a model about it; null where none was asked.
    #[sqlx(json(nullable))]
    pub model: Option<DimensionUse>,
}

/// Something to look at, whatever the score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FlagView {
    /// `repeated_question`, `contradicted_fact`, `unanswered_question`, `unresolved_request`, `compliance_phrase` or `instruction_to_judge`.
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
    /// Words in the call speak to the judge, so that the scores are not told before a person has looked; `confirmed_at` says whether somebody has.
    pub withheld: bool,
    /// When a person looked and let the scores be told.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// What it took to ask a model; null where none was asked.
    #[sqlx(json(nullable))]
    pub model: Option<ModelUse>,
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
    /// What models cost for this call in all, in millionths of a US dollar: all of its sessions, what was tried again, batches. Null where nothing
    /// was asked, or a price is not known.
    #[schema(example = 41_250)]
    pub call_cost_micros: Option<i64>,
}

impl CoachingSession {
    /// As somebody of this role may see it: while scores are withheld, reps see no verdicts either, which somebody in the call may have steered.
    #[must_use]
    pub fn seen_by(mut self, role: Role) -> Self {
        if self.head.waits() && role == Role::Rep {
            for dimension in &mut self.dimensions {
                dimension.checks.clear();
            }
        }
        self
    }
}

impl SessionHead {
    /// Whether its scores wait for a person.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.withheld && self.confirmed_at.is_none()
    }
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

const HEAD: &str = "s.id, s.rubric_id, s.rubric_version, s.analyst, s.overall_score, s.overall_note, s.finished_at, \
     s.withheld, s.confirmed_at, s.model";

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
    let sql = "SELECT dimension, title, weight, score, coverage, level, note, checks, model FROM analyses WHERE session_id = $1 \
         ORDER BY position";
    let dimensions = on_db!(db, pool => sqlx::query_as(sql).bind(head.id).fetch_all(pool).await?);
    let sql = "SELECT CAST(sum(cost_micros) AS BIGINT), CAST(coalesce(sum(CASE WHEN cost_micros IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT) \
         FROM model_runs WHERE call_id = $1";
    let (cost, unpriced): (Option<i64>, i64) =
        on_db!(db, pool => sqlx::query_as(sql).bind(call).fetch_one(pool).await?);
    let call_cost_micros = cost.filter(|_| unpriced == 0);
    Ok(Some(CoachingSession { head, summary, key_themes, flags, dimensions, call_cost_micros }))
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
    /// Where the metrics that have a value should lie, as far as a call like this one can be told; they are where to begin, not verdicts.
    pub bands: Vec<MetricBand>,
}

/// Where a metric should lie, in the metric's own unit, and how this call stands to it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MetricBand {
    /// The field of `metrics`.
    #[schema(example = "talk_ratio")]
    pub metric: &'static str,
    /// It should not be less.
    pub low: Option<f64>,
    /// It should not be more.
    #[schema(example = 0.65)]
    pub high: Option<f64>,
    /// Above this it is far outside.
    pub flag_above: Option<f64>,
    /// What to aim for in one type of call. It is told and not judged by: of which type a call is, is not known.
    pub aim: Option<BandAim>,
    /// How the call stands to it.
    pub standing: BandStanding,
}

/// What to aim for in one type of call.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BandAim {
    /// The type of call.
    #[schema(example = "discovery")]
    pub of: &'static str,
    /// From here.
    #[schema(example = 0.35)]
    pub low: f64,
    /// To here; without it there is no upper end.
    #[schema(example = 0.5)]
    pub high: Option<f64>,
}

/// How a metric stands to its band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BandStanding {
    /// Neither too little nor too much.
    Inside,
    /// Outside: worth a look.
    Watch,
    /// Far outside.
    Flag,
}

/// The bands of the metrics of a call that was judged by this rubric.
fn bands(metrics: &Value, rubric: &str) -> Vec<MetricBand> {
    let duration = metrics.get("duration_ms").and_then(Value::as_u64).unwrap_or(0);
    let held = BANDS.iter().filter_map(|band| {
        let value = metrics.get(band.metric)?.as_f64()?;
        let band = Band::of(band.metric, rubric::is_sales(rubric), duration)?;
        Some(MetricBand {
            metric: band.metric,
            low: band.low,
            high: band.high,
            flag_above: band.flag_above,
            aim: band.aim.map(|aim| BandAim { of: aim.of, low: aim.low, high: aim.high }),
            standing: match band.standing(value) {
                Standing::Inside => BandStanding::Inside,
                Standing::Watch => BandStanding::Watch,
                Standing::Flag => BandStanding::Flag,
            },
        })
    });
    held.collect()
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
        rubric_id: Option<String>,
    }
    let kept = calls::get(db, call).await?.ok_or_else(|| CallError::Unknown(call.to_string()))?;
    let sql = "SELECT m.metrics, m.trackers, m.computed_at, s.rubric_id FROM metrics m JOIN calls c ON c.id = m.call_id \
               LEFT JOIN coaching_sessions s ON s.call_id = c.id AND s.id = c.session_id WHERE m.call_id = $1";
    let row: Option<Row> =
        on_db!(db, pool => sqlx::query_as(sql).bind(call).fetch_optional(pool).await.map_err(DbError::from)?);
    let (call_id, status) = (call, kept.status);
    Ok(match row {
        Some(Row { metrics, trackers, computed_at, rubric_id }) => {
            let bands = rubric_id.map_or_else(Vec::new, |rubric| bands(&metrics, &rubric));
            Measured { call_id, status, computed_at: Some(computed_at), metrics: Some(metrics), trackers, bands }
        }
        None => Measured { call_id, status, computed_at: None, metrics: None, trackers: Vec::new(), bands: Vec::new() },
    })
}

/// What the latest session of a call was judged from, and the hash of the words alone.
pub(crate) async fn latest_input(db: &Db, call: Uuid) -> Result<Option<(String, Option<String>)>, DbError> {
    let sql = "SELECT s.input_hash, s.words_hash FROM calls c \
         JOIN coaching_sessions s ON s.call_id = c.id AND s.id = c.session_id WHERE c.id = $1";
    Ok(on_db!(db, pool => sqlx::query_as(sql).bind(call).fetch_optional(pool).await?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn metrics_are_held_against_the_bands_of_such_a_call() {
        let metrics = json!({ "duration_ms": 900_000, "talk_ratio": 0.7, "longest_monologue_ms": 160_000,
            "longest_customer_story_ms": 61_000, "open_question_count": 1, "patience_ms": null, "filler_per_min": 9.0 });
        let found = |rubric| {
            let held = bands(&metrics, rubric).into_iter().map(|band| (band.metric, band.standing));
            held.collect::<Vec<_>>()
        };
        assert_eq!(
            found("default"),
            [
                ("talk_ratio", BandStanding::Watch),
                ("longest_monologue_ms", BandStanding::Flag),
                ("longest_customer_story_ms", BandStanding::Inside),
            ],
            "the call is too short to count open questions"
        );
        assert_eq!(
            found("service"),
            [("longest_monologue_ms", BandStanding::Flag)],
            "others were made for sales calls"
        );
        let talk = serde_json::to_value(&bands(&metrics, "default")[0]).unwrap();
        let expected = json!({ "metric": "talk_ratio", "low": null, "high": 0.65, "flag_above": 0.75,
            "aim": { "of": "discovery", "low": 0.35, "high": 0.5 }, "standing": "watch" });
        assert_eq!(talk, expected);
    }
}
