//! Rounds in which the calls of a service are listed: the table `sync_runs`.
//!
//! A round lists what began since the last one, with some hours before it, and writes what it finds into the ledger, page by page. What is behind
//! `covered_until` and not open in the ledger is here: that is the watermark.

use crate::connection::{self, Connection};
use crate::jobs::{SYNC, SYNC_CRM};
use crate::ledger;
use crate::process::PAUSED;
use crate::source::{self, Origin, Sheet, Span, Trouble};
use crate::{Intake, IntakeError, watch};
use accounts::audit::{self, Action};
use chrono::{DateTime, TimeDelta, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Clock, new_id};
use queue::{Failure, Lease, NewJob, Outcome};
use remote::Trail;
use serde::Serialize;
use serde_json::json;
use sqlx::AssertSqlSafe;
use utoipa::ToSchema;
use uuid::Uuid;

/// Why a round began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
#[schema(as = SyncCause)]
pub enum Cause {
    /// Its time had come.
    Schedule,
    /// Somebody asked for it.
    Asked,
    /// Somebody asked for calls from a time on.
    Backfill,
}

/// How far a round is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
#[schema(as = SyncState)]
pub enum RunState {
    /// It reads pages, or is about to.
    Running,
    /// It goes on at `wait_until`.
    Waiting,
    /// All pages were read.
    Done,
    /// It was given up; the next one covers its time again.
    Failed,
}

/// A round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct SyncRun {
    /// Its id.
    pub id: Uuid,
    /// Whose calls it lists.
    pub connection_id: Uuid,
    /// Why it began.
    pub cause: Cause,
    /// Who asked for it, as the audit trail names them; empty for the schedule.
    pub asked_by: String,
    /// Calls from this time on.
    pub since: DateTime<Utc>,
    /// Calls before this time.
    pub until: DateTime<Utc>,
    #[serde(skip)]
    #[schema(ignore)]
    cursor: Option<String>,
    /// How far it is.
    pub state: RunState,
    /// Pages that were read.
    pub pages: i64,
    /// Calls on them.
    pub found: i64,
    /// Those of them that were not known.
    pub new_calls: i64,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it goes on, where it waits.
    pub wait_until: Option<DateTime<Utc>>,
    /// Why it waits or failed.
    pub error: Option<String>,
    /// How often in a row its next page was not to be had.
    pub failures: i64,
}

const COLUMNS: &str = "id, connection_id, cause, asked_by, since, until, cursor, state, pages, found, new_calls, started_at, finished_at, wait_until, \
     error, failures FROM sync_runs";

/// The key that only one unfinished round of a connection has.
pub(crate) fn job_key(connection: Uuid) -> String {
    format!("{SYNC}:{connection}")
}

/// Begins a round, or finds the one that is under way. `since`: calls from then on, in place of what is new.
///
/// # Errors
/// [`IntakeError::Conflict`] where the connection is paused, or another round is under way and cannot cover `since`.
pub async fn begin(
    intake: &Intake,
    connection: &Connection,
    since: Option<DateTime<Utc>>,
    asked_by: Option<&str>,
) -> Result<SyncRun, IntakeError> {
    if !connection.kind.can_be_asked() {
        let why = format!("calls are sent to the connection {}: there is nothing to ask for", connection.name);
        return Err(IntakeError::Conflict(why));
    }
    if connection.paused {
        return Err(IntakeError::Conflict(format!("the connection {} is paused", connection.name)));
    }
    let now = intake.clock.now();
    if since.is_some_and(|since| since > now) {
        return Err(IntakeError::Field("since", "this time is yet to come".to_owned()));
    }
    let usual = usual_since(intake, connection).await?;
    let cause = match (asked_by, since) {
        (None, _) => Cause::Schedule,
        (Some(_), None) => Cause::Asked,
        (Some(_), Some(_)) => Cause::Backfill,
    };
    let id = new_id();
    let mut tx = intake.db.begin().await?;
    // Both are there once this is committed.
    let kind = if connection.kind.is_crm() { SYNC_CRM } else { SYNC };
    let job = NewJob::new(kind, json!({ "run_id": id })).unique(job_key(connection.id));
    let job = NewJob { max_attempts: ledger::ATTEMPTS, ..job };
    if queue::enqueue(&mut tx, &intake.clock, job).await?.is_none() {
        drop(tx);
        let run = latest(&intake.db, connection.id).await?.filter(|run| run.finished_at.is_none());
        return match run {
            Some(run) if since.is_none_or(|since| since >= run.since) => Ok(run),
            _ => Err(IntakeError::Conflict("another round is under way; ask again when it is over".to_owned())),
        };
    }
    let sql = "INSERT INTO sync_runs (id, connection_id, cause, asked_by, since, until, state, started_at) \
         VALUES ($1, $2, $3, $4, $5, $6, 'running', $6)";
    on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(id)
        .bind(connection.id)
        .bind(match cause {
            Cause::Schedule => "schedule",
            Cause::Asked => "asked",
            Cause::Backfill => "backfill",
        })
        .bind(asked_by.unwrap_or_default())
        .bind(since.unwrap_or(usual))
        .bind(now)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    if let Some(who) = asked_by {
        let detail = json!({ "name": connection.name, "since": since });
        audit::record(&mut tx, &intake.clock, who, Action::ConnectionSync, connection.id, detail).await?;
    }
    tx.commit().await?;
    Ok(get(&intake.db, id).await?)
}

/// From when on calls are listed where nobody says: some hours before the watermark, never before the connection's first day.
async fn usual_since(intake: &Intake, connection: &Connection) -> Result<DateTime<Utc>, DbError> {
    let Some(mark) = watermark(&intake.db, connection).await? else { return Ok(connection.since) };
    let overlap = TimeDelta::hours(i64::from(connection.settings.overlap_hours));
    Ok((mark - overlap).max(connection.since))
}

/// Up to when all calls of a connection are here, or are not to come: as far as they are known, but not past one that is open.
///
/// # Errors
/// When the database fails.
pub async fn watermark(db: &Db, connection: &Connection) -> Result<Option<DateTime<Utc>>, DbError> {
    let sql = "SELECT min(coalesce(began_at, known_at)) FROM source_calls WHERE connection_id = $1 AND state = 'open'";
    let oldest: Option<DateTime<Utc>> =
        on_db!(db, pool => sqlx::query_scalar(sql).bind(connection.id).fetch_one(pool).await?);
    Ok(connection.covered_until.map(|covered| oldest.map_or(covered, |oldest| oldest.min(covered))))
}

/// How often in a row calls could not be listed: rounds that failed since one went well, and pages that were not to be had of one that is under way.
///
/// # Errors
/// When the database fails.
pub async fn failures(db: &Db, connection: Uuid) -> Result<i64, DbError> {
    let sql = "SELECT CAST(coalesce(sum(CASE WHEN state = 'failed' THEN 1 ELSE failures END), 0) AS BIGINT) FROM sync_runs r \
         WHERE connection_id = $1 AND state <> 'done' AND NOT EXISTS (SELECT 1 FROM sync_runs d \
         WHERE d.connection_id = $1 AND d.state = 'done' AND (d.started_at, d.id) > (r.started_at, r.id))";
    Ok(on_db!(db, pool => sqlx::query_scalar(sql).bind(connection).fetch_one(pool).await?))
}

/// A round.
///
/// # Errors
/// When the database fails, or there is none.
pub async fn get(db: &Db, id: Uuid) -> Result<SyncRun, DbError> {
    let sql = format!("SELECT {COLUMNS} WHERE id = $1");
    Ok(on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_one(pool).await?))
}

/// The latest round of a connection.
///
/// # Errors
/// When the database fails.
pub async fn latest(db: &Db, connection: Uuid) -> Result<Option<SyncRun>, DbError> {
    Ok(list(db, connection, 1).await?.pop())
}

/// The latest rounds of a connection, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(db: &Db, connection: Uuid, limit: i64) -> Result<Vec<SyncRun>, DbError> {
    let sql = format!("SELECT {COLUMNS} WHERE connection_id = $1 ORDER BY started_at DESC, id DESC LIMIT $2");
    Ok(on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql)).bind(connection).bind(limit).fetch_all(pool).await?))
}

/// The round of a job, and its connection; `None` where that was removed, so that the job is done.
///
/// # Errors
/// When the database fails.
pub async fn of_job(intake: &Intake, id: Uuid, lease: &Lease) -> Result<Option<(SyncRun, Connection)>, Failure> {
    let sql = format!("SELECT {COLUMNS} WHERE id = $1");
    let run: Option<SyncRun> = on_db!(&intake.db, pool => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(pool).await.map_err(DbError::from)?);
    let Some(run) = run else {
        let mut tx = intake.db.begin().await?;
        lease.complete(&mut tx, &intake.clock).await??;
        tx.commit().await?;
        return Ok(None);
    };
    match connection::get(intake, run.connection_id).await {
        Ok(connection) => Ok(Some((run, connection))),
        Err(IntakeError::Db(error)) => Err(error.into()),
        Err(error) => Err(Failure::Fail(error.to_string())),
    }
}

/// Reads pages until there are no more, or the service wants to be left alone.
pub(crate) async fn run(intake: &Intake, id: Uuid, lease: &Lease) -> Outcome {
    let Some((run, connection)) = of_job(intake, id, lease).await? else { return Ok(()) };
    let origin = match Origin::of(intake, &connection) {
        Ok(origin) => origin,
        Err(IntakeError::Db(error)) => return Err(error.into()),
        Err(error) => return fail(intake, &run, &error.to_string(), lease).await,
    };
    if run.cause != Cause::Schedule {
        // Who asks right after something was put there means that as well. Where it goes wrong, so does what follows.
        let _ = origin.settle().await;
    }
    let span = Span { since: run.since, until: run.until };
    let (mut mark, mut trail, mut anew) = (run.cursor.clone(), Trail::default(), false);
    loop {
        if connection::is_paused(&intake.db, connection.id).await? {
            let at = intake.clock.now() + PAUSED;
            return rest(intake, &run, at, "its connection is paused", lease).await;
        }
        // Once: what is not there from the first page on either is at an end.
        let may_be_old = mark.is_some() && !anew;
        let sheet = match origin.list(intake, &connection, span, mark.as_deref()).await {
            Ok(sheet) if !(sheet.lost && mark.is_some()) => sheet,
            Ok(_) if !may_be_old => {
                let why = format!("{} has no page behind a mark that it gave itself, twice in a row", origin.name());
                return fail(intake, &run, &why, lease).await;
            }
            Err(trouble) if !may_be_old || trouble.cause != source::Cause::Question => {
                return troubled(intake, &run, &connection, &trouble, lease).await;
            }
            // The mark is too old: from the first page on, where nothing that is known is new.
            _ => {
                (mark, anew, trail) = (None, true, Trail::default());
                continue;
            }
        };
        mark = sheet.next.clone();
        let ids = sheet.calls.iter().map(|call| &call.id);
        if mark.as_ref().is_some_and(|mark| !trail.goes_on(mark, ids)) {
            let why = format!(
                "{} gave a page of its list of calls that was read before, so that the list has no end",
                origin.name()
            );
            return fail(intake, &run, &why, lease).await;
        }
        let mut tx = intake.db.begin().await?;
        take_in(intake, &mut tx, &run, &connection, sheet).await?;
        if mark.is_none() {
            finish(intake, &mut tx, &run).await?;
            lease.complete(&mut tx, &intake.clock).await??;
            return Ok(tx.commit().await?);
        }
        tx.commit().await?;
    }
}

/// Writes the calls of a page into the ledger.
async fn take_in(
    intake: &Intake,
    tx: &mut Tx,
    run: &SyncRun,
    connection: &Connection,
    mut sheet: Sheet,
) -> Result<(), DbError> {
    // Always in the same order: two that write the same rows do not wait for each other then.
    sheet.calls.sort_by(|one, other| one.id.cmp(&other.id));
    let (found, mut fresh) = (sheet.calls.len() as i64, 0_i64);
    for call in &sheet.calls {
        fresh += i64::from(watch::learn(intake, tx, connection.id, call).await?.fresh);
    }
    turn(tx, &intake.clock, run, sheet.next.as_deref(), found, fresh).await
}

/// All pages were read: what lies between what was covered and now is known.
///
/// # Errors
/// When the database fails.
pub async fn finish(intake: &Intake, tx: &mut Tx, run: &SyncRun) -> Result<(), DbError> {
    let sql = "UPDATE sync_runs SET state = 'done', finished_at = $1, cursor = NULL WHERE id = $2";
    on_tx!(tx, conn => sqlx::query(sql).bind(intake.clock.now()).bind(run.id).execute(conn).await?.rows_affected());
    // A round that begins behind what was covered leaves a gap, and covers nothing.
    let sql = "UPDATE connections SET covered_until = CASE WHEN covered_until > $1 THEN covered_until ELSE $1 END, \
         since = CASE WHEN since < $2 THEN since ELSE $2 END WHERE id = $3 AND coalesce(covered_until, since) >= $2";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(run.until)
        .bind(run.since)
        .bind(run.connection_id)
        .execute(conn)
        .await?
        .rows_affected());
    Ok(())
}

/// A page of a round was read, of which so much was found and so much was new.
///
/// # Errors
/// When the database fails.
pub async fn turned(tx: &mut Tx, clock: &Clock, run: &SyncRun, found: i64, fresh: i64) -> Result<(), DbError> {
    turn(tx, clock, run, None, found, fresh).await
}

async fn turn(
    tx: &mut Tx,
    clock: &Clock,
    run: &SyncRun,
    next: Option<&str>,
    found: i64,
    fresh: i64,
) -> Result<(), DbError> {
    let sql = "UPDATE sync_runs SET cursor = $1, pages = pages + 1, found = found + $2, new_calls = new_calls + $3, state = 'running', \
         wait_until = NULL, error = NULL, failures = 0 WHERE id = $4";
    on_tx!(&mut *tx, conn => sqlx::query(sql)
        .bind(next)
        .bind(found)
        .bind(fresh)
        .bind(run.id)
        .execute(conn)
        .await?
        .rows_affected());
    connection::tried_in(tx, clock, run.connection_id, None).await
}

/// Lets a round wait that a service does not go on with, or ends it, as the trouble has it.
///
/// # Errors
/// When the database fails.
pub async fn troubled(
    intake: &Intake,
    run: &SyncRun,
    connection: &Connection,
    trouble: &Trouble,
    lease: &Lease,
) -> Outcome {
    match trouble.cause {
        source::Cause::Limit | source::Cause::Passing => postpone(intake, run, connection, trouble, lease).await,
        _ => fail(intake, run, &trouble.why, lease).await,
    }
}

async fn postpone(
    intake: &Intake,
    run: &SyncRun,
    connection: &Connection,
    trouble: &Trouble,
    lease: &Lease,
) -> Outcome {
    let failures = if trouble.is_failure() {
        connection::tried(&intake.db, &intake.clock, connection.id, Some(&trouble.why)).await?;
        failed_once_more(intake, run.id).await?
    } else {
        run.failures
    };
    let at = trouble.come_back(intake.clock.now(), failures.clamp(1, 8) as u32 - 1);
    rest(intake, run, at, &trouble.why, lease).await
}

/// Counts that a page of a round was not to be had, once more in a row. Returns how often.
async fn failed_once_more(intake: &Intake, run: Uuid) -> Result<i64, DbError> {
    let mut tx = intake.db.begin().await?;
    let sql = "UPDATE sync_runs SET failures = failures + 1 WHERE id = $1 RETURNING failures";
    let failures: i64 = on_tx!(&mut tx, conn => sqlx::query_scalar(sql).bind(run).fetch_one(conn).await?);
    tx.commit().await?;
    Ok(failures)
}

/// Lets a round wait.
///
/// # Errors
/// When the database fails.
pub async fn rest(intake: &Intake, run: &SyncRun, at: DateTime<Utc>, why: &str, lease: &Lease) -> Outcome {
    let mut tx = intake.db.begin().await?;
    let sql = "UPDATE sync_runs SET state = 'waiting', wait_until = $1, error = $2 WHERE id = $3";
    on_tx!(&mut tx, conn => sqlx::query(sql).bind(at).bind(why).bind(run.id).execute(conn).await.map_err(DbError::from)?.rows_affected());
    lease.postpone(&mut tx, at, Some(why)).await??;
    Ok(tx.commit().await?)
}

/// Ends a round that cannot be gone on with; the next one covers its time again.
///
/// # Errors
/// When the database fails.
pub async fn fail(intake: &Intake, run: &SyncRun, why: &str, lease: &Lease) -> Outcome {
    let mut tx = intake.db.begin().await?;
    end_badly(&mut tx, &intake.clock, run.id, why).await?;
    connection::tried_in(&mut tx, &intake.clock, run.connection_id, Some(why)).await?;
    lease.complete(&mut tx, &intake.clock).await??;
    tx.commit().await?;
    let failures = failures(&intake.db, run.connection_id).await?;
    if failures >= connection::ALARM {
        // Whoever watches the log is alarmed by it, as by the figure of connections that fail.
        tracing::error!(connection = %run.connection_id, failures, error = why, "calls cannot be listed again and again");
    }
    Ok(())
}

/// Ends a round that is given up.
///
/// # Errors
/// When the database fails.
pub async fn end_badly(tx: &mut Tx, clock: &Clock, run: Uuid, why: &str) -> Result<(), DbError> {
    let sql = "UPDATE sync_runs SET state = 'failed', finished_at = $1, error = $2, wait_until = NULL \
         WHERE id = $3 AND finished_at IS NULL";
    on_tx!(tx, conn => sqlx::query(sql).bind(clock.now()).bind(why).bind(run).execute(conn).await?.rows_affected());
    Ok(())
}

/// Has a round go on that was given up, where it was left.
pub(crate) async fn go_on(tx: &mut Tx, run: Uuid) -> Result<(), DbError> {
    let sql = "UPDATE sync_runs SET state = 'running', finished_at = NULL, error = NULL, failures = 0 WHERE id = $1 AND state = 'failed'";
    on_tx!(tx, conn => sqlx::query(sql).bind(run).execute(conn).await?.rows_affected());
    Ok(())
}
