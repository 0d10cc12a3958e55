//! What is done with calls: they come in, get their sides, are deleted.

use crate::blobs::{Blobs, hash};
use crate::{CallError, Imported, NewCall, Receipt, Status, store};
use chrono::{DateTime, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Clock, new_id};
use queue::NewJob;
use serde_json::json;
use sqlx::types::Json;
use std::collections::BTreeMap;
use transcript::redact::redact;
use transcript::sides::{self, SidesFrom};
use transcript::write::to_json;
use transcript::{Side, Transcript};
use uuid::Uuid;

/// The kind of the job that judges a call.
pub const ANALYSE: &str = "analyse_call";

/// Writes down that a call is to be judged; returns the job, `None` where an unfinished one is there already.
///
/// # Errors
/// When the database fails.
pub async fn enqueue_analysis(
    tx: &mut Tx,
    clock: &Clock,
    call: Uuid,
    rubric: Option<&str>,
) -> Result<Option<Uuid>, DbError> {
    let job = NewJob::new(ANALYSE, json!({ "call_id": call, "rubric": rubric }));
    queue::enqueue(tx, clock, job.unique(analysis_key(call))).await
}

/// The unique key of the jobs that judge a call: there is one at a time.
pub fn analysis_key(call: Uuid) -> String {
    format!("{ANALYSE}:{call}")
}

/// Takes a file in: the original first, then call, transcript and the job to judge it in one transaction. The same file again is the same call.
/// What `new.redact` names is replaced before anything is kept. `names` are those of our side; where nobody is known to be, the call waits for them.
///
/// # Errors
/// When the file is no transcript, a name is nobody's, or nothing can be stored.
pub async fn import(
    db: &Db,
    blobs: &Blobs,
    clock: &Clock,
    bytes: Vec<u8>,
    names: &[String],
    new: &NewCall,
) -> Result<Imported, CallError> {
    let source_hash = hash(&bytes);
    if let Some(id) = known(db, &source_hash).await? {
        return Ok(Imported::Known { id });
    }
    let mut transcript = transcript::parse(&bytes, None)?;
    let sides = sides::assign(&mut transcript, names)?;
    let redacted = redact(&mut transcript, new.redact);
    // A file in which something was redacted is not kept as it came, or the redaction would be for show.
    let bytes = if redacted.total() == 0 {
        bytes
    } else {
        serde_json::to_vec(&to_json(&transcript)).map_err(|error| DbError::Other(sqlx::Error::Encode(error.into())))?
    };
    let redactions: BTreeMap<&str, usize> = redacted.iter().map(|(kind, count)| (kind.as_str(), count)).collect();
    let status = if sides.from == SidesFrom::Unknown { Status::NeedsSides } else { Status::Queued };
    let original_bytes = bytes.len() as i64;
    // Before the row that names it: a crash in between leaves a file that nothing names, never a row without its file.
    let original_key = blobs.put(bytes).await?;
    let (id, now) = (new_id(), clock.now());
    let started_at = new.started_at.or_else(|| started_at(&transcript));
    let mut tx = db.begin().await?;
    let rep = rep_of(&mut tx, clock, &transcript, new.rep.as_deref()).await?;
    let sql = "INSERT INTO calls (id, source, source_hash, file_name, format, external_id, title, language, customer, rep_id, \
         started_at, imported_at, duration_ms, separate_channels, status, warnings, redactions, original_key, original_bytes) \
         VALUES ($1, 'file', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) \
         ON CONFLICT (source_hash) DO NOTHING";
    let rows = on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(id)
        .bind(&source_hash)
        .bind(&new.file_name)
        .bind(transcript.format.as_str())
        .bind(&transcript.external_id)
        .bind(new.title.as_ref().or(transcript.title.as_ref()))
        .bind(&transcript.language)
        .bind(&new.customer)
        .bind(rep)
        .bind(started_at)
        .bind(now)
        .bind(transcript.span_ms().map(|(from, to)| (to - from) as i64))
        .bind(transcript.separate_channels)
        .bind(status.as_str())
        .bind(Json(&transcript.warnings))
        .bind(Json(&redactions))
        .bind(&original_key)
        .bind(original_bytes)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    if rows == 0 {
        // Somebody else took the same file in meanwhile.
        drop(tx);
        let id = known(db, &source_hash).await?.ok_or(DbError::Locked)?;
        return Ok(Imported::Known { id });
    }
    store::insert_transcript(&mut tx, id, &transcript).await?;
    if status == Status::Queued {
        enqueue_analysis(&mut tx, clock, id, None).await?;
    }
    tx.commit().await?;
    Ok(Imported::New { id, status })
}

async fn known(db: &Db, source_hash: &str) -> Result<Option<Uuid>, DbError> {
    let sql = "SELECT id FROM calls WHERE source_hash = $1";
    Ok(on_db!(db, pool => sqlx::query_scalar(sql).bind(source_hash).fetch_optional(pool).await?))
}

fn started_at(transcript: &Transcript) -> Option<DateTime<Utc>> {
    let stamp = transcript.started_at.as_deref()?;
    DateTime::parse_from_rfc3339(stamp).ok().map(|at| at.with_timezone(&Utc))
}

/// Whose call it is: who was named, else who of our side says most.
async fn rep_of(
    tx: &mut Tx,
    clock: &Clock,
    transcript: &Transcript,
    named: Option<&str>,
) -> Result<Option<Uuid>, DbError> {
    if let Some(named) = named {
        let email = named.contains('@').then_some(named);
        let person = transcript.participants.iter().find(|p| {
            p.name.eq_ignore_ascii_case(named)
                || p.email.as_deref().is_some_and(|mail| mail.eq_ignore_ascii_case(named))
        });
        let name = person.map_or(named, |person| person.name.as_str());
        let email = email.or(person.and_then(|person| person.email.as_deref()));
        return accounts::rep(tx, clock, name, email).await.map(Some);
    }
    let mut letters = vec![0_usize; transcript.participants.len()];
    for segment in &transcript.segments {
        if let Some(speaker) = segment.speaker {
            letters[speaker] += segment.text.len();
        }
    }
    let ours = transcript.participants.iter().zip(letters).filter(|(person, _)| person.side == Some(Side::Internal));
    match ours.max_by_key(|(_, letters)| *letters) {
        Some((person, letters)) if letters > 0 => {
            accounts::rep(tx, clock, &person.name, person.email.as_deref()).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// Says who is on our side in the call with this id and `transcript`, and has it judged (again).
///
/// # Errors
/// When a name is nobody's.
pub async fn set_sides(
    tx: &mut Tx,
    clock: &Clock,
    id: Uuid,
    mut transcript: Transcript,
    names: &[String],
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
    let rep = rep_of(tx, clock, &transcript, None).await?;
    let sql = "UPDATE calls SET status = 'queued', rep_id = coalesce(rep_id, $1) WHERE id = $2";
    on_tx!(tx, conn => sqlx::query(sql).bind(rep).bind(id).execute(conn).await.map_err(DbError::from)?.rows_affected());
    enqueue_analysis(tx, clock, id, None).await?;
    Ok(Status::Queued)
}

/// Deletes a call with all rows that point at it; what is left is the receipt, in the audit trail as well. Returns it with the key of the
/// original, which is to be deleted when `tx` is committed.
///
/// # Errors
/// When there is no such call or something cannot be deleted.
pub async fn delete(tx: &mut Tx, clock: &Clock, id: Uuid, actor: &str) -> Result<(Receipt, String), CallError> {
    let original = "SELECT original_key, original_bytes FROM calls WHERE id = $1";
    let original: Option<(String, i64)> = on_tx!(tx, conn => sqlx::query_as(original)
        .bind(id)
        .fetch_optional(conn)
        .await
        .map_err(DbError::from)?);
    let Some((key, original_bytes)) = original else { return Err(CallError::Unknown(id.to_string())) };
    let mut rows = Vec::new();
    // Those that only point at the call come before it.
    for (table, sql) in [
        ("analyses", "DELETE FROM analyses WHERE call_id = $1"),
        ("coaching_sessions", "DELETE FROM coaching_sessions WHERE call_id = $1"),
        ("metrics", "DELETE FROM metrics WHERE call_id = $1"),
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
    let jobs = "DELETE FROM jobs WHERE unique_key = $1";
    let jobs = on_tx!(tx, conn => sqlx::query(jobs)
        .bind(format!("{ANALYSE}:{id}"))
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    rows.push(("jobs".to_owned(), jobs));
    let receipt = Receipt { call_id: id, deleted_at: clock.now(), rows, original_bytes };
    let sql =
        "INSERT INTO audit_events (id, at, actor, action, subject, detail) VALUES ($1, $2, $3, 'call.delete', $4, $5)";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(new_id())
        .bind(receipt.deleted_at)
        .bind(actor)
        .bind(id.to_string())
        .bind(Json(&receipt))
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    Ok((receipt, key))
}
