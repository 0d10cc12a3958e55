//! The jobs of this area.

use crate::{Intake, IntakeError, connection, events, ledger, process, sync};
use db::{DbError, Tx};
use kernel::Clock;
use queue::{Failure, Handler, Job, Lease, Outcome, Schedule};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

/// The kind of the job that brings one call in.
pub const PROCESS: &str = "process_new_call";
/// The kind of the job that lists the calls of a connection.
pub const SYNC: &str = "sync_calls";
/// The kind of the job that reads a CRM. Whoever keeps deals does it.
pub const SYNC_CRM: &str = "sync_crm";
/// The kind of the job that begins the rounds of all connections.
pub const DAILY: &str = "daily_sync";

#[derive(Deserialize)]
struct OfCall {
    source_call_id: Uuid,
}

#[derive(Deserialize)]
struct OfRun {
    run_id: Uuid,
}

fn payload<'a, T: Deserialize<'a>>(lease: &'a Lease) -> Result<T, Failure> {
    T::deserialize(&lease.job.payload).map_err(|error| Failure::Fail(format!("the job is not understood: {error}")))
}

/// What is done for the jobs of this area.
pub fn handlers(intake: &Intake) -> Vec<Handler> {
    let of = intake.clone();
    let process = Handler::new(PROCESS, move |lease| {
        let intake = of.clone();
        async move {
            let OfCall { source_call_id } = payload(&lease)?;
            process::process(&intake, source_call_id, &lease).await
        }
    })
    .when_dead({
        let intake = intake.clone();
        move |tx, job| {
            let intake = intake.clone();
            Box::pin(async move {
                let Ok(OfCall { source_call_id }) = OfCall::deserialize(&job.payload) else { return Ok(()) };
                give_up(tx, &intake.clock, source_call_id, "bringing it in failed several times; the job tells why")
                    .await
            })
        }
    });
    let of = intake.clone();
    let sync = Handler::new(SYNC, move |lease| {
        let intake = of.clone();
        async move {
            let OfRun { run_id } = payload(&lease)?;
            sync::run(&intake, run_id, &lease).await
        }
    })
    .when_dead({
        let intake = intake.clone();
        move |tx, job| {
            let intake = intake.clone();
            Box::pin(async move {
                let Ok(OfRun { run_id }) = OfRun::deserialize(&job.payload) else { return Ok(()) };
                sync::end_badly(tx, &intake.clock, run_id, "it failed several times; the job tells why").await
            })
        }
    });
    let of = intake.clone();
    let daily = Handler::new(DAILY, move |lease| {
        let intake = of.clone();
        async move { daily(&intake, &lease).await }
    });
    vec![process, sync, daily]
}

async fn give_up(tx: &mut Tx, clock: &Clock, source_call: Uuid, why: &str) -> Result<(), DbError> {
    let states = (ledger::State::Open, ledger::State::Failed);
    ledger::set_state(tx, clock, source_call, states, Some(why)).await?;
    events::failed(tx, source_call).await
}

/// Writes down that somebody cancelled a job, if it is one of this area: what it was to do does not come by itself any more.
///
/// # Errors
/// When the database fails.
pub async fn cancelled(tx: &mut Tx, clock: &Clock, job: &Job) -> Result<(), DbError> {
    let why = "its job was cancelled";
    match &*job.kind {
        PROCESS => match OfCall::deserialize(&job.payload) {
            Ok(OfCall { source_call_id }) => give_up(tx, clock, source_call_id, why).await,
            Err(_) => Ok(()),
        },
        SYNC | SYNC_CRM => match OfRun::deserialize(&job.payload) {
            Ok(OfRun { run_id }) => sync::end_badly(tx, clock, run_id, why).await,
            Err(_) => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Writes down that somebody has a job done again, if it is one of this area: what was given up is open again.
///
/// # Errors
/// When the database fails.
pub async fn retried(tx: &mut Tx, clock: &Clock, job: &Job) -> Result<(), DbError> {
    match &*job.kind {
        PROCESS => match OfCall::deserialize(&job.payload) {
            Ok(OfCall { source_call_id }) => ledger::reopen(tx, clock, source_call_id).await.map(|_| ()),
            Err(_) => Ok(()),
        },
        SYNC | SYNC_CRM => match OfRun::deserialize(&job.payload) {
            Ok(OfRun { run_id }) => sync::go_on(tx, run_id).await,
            Err(_) => Ok(()),
        },
        _ => Ok(()),
    }
}

async fn daily(intake: &Intake, lease: &Lease) -> Outcome {
    begin_all(intake, None).await.map_err(|error| Failure::Retry(error.to_string()))?;
    let gone = events::purge(&intake.db, intake.clock.now() - events::KEPT).await?;
    tracing::info!(gone, "old events are gone");
    let mut tx = intake.db.begin().await?;
    lease.complete(&mut tx, &intake.clock).await??;
    Ok(tx.commit().await?)
}

/// Begins a round of each connection that is not paused, or finds the one that is under way.
///
/// # Errors
/// When the database fails.
pub async fn begin_all(intake: &Intake, asked_by: Option<&str>) -> Result<Vec<sync::SyncRun>, DbError> {
    let mut runs = Vec::new();
    for connection in connection::list(intake).await?.into_iter().filter(|known| known.kind.can_be_asked()) {
        match sync::begin(intake, &connection, None, asked_by).await {
            Ok(run) => runs.push(run),
            Err(IntakeError::Db(error)) => return Err(error),
            // Paused, or a long round is under way.
            Err(error) => tracing::info!(connection = connection.name, %error, "no round of it began"),
        }
    }
    Ok(runs)
}

/// When the rounds begin that nobody asks for.
pub fn schedules(cron: &str, time_zone: &str) -> Vec<Schedule> {
    vec![Schedule {
        name: DAILY,
        kind: DAILY,
        payload: json!({}),
        cron: cron.to_owned(),
        time_zone: time_zone.to_owned(),
    }]
}
