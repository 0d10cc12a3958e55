//! One call of the ledger is brought in: `process_new_call`.
//!
//! What is told of it is fetched first, then what was said; both for all calls that wait for the same, in one request. The transcript is kept
//! nowhere before the call is: what was fetched becomes call, participants, segments, job and ledger in one transaction, or nothing.

use crate::connection::{self, Connection};
use crate::ledger::{self, Missing, Open, Outcome as Went, State, Step, Told};
use crate::source::{Cause, Listed, Origin, Trouble, Words};
use crate::{Intake, IntakeError, events};
use calls::{Arrival, CallError};
use chrono::{DateTime, TimeDelta, Utc};
use db::{DbError, Tx};
use queue::{Failure, Lease, Outcome};
use serde_json::Value;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use transcript::redact::RedactKind;
use uuid::Uuid;

/// How long it is waited for another who fetches the same call.
const MEANWHILE: TimeDelta = TimeDelta::seconds(2);
/// How long a paused connection is left alone, and one that needs a person.
pub(crate) const PAUSED: TimeDelta = TimeDelta::minutes(15);
/// A service that gave something this lately is there: what it does not give then lies with that.
const WORKED: TimeDelta = TimeDelta::hours(1);

/// What becomes of the job now.
enum Next {
    /// There is more to do.
    Again,
    /// It waits.
    Later(DateTime<Utc>, String),
    /// It was finished with what it was for.
    Finished,
}

/// Does the job of one call, as far as that can be done now.
pub(crate) async fn process(intake: &Intake, id: Uuid, lease: &Lease) -> Outcome {
    loop {
        let row = ledger::open(&intake.db, id).await?.filter(|row| row.state == State::Open);
        let Some(row) = row else {
            let mut tx = intake.db.begin().await?;
            lease.complete(&mut tx, &intake.clock).await??;
            return Ok(tx.commit().await?);
        };
        let next = match connection::get(intake, row.connection_id).await {
            Ok(connection) => step(intake, &connection, &row, lease).await?,
            Err(IntakeError::Db(error)) => return Err(error.into()),
            Err(error) => return Err(Failure::Fail(error.to_string())),
        };
        match next {
            Next::Again => {}
            Next::Finished => return Ok(()),
            Next::Later(at, why) => {
                let mut tx = intake.db.begin().await?;
                lease.postpone(&mut tx, at, Some(&why)).await??;
                return Ok(tx.commit().await?);
            }
        }
    }
}

async fn step(intake: &Intake, connection: &Connection, row: &Open, lease: &Lease) -> Result<Next, Failure> {
    let now = intake.clock.now();
    if connection.paused {
        return Ok(Next::Later(now + PAUSED, "its connection is paused".to_owned()));
    }
    if row.next_try_at > now {
        return Ok(Next::Later(row.next_try_at, "it waits for its time".to_owned()));
    }
    let origin = match Origin::of(intake, connection) {
        Ok(origin) => origin,
        Err(IntakeError::Db(error)) => return Err(error.into()),
        Err(error) => {
            let why = error.to_string();
            connection::tried(&intake.db, &intake.clock, connection.id, Some(&why)).await?;
            return Ok(Next::Later(now + PAUSED, why));
        }
    };
    let missing = if row.details.is_none() { Missing::Details } else { Missing::Transcript };
    let mut batch = take(intake, row, missing, origin.together(), lease.job.id).await?;
    // In the order in which others write the same rows, who then do not wait for each other.
    batch.sort_by(|one, other| one.external_id.cmp(&other.external_id));
    if batch.is_empty() {
        return Ok(Next::Later(now + MEANWHILE, "another worker fetches it".to_owned()));
    }
    let begun = Instant::now();
    let mut found = fetch(intake, &origin, connection, &batch, missing).await;
    let is_of_some = |trouble: &Trouble| trouble.is_of_some() || trouble.cause == Cause::Passing && row.tries > 1;
    if batch.len() > 1 && found.as_ref().is_err_and(is_of_some) {
        // One of them spoils it for the others: each for itself then.
        let (own, others): (Vec<Open>, Vec<Open>) = batch.into_iter().partition(|other| other.id == row.id);
        release(intake, &others, now).await?;
        batch = own;
        found = fetch(intake, &origin, connection, &batch, missing).await;
    }
    let took = begun.elapsed();
    match found {
        Ok(found) => {
            connection::tried(&intake.db, &intake.clock, connection.id, None).await?;
            let batch = Batch { origin: &origin, connection, rows: &batch, took };
            match found {
                Fetched::Details(found) => keep_details(intake, &batch, found).await,
                Fetched::Words(found, people) => keep_calls(intake, &batch, found, people, (row.id, lease)).await,
            }
        }
        Err(trouble) => failed(intake, connection, &batch, missing, trouble, took).await,
    }
}

/// What becomes of calls that were asked for in vain.
async fn failed(
    intake: &Intake,
    connection: &Connection,
    batch: &[Open],
    missing: Missing,
    trouble: Trouble,
    took: Duration,
) -> Result<Next, Failure> {
    let now = intake.clock.now();
    if trouble.is_failure() {
        connection::tried(&intake.db, &intake.clock, connection.id, Some(&trouble.why)).await?;
    }
    let others_come = connection.worked_at.is_some_and(|at| now - at < WORKED);
    let mut tx = intake.db.begin().await?;
    let at = match (batch, trouble.cause) {
        // It lies with this one, or may, as where others come: its patience ends, as that with a transcript that does not come.
        ([row], cause) if trouble.is_of_some() || others_come && cause != Cause::Limit => {
            let step = if missing == Missing::Details { Step::FetchCall } else { Step::FetchTranscript };
            wait(intake, &mut tx, connection, row, (step, &trouble.why, took)).await?
        }
        _ => {
            let at = trouble.come_back(now, connection.failures);
            let ids: Vec<Uuid> = batch.iter().map(|row| row.id).collect();
            ledger::let_go(&mut tx, &ids, at, Some((&trouble.why, trouble.is_failure()))).await?;
            if trouble.cause == Cause::Lasting {
                // Nor would any other of this connection be had.
                ledger::hold_all(&mut tx, connection.id, at).await?;
            }
            at
        }
    };
    tx.commit().await?;
    Ok(Next::Later(at, trouble.why))
}

async fn take(intake: &Intake, row: &Open, missing: Missing, most: i64, job: Uuid) -> Result<Vec<Open>, DbError> {
    let mut tx = intake.db.begin().await?;
    let taken = ledger::claim(&mut tx, &intake.clock, row, missing, most, job).await?;
    tx.commit().await?;
    Ok(taken)
}

/// Lets others take these.
async fn release(intake: &Intake, rows: &[Open], at: DateTime<Utc>) -> Result<(), DbError> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut tx = intake.db.begin().await?;
    ledger::let_go(&mut tx, &ids, at, None).await?;
    tx.commit().await
}

/// What an origin has of calls, by their ids there. Calls of which it has nothing are left out.
enum Fetched {
    Details(HashMap<String, Listed>),
    /// What was said, and what is told of those calls with the names in it, where what is kept has no names.
    Words(HashMap<String, Words>, HashMap<String, Value>),
}

async fn fetch(
    intake: &Intake,
    origin: &Origin,
    connection: &Connection,
    rows: &[Open],
    missing: Missing,
) -> Result<Fetched, Trouble> {
    if missing == Missing::Details {
        let found = origin.details(intake, connection, rows).await?;
        return Ok(Fetched::Details(found.into_iter().map(|call| (call.id.clone(), call)).collect()));
    }
    let words = origin.words(intake, connection, rows).await?;
    // Where names are to be replaced, those that are kept are replaced already: who is named in a call is asked for again, and kept nowhere.
    let hides_people = [RedactKind::Name, RedactKind::Email].iter().any(|kind| intake.redact.has(*kind));
    let people = if hides_people && !words.is_empty() {
        // Of those alone of which there is something to keep.
        let has_words = |row: &&Open| words.iter().any(|(id, _)| *id == row.external_id);
        let rows: Vec<Open> = rows.iter().filter(has_words).cloned().collect();
        origin.people(intake, connection, &rows).await?
    } else {
        HashMap::new()
    };
    Ok(Fetched::Words(words.into_iter().collect(), people))
}

/// Calls that were asked for together.
struct Batch<'a> {
    origin: &'a Origin,
    connection: &'a Connection,
    rows: &'a [Open],
    /// How long it took to ask.
    took: Duration,
}

async fn keep_details(intake: &Intake, batch: &Batch<'_>, mut found: HashMap<String, Listed>) -> Result<Next, Failure> {
    let Batch { connection, took, .. } = *batch;
    let mut tx = intake.db.begin().await?;
    for row in batch.rows {
        let Some(call) = found.remove(&row.external_id) else {
            let why = batch.origin.no_call();
            wait(intake, &mut tx, connection, row, (Step::FetchCall, why, took)).await?;
            continue;
        };
        let details = ledger::written(&call.details)?;
        let told = Told {
            external_id: &row.external_id,
            began_at: call.began_at,
            rep: call.rep.as_deref(),
            details: Some(&*details),
            skip: None,
        };
        ledger::set_details(&mut tx, row.id, &told).await?;
        ledger::step(&mut tx, &intake.clock, row.id, Step::FetchCall, Went::Done, took).await?;
        if let Some(why) = call.skip {
            ledger::set_state(&mut tx, &intake.clock, row.id, (State::Open, State::Skipped), Some(why)).await?;
        }
    }
    tx.commit().await?;
    Ok(Next::Again)
}

/// Lets a call wait for what its origin does not have yet, or gives it up when it has waited for long enough. Returns when it is looked at again.
async fn wait(
    intake: &Intake,
    tx: &mut Tx,
    connection: &Connection,
    row: &Open,
    (step, why, took): (Step, &str, Duration),
) -> Result<DateTime<Utc>, DbError> {
    let now = intake.clock.now();
    let end = row.waits_from + intake.patience.most;
    let at = (now + intake.patience.wait(row.tries)).min(end);
    if now >= end {
        let hours = intake.patience.most.num_hours();
        let why = format!("{why}, and did not for {hours} hours");
        ledger::step(tx, &intake.clock, row.id, step, Went::Failed(&why), took).await?;
        ledger::set_state(tx, &intake.clock, row.id, (State::Open, State::Failed), Some(&why)).await?;
        events::processed(tx, &intake.clock, connection.id, &row.external_id, false).await?;
    } else {
        ledger::step(tx, &intake.clock, row.id, step, Went::Waiting(why), took).await?;
        ledger::rest(tx, row.id, at, why).await?;
    }
    Ok(at)
}

/// Gives a call up for a reason that no waiting changes, and finishes its job where it is ours.
async fn give_up(
    intake: &Intake,
    connection: &Connection,
    row: &Open,
    step: Step,
    why: &str,
    lease: Option<&Lease>,
) -> Result<(), Failure> {
    let mut tx = intake.db.begin().await?;
    ledger::step(&mut tx, &intake.clock, row.id, step, Went::Failed(why), Duration::ZERO).await?;
    ledger::set_state(&mut tx, &intake.clock, row.id, (State::Open, State::Failed), Some(why)).await?;
    events::processed(&mut tx, &intake.clock, connection.id, &row.external_id, false).await?;
    if let Some(lease) = lease {
        lease.complete(&mut tx, &intake.clock).await??;
    }
    Ok(tx.commit().await?)
}

async fn keep_calls(
    intake: &Intake,
    batch: &Batch<'_>,
    mut found: HashMap<String, Words>,
    mut people: HashMap<String, Value>,
    own: (Uuid, &Lease),
) -> Result<Next, Failure> {
    let mut next = Next::Again;
    // Those first that nothing is known of: the others take long, and may end in the midst.
    let is_here = |row: &&Open| found.contains_key(&row.external_id);
    let (mut here, missing): (Vec<&Open>, Vec<&Open>) = batch.rows.iter().partition(is_here);
    let mut tx = intake.db.begin().await?;
    for row in missing {
        let why = format!("{}{}", batch.origin.before(row), batch.origin.no_words());
        wait(intake, &mut tx, batch.connection, row, (Step::FetchTranscript, &why, batch.took)).await?;
    }
    tx.commit().await?;
    // The own one last: it ends the job, and with it the right to the others.
    here.sort_by_key(|row| row.id == own.0);
    for row in here {
        let Some(words) = found.remove(&row.external_id) else { continue };
        let lease = (row.id == own.0).then_some(own.1);
        let told = people.remove(&row.external_id).or_else(|| row.details.as_ref().map(|kept| kept.0.clone()));
        match keep_call(intake, batch, row, (told.unwrap_or_default(), words), lease).await {
            Ok(true) => {}
            // It has become private meanwhile, or another was quicker, which the next look tells.
            Ok(false) => continue,
            // What concerns this one alone keeps nobody else out.
            Err(CallError::Db(error)) if lease.is_none() && !error.concerns_all() && !error.is_transient() => {
                let mut tx = intake.db.begin().await?;
                let at = intake.clock.now() + intake.patience.wait(row.tries);
                ledger::rest(&mut tx, row.id, at, &error.to_string()).await?;
                tx.commit().await?;
            }
            Err(CallError::Db(error)) => return Err(error.into()),
            Err(CallError::Blob(error)) => return Err(Failure::Retry(error.to_string())),
            Err(error) => {
                let why = format!("{}{error}", batch.origin.before(row));
                give_up(intake, batch.connection, row, Step::StoreTranscripts, &why, lease).await?;
            }
        }
        if lease.is_some() {
            next = Next::Finished;
        }
    }
    Ok(next)
}

/// A call with its transcript becomes a call here, in one transaction with the ledger and, where it is ours, the job. Whether it was to come in still.
async fn keep_call(
    intake: &Intake,
    batch: &Batch<'_>,
    row: &Open,
    (told, words): (Value, Words),
    lease: Option<&Lease>,
) -> Result<bool, CallError> {
    let Intake { db, blobs, clock, .. } = intake;
    let Batch { connection, took, .. } = *batch;
    let (bytes, new) = batch.origin.file(intake, connection, row, &told, words);
    let arrival = Arrival::prepare(db, blobs, clock, bytes, &[], &new).await?;
    let mut tx = db.begin().await?;
    let kept = arrival.keep(&mut tx, clock, &new).await?;
    let call = if let Some(kept) = &kept {
        kept.id
    } else {
        // It came in another way before, such as by a connection that was removed.
        drop(tx);
        arrival.forget(db, blobs).await?;
        tx = db.begin().await?;
        arrival.known(&mut tx).await?.ok_or(DbError::Locked)?
    };
    ledger::step(&mut tx, clock, row.id, Step::FetchTranscript, Went::Done, took).await?;
    if let Some(kept) = &kept {
        ledger::steps_of(&mut tx, clock, row.id, kept).await?;
    }
    let note = arrival.strangers().map(|strangers| {
        let who = if strangers == 1 { "one speaker is".to_owned() } else { format!("{strangers} speakers are") };
        format!("{} does not know on whose side {who}; taken for the customer's", batch.origin.name())
    });
    if !ledger::kept(&mut tx, clock, row.id, call, note.as_deref()).await? {
        drop(tx);
        if kept.is_some() {
            arrival.forget(db, blobs).await?;
        }
        return Ok(false);
    }
    events::processed(&mut tx, clock, connection.id, &row.external_id, true).await?;
    // Where the job is somebody else's by now, the call is here all the same.
    if let Some(lease) = lease {
        let _ = lease.complete(&mut tx, clock).await?;
    }
    tx.commit().await?;
    Ok(true)
}
