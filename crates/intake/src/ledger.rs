//! The ledger: a row for each call that a connection knows, and the steps by which it came in.

use crate::jobs::{PROCESS, SYNC};
pub use crate::views::{list, retry, source_of, steps};
use crate::{events, sync};
use calls::Kept;
use chrono::{DateTime, TimeDelta, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Clock, new_id};
use queue::NewJob;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, QueryBuilder};
use std::time::Duration;
use utoipa::ToSchema;
use uuid::Uuid;

/// How far a call of a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
#[schema(as = SourceCallState)]
pub enum State {
    /// It is known, and not here yet.
    Open,
    /// It is a call here, or was one until it was deleted.
    Kept,
    /// It was given up; somebody may try it again.
    Failed,
    /// It is not to come in.
    Skipped,
}

impl State {
    /// Name as in JSON and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Kept => "kept",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// The steps by which a call comes in, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
#[schema(as = IntakeStep)]
pub enum Step {
    /// What its service tells of it.
    FetchCall,
    /// What was said.
    FetchTranscript,
    /// The row of the call.
    StoreCallMetadata,
    /// Who was in it.
    StoreSpeakers,
    /// The segments.
    StoreTranscripts,
    /// The job to judge it.
    QueueForAnalysis,
}

impl Step {
    fn as_str(self) -> &'static str {
        match self {
            Self::FetchCall => "fetch_call",
            Self::FetchTranscript => "fetch_transcript",
            Self::StoreCallMetadata => "store_call_metadata",
            Self::StoreSpeakers => "store_speakers",
            Self::StoreTranscripts => "store_transcripts",
            Self::QueueForAnalysis => "queue_for_analysis",
        }
    }
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome<'a> {
    Done,
    /// What it needs is not there yet.
    Waiting(&'a str),
    Failed(&'a str),
}

/// How a call became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KnownBy {
    Webhook,
    Sync,
    /// It was sent with all that there is of it.
    Push,
}

impl KnownBy {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Sync => "sync",
            Self::Push => "push",
        }
    }
}

/// What is told of a call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'a> {
    /// As its service names it.
    pub external_id: &'a str,
    pub began_at: Option<DateTime<Utc>>,
    /// Mail address, else name, of whose call it is.
    pub rep: Option<&'a str>,
    /// All that is told, with what is redacted replaced.
    pub details: Option<&'a RawValue>,
    /// It is not to come in, for this reason.
    pub skip: Option<&'a str>,
}

/// What is told of a call, as it is kept.
pub(crate) fn written(details: &Value) -> Result<Box<RawValue>, DbError> {
    to_raw_value(details).map_err(|error| sqlx::Error::Encode(Box::new(error)).into())
}

/// A row of the ledger that was written or found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Learned {
    pub id: Uuid,
    pub state: State,
    /// It was not known before.
    pub fresh: bool,
    /// It was here and was deleted: nothing of it is kept.
    pub deleted: bool,
}

/// How often a job is begun that fails for reasons of ours; the waits between grow to ten minutes.
pub(crate) const ATTEMPTS: i32 = 500;

/// The key that only one unfinished job of a call has.
fn job_key(id: Uuid) -> String {
    format!("{PROCESS}:{id}")
}

/// Writes down a call that is told of, or what is new of it, with the job that brings it in; both exist once `tx` is committed.
pub(crate) async fn learn(
    tx: &mut Tx,
    clock: &Clock,
    connection: Uuid,
    told: &Told<'_>,
    by: KnownBy,
) -> Result<Learned, DbError> {
    let (new, now) = (new_id(), clock.now());
    let state = if told.skip.is_some() { State::Skipped } else { State::Open };
    // Of a call that was deleted here nothing is kept but that it was.
    let sql = "INSERT INTO source_calls (id, connection_id, external_id, state, known_by, known_at, waits_from, began_at, rep, details, \
         next_try_at, why) VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $6, $10) \
         ON CONFLICT (connection_id, external_id) DO UPDATE SET \
         details = CASE WHEN source_calls.state = 'kept' AND source_calls.call_id IS NULL OR $10 IS NOT NULL THEN NULL \
             ELSE coalesce(excluded.details, source_calls.details) END, \
         rep = CASE WHEN source_calls.state = 'kept' AND source_calls.call_id IS NULL THEN NULL ELSE coalesce(excluded.rep, source_calls.rep) END, \
         began_at = coalesce(excluded.began_at, source_calls.began_at) \
         RETURNING id, state, state = 'kept' AND call_id IS NULL";
    let (id, mut found, deleted): (Uuid, State, bool) = on_tx!(tx, conn => sqlx::query_as(sql)
        .bind(new)
        .bind(connection)
        .bind(told.external_id)
        .bind(state.as_str())
        .bind(by.as_str())
        .bind(now)
        .bind(told.began_at)
        // Of what is not to come in nothing is kept but that it is there.
        .bind(told.rep.filter(|_| told.skip.is_none()))
        .bind(told.details.filter(|_| told.skip.is_none()).map(Json))
        .bind(told.skip)
        .fetch_one(conn)
        .await?);
    let fresh = id == new;
    // Not private any more, or it has become so.
    let changed = match (found, told.details.is_some() && !fresh, told.skip) {
        (State::Skipped, true, None) => Some(State::Open),
        (State::Open, true, Some(_)) => Some(State::Skipped),
        _ => None,
    };
    if let Some(changed) = changed
        && set_state(tx, clock, id, (found, changed), told.skip).await?
    {
        found = changed;
    }
    if found == State::Open && by != KnownBy::Push {
        enqueue(tx, clock, id).await?;
    }
    Ok(Learned { id, state: found, fresh, deleted })
}

async fn enqueue(tx: &mut Tx, clock: &Clock, id: Uuid) -> Result<(), DbError> {
    // There may be one already, which does the same.
    queue::enqueue(tx, clock, job(id)).await?;
    Ok(())
}

/// The job that brings a call in.
pub(crate) fn job(id: Uuid) -> NewJob {
    let job = NewJob::new(PROCESS, json!({ "source_call_id": id })).unique(job_key(id));
    // A database or a store of originals may be away for days; only what fails again and again by itself is given up.
    NewJob { max_attempts: ATTEMPTS, ..job }
}

/// Has a call tried again that was given up, skipped or waits. Whether there is such a call that is not kept.
pub(crate) async fn again(tx: &mut Tx, clock: &Clock, id: Uuid) -> Result<bool, DbError> {
    let is_open = reopen(tx, clock, id).await?;
    if is_open {
        queue::supersede(tx, clock, &job_key(id)).await?;
        enqueue(tx, clock, id).await?;
    }
    Ok(is_open)
}

/// Opens a call again that is not here, as if it had become known now. Whether there is such a call.
pub(crate) async fn reopen(tx: &mut Tx, clock: &Clock, id: Uuid) -> Result<bool, DbError> {
    let sql = "UPDATE source_calls SET state = 'open', why = NULL, tries = 0, waits_from = $1, next_try_at = $1, fetching_by = NULL \
         WHERE id = $2 AND state <> 'kept'";
    let rows = on_tx!(tx, conn => sqlx::query(sql).bind(clock.now()).bind(id).execute(conn).await?.rows_affected());
    Ok(rows == 1)
}

/// Has everything of a connection tried now that waits for its time.
pub(crate) async fn hurry(tx: &mut Tx, clock: &Clock, connection: Uuid) -> Result<(), DbError> {
    let now = clock.now();
    let sql =
        "UPDATE source_calls SET next_try_at = $1 WHERE connection_id = $2 AND state = 'open' AND next_try_at > $1";
    on_tx!(tx, conn => sqlx::query(sql).bind(now).bind(connection).execute(conn).await?.rows_affected());
    // Those of other connections find that it is not their time yet.
    queue::wake(tx, clock, PROCESS).await?;
    queue::wake(tx, clock, SYNC).await
}

/// Moves a call from one state to another, if it is in that still; `why` tells people the reason. Of what is not to come in nothing stays.
pub(crate) async fn set_state(
    tx: &mut Tx,
    clock: &Clock,
    id: Uuid,
    (from, to): (State, State),
    why: Option<&str>,
) -> Result<bool, DbError> {
    let sql = "UPDATE source_calls SET state = $1, why = $2, fetching_by = NULL, tries = 0, next_try_at = $3, waits_from = $3, \
         details = CASE WHEN $1 = 'skipped' THEN NULL ELSE details END, rep = CASE WHEN $1 = 'skipped' THEN NULL ELSE rep END \
         WHERE id = $4 AND state = $5";
    let rows = on_tx!(tx, conn => sqlx::query(sql)
        .bind(to.as_str())
        .bind(why)
        .bind(clock.now())
        .bind(id)
        .bind(from.as_str())
        .execute(conn)
        .await?
        .rows_affected());
    if rows == 1 && to == State::Skipped {
        events::skipped(tx, clock, id).await?;
    }
    Ok(rows == 1)
}

/// Writes down that a call is here, and what people are to know of how it came in. Whether it was to come in still: where not, roll back.
pub(crate) async fn kept(
    tx: &mut Tx,
    clock: &Clock,
    id: Uuid,
    call: Uuid,
    note: Option<&str>,
) -> Result<bool, DbError> {
    let now = clock.now();
    let sql = "UPDATE source_calls SET state = 'kept', call_id = $1, transcript_at = $2, why = $3, fetching_by = NULL, tries = 0 \
         WHERE id = $4 AND state = 'open'";
    let rows = on_tx!(tx, conn => sqlx::query(sql).bind(call).bind(now).bind(note).bind(id).execute(conn).await?.rows_affected());
    Ok(rows == 1)
}

/// Lets a call rest until `at` that was looked for and was not there.
pub(crate) async fn rest(tx: &mut Tx, id: Uuid, at: DateTime<Utc>, why: &str) -> Result<(), DbError> {
    let sql = "UPDATE source_calls SET next_try_at = $1, why = $2, fetching_by = NULL, tries = tries + 1 WHERE id = $3 AND state = 'open'";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(at)
        .bind(why)
        .bind(id)
        .execute(conn)
        .await?
        .rows_affected());
    Ok(())
}

/// Keeps what a service tells of a call.
pub(crate) async fn set_details(tx: &mut Tx, id: Uuid, told: &Told<'_>) -> Result<(), DbError> {
    let sql = "UPDATE source_calls SET details = $1, began_at = coalesce($2, began_at), rep = coalesce($3, rep), fetching_by = NULL, \
         tries = 0, why = NULL WHERE id = $4 AND state = 'open'";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(told.details.map(Json))
        .bind(told.began_at)
        .bind(told.rep)
        .bind(id)
        .execute(conn)
        .await?
        .rows_affected());
    Ok(())
}

/// Writes down how a step went that was begun `took` ago.
pub(crate) async fn step(
    tx: &mut Tx,
    clock: &Clock,
    id: Uuid,
    step: Step,
    outcome: Outcome<'_>,
    took: Duration,
) -> Result<(), DbError> {
    let now = clock.now();
    let (state, error, finished) = match outcome {
        Outcome::Done => ("done", None, Some(now)),
        Outcome::Waiting(why) => ("waiting", Some(why), None),
        Outcome::Failed(why) => ("failed", Some(why), None),
    };
    let sql = "INSERT INTO source_steps (source_call_id, step, state, attempts, started_at, finished_at, took_ms, error) \
         VALUES ($1, $2, $3, 1, $4, $5, $6, $7) ON CONFLICT (source_call_id, step) DO UPDATE SET state = excluded.state, \
         attempts = source_steps.attempts + 1, started_at = excluded.started_at, finished_at = excluded.finished_at, \
         took_ms = excluded.took_ms, error = excluded.error";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(id)
        .bind(step.as_str())
        .bind(state)
        .bind(now - TimeDelta::microseconds(took.as_micros() as i64))
        .bind(finished)
        .bind(took.as_millis() as i64)
        .bind(error)
        .execute(conn)
        .await?
        .rows_affected());
    Ok(())
}

/// Writes down the steps by which a call was kept. What its service tells of it may have come with the call, which was no attempt then.
pub(crate) async fn steps_of(tx: &mut Tx, clock: &Clock, id: Uuid, kept: &Kept) -> Result<(), DbError> {
    let sql = "INSERT INTO source_steps (source_call_id, step, state, attempts, started_at, finished_at, took_ms) \
         SELECT id, 'fetch_call', 'done', 0, known_at, known_at, 0 FROM source_calls WHERE id = $1 ON CONFLICT DO NOTHING";
    on_tx!(tx, conn => sqlx::query(sql).bind(id).execute(conn).await?.rows_affected());
    for (one, took) in [
        (Step::StoreCallMetadata, kept.metadata),
        (Step::StoreSpeakers, kept.speakers),
        (Step::StoreTranscripts, kept.transcript),
        (Step::QueueForAnalysis, kept.job),
    ] {
        step(tx, clock, id, one, Outcome::Done, took).await?;
    }
    Ok(())
}

/// A row of the ledger, for whoever works on it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Open {
    pub id: Uuid,
    pub connection_id: Uuid,
    pub external_id: String,
    pub state: State,
    pub rep: Option<String>,
    pub details: Option<Json<Value>>,
    pub tries: i64,
    pub waits_from: DateTime<Utc>,
    pub next_try_at: DateTime<Utc>,
}

const OPEN: &str = "id, connection_id, external_id, state, rep, details, tries, waits_from, next_try_at";

/// One row.
pub(crate) async fn open(db: &Db, id: Uuid) -> Result<Option<Open>, DbError> {
    let sql = format!("SELECT {OPEN} FROM source_calls WHERE id = $1");
    Ok(on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(pool).await?))
}

/// What is missing of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Details,
    Transcript,
}

/// Takes a call of which this is missing, if nobody has it, and others of its connection with it whose time it is: at most `most`, or none. As long as
/// `job` runs nobody else takes them.
pub(crate) async fn claim(
    tx: &mut Tx,
    clock: &Clock,
    first: &Open,
    missing: Missing,
    most: i64,
    job: Uuid,
) -> Result<Vec<Open>, DbError> {
    let now = clock.now();
    let details = if missing == Missing::Details { "IS NULL" } else { "IS NOT NULL" };
    let running = queue::is_running("fetching_by");
    let skip = if matches!(tx, Tx::Postgres(_)) { "FOR UPDATE SKIP LOCKED" } else { "" };
    let take = |these: &str| {
        format!(
            "UPDATE source_calls SET fetching_by = $1 WHERE id IN (SELECT id FROM source_calls WHERE {these} AND state = 'open' \
             AND details {details} AND (fetching_by IS NULL OR fetching_by = $1 OR NOT {running}) \
             ORDER BY next_try_at LIMIT $3 {skip}) RETURNING {OPEN}"
        )
    };
    let own = take("id = $2");
    let mut taken: Vec<Open> = on_tx!(tx, conn => sqlx::query_as(AssertSqlSafe(own))
        .bind(job)
        .bind(first.id)
        .bind(1_i64)
        .fetch_all(conn)
        .await?);
    if taken.is_empty() {
        return Ok(taken);
    }
    let others = take("connection_id = $2 AND next_try_at <= $4 AND id <> $5");
    let others: Vec<Open> = on_tx!(tx, conn => sqlx::query_as(AssertSqlSafe(others))
        .bind(job)
        .bind(first.connection_id)
        .bind(most - 1)
        .bind(now)
        .bind(first.id)
        .fetch_all(conn)
        .await?);
    taken.extend(others);
    Ok(taken)
}

/// Lets go of calls that were taken and not brought in, for a reason that lies with the service: they are tried again at `at`. `why` they were not, and
/// whether the service failed, where it was asked for them.
pub(crate) async fn let_go(
    tx: &mut Tx,
    ids: &[Uuid],
    at: DateTime<Utc>,
    why: Option<(&str, bool)>,
) -> Result<(), DbError> {
    on_tx!(tx, conn => {
        let mut update = QueryBuilder::new("UPDATE source_calls SET fetching_by = NULL, next_try_at = ");
        update.push_bind(at).push(", why = ").push_bind(why.map(|(why, _)| why));
        if why.is_some_and(|(_, failed)| failed) {
            // So far as it matters: whether it was in vain more than once.
            update.push(", tries = CASE WHEN tries < 2 THEN tries + 1 ELSE tries END");
        }
        update.push(" WHERE state = 'open' AND id IN (");
        let mut list = update.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        update.push(")");
        update.build().execute(conn).await?.rows_affected()
    });
    Ok(())
}

/// Lets all calls of a connection wait until `at`.
pub(crate) async fn hold_all(tx: &mut Tx, connection: Uuid, at: DateTime<Utc>) -> Result<(), DbError> {
    let sql =
        "UPDATE source_calls SET next_try_at = $1 WHERE connection_id = $2 AND state = 'open' AND next_try_at < $1";
    on_tx!(tx, conn => sqlx::query(sql).bind(at).bind(connection).execute(conn).await?.rows_affected());
    Ok(())
}

/// How many calls of a connection are in each state, and when the oldest of those that are open began, or became known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Backlog {
    /// Known, and not here yet.
    pub open: u32,
    /// Those of them that wait for their transcript.
    pub waiting: u32,
    /// Here, and not judged yet.
    pub unjudged: u32,
    /// Here.
    pub kept: u32,
    /// Given up.
    pub failed: u32,
    /// Not to come in.
    pub skipped: u32,
    /// When the oldest call that is open began, or became known.
    pub oldest: Option<DateTime<Utc>>,
}

/// Name of a connection, how often in a row it failed or calls could not be listed, and how many of its calls are how far.
pub type Counted = (String, i64, Vec<(State, i64)>);

/// The figures of each connection, by name.
///
/// # Errors
/// When the database fails.
pub async fn counts(db: &Db) -> Result<Vec<Counted>, DbError> {
    let sql = "SELECT n.id, n.name, n.failures, s.state, count(s.id) FROM connections n LEFT JOIN source_calls s ON s.connection_id = n.id \
         GROUP BY n.id, n.name, n.failures, s.state ORDER BY n.name";
    let rows: Vec<(Uuid, String, i64, Option<State>, i64)> =
        on_db!(db, pool => sqlx::query_as(sql).fetch_all(pool).await?);
    let mut counts: Vec<Counted> = Vec::new();
    for (id, name, failures, state, calls) in rows {
        if counts.last().is_none_or(|(last, ..)| *last != name) {
            let failures = sync::failures(db, id).await?.max(failures);
            // None of a state is told as well, or a figure would stay at what it was.
            let none = [State::Open, State::Kept, State::Failed, State::Skipped].map(|state| (state, 0)).to_vec();
            counts.push((name, failures, none));
        }
        let found = counts.last_mut().and_then(|(.., of)| of.iter_mut().find(|(known, _)| Some(*known) == state));
        if let Some((_, known)) = found {
            *known = calls;
        }
    }
    Ok(counts)
}

#[derive(sqlx::FromRow)]
struct BacklogRow {
    state: State,
    calls: i64,
    waiting: i64,
    unjudged: i64,
    oldest: Option<DateTime<Utc>>,
}

/// The backlog of a connection.
///
/// # Errors
/// When the database fails.
pub async fn backlog(db: &Db, connection: Uuid) -> Result<Backlog, DbError> {
    let sql = "SELECT s.state, count(*) AS calls, \
         sum(CASE WHEN s.state = 'open' AND s.details IS NOT NULL THEN 1 ELSE 0 END) AS waiting, \
         sum(CASE WHEN s.state = 'kept' AND c.status IN ('queued', 'needs_sides') THEN 1 ELSE 0 END) AS unjudged, \
         min(coalesce(s.began_at, s.known_at)) AS oldest \
         FROM source_calls s LEFT JOIN calls c ON c.id = s.call_id WHERE s.connection_id = $1 GROUP BY s.state";
    let rows: Vec<BacklogRow> = on_db!(db, pool => sqlx::query_as(sql).bind(connection).fetch_all(pool).await?);
    let mut backlog = Backlog::default();
    for row in rows {
        let calls = row.calls as u32;
        match row.state {
            State::Open => (backlog.open, backlog.waiting, backlog.oldest) = (calls, row.waiting as u32, row.oldest),
            State::Kept => (backlog.kept, backlog.unjudged) = (calls, row.unjudged as u32),
            State::Failed => backlog.failed = calls,
            State::Skipped => backlog.skipped = calls,
        }
    }
    Ok(backlog)
}
