//! What the latest judgement of a call comes to: a number for each check and metric, by which deals are compared, and where the signs are.

use crate::domain::facts::{Mention, Sign};
use crate::{DealError, listen};
use calls::CallError;
use coaching::{CheckView, CoachingSession};
use db::{Db, DbError, Tx, on_tx};
use rubric::analyst::METRIC_FIELDS;
use serde_json::Value;
use sqlx::types::Json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A number for each check and metric of a call that could be judged.
pub type Features = BTreeMap<String, f64>;

/// The numbers of a judgement and of what was measured.
pub fn features(session: &CoachingSession, metrics: &Value) -> Features {
    let checks = session.dimensions.iter().flat_map(|dimension| &dimension.checks).filter_map(|check| {
        let value = match (&*check.verdict, check.level) {
            ("met" | "unmet", Some(level)) => f64::from(level) / 3.0,
            ("met", None) => 1.0,
            ("unmet", None) => 0.0,
            _ => return None,
        };
        Some((format!("check.{}", check.id), value))
    });
    let scores = session
        .dimensions
        .iter()
        .filter_map(|dimension| Some((format!("score.{}", dimension.dimension), dimension.score?)));
    let measured =
        METRIC_FIELDS.iter().filter_map(|field| Some((format!("metric.{field}"), metrics.get(*field)?.as_f64()?)));
    checks.chain(scores).chain(measured).collect()
}

/// Where a check says that a sign is.
fn judged(session: &CoachingSession, id: &str, verdict: &str, sign: Sign) -> Vec<Mention> {
    let is_it = |check: &&CheckView| check.id == id && check.verdict == verdict;
    let checks = session.dimensions.iter().flat_map(|dimension| &dimension.checks).filter(is_it);
    let places = checks.flat_map(|check| &check.evidence);
    places
        .map(|quote| Mention { sign, segment_id: quote.segment_id, start_ms: quote.start_ms.map(|ms| ms as i64) })
        .collect()
}

/// What was found in a call, to be kept.
#[derive(Debug)]
pub struct Findings {
    session: Uuid,
    rubric: String,
    features: Features,
    mentions: Vec<Mention>,
}

/// What was found in a call that was judged; `None` where it was not, or is not there any more. Of scores that are withheld nothing is made.
pub async fn find(db: &Db, call: Uuid) -> Result<Option<Findings>, DealError> {
    let Some(session) = coaching::session(db, call, None).await? else { return Ok(None) };
    let gone = |error: CallError| match error {
        CallError::Db(error) => Err(DealError::Db(error)),
        _ => Ok(()),
    };
    let (measured, transcript) = match (coaching::measured(db, call).await, calls::load(db, call).await) {
        (Ok(measured), Ok(transcript)) => (measured, transcript),
        (Err(error), _) | (_, Err(error)) => return gone(error).map(|()| None),
    };
    let mut mentions = tokio::task::spawn_blocking(move || listen::in_call(&transcript))
        .await
        .map_err(|error| DealError::Conflict(format!("a call cannot be listened to: {error}")))?;
    let metrics = measured.metrics.unwrap_or(Value::Null);
    let mut numbers = Features::new();
    if !session.head.waits() {
        numbers = features(&session, &metrics);
        mentions.extend(judged(&session, "next_step_dated", "met", Sign::NextStep));
        mentions.extend(judged(&session, "objection_confirmed", "unmet", Sign::OpenObjection));
    }
    Ok(Some(Findings { session: session.head.id, rubric: session.head.rubric_id, features: numbers, mentions }))
}

/// Keeps what was found in a call, if that is still there.
pub async fn keep(tx: &mut Tx, call: Uuid, found: &Findings) -> Result<(), DbError> {
    let sql = "INSERT INTO call_values (call_id, session_id, rubric_id, features, mentions) \
         SELECT c.id, $2, $3, $4, $5 FROM calls c WHERE c.id = $1 ON CONFLICT (call_id) DO UPDATE SET session_id = excluded.session_id, \
         rubric_id = excluded.rubric_id, features = excluded.features, mentions = excluded.mentions";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(call)
        .bind(found.session)
        .bind(&found.rubric)
        .bind(Json(&found.features))
        .bind(Json(&found.mentions))
        .execute(conn)
        .await?
        .rows_affected());
    Ok(())
}

/// The deals of a call are to be reckoned anew.
pub async fn stale(tx: &mut Tx, call: Uuid) -> Result<(), DbError> {
    let sql = "UPDATE opportunities SET assessed_at = NULL WHERE id IN (SELECT opportunity_id FROM call_opportunities WHERE call_id = $1)";
    on_tx!(tx, conn => sqlx::query(sql).bind(call).execute(conn).await?.rows_affected());
    Ok(())
}

/// Deals whose calls were counted before one of them was deleted are to be reckoned anew.
pub async fn recount(tx: &mut Tx) -> Result<(), DbError> {
    let sql = "UPDATE opportunities SET assessed_at = NULL WHERE calls <> \
         (SELECT count(*) FROM call_opportunities l WHERE l.opportunity_id = opportunities.id AND NOT l.removed)";
    on_tx!(tx, conn => sqlx::query(sql).execute(conn).await?.rows_affected());
    Ok(())
}
