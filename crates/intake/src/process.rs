//! One call of the ledger is brought in: `process_new_call`.
//!
//! What is told of it is fetched first, then what was said; both for all calls that wait for the same, in one request. The transcript is kept
//! nowhere before the call is: what was fetched becomes call, participants, segments, job and ledger in one transaction, or nothing.

use crate::connection::{self, Connection};
use crate::ledger::{self, Missing, Open, Outcome as Went, State, Step, Told};
use crate::{Intake, IntakeError, events, source};
use calls::{Arrival, CallError, NewCall, Sides, Source};
use chrono::{DateTime, TimeDelta, Utc};
use db::{DbError, Tx};
use gong::{CallView, Client, Filter, GongError, TranscriptView};
use queue::{Failure, Lease, Outcome};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use transcript::redact::RedactKind;
use uuid::Uuid;

/// Calls that are asked for in one request: a page of Gong's.
const TOGETHER: i64 = 100;
/// How long it is waited for another who fetches the same call.
const MEANWHILE: TimeDelta = TimeDelta::seconds(2);
/// How long a paused connection is left alone, and one that needs a person.
pub(crate) const PAUSED: TimeDelta = TimeDelta::minutes(15);

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
    let client = match source::client(intake, connection) {
        Ok(client) => client,
        Err(IntakeError::Db(error)) => return Err(error.into()),
        Err(error) => {
            let why = error.to_string();
            connection::tried(&intake.db, &intake.clock, connection.id, Some(&why)).await?;
            return Ok(Next::Later(now + PAUSED, why));
        }
    };
    let missing = if row.details.is_none() { Missing::Details } else { Missing::Transcript };
    let mut batch = take(intake, row, missing, lease.job.id).await?;
    if batch.is_empty() {
        return Ok(Next::Later(now + MEANWHILE, "another worker fetches it".to_owned()));
    }
    let begun = Instant::now();
    let mut found = fetch(&client, connection, &batch, missing).await;
    if batch.len() > 1
        && matches!(found, Err(GongError::Invalid { .. } | GongError::TooLarge { .. } | GongError::NotThere { .. }))
    {
        // One of them spoils it for the others: each for itself then.
        let (own, others): (Vec<Open>, Vec<Open>) = batch.into_iter().partition(|other| other.id == row.id);
        release(intake, &others, now, None).await?;
        batch = own;
        found = fetch(&client, connection, &batch, missing).await;
    }
    // Where names are to be replaced, those that are kept are replaced already: who is named in a call is asked for again, and kept nowhere.
    let hides_people = [RedactKind::Name, RedactKind::Email].iter().any(|kind| intake.redact.has(*kind));
    let mut people = HashMap::new();
    if hides_people && missing == Missing::Transcript && found.as_ref().is_ok_and(|found| !found.is_empty()) {
        match fetch(&client, connection, &batch, Missing::Details).await {
            Ok(details) => people.extend(details),
            Err(error) => found = Err(error),
        }
    }
    match found {
        Ok(found) => {
            connection::tried(&intake.db, &intake.clock, connection.id, None).await?;
            let found: HashMap<String, Value> = found.into_iter().collect();
            match missing {
                Missing::Details => keep_details(intake, connection, &batch, found, begun.elapsed()).await,
                Missing::Transcript => {
                    let took = begun.elapsed();
                    let batch = Batch { connection, rows: &batch, found, people, took };
                    keep_calls(intake, batch, (row.id, lease)).await
                }
            }
        }
        Err(error @ (GongError::Invalid { .. } | GongError::TooLarge { .. })) => {
            let at_fault = if missing == Missing::Details { Step::FetchCall } else { Step::FetchTranscript };
            give_up(intake, connection, row, at_fault, &error.to_string(), Some(lease)).await?;
            Ok(Next::Finished)
        }
        Err(error) => {
            let (at, why) = (come_back(&error, now, connection.failures), error.to_string());
            // The requests of a day that are used up are no failure of the service.
            if !matches!(error, GongError::Exhausted { .. }) {
                connection::tried(&intake.db, &intake.clock, connection.id, Some(&why)).await?;
            }
            release(intake, &batch, at, Some(&why)).await?;
            Ok(Next::Later(at, why))
        }
    }
}

/// When to come back after an error; each failure in a row doubles the wait.
pub(crate) fn come_back(error: &GongError, now: DateTime<Utc>, failures: u32) -> DateTime<Utc> {
    match error.retry_at(now) {
        Some(at) => at,
        None if error.is_transient() => now + TimeDelta::seconds(5 << failures.min(7)),
        None => now + PAUSED,
    }
}

async fn take(intake: &Intake, row: &Open, missing: Missing, job: Uuid) -> Result<Vec<Open>, DbError> {
    let mut tx = intake.db.begin().await?;
    let taken = ledger::claim(&mut tx, &intake.clock, row, missing, TOGETHER, job).await?;
    tx.commit().await?;
    Ok(taken)
}

async fn release(intake: &Intake, rows: &[Open], at: DateTime<Utc>, why: Option<&str>) -> Result<(), DbError> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut tx = intake.db.begin().await?;
    ledger::let_go(&mut tx, &ids, at, why).await?;
    tx.commit().await
}

/// What Gong has of these calls, by their ids there. Calls of which it has nothing are left out.
async fn fetch(
    client: &Client,
    connection: &Connection,
    rows: &[Open],
    missing: Missing,
) -> Result<Vec<(String, Value)>, GongError> {
    let calls = rows.iter().map(|row| row.external_id.clone()).collect();
    let filter = Filter { calls, workspace: connection.settings.workspace.clone(), ..Filter::default() };
    let (mut found, mut cursor, mut trail) = (Vec::new(), None, gong::Trail::default());
    loop {
        let (page, what) = match missing {
            Missing::Details => (client.calls(&filter, &gong::everything(false), cursor.as_deref()).await?, "calls"),
            Missing::Transcript => (client.transcripts(&filter, cursor.as_deref()).await?, "transcripts"),
        };
        cursor = trail.next(&page, what)?;
        for item in page.items {
            let id = match missing {
                Missing::Details => CallView::of(&item).id,
                Missing::Transcript => {
                    let view = TranscriptView::of(&item);
                    if view.is_empty() { None } else { view.call_id }
                }
            };
            found.extend(id.map(|id| (id, item)));
        }
        if cursor.is_none() {
            return Ok(found);
        }
    }
}

async fn keep_details(
    intake: &Intake,
    connection: &Connection,
    batch: &[Open],
    mut found: HashMap<String, Value>,
    took: Duration,
) -> Result<Next, Failure> {
    let mut tx = intake.db.begin().await?;
    for row in batch {
        let Some(mut details) = found.remove(&row.external_id) else {
            wait(intake, &mut tx, connection, row, Step::FetchCall, "Gong does not show this call", took).await?;
            continue;
        };
        let call = CallView::of(&details);
        let rep = source::rep(&call);
        events::hide_call(&mut details, &call, intake.redact);
        let details = ledger::written(&details)?;
        let told = Told {
            external_id: &row.external_id,
            began_at: call.started,
            rep: rep.as_deref(),
            details: Some(&*details),
            skip: None,
        };
        ledger::set_details(&mut tx, row.id, &told).await?;
        ledger::step(&mut tx, &intake.clock, row.id, Step::FetchCall, Went::Done, took).await?;
        if let Some(why) = events::skip(&call, connection.settings.include_private) {
            ledger::set_state(&mut tx, &intake.clock, row.id, (State::Open, State::Skipped), Some(why)).await?;
            events::processed(&mut tx, &intake.clock, connection.id, &row.external_id, true).await?;
        }
    }
    tx.commit().await?;
    Ok(Next::Again)
}

/// Lets a call wait for what Gong does not have yet, or gives it up when it has waited for long enough.
async fn wait(
    intake: &Intake,
    tx: &mut Tx,
    connection: &Connection,
    row: &Open,
    step: Step,
    why: &str,
    took: Duration,
) -> Result<(), DbError> {
    let now = intake.clock.now();
    let end = row.waits_from + intake.patience.most;
    let at = (now + intake.patience.wait(row.tries)).min(end);
    if now >= end {
        let hours = intake.patience.most.num_hours();
        let why = format!("{why}, and did not for {hours} hours");
        ledger::step(tx, &intake.clock, row.id, step, Went::Failed(&why), took).await?;
        ledger::set_state(tx, &intake.clock, row.id, (State::Open, State::Failed), Some(&why)).await?;
        events::processed(tx, &intake.clock, connection.id, &row.external_id, false).await
    } else {
        ledger::step(tx, &intake.clock, row.id, step, Went::Waiting(why), took).await?;
        ledger::rest(tx, row.id, at, why).await
    }
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

/// Calls that were asked for together.
struct Batch<'a> {
    connection: &'a Connection,
    rows: &'a [Open],
    /// Their transcripts, as far as they are there.
    found: HashMap<String, Value>,
    /// What is told of them, with names; empty where that is kept.
    people: HashMap<String, Value>,
    /// How long it took to ask.
    took: Duration,
}

async fn keep_calls(intake: &Intake, mut batch: Batch<'_>, own: (Uuid, &Lease)) -> Result<Next, Failure> {
    let mut next = Next::Again;
    // Those first that nothing is known of: the others take long, and may end in the midst.
    let is_here = |row: &&Open| batch.found.contains_key(&row.external_id);
    let (mut here, missing): (Vec<&Open>, Vec<&Open>) = batch.rows.iter().partition(is_here);
    let mut tx = intake.db.begin().await?;
    for row in missing {
        let why = "Gong has no transcript of it yet";
        wait(intake, &mut tx, batch.connection, row, Step::FetchTranscript, why, batch.took).await?;
    }
    tx.commit().await?;
    // The own one last: it ends the job, and with it the right to the others.
    here.sort_by_key(|row| row.id == own.0);
    for row in here {
        let Some(transcript) = batch.found.remove(&row.external_id) else { continue };
        let lease = (row.id == own.0).then_some(own.1);
        let details = batch.people.remove(&row.external_id).or_else(|| row.details.as_ref().map(|kept| kept.0.clone()));
        let told = Found { details: details.unwrap_or_default(), transcript, took: batch.took };
        match keep_call(intake, batch.connection, row, told, lease).await {
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
                give_up(intake, batch.connection, row, Step::StoreTranscripts, &error.to_string(), lease).await?;
            }
        }
        if lease.is_some() {
            next = Next::Finished;
        }
    }
    Ok(next)
}

/// What Gong has of a call.
struct Found {
    details: Value,
    transcript: Value,
    took: Duration,
}

/// A call with its transcript becomes a call here, in one transaction with the ledger and, where it is ours, the job. Whether it was to come in still.
async fn keep_call(
    intake: &Intake,
    connection: &Connection,
    row: &Open,
    found: Found,
    lease: Option<&Lease>,
) -> Result<bool, CallError> {
    let Intake { db, blobs, clock, .. } = intake;
    let Found { details, mut transcript, took } = found;
    let new = NewCall {
        source: Source::Gong,
        source_id: Some(row.external_id.clone()),
        // As Gong counts them: whoever it does not know to be of the company is not.
        sides: Sides::OfSource { strangers_are_customers: connection.settings.strangers_are_customers },
        rep: row.rep.clone(),
        customer: source::customer(&details),
        time_zone: intake.zone,
        redact: intake.redact,
        who: format!("connection:{}", connection.name).into(),
        ..NewCall::named(format!("gong-{}.json", row.external_id))
    };
    let bundle = json!({
        "metaData": details["metaData"],
        "parties": details["parties"],
        "transcript": transcript["transcript"].take(),
    });
    let arrival = Arrival::prepare(db, blobs, clock, bundle.to_string(), &[], &new).await?;
    let mut tx = db.begin().await?;
    let kept = arrival.keep(&mut tx, clock, &new).await?;
    let call = if let Some(kept) = &kept {
        kept.id
    } else {
        // It came in another way before, such as by a connection that was removed.
        drop(tx);
        arrival.forget(db, blobs).await?;
        tx = db.begin().await?;
        calls::by_source(&mut tx, &new).await?.ok_or(DbError::Locked)?
    };
    ledger::step(&mut tx, clock, row.id, Step::FetchTranscript, Went::Done, took).await?;
    if let Some(kept) = &kept {
        ledger::steps_of(&mut tx, clock, row.id, kept).await?;
    }
    let note = arrival.strangers().map(|strangers| {
        let who = if strangers == 1 { "one speaker is".to_owned() } else { format!("{strangers} speakers are") };
        format!("Gong does not know on whose side {who}; taken for the customer's")
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
