//! What is done with kept calls: they are to be judged, get their sides, are deleted.

use crate::events::{self, Event};
use crate::import::rep_of_kept;
use crate::whose::{Reach, seen_rep};
use crate::{Blobs, CallError, Receipt, Status, Who, index};
use accounts::audit::{self, Action};
use chrono::{DateTime, TimeDelta, Utc};
use db::{Db, DbError, Tx, on_tx};
use kernel::Clock;
use queue::NewJob;
use serde_json::json;
use transcript::sides::{self, SidesFrom};
use transcript::{Side, Transcript};
use uuid::Uuid;

/// The kind of the job that judges a call.
pub const ANALYSE: &str = "analyse_call";
/// The kind of the job that deletes an original whose call is gone.
pub const DELETE_ORIGINAL: &str = "delete_original";

/// Priority of what a person waits for; what comes in by itself has 0.
pub const ASKED_FOR: i32 = 10;

/// How long an import may take from its original to the row that names it.
const IMPORT_AT_MOST: TimeDelta = TimeDelta::hours(24);

/// The key that only one unfinished job to judge the call has.
pub fn analysis_key(call: Uuid) -> String {
    format!("{ANALYSE}:{call}")
}

/// How a call is to be judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Analysis<'a> {
    /// By this rubric; the usual one where it is `None`.
    pub rubric: Option<&'a str>,
    /// Higher ones first; 0 is usual.
    pub priority: i32,
    /// Without answers of a model that were kept before.
    pub since: Option<DateTime<Utc>>,
    /// How often a model was asked in vain for some of it.
    pub tries: u32,
    /// Not before this time; `None` for now.
    pub run_at: Option<DateTime<Utc>>,
}

/// Writes down that a call is to be judged, in the place of a job for it that is unfinished: what that one knows may be old by now.
///
/// # Errors
/// When the database fails.
pub async fn enqueue_analysis(tx: &mut Tx, clock: &Clock, call: Uuid, how: Analysis<'_>) -> Result<Uuid, DbError> {
    let key = analysis_key(call);
    queue::supersede(tx, clock, &key).await?;
    let sql = "UPDATE calls SET status = 'queued' WHERE id = $1 AND status = 'failed'";
    on_tx!(tx, conn => sqlx::query(sql).bind(call).execute(conn).await?.rows_affected());
    let mut payload = json!({ "call_id": call, "rubric": how.rubric });
    if let Some(since) = how.since {
        payload["since"] = json!(since);
    }
    if how.tries > 0 {
        payload["tries"] = json!(how.tries);
    }
    let job = NewJob { priority: how.priority, run_at: how.run_at, ..NewJob::new(ANALYSE, payload) };
    // Nobody else can have written one down meanwhile: the call is new, or locked, or this database has one writer.
    let job = queue::enqueue(tx, clock, job.unique(key)).await?.ok_or(DbError::Duplicate)?;
    // One that is due much later leaves the call as it is until then.
    if how.run_at.is_none() {
        events::tell(tx, clock.now(), Event::Status, call, json!({ "status": Status::Queued, "job_id": job })).await?;
    }
    Ok(job)
}

/// The key of the job that deletes an original if no row names it in time.
pub(crate) fn doubt_key(original: &str) -> String {
    format!("{DELETE_ORIGINAL}:{original}")
}

/// Writes down that an original which is about to be kept is to be deleted, in case the import ends before a row names it. The import takes it
/// back in the transaction that writes the row. Originals are never swept by what the database does not name: it may be another one's folder.
pub(crate) async fn doubt(db: &Db, clock: &Clock, original: &str) -> Result<(), DbError> {
    let run_at = Some(clock.now() + IMPORT_AT_MOST);
    let job = NewJob { run_at, max_attempts: 20, ..NewJob::new(DELETE_ORIGINAL, json!({ "key": original })) };
    let mut tx = db.begin().await?;
    queue::enqueue(&mut tx, clock, job.unique(doubt_key(original))).await?;
    tx.commit().await
}

/// Says who is on our side in the call with this id and `transcript`, and has it judged (again). Whose call it is follows, unless a person
/// has said so, as far as `who` may say it: what a rep says leaves the call whose it is, and a manager's word counts for reps whom they see.
///
/// # Errors
/// When a name is nobody's.
pub async fn set_sides(
    tx: &mut Tx,
    clock: &Clock,
    id: Uuid,
    mut transcript: Transcript,
    names: &[String],
    rubric: Option<&str>,
    who: &Who,
) -> Result<Status, CallError> {
    let sides = sides::assign(&mut transcript, names)?;
    if sides.from == SidesFrom::Unknown {
        return Ok(Status::NeedsSides);
    }
    for (position, person) in transcript.participants.iter().enumerate() {
        let sql = "UPDATE participants SET side = $1 WHERE call_id = $2 AND position = $3";
        on_tx!(tx, conn => sqlx::query(sql)
            .bind(person.side.map(Side::as_str))
            .bind(id)
            .bind(position as i32)
            .execute(conn)
            .await
            .map_err(DbError::from)?
            .rows_affected());
    }
    index(tx, id, &transcript).await?;
    let (rep, stays) = match (who.reach(), rep_of_kept(&transcript)) {
        (Reach::All, Some((name, email))) => (Some(accounts::rep(tx, clock, &name, email.as_deref()).await?), false),
        (Reach::All, None) => (None, false),
        (Reach::Seen(actor), Some((name, email))) => {
            let found = seen_rep(tx, actor, &name, email.as_deref()).await?;
            (found, found.is_none())
        }
        (Reach::Seen(_), None) | (Reach::Nobody, _) => (None, true),
    };
    let sql = "UPDATE calls SET status = 'queued', rep_id = CASE WHEN rep_named OR $3 THEN rep_id ELSE coalesce($1, uploaded_by) END \
         WHERE id = $2";
    on_tx!(tx, conn => sqlx::query(sql).bind(rep).bind(id).bind(stays).execute(conn).await.map_err(DbError::from)?.rows_affected());
    enqueue_analysis(tx, clock, id, Analysis { rubric, priority: ASKED_FOR, ..Analysis::default() }).await?;
    let people = transcript.participants.iter().enumerate();
    let ours: Vec<usize> =
        people.filter(|(_, person)| person.side == Some(Side::Internal)).map(|(position, _)| position).collect();
    audit::record(tx, clock, &who.trail(), Action::CallSides, id, json!({ "internal": ours })).await?;
    Ok(Status::Queued)
}

/// Marks a call whose analysis was given up.
///
/// # Errors
/// When the database fails.
pub async fn mark_failed(tx: &mut Tx, clock: &Clock, call: Uuid) -> Result<(), DbError> {
    let sql = "UPDATE calls SET status = 'failed' WHERE id = $1 AND status = 'queued'";
    on_tx!(tx, conn => sqlx::query(sql).bind(call).execute(conn).await?.rows_affected());
    events::tell_status(tx, clock.now(), call).await
}

/// What is left of a call that was deleted: the receipt, and a job that deletes the original if [`forget_originals`] does not.
#[derive(Debug)]
pub struct Deleted {
    /// For the person who asked, and in the audit trail.
    pub receipt: Receipt,
    key: String,
    job: Uuid,
}

/// Deletes a call with all rows that point at it.
///
/// # Errors
/// When there is no such call or something cannot be deleted.
pub async fn delete(tx: &mut Tx, clock: &Clock, id: Uuid, actor: &str) -> Result<Deleted, CallError> {
    let original = "SELECT original_key, original_bytes FROM calls WHERE id = $1";
    let original: Option<(String, i64)> = on_tx!(tx, conn => sqlx::query_as(original)
        .bind(id)
        .fetch_optional(conn)
        .await
        .map_err(DbError::from)?);
    let Some((key, original_bytes)) = original else { return Err(CallError::Unknown(id.to_string())) };
    index::lock(tx, id).await?;
    events::tell(tx, clock.now(), Event::Deleted, id, json!({})).await?;
    let mut rows = Vec::new();
    // Those that only point at the call come before it.
    for (table, sql) in [
        ("analyses", "DELETE FROM analyses WHERE call_id = $1"),
        ("coaching_sessions", "DELETE FROM coaching_sessions WHERE call_id = $1"),
        ("model_results", "DELETE FROM model_results WHERE call_id = $1"),
        (
            "insight_texts",
            "DELETE FROM insight_texts WHERE key IN (SELECT text_key FROM insight_text_calls WHERE call_id = $1)",
        ),
        (
            "opportunity_texts",
            "DELETE FROM opportunity_texts WHERE key IN (SELECT text_key FROM opportunity_text_calls WHERE call_id = $1)",
        ),
        // What its source told of it; that it was here is remembered, so that it does not come again.
        ("source_calls", "UPDATE source_calls SET details = NULL, rep = NULL WHERE call_id = $1"),
        (
            "webhook_events",
            "UPDATE webhook_events SET payload = NULL WHERE EXISTS (SELECT 1 FROM source_calls s WHERE s.call_id = $1 \
             AND s.connection_id = webhook_events.connection_id AND s.external_id = webhook_events.external_id)",
        ),
        ("metrics", "DELETE FROM metrics WHERE call_id = $1"),
        // With their words and vectors.
        ("passages", "DELETE FROM passages WHERE call_id = $1"),
        ("segments", "DELETE FROM segments WHERE call_id = $1"),
        ("participants", "DELETE FROM participants WHERE call_id = $1"),
        ("calls", "DELETE FROM calls WHERE id = $1"),
    ] {
        let count = on_tx!(tx, conn => sqlx::query(sql)
            .bind(id)
            .execute(conn)
            .await
            .map_err(DbError::from)?
            .rows_affected());
        rows.push((table.to_owned(), count));
    }
    rows.push(("jobs".to_owned(), queue::remove(tx, &analysis_key(id)).await?));
    // In the same transaction: whatever happens after it, somebody deletes the original.
    let run_at = Some(clock.now() + TimeDelta::minutes(1));
    let job = NewJob { run_at, max_attempts: 20, ..NewJob::new(DELETE_ORIGINAL, json!({ "key": key })) };
    let job = queue::enqueue(tx, clock, job).await?.ok_or(DbError::Duplicate)?;
    let receipt = Receipt { call_id: id, deleted_at: clock.now(), rows, original_bytes };
    audit::record(tx, clock, actor, Action::CallDelete, id, &receipt).await?;
    Ok(Deleted { receipt, key, job })
}

/// Deletes originals after the transaction of [`delete`] was committed, and the words from SQLite's files.
///
/// # Errors
/// When one cannot be deleted now: a job tries again. The others are deleted all the same.
pub async fn forget_originals(db: &Db, blobs: &Blobs, clock: &Clock, deleted: &[Deleted]) -> Result<(), CallError> {
    let (mut jobs, mut left) = (Vec::new(), None);
    for Deleted { key, job, .. } in deleted {
        match blobs.delete(key).await {
            Ok(()) => jobs.push(*job),
            Err(error) => left = Some(error),
        }
    }
    let mut tx = db.begin().await?;
    for job in jobs {
        queue::cancel(&mut tx, clock, job).await?;
    }
    tx.commit().await?;
    db.checkpoint().await?;
    left.map_or(Ok(()), |error| Err(CallError::OriginalLeft(error)))
}
