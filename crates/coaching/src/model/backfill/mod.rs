//! Backfill: many calls judged by a model at half the price, in batches that its service answers within a day.
//!
//! A backfill goes in rounds. For each call it is found out which answers are missing, as if it were judged now and nobody could be asked; these
//! questions make a batch, and its answers are kept as all others are. A call that misses nothing more is judged as always, and finds all that it
//! needs. So verdicts come first, then what depends on them, and what no batch answered is asked when the call is judged.
//!
//! All that is known stands in the database before and after each step, so that a crash loses nothing: a batch that may have been made is looked
//! for among those of the service before it is made again.

mod gather;
mod round;
mod store;

pub(crate) use round::{Next, Rounds, step};
pub(super) use store::reserved;
pub use store::{Backfill, BackfillState};

use crate::{Analyst, CoachingError, known_rubric};
use accounts::audit::{self, Action};
use calls::{CallError, Filter, Status};
use chrono::{DateTime, Utc};
use db::{Db, DbError, Tx};
use kernel::{Clock, new_id};
use queue::NewJob;
use serde_json::json;
use uuid::Uuid;

/// The kind of the job that does the next step of a backfill.
pub const BACKFILL: &str = "model_backfill";

/// Most calls of a backfill.
const MOST_CALLS: i64 = 100_000;

/// Which calls are to be judged, and how.
#[derive(Debug, Clone, Default)]
pub struct BackfillWish<'a> {
    /// Calls that began, or came in, at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Calls before this time.
    pub until: Option<DateTime<Utc>>,
    /// By this rubric; the usual one where none is named.
    pub rubric: Option<&'a str>,
    /// Id of the rubric that judges where none is named.
    pub usual: &'a str,
}

/// Begins a backfill; a worker goes on with it. `actor` is who wishes for it, as the audit trail names them.
///
/// # Errors
/// [`CoachingError::Conflict`] where no model with batches judges, there is nothing to judge, or another backfill is open;
/// [`CoachingError::Field`] where there is no such rubric.
pub async fn begin_backfill(
    db: &Db,
    clock: &Clock,
    analyst: &Analyst,
    wish: BackfillWish<'_>,
    actor: &str,
) -> Result<Backfill, CoachingError> {
    let conflict = |sentence: &str| Err(CoachingError::Conflict(sentence.to_owned()));
    let Some((model, _)) = analyst.judging(db).await? else {
        return conflict("no model judges here, so that there is nothing to ask in a batch");
    };
    if !model.client.has_batches() {
        return conflict("this model's service has no batches: have the calls judged one by one");
    }
    known_rubric(db, wish.rubric, wish.usual).await.map_err(|error| match error {
        CallError::Db(error) => error.into(),
        CallError::Field(name, why) => CoachingError::Field(name, why),
        other => CoachingError::Conflict(other.to_string()),
    })?;
    let filter = Filter { since: wish.since, until: wish.until, limit: MOST_CALLS, ..Filter::default() };
    let calls: Vec<Uuid> = calls::list(db, &filter)
        .await?
        .into_iter()
        .filter(|call| call.status != Status::NeedsSides)
        .map(|call| call.id)
        .collect();
    if calls.is_empty() {
        return conflict("there is no call in this time whose sides are known");
    }
    if calls.len() as i64 >= MOST_CALLS {
        return conflict("these are more calls than a backfill takes, 100,000: name a shorter time");
    }
    let id = new_id();
    let mut tx = db.begin().await?;
    if !store::begin(&mut tx, clock, id, &model.name, wish.rubric, actor, &calls).await? {
        drop(tx);
        revive(db, clock).await?;
        return conflict("another backfill is open: wait until it is done, or cancel it");
    }
    enqueue(&mut tx, clock, id, None).await?;
    let detail = json!({ "calls": calls.len(), "rubric": wish.rubric });
    audit::record(&mut tx, clock, actor, Action::BackfillBegin, id, detail).await?;
    tx.commit().await?;
    store::get(db, id).await?.ok_or(CoachingError::Unknown("backfill"))
}

/// A backfill.
///
/// # Errors
/// [`CoachingError::Unknown`] where there is none with this id.
pub async fn backfill(db: &Db, id: Uuid) -> Result<Backfill, CoachingError> {
    store::get(db, id).await?.ok_or(CoachingError::Unknown("backfill"))
}

/// The latest backfills, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn backfills(db: &Db) -> Result<Vec<Backfill>, DbError> {
    store::list(db).await
}

/// Ends a backfill: nothing more is asked. What its batch has answered by then is kept.
///
/// # Errors
/// [`CoachingError::Unknown`] where there is none with this id, [`CoachingError::Conflict`] where it is over.
pub async fn cancel_backfill(db: &Db, clock: &Clock, id: Uuid, actor: &str) -> Result<Backfill, CoachingError> {
    let mut tx = db.begin().await?;
    if !store::cancel(&mut tx, id).await? {
        drop(tx);
        backfill(db, id).await?;
        return Err(CoachingError::Conflict("this backfill is over".to_owned()));
    }
    // At once, and not when the service is looked at next. A step that is being done now is done to its end: it may be sending.
    let key = job_key(id);
    if !queue::unfinished(db, &key).await?.is_some_and(|job| job.state == queue::State::Running) {
        queue::supersede(&mut tx, clock, &key).await?;
    }
    enqueue(&mut tx, clock, id, None).await?;
    audit::record(&mut tx, clock, actor, Action::BackfillCancel, id, json!({})).await?;
    tx.commit().await?;
    backfill(db, id).await
}

/// Sees to it that open backfills go on, also where somebody has cancelled their job.
///
/// # Errors
/// When the database fails.
pub async fn revive(db: &Db, clock: &Clock) -> Result<(), DbError> {
    for open in store::list(db).await?.into_iter().filter(|backfill| backfill.finished_at.is_none()) {
        let mut tx = db.begin().await?;
        enqueue(&mut tx, clock, open.id, None).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Its job was tried in vain too often.
pub(crate) async fn bury(tx: &mut Tx, clock: &Clock, id: Uuid) -> Result<(), DbError> {
    let why = "its job failed too often; `sideline jobs list --state dead` shows why";
    store::end(tx, clock, id, BackfillState::Stopped, Some(why)).await
}

/// The key that only one unfinished job of a backfill has.
pub fn job_key(backfill: Uuid) -> String {
    format!("{BACKFILL}:{backfill}")
}

/// Writes down the next step.
pub(crate) async fn enqueue(
    tx: &mut Tx,
    clock: &Clock,
    backfill: Uuid,
    run_at: Option<DateTime<Utc>>,
) -> Result<(), DbError> {
    let job = NewJob { run_at, max_attempts: 50, ..NewJob::new(BACKFILL, json!({ "backfill_id": backfill })) };
    queue::enqueue(tx, clock, job.unique(job_key(backfill))).await?;
    Ok(())
}
