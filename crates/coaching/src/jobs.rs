//! The jobs of this area.

use crate::model::{self, BACKFILL, Judging, Next, Reuse, Rounds};
use crate::{Analyst, Listening, judge, moments, partitions, rollups, rubrics};
use calls::{ANALYSE, Analysis, Blobs, CallError, DELETE_ORIGINAL};
use chrono::{DateTime, TimeDelta, Utc};
use db::Db;
use kernel::Clock;
use queue::{Failure, Handler, Lease, Outcome, Schedule};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

/// The kind of the job that compares the sums with the calls.
pub const NIGHTLY: &str = "nightly_recalculation";
/// The kind of the job that makes PostgreSQL's partitions ahead of time.
pub const PARTITIONS: &str = "partition_keeper";

#[derive(Deserialize)]
struct Analyse {
    call_id: Uuid,
    rubric: Option<String>,
    /// Without answers of a model that were kept before.
    since: Option<DateTime<Utc>>,
    /// How often a model was asked in vain for some of it.
    #[serde(default)]
    tries: u32,
}

/// After how many minutes a model is asked again for what it did not answer, one after the other.
const AGAIN: [i64; 5] = [1, 5, 30, 120, 720];

/// Days after which finished jobs are forgotten.
const JOBS_KEPT: TimeDelta = TimeDelta::days(30);

/// What is done for the jobs of this area and of `calls`. `rubric` is the id of the one that judges where the job names none.
pub fn handlers(db: &Db, blobs: &Blobs, clock: &Clock, rubric: &str, analyst: &Analyst) -> Vec<Handler> {
    let backfill = backfills(db, clock, rubric, analyst);
    let (shared, rubric) = ((db.clone(), clock.clone()), rubric.to_owned());
    let (of, analyst) = (shared.clone(), analyst.clone());
    let analyse = Handler::new(ANALYSE, move |lease| {
        let ((db, clock), rubric, analyst) = (of.clone(), rubric.clone(), analyst.clone());
        async move { analyse(&db, &clock, &rubric, &analyst, &lease).await }
    })
    .when_dead({
        let clock = clock.clone();
        move |tx, job| {
            let clock = clock.clone();
            Box::pin(async move {
                match Analyse::deserialize(&job.payload) {
                    Ok(Analyse { call_id, .. }) => calls::mark_failed(tx, &clock, call_id).await,
                    Err(_) => Ok(()),
                }
            })
        }
    });
    let (of, originals) = (shared.clone(), blobs.clone());
    let forget = Handler::new(DELETE_ORIGINAL, move |lease| {
        let ((db, clock), blobs) = (of.clone(), originals.clone());
        async move {
            let Forget { key } = payload(&lease)?;
            blobs.delete(&key).await.map_err(|error| Failure::Retry(error.to_string()))?;
            finish(&db, &clock, &lease).await
        }
    });
    let of = shared.clone();
    let nightly = Handler::new(NIGHTLY, move |lease| {
        let (db, clock) = of.clone();
        async move {
            for difference in rollups::check(&db).await? {
                tracing::error!(?difference, "a sum was not what the calls say; it was mended");
            }
            let filled = moments::fill(&db).await?;
            tracing::info!(filled, "what moments cost is known of older calls");
            let purged = queue::purge(&db, clock.now() - JOBS_KEPT).await?;
            calls::events::purge(&db, clock.now() - calls::events::KEPT).await?;
            let mut tx = db.begin().await?;
            accounts::answers::purge(&mut tx, &clock).await?;
            model::purge(&mut tx, clock.now()).await?;
            tx.commit().await?;
            tracing::info!(purged, "old jobs are gone");
            finish(&db, &clock, &lease).await
        }
    });
    let partitions = Handler::new(PARTITIONS, move |lease| {
        let (db, clock) = shared.clone();
        async move {
            partitions::make(&db, clock.now()).await?;
            finish(&db, &clock, &lease).await
        }
    });
    vec![analyse, forget, nightly, backfill, partitions]
}

/// Does the next step of a backfill, and writes down the one after it.
fn backfills(db: &Db, clock: &Clock, usual: &str, analyst: &Analyst) -> Handler {
    let of = (db.clone(), clock.clone(), usual.to_owned(), analyst.clone());
    let work = move |lease: Lease| {
        let (db, clock, usual, analyst) = of.clone();
        async move {
            let ToFill { backfill_id } = payload(&lease)?;
            let rounds = Rounds { db: &db, clock: &clock, usual: &usual, analyst: &analyst };
            let next = model::backfill_step(&rounds, backfill_id).await?;
            let mut tx = db.begin().await?;
            lease.complete(&mut tx, &clock).await??;
            if let Next::After(wait) = next {
                model::enqueue_backfill(&mut tx, &clock, backfill_id, Some(clock.now() + wait)).await?;
            }
            Ok(tx.commit().await?)
        }
    };
    let clock = clock.clone();
    Handler::new(BACKFILL, work).when_dead(move |tx, job| {
        let clock = clock.clone();
        Box::pin(async move {
            match ToFill::deserialize(&job.payload) {
                Ok(ToFill { backfill_id }) => model::bury_backfill(tx, &clock, backfill_id).await,
                Err(_) => Ok(()),
            }
        })
    })
}

/// When the jobs come that nobody asks for.
pub fn schedules(time_zone: &str) -> Vec<Schedule> {
    let at = |name, kind, cron: &str| Schedule {
        name,
        kind,
        payload: json!({}),
        cron: cron.to_owned(),
        time_zone: time_zone.to_owned(),
    };
    vec![at("nightly", NIGHTLY, "30 3 * * *"), at("partitions", PARTITIONS, "0 2 * * *")]
}

#[derive(Deserialize)]
struct ToFill {
    backfill_id: Uuid,
}

#[derive(Deserialize)]
struct Forget {
    key: String,
}

fn payload<T: DeserializeOwned>(lease: &Lease) -> Result<T, Failure> {
    T::deserialize(&lease.job.payload).map_err(|error| Failure::Fail(format!("the job is not understood: {error}")))
}

async fn finish(db: &Db, clock: &Clock, lease: &Lease) -> Outcome {
    let mut tx = db.begin().await?;
    lease.complete(&mut tx, clock).await??;
    Ok(tx.commit().await?)
}

fn failure(error: CallError) -> Failure {
    match error {
        CallError::Db(error) => error.into(),
        CallError::Blob(error) => Failure::Retry(error.to_string()),
        other => Failure::Fail(other.to_string()),
    }
}

async fn analyse(db: &Db, clock: &Clock, usual: &str, analyst: &Analyst, lease: &Lease) -> Outcome {
    let Analyse { call_id, rubric: named, since, tries } = payload(lease)?;
    // The version that is the latest when the job is done, not when it was written down.
    let found = match &named {
        Some(named) => rubrics::offered(db, named).await?,
        None => rubrics::usual(db, usual).await?,
    };
    let wanted = named.as_deref().unwrap_or(usual);
    let rubric = found
        .ok_or_else(|| Failure::Fail(format!("there is no rubric {wanted}; `sideline rubric list` lists them")))?;
    let listening = Arc::new(Listening::of(db).await?);
    let transcript = Arc::new(calls::load(db, call_id).await.map_err(failure)?);
    let (judging, heard, said) = (clock.clone(), Arc::clone(&listening), Arc::clone(&transcript));
    let mut judged = blocking(move || judge(&said, rubric, &heard, &judging)).await?;
    if let Some((model, settings)) = analyst.judging(db).await? {
        let basis = analyst.basis(db).await?;
        let sections = model::sections(db, model, &transcript, &judged.rubric).await?;
        let reuse = match since {
            None => Reuse::All,
            // What was asked before this job was interrupted is not asked again.
            Some(_) if tries == 0 && lease.job.attempts <= 1 => Reuse::Nothing,
            Some(since) => Reuse::Since(since),
        };
        let judging = Judging {
            db,
            clock,
            model,
            settings: &settings,
            call: call_id,
            transcript: &transcript,
            rubric: &judged.rubric,
            knowledge: &sections,
            reuse,
            tries: (tries, AGAIN.get(tries as usize).is_some()),
            looked_at: model::looked_at(db, call_id).await?,
        };
        let found = model::judge(&judging, &mut judged.report).await?;
        let clock = clock.clone();
        judged = blocking(move || judged.by_model(found, &basis, &transcript, &listening, &clock)).await?;
    }
    let mut tx = db.begin().await?;
    judged.keep(&mut tx, call_id).await.map_err(failure)?;
    lease.complete(&mut tx, clock).await??;
    if let Some(minutes) = AGAIN.get(tries as usize)
        && judged.found.as_ref().is_some_and(model::Found::again)
    {
        let run_at = Some(clock.now() + TimeDelta::minutes(*minutes));
        let again = Analysis { rubric: named.as_deref(), since, tries: tries + 1, run_at, ..Analysis::default() };
        calls::enqueue_analysis(&mut tx, clock, call_id, again).await?;
    }
    Ok(tx.commit().await?)
}

/// Work that takes a core for a while: not on a thread that others wait for.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Failure::Retry("the analyst panicked; the log of the worker has the place".to_owned()))
}
