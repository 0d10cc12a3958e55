//! The table `jobs`.

use crate::backoff;
use chrono::{DateTime, TimeDelta, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Clock, Role, new_id, part_of_id};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::QueryBuilder;
use sqlx::types::Json;
use std::borrow::Cow;
use uuid::Uuid;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum State {
    /// Waits for its time and a worker.
    Queued,
    /// A worker has it.
    Running,
    /// Finished.
    Done,
    /// Given up after its attempts, or because trying again cannot help.
    Dead,
    /// Taken back by a person.
    Cancelled,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Done, Self::Dead, Self::Cancelled];

    /// Name as in JSON and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A job to be written down.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Which handler it is for.
    pub kind: Cow<'static, str>,
    /// What the handler needs to know.
    pub payload: Value,
    /// Higher ones first; 0 is usual.
    pub priority: i32,
    /// While a job with the same key is unfinished, another one is not made.
    pub unique_key: Option<String>,
    /// Not before this time; `None` for now.
    pub run_at: Option<DateTime<Utc>>,
    /// How often it is tried.
    pub max_attempts: i32,
}

impl NewJob {
    /// A job that is tried five times, from now on.
    pub fn new(kind: impl Into<Cow<'static, str>>, payload: Value) -> Self {
        Self { kind: kind.into(), payload, priority: 0, unique_key: None, run_at: None, max_attempts: 5 }
    }

    /// Only one unfinished job with this key.
    #[must_use]
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        self.unique_key = Some(key.into());
        self
    }
}

/// A job as it is in the table.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// Which handler it is for.
    pub kind: String,
    /// What the handler needs to know.
    #[sqlx(json)]
    pub payload: Value,
    /// Higher ones first.
    pub priority: i32,
    /// Where it stands.
    pub state: State,
    /// How often it was begun.
    pub attempts: i32,
    /// How often it is begun at most.
    pub max_attempts: i32,
    /// Not before this time.
    pub run_at: DateTime<Utc>,
    /// Who has it, or had it last.
    pub worker: Option<String>,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// When it was written down.
    pub created_at: DateTime<Utc>,
    /// When the last attempt began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was done, given up or cancelled.
    pub finished_at: Option<DateTime<Utc>>,
}

impl Job {
    /// Why the last attempt failed, for somebody in this role: in the words of whatever failed for admins, who look after the machine. Such
    /// words may name its folders and hosts, so that others are told what becomes of the job.
    pub fn error_for(&self, role: Role) -> Option<String> {
        let error = self.error.as_ref()?;
        if role == Role::Admin {
            return Some(error.clone());
        }
        let told = match self.state {
            State::Queued | State::Running => "the last attempt failed; it is tried again",
            State::Dead => "it failed and was given up; an admin can see why, and have it done again",
            State::Cancelled => "it was taken back, or another job took its place",
            State::Done => return None,
        };
        Some(told.to_owned())
    }
}

const COLUMNS: &str = "id, kind, payload, priority, state, attempts, max_attempts, run_at, worker, error, created_at, \
     started_at, finished_at";

/// The table of jobs and the columns of a new one, for a statement of PostgreSQL that writes a job with what it is for, as [`enqueue`] does: the state is
/// `queued`, there were no attempts, and `run_at` is no earlier than `created_at`.
pub const INTO_JOBS: &str =
    "jobs (id, kind, payload, priority, unique_key, state, attempts, max_attempts, run_at, created_at)";

/// Writes a job down; it exists once `tx` is committed. `None` when an unfinished one with the same key is there.
///
/// # Errors
/// When the database fails.
pub async fn enqueue(tx: &mut Tx, clock: &Clock, job: NewJob) -> Result<Option<Uuid>, DbError> {
    let (id, now) = (new_id(), clock.now());
    let sql =
        format!("INSERT INTO {INTO_JOBS} VALUES ($1, $2, $3, $4, $5, 'queued', 0, $6, $7, $8) ON CONFLICT DO NOTHING");
    let rows = on_tx!(tx, conn => sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(id)
        .bind(job.kind.as_ref())
        .bind(Json(&job.payload))
        .bind(job.priority)
        .bind(&job.unique_key)
        .bind(job.max_attempts)
        .bind(job.run_at.unwrap_or(now))
        .bind(now)
        .execute(conn)
        .await?
        .rows_affected());
    Ok((rows == 1).then_some(id))
}

/// The right to work on a job until it runs out.
#[derive(Debug, Clone)]
pub struct Lease {
    /// The job.
    pub job: Job,
    token: Uuid,
}

/// Somebody else has the job by now, or it was cancelled: what was done for it must not be stored.
#[derive(Debug, thiserror::Error)]
#[error("the lease of job {0} is lost")]
pub struct LostLease(pub Uuid);

#[derive(sqlx::FromRow)]
struct Claimed {
    #[sqlx(flatten)]
    job: Job,
    lease_token: Uuid,
}

/// Takes the job that is due and most urgent, of one of these kinds; or `only` this one, if it is due.
pub(crate) async fn claim(
    db: &Db,
    clock: &Clock,
    kinds: &[&'static str],
    only: Option<Uuid>,
    worker: &str,
    lease: TimeDelta,
) -> Result<Option<Lease>, DbError> {
    let now = clock.now();
    let mut tx = db.begin().await?;
    // Kinds are names in the code; the list is short and has no quotation marks.
    let kinds = kinds.iter().map(|kind| format!("'{kind}'")).collect::<Vec<_>>().join(", ");
    let skip = if matches!(tx, Tx::Postgres(_)) { "FOR UPDATE SKIP LOCKED" } else { "" };
    let this = if only.is_some() { "AND id = $5" } else { "" };
    let sql = format!(
        "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_token = $1, lease_until = $2, worker = $3, \
         started_at = $4 WHERE id = (SELECT id FROM jobs WHERE state = 'queued' AND run_at <= $4 AND kind IN ({kinds}) {this} \
         ORDER BY priority DESC, run_at, id LIMIT 1 {skip}) RETURNING {COLUMNS}, lease_token"
    );
    let claimed: Option<Claimed> = on_tx!(&mut tx, conn => {
        let claim = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(new_id()).bind(now + lease).bind(worker).bind(now);
        if let Some(id) = only { claim.bind(id) } else { claim }.fetch_optional(conn).await?
    });
    tx.commit().await?;
    Ok(claimed.map(|Claimed { job, lease_token }| Lease { job, token: lease_token }))
}

impl Lease {
    /// Prolongs the lease.
    pub(crate) async fn prolong(&self, db: &Db, clock: &Clock, by: TimeDelta) -> Result<bool, DbError> {
        let mut tx = db.begin().await?;
        let sql = "UPDATE jobs SET lease_until = $1 WHERE id = $2 AND lease_token = $3 AND state = 'running'";
        let rows = on_tx!(&mut tx, conn => sqlx::query(sql)
            .bind(clock.now() + by)
            .bind(self.job.id)
            .bind(self.token)
            .execute(conn)
            .await?
            .rows_affected());
        tx.commit().await?;
        Ok(rows == 1)
    }

    /// Finishes the job within `tx`, together with what was done for it.
    ///
    /// # Errors
    /// [`LostLease`] when the job belongs to somebody else by now: drop `tx` then. Otherwise when the database fails.
    pub async fn complete(&self, tx: &mut Tx, clock: &Clock) -> Result<Result<(), LostLease>, DbError> {
        let sql = "UPDATE jobs SET state = 'done', finished_at = $1, lease_token = NULL, lease_until = NULL, error = NULL \
             WHERE id = $2 AND lease_token = $3 AND state = 'running'";
        let rows = on_tx!(tx, conn => sqlx::query(sql)
            .bind(clock.now())
            .bind(self.job.id)
            .bind(self.token)
            .execute(conn)
            .await?
            .rows_affected());
        Ok(if rows == 1 { Ok(()) } else { Err(LostLease(self.job.id)) })
    }

    /// Gives the job back within `tx`, to be taken again at `run_at`: it waits for something, which is no failed attempt. `why` is shown meanwhile.
    ///
    /// # Errors
    /// As [`Self::complete`].
    pub async fn postpone(
        &self,
        tx: &mut Tx,
        run_at: DateTime<Utc>,
        why: Option<&str>,
    ) -> Result<Result<(), LostLease>, DbError> {
        let sql = "UPDATE jobs SET state = 'queued', run_at = $1, error = $2, attempts = attempts - 1, lease_token = NULL, \
             lease_until = NULL WHERE id = $3 AND lease_token = $4 AND state = 'running'";
        let rows = on_tx!(tx, conn => sqlx::query(sql)
            .bind(run_at)
            .bind(why)
            .bind(self.job.id)
            .bind(self.token)
            .execute(conn)
            .await?
            .rows_affected());
        Ok(if rows == 1 { Ok(()) } else { Err(LostLease(self.job.id)) })
    }

    /// Gives the job back after a failure: for another attempt, or for good. Returns what became of it; `None` when it is somebody else's by now.
    pub(crate) async fn fail(
        &self,
        tx: &mut Tx,
        clock: &Clock,
        error: &str,
        retry: bool,
    ) -> Result<Option<State>, DbError> {
        let now = clock.now();
        let again = retry && self.job.attempts < self.job.max_attempts;
        let (state, finished) = if again { (State::Queued, None) } else { (State::Dead, Some(now)) };
        let sql = "UPDATE jobs SET state = $1, run_at = $2, finished_at = $3, error = $4, lease_token = NULL, lease_until = NULL \
             WHERE id = $5 AND lease_token = $6 AND state = 'running'";
        let rows = on_tx!(tx, conn => sqlx::query(sql)
            .bind(state.as_str())
            .bind(now + backoff::after(self.job.attempts.max(1) as u32))
            .bind(finished)
            .bind(error)
            .bind(self.job.id)
            .bind(self.token)
            .execute(conn)
            .await?
            .rows_affected());
        Ok((rows == 1).then_some(state))
    }
}

/// Takes jobs back from workers that let their lease run out: for another attempt, or dead after the last one. Returns them.
///
/// # Errors
/// When the database fails.
pub(crate) async fn release_expired(tx: &mut Tx, clock: &Clock) -> Result<Vec<Job>, DbError> {
    let now = clock.now();
    let sql = format!(
        "UPDATE jobs SET state = CASE WHEN attempts >= max_attempts THEN 'dead' ELSE 'queued' END, \
         finished_at = CASE WHEN attempts >= max_attempts THEN $1 ELSE NULL END, \
         error = 'the worker stopped in the midst of it', run_at = $2, lease_token = NULL, lease_until = NULL \
         WHERE state = 'running' AND lease_until < $1 RETURNING {COLUMNS}"
    );
    Ok(on_tx!(tx, conn => sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(now)
        .bind(now + backoff::after(1))
        .fetch_all(conn)
        .await?))
}

/// Whether there are jobs whose lease has run out. Most of the time there is none, and looking takes no lock.
pub(crate) async fn any_expired(db: &Db, clock: &Clock) -> Result<bool, DbError> {
    let expired = "SELECT count(*) FROM jobs WHERE state = 'running' AND lease_until < $1";
    let count: i64 = on_db!(db, pool => sqlx::query_scalar(expired).bind(clock.now()).fetch_one(pool).await?);
    Ok(count > 0)
}

/// Cancels the jobs with this key that are unfinished or dead, because another one takes their place: what a worker is doing for one will not
/// be stored.
///
/// # Errors
/// When the database fails.
pub async fn supersede(tx: &mut Tx, clock: &Clock, key: &str) -> Result<(), DbError> {
    let sql = "UPDATE jobs SET state = 'cancelled', finished_at = $1, lease_token = NULL, lease_until = NULL, \
         error = 'another job took its place' WHERE unique_key = $2 AND state IN ('queued', 'running', 'dead')";
    on_tx!(tx, conn => sqlx::query(sql).bind(clock.now()).bind(key).execute(conn).await?.rows_affected());
    Ok(())
}

/// A condition in SQL: whether a worker has the job whose id stands in `column`, for areas that give something to a job for as long as it runs.
pub fn is_running(column: &str) -> String {
    format!("EXISTS (SELECT 1 FROM jobs WHERE jobs.id = {column} AND jobs.state = 'running')")
}

/// Makes all jobs of a kind due that wait for their time.
///
/// # Errors
/// When the database fails.
pub async fn wake(tx: &mut Tx, clock: &Clock, kind: &str) -> Result<(), DbError> {
    let sql = "UPDATE jobs SET run_at = $1 WHERE kind = $2 AND state = 'queued' AND run_at > $1";
    on_tx!(tx, conn => sqlx::query(sql).bind(clock.now()).bind(kind).execute(conn).await?.rows_affected());
    Ok(())
}

/// Deletes all jobs with this key, whatever their state. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn remove(tx: &mut Tx, key: &str) -> Result<u64, DbError> {
    let sql = "DELETE FROM jobs WHERE unique_key = $1";
    Ok(on_tx!(tx, conn => sqlx::query(sql).bind(key).execute(conn).await?.rows_affected()))
}

/// Deletes jobs that were done or cancelled before `before`; dead ones stay until a person has looked at them. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn purge(db: &Db, before: DateTime<Utc>) -> Result<u64, DbError> {
    let sql = "DELETE FROM jobs WHERE finished_at < $1 AND state IN ('done', 'cancelled')";
    let mut tx = db.begin().await?;
    let rows = on_tx!(&mut tx, conn => sqlx::query(sql).bind(before).execute(conn).await?.rows_affected());
    tx.commit().await?;
    Ok(rows)
}

/// Which jobs to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those in this state.
    pub state: Option<State>,
    /// Only those of this kind.
    pub kind: Option<String>,
    /// At most so many.
    pub limit: i64,
    /// Behind the job that was written down then and has this id.
    pub after: Option<(DateTime<Utc>, Uuid)>,
}

/// The jobs that were written down last.
///
/// # Errors
/// When the database fails.
pub async fn list(db: &Db, filter: &Filter) -> Result<Vec<Job>, DbError> {
    Ok(on_db!(db, pool => {
        let mut select = QueryBuilder::new(format!("SELECT {COLUMNS} FROM jobs WHERE TRUE"));
        if let Some(state) = filter.state {
            select.push(" AND state = ").push_bind(state.as_str());
        }
        if let Some(kind) = &filter.kind {
            select.push(" AND kind = ").push_bind(kind);
        }
        if let Some((at, id)) = filter.after {
            select.push(" AND (created_at, id) < (").push_bind(at).push(", ").push_bind(id).push(")");
        }
        select.push(" ORDER BY created_at DESC, id DESC LIMIT ").push_bind(filter.limit);
        select.build_query_as().fetch_all(pool).await?
    }))
}

/// One job.
///
/// # Errors
/// When the database fails.
pub async fn get(db: &Db, id: Uuid) -> Result<Option<Job>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM jobs WHERE id = $1");
    Ok(on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(pool).await?))
}

/// The jobs whose id begins or ends with `who`, at most two: enough to know whether it says which. Less than six hexadecimal digits say nothing.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &Db, who: &str) -> Result<Vec<Job>, DbError> {
    let Some(digits) = part_of_id(who) else { return Ok(Vec::new()) };
    let id = match db {
        Db::Sqlite(_) => "lower(hex(id))",
        Db::Postgres(_) => "replace(id::text, '-', '')",
    };
    let sql = format!("SELECT {COLUMNS} FROM jobs WHERE {id} LIKE $1 OR {id} LIKE $2 ORDER BY created_at DESC LIMIT 2");
    Ok(on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(format!("{digits}%"))
        .bind(format!("%{digits}"))
        .fetch_all(pool)
        .await?))
}

/// The unfinished job with this unique key.
///
/// # Errors
/// When the database fails.
pub async fn unfinished(db: &Db, unique_key: &str) -> Result<Option<Job>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM jobs WHERE unique_key = $1 AND state IN ('queued', 'running')");
    Ok(on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(unique_key).fetch_optional(pool).await?))
}

/// The job with this unique key that was written down last, finished or not.
///
/// # Errors
/// When the database fails.
pub async fn latest(db: &Db, unique_key: &str) -> Result<Option<Job>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM jobs WHERE unique_key = $1 ORDER BY created_at DESC, id DESC LIMIT 1");
    Ok(on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(unique_key).fetch_optional(pool).await?))
}

/// How many jobs are in each state.
///
/// # Errors
/// When the database fails.
pub async fn counts(db: &Db) -> Result<Vec<(State, i64)>, DbError> {
    let sql = "SELECT state, count(*) FROM jobs GROUP BY state ORDER BY state";
    Ok(on_db!(db, pool => sqlx::query_as(sql).fetch_all(pool).await?))
}

/// Queues a job again that is dead or cancelled, with all its attempts, unless a newer one with its key has taken its place. Whether it was one.
///
/// # Errors
/// [`DbError::Duplicate`] when another unfinished job has its key; otherwise when the database fails.
pub async fn retry(tx: &mut Tx, clock: &Clock, id: Uuid) -> Result<bool, DbError> {
    let sql = "UPDATE jobs SET state = 'queued', attempts = 0, run_at = $1, finished_at = NULL \
         WHERE id = $2 AND state IN ('dead', 'cancelled') AND NOT EXISTS (SELECT 1 FROM jobs newer \
         WHERE newer.unique_key = jobs.unique_key AND newer.created_at > jobs.created_at)";
    let rows = on_tx!(tx, conn => sqlx::query(sql).bind(clock.now()).bind(id).execute(conn).await?.rows_affected());
    Ok(rows == 1)
}

/// Cancels a job that is queued or running; what a worker is doing for it will not be stored. Whether it was one.
///
/// # Errors
/// When the database fails.
pub async fn cancel(tx: &mut Tx, clock: &Clock, id: Uuid) -> Result<bool, DbError> {
    let sql = "UPDATE jobs SET state = 'cancelled', finished_at = $1, lease_token = NULL, lease_until = NULL \
         WHERE id = $2 AND state IN ('queued', 'running')";
    let rows = on_tx!(tx, conn => sqlx::query(sql).bind(clock.now()).bind(id).execute(conn).await?.rows_affected());
    Ok(rows == 1)
}
