//! Schedules: jobs that come back at times of the clock on somebody's wall.

use crate::store::{NewJob, enqueue};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::Clock;
use serde_json::Value;
use sqlx::types::Json;
use std::str::FromStr as _;

/// A job that comes back.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Its name.
    pub name: &'static str,
    /// Which handler its jobs are for.
    pub kind: &'static str,
    /// What the handler needs to know.
    pub payload: Value,
    /// Minute, hour, day, month, weekday.
    pub cron: String,
    /// Such as `America/Los_Angeles`.
    pub time_zone: String,
}

impl Schedule {
    /// Whether times and time zone are understood.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn check(cron: &str, time_zone: &str) -> Result<(), ScheduleError> {
        next(cron, time_zone, DateTime::UNIX_EPOCH).map(|_| ())
    }
}

/// Why a schedule is none.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The times are not understood.
    #[error("`{0}` is no schedule ({1}); write five fields, for example `0 3 * * *` for every day at three")]
    Cron(String, String),
    /// There is no such place.
    #[error("`{0}` is no time zone; write a name such as Europe/Berlin or UTC")]
    TimeZone(String),
    /// The time never comes.
    #[error("`{0}` never comes")]
    Never(String),
    /// It cannot be written down.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The first time behind `after`, by the clock on the wall of the time zone.
pub(crate) fn next(cron: &str, time_zone: &str, after: DateTime<Utc>) -> Result<DateTime<Utc>, ScheduleError> {
    let zone = Tz::from_str(time_zone).map_err(|_| ScheduleError::TimeZone(time_zone.to_owned()))?;
    let parsed = Cron::from_str(cron).map_err(|error| ScheduleError::Cron(cron.to_owned(), error.to_string()))?;
    let next = parsed.find_next_occurrence(&after.with_timezone(&zone), false);
    Ok(next.map_err(|_| ScheduleError::Never(cron.to_owned()))?.with_timezone(&Utc))
}

/// Writes a schedule down, or changes it. One that is unchanged keeps its next time.
///
/// # Errors
/// When it is not understood or the database fails.
pub async fn set_schedule(db: &Db, clock: &Clock, schedule: &Schedule) -> Result<(), ScheduleError> {
    let at = next(&schedule.cron, &schedule.time_zone, clock.now())?;
    let mut tx = db.begin().await?;
    let sql = "INSERT INTO schedules (name, kind, payload, cron, time_zone, next_at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, payload = excluded.payload, cron = excluded.cron, \
         time_zone = excluded.time_zone, next_at = CASE WHEN schedules.cron = excluded.cron AND \
         schedules.time_zone = excluded.time_zone THEN schedules.next_at ELSE excluded.next_at END";
    on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(schedule.name)
        .bind(schedule.kind)
        .bind(Json(&schedule.payload))
        .bind(&schedule.cron)
        .bind(&schedule.time_zone)
        .bind(at)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    tx.commit().await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Due {
    name: String,
    kind: String,
    #[sqlx(json)]
    payload: Value,
    cron: String,
    time_zone: String,
}

/// Writes down the jobs of all schedules that are due, once for each, however long nobody looked. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn tick(db: &Db, clock: &Clock) -> Result<usize, DbError> {
    let now = clock.now();
    let count = "SELECT count(*) FROM schedules WHERE next_at <= $1";
    let count: i64 = on_db!(db, pool => sqlx::query_scalar(count).bind(now).fetch_one(pool).await?);
    if count == 0 {
        return Ok(0);
    }
    let mut tx = db.begin().await?;
    // Several workers see the same schedule due; the one that gets its row moves it on.
    let due = match tx {
        Tx::Sqlite(_) => "SELECT name, kind, payload, cron, time_zone FROM schedules WHERE next_at <= $1",
        Tx::Postgres(_) => {
            "SELECT name, kind, payload, cron, time_zone FROM schedules WHERE next_at <= $1 FOR UPDATE SKIP LOCKED"
        }
    };
    let due: Vec<Due> = on_tx!(&mut tx, conn => sqlx::query_as(due).bind(now).fetch_all(conn).await?);
    for schedule in &due {
        let Ok(at) = next(&schedule.cron, &schedule.time_zone, now) else { continue };
        let sql = "UPDATE schedules SET next_at = $1, last_at = $2 WHERE name = $3";
        on_tx!(&mut tx, conn => sqlx::query(sql).bind(at).bind(now).bind(&schedule.name).execute(conn).await?.rows_affected());
        let job = NewJob::new(schedule.kind.clone(), schedule.payload.clone());
        enqueue(&mut tx, clock, job.unique(format!("schedule:{}", schedule.name))).await?;
    }
    tx.commit().await?;
    Ok(due.len())
}
