//! The jobs of this area.

use crate::{Listening, judge, moments, partitions, rollups, rubrics};
use calls::{ANALYSE, Blobs, CallError, DELETE_ORIGINAL};
use chrono::TimeDelta;
use db::Db;
use kernel::Clock;
use queue::{Failure, Handler, Lease, Outcome, Schedule};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use uuid::Uuid;

/// The kind of the job that compares the sums with the calls.
pub const NIGHTLY: &str = "nightly_recalculation";
/// The kind of the job that makes PostgreSQL's partitions ahead of time.
pub const PARTITIONS: &str = "partition_keeper";

#[derive(Deserialize)]
struct Analyse {
    call_id: Uuid,
    rubric: Option<String>,
}

/// Days after which finished jobs are forgotten.
const JOBS_KEPT: TimeDelta = TimeDelta::days(30);

/// What is done for the jobs of this area and of `calls`. `rubric` is the id of the one that judges where the job names none.
pub fn handlers(db: &Db, blobs: &Blobs, clock: &Clock, rubric: &str) -> Vec<Handler> {
    let (shared, rubric) = ((db.clone(), clock.clone()), rubric.to_owned());
    let of = shared.clone();
    let analyse = Handler::new(ANALYSE, move |lease| {
        let ((db, clock), rubric) = (of.clone(), rubric.clone());
        async move { analyse(&db, &clock, &rubric, &lease).await }
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
    vec![analyse, forget, nightly, partitions]
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

async fn analyse(db: &Db, clock: &Clock, usual: &str, lease: &Lease) -> Outcome {
    let Analyse { call_id, rubric } = payload(lease)?;
    // The version that is the latest when the job is done, not when it was written down.
    let found = match &rubric {
        Some(named) => rubrics::offered(db, named).await?,
        None => rubrics::usual(db, usual).await?,
    };
    let wanted = rubric.as_deref().unwrap_or(usual);
    let rubric = found
        .ok_or_else(|| Failure::Fail(format!("there is no rubric {wanted}; `sideline rubric list` lists them")))?;
    let listening = Listening::of(db).await?;
    let transcript = calls::load(db, call_id).await.map_err(failure)?;
    let judging = clock.clone();
    let judged = tokio::task::spawn_blocking(move || judge(&transcript, rubric, &listening, &judging))
        .await
        .map_err(|_| Failure::Retry("the analyst panicked; the log of the worker has the place".to_owned()))?;
    let mut tx = db.begin().await?;
    judged.keep(&mut tx, call_id).await.map_err(failure)?;
    lease.complete(&mut tx, clock).await??;
    Ok(tx.commit().await?)
}
