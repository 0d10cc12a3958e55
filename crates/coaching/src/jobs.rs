//! The jobs of this area.

use crate::{judge, rollups};
use calls::{ANALYSE, CallError};
use chrono::{DateTime, Datelike as _, Months, NaiveDate, Utc};
use db::{Db, Tx};
use kernel::Clock;
use queue::{Failure, Handler, Lease, Outcome, Schedule};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

/// The kind of the job that compares the sums with the calls.
pub const NIGHTLY: &str = "nightly_recalculation";
/// The kind of the job that makes PostgreSQL's partitions ahead of time.
pub const PARTITIONS: &str = "partition_keeper";

/// Quarters that are made ahead of time.
const AHEAD: u32 = 2;

#[derive(Deserialize)]
struct Analyse {
    call_id: Uuid,
    rubric: Option<String>,
}

/// What is done for the jobs of this area. `rubric` is the id of the one that judges where the job names none.
pub fn handlers(db: &Db, clock: &Clock, rubric: &str) -> Vec<Handler> {
    let (shared, rubric) = ((db.clone(), clock.clone()), rubric.to_owned());
    let of = shared.clone();
    let analyse = Handler::new(ANALYSE, move |lease| {
        let ((db, clock), rubric) = (of.clone(), rubric.clone());
        async move { analyse(&db, &clock, &rubric, &lease).await }
    });
    let of = shared.clone();
    let nightly = Handler::new(NIGHTLY, move |lease| {
        let (db, clock) = of.clone();
        async move {
            for difference in rollups::check(&db).await? {
                tracing::error!(?difference, "a sum was not what the calls say; it was mended");
            }
            finish(&db, &clock, &lease).await
        }
    });
    let partitions = Handler::new(PARTITIONS, move |lease| {
        let (db, clock) = shared.clone();
        async move {
            make_partitions(&db, clock.now()).await?;
            finish(&db, &clock, &lease).await
        }
    });
    vec![analyse, nightly, partitions]
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
    let Analyse { call_id, rubric } = serde_json::from_value(lease.job.payload.clone())
        .map_err(|error| Failure::Fail(format!("the job is not understood: {error}")))?;
    let wanted = rubric.as_deref().unwrap_or(usual);
    let rubric = rubric::builtin()
        .into_iter()
        .find(|rubric| rubric.id == wanted)
        .ok_or_else(|| Failure::Fail(format!("there is no rubric {wanted}; `sideline rubric list` lists them")))?;
    let transcript = calls::load(db, call_id).await.map_err(failure)?;
    let judging = clock.clone();
    let judged = tokio::task::spawn_blocking(move || judge(&transcript, rubric, &judging))
        .await
        .map_err(|_| Failure::Retry("the analyst panicked; the log of the worker has the place".to_owned()))?;
    let mut tx = db.begin().await?;
    judged.keep(&mut tx, call_id).await.map_err(failure)?;
    lease.complete(&mut tx, clock).await??;
    Ok(tx.commit().await?)
}

/// Makes the partitions of this quarter and the next ones. Rows that came before their partition stay in the default one.
async fn make_partitions(db: &Db, now: DateTime<Utc>) -> Result<(), db::DbError> {
    let mut tx = db.begin().await?;
    if let Tx::Postgres(tx) = &mut tx {
        let first = NaiveDate::from_ymd_opt(now.year(), now.month0() / 3 * 3 + 1, 1).unwrap_or_default();
        for quarter in 0..=AHEAD {
            let from = first + Months::new(quarter * 3);
            let to = from + Months::new(3);
            let name = format!("coaching_sessions_{}q{}", from.year(), from.month0() / 3 + 1);
            let taken = "SELECT count(*) FROM coaching_sessions_default WHERE finished_at >= $1 AND finished_at < $2";
            let bounds = [from, to].map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc());
            let taken: i64 = sqlx::query_scalar(taken).bind(bounds[0]).bind(bounds[1]).fetch_one(&mut **tx).await?;
            if taken > 0 {
                continue;
            }
            let sql = format!(
                "CREATE TABLE IF NOT EXISTS {name} PARTITION OF coaching_sessions FOR VALUES FROM ('{from} 00:00:00+00') TO ('{to} 00:00:00+00')"
            );
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut **tx).await?;
        }
    }
    tx.commit().await
}
