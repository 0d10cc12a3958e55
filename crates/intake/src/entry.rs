//! A delivery as it is written down: its event, the row of its call in the ledger, and the job that brings the call in, all of them or none.
//!
//! Whoever delivers waits until that is committed, so this is where a receiver is slow. Each commit waits for the disk: deliveries that come meanwhile are
//! written together, on SQLite in one transaction, on PostgreSQL in one statement, which is one way there and back.

use crate::events::{Received, forget, processed};
use crate::intake::lock;
use crate::ledger::{self, KnownBy, State, Told};
use crate::{Intake, IntakeError};
use chrono::{DateTime, Utc};
use db::{Db, DbError, Tx, on_tx};
use kernel::new_id;
use queue::NewJob;
use serde_json::value::RawValue;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgPool};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use tokio::sync::oneshot;
use uuid::Uuid;

/// Deliveries that are written in one transaction at most: others who write wait for it.
const TOGETHER: usize = 128;
/// How many write at once where several can.
const WRITERS: usize = 2;

/// A delivery that is proven and read.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Of its event, if it did not come before.
    pub(crate) id: Uuid,
    pub(crate) connection: Uuid,
    /// What makes two deliveries the same one.
    pub(crate) key: String,
    /// The call that it tells of; none where it is a test.
    pub(crate) external_id: Option<String>,
    pub(crate) is_test: bool,
    /// What was sent, with what is redacted replaced.
    pub(crate) payload: Box<RawValue>,
    /// Whether that tells who was in the call. Otherwise it is less than what there is to tell, which is asked for then.
    pub(crate) names_people: bool,
    /// Of the body.
    pub(crate) bytes: i64,
    /// When it came.
    pub(crate) at: DateTime<Utc>,
    /// When its call began.
    pub(crate) began_at: Option<DateTime<Utc>>,
    /// Mail address, else name, of whose call it is.
    pub(crate) rep: Option<String>,
    /// Why the call is not to come in.
    pub(crate) skip: Option<&'static str>,
}

impl Entry {
    /// Writes it down, with all others that wait. It is committed when this returns.
    pub(crate) async fn keep(self, intake: &Intake) -> Result<Received, IntakeError> {
        let (tell, told) = oneshot::channel();
        let may_write = {
            let mut line = lock(&intake.shared.line);
            line.waiting.push((self, tell));
            let writers = if matches!(intake.db, Db::Sqlite(_)) { 1 } else { WRITERS };
            let may_write = line.writers < writers;
            line.writers += usize::from(may_write);
            may_write
        };
        if may_write {
            // Not in the request, which ends when whoever sent it goes away.
            tokio::spawn(write_all(intake.clone()));
        }
        let broken_off = || Err(Arc::new(DbError::Unreachable("writing was broken off".to_owned())));
        told.await.unwrap_or_else(|_| broken_off()).map_err(IntakeError::Together)
    }

    /// In a transaction of its own.
    async fn keep_alone(&self, intake: &Intake) -> Result<Received, DbError> {
        let mut tx = intake.db.begin().await?;
        let received = self.write(&mut tx, intake).await?;
        tx.commit().await?;
        Ok(received)
    }

    async fn write(&self, tx: &mut Tx, intake: &Intake) -> Result<Received, DbError> {
        let sql = "INSERT INTO webhook_events (id, connection_id, delivery_key, external_id, payload, signature_valid, status, bytes, received_at) \
             VALUES ($1, $2, $3, $4, $5, TRUE, $6, $7, $8) \
             ON CONFLICT (connection_id, delivery_key) DO UPDATE SET deliveries = webhook_events.deliveries + 1 RETURNING id";
        let kept: Uuid = on_tx!(&mut *tx, conn => sqlx::query_scalar(sql)
            .bind(self.id)
            .bind(self.connection)
            .bind(&self.key)
            .bind(&self.external_id)
            .bind(Json(&self.payload))
            .bind(if self.is_test { "test" } else { "received" })
            .bind(self.bytes)
            .bind(self.at)
            .fetch_one(conn)
            .await?);
        if kept != self.id {
            return Ok(Received::Again);
        }
        let Some(external_id) = self.external_id.as_deref().filter(|_| !self.is_test) else {
            return Ok(Received::Test);
        };
        let details = if self.names_people { details(&self.payload) } else { None };
        let told = Told {
            external_id,
            began_at: self.began_at,
            rep: self.rep.as_deref(),
            details: details.as_deref(),
            skip: self.skip,
        };
        let learned = ledger::learn(tx, &intake.clock, self.connection, &told, KnownBy::Webhook).await?;
        match learned.state {
            State::Open => {}
            // Gong has something to tell of it again.
            State::Failed => {
                ledger::again(tx, &intake.clock, learned.id).await?;
            }
            State::Kept | State::Skipped => processed(tx, &intake.clock, self.connection, external_id, true).await?,
        }
        if learned.deleted || self.skip.is_some() {
            forget(tx, self.connection, external_id).await?;
        }
        Ok(Received::Recorded)
    }

    /// By what rows are in an order in which everybody writes them.
    fn place(&self) -> (Uuid, Option<&str>) {
        (self.connection, self.external_id.as_deref())
    }

    /// Whether it tells all there is of a call that is to come in, as most do.
    fn is_usual(&self) -> bool {
        !self.is_test && self.skip.is_none() && self.names_people && self.external_id.is_some()
    }
}

/// What is told of the call in what was sent.
fn details(payload: &RawValue) -> Option<Box<RawValue>> {
    // A map, since nothing keeps a name from standing there twice: the last one counts, as everywhere.
    let mut fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(payload.get()).ok()?;
    fields.remove("callData")
}

/// Deliveries that wait to be written, and how many write.
#[derive(Debug, Default)]
pub(crate) struct Line {
    waiting: Vec<Waiting>,
    writers: usize,
}

type Waiting = (Entry, oneshot::Sender<Result<Received, Arc<DbError>>>);

/// Lets others write where the one who writes panics: whoever waits then is told so.
struct Turn<'a>(&'a Intake);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut line = lock(&self.0.shared.line);
            line.writers -= 1;
            line.waiting.clear();
        }
    }
}

/// Writes until nobody waits.
async fn write_all(intake: Intake) {
    let _turn = Turn(&intake);
    loop {
        let batch: Vec<Waiting> = {
            let mut line = lock(&intake.shared.line);
            if line.waiting.is_empty() {
                line.writers -= 1;
                return;
            }
            let count = line.waiting.len().min(TOGETHER);
            line.waiting.drain(..count).collect()
        };
        write_batch(&intake, batch).await;
    }
}

/// In one transaction, or, where one of them cannot be written, each in its own.
async fn write_batch(intake: &Intake, batch: Vec<Waiting>) {
    match together(intake, &batch).await {
        Ok(all) => {
            for ((_, tell), received) in batch.into_iter().zip(all) {
                // Who does not wait any more finds it written when it is sent again.
                let _ = tell.send(Ok(received));
            }
        }
        // Others who write the same may have been in the way.
        Err(error) if batch.len() > 1 && (!error.concerns_all() || is_crossed(intake, &error)) => {
            for (entry, tell) in batch {
                let _ = tell.send(entry.keep_alone(intake).await.map_err(Arc::new));
            }
        }
        Err(error) => {
            let error = Arc::new(error);
            for (_, tell) in batch {
                let _ = tell.send(Err(Arc::clone(&error)));
            }
        }
    }
}

/// Whether two who wrote the same rows waited for each other, until the database chose one of them.
fn is_crossed(intake: &Intake, error: &DbError) -> bool {
    matches!((&intake.db, error), (Db::Postgres(_), DbError::Locked))
}

async fn together(intake: &Intake, batch: &[Waiting]) -> Result<Vec<Received>, DbError> {
    let written = match &intake.db {
        Db::Postgres(pool) => match write_usual(pool, batch).await {
            // One of these deliveries came before, and told of another call.
            Err(DbError::Duplicate) => HashSet::new(),
            written => written?,
        },
        Db::Sqlite(_) => HashSet::new(),
    };
    if written.len() == batch.len() {
        return Ok(vec![Received::Recorded; batch.len()]);
    }
    let mut tx = intake.db.begin().await?;
    let mut all = vec![Received::Recorded; batch.len()];
    let mut rest: Vec<usize> = (0..batch.len()).filter(|at| !written.contains(&batch[*at].0.id)).collect();
    // In the order in which others write the same rows.
    rest.sort_by_key(|at| batch[*at].0.place());
    for at in rest {
        all[at] = batch[at].0.write(&mut tx, intake).await?;
    }
    tx.commit().await?;
    Ok(all)
}

/// Writes down those that are the first that is heard of a call, in one statement, and returns their ids. The others are left as they are.
async fn write_usual(pool: &PgPool, batch: &[Waiting]) -> Result<HashSet<Uuid>, DbError> {
    let mut usual: Vec<&Entry> = batch.iter().map(|(entry, _)| entry).filter(|entry| entry.is_usual()).collect();
    if usual.is_empty() {
        return Ok(HashSet::new());
    }
    // Two programs that write the same calls do not wait for each other then.
    usual.sort_by_key(|entry| entry.place());
    let jobs: Vec<(Uuid, NewJob)> = usual.iter().map(|_| new_id()).map(|call| (call, ledger::job(call))).collect();
    let kind = ledger::job(Uuid::nil());
    let sql = format!(
        "WITH sent AS (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::jsonb[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], \
         $9::text[], $10::bigint[], $11::timestamptz[], $12::timestamptz[], $13::text[]) \
         AS sent (call, job, work, job_key, event, connection, external_id, key, payload, bytes, at, began_at, rep)), \
         call AS (INSERT INTO source_calls (id, connection_id, external_id, state, known_by, known_at, waits_from, began_at, rep, details, \
         next_try_at) SELECT call, connection, external_id, $14, $15, at, at, began_at, rep, payload::json -> 'callData', at FROM sent \
         ON CONFLICT (connection_id, external_id) DO NOTHING RETURNING id), \
         new AS (SELECT sent.* FROM sent JOIN call ON call.id = sent.call), \
         event AS (INSERT INTO webhook_events (id, connection_id, delivery_key, external_id, payload, signature_valid, status, bytes, received_at) \
         SELECT event, connection, key, external_id, payload::json, TRUE, 'received', bytes, at FROM new), \
         job AS (INSERT INTO {} SELECT job, $16, work, $17, job_key, 'queued', 0, $18, at, at FROM new) \
         SELECT event FROM new",
        queue::INTO_JOBS
    );
    let written: Vec<Uuid> = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(jobs.iter().map(|(call, _)| *call).collect::<Vec<_>>())
        .bind(jobs.iter().map(|_| new_id()).collect::<Vec<_>>())
        .bind(jobs.iter().map(|(_, job)| Json(&job.payload)).collect::<Vec<_>>())
        .bind(jobs.iter().map(|(_, job)| job.unique_key.as_deref()).collect::<Vec<_>>())
        .bind(usual.iter().map(|entry| entry.id).collect::<Vec<_>>())
        .bind(usual.iter().map(|entry| entry.connection).collect::<Vec<_>>())
        .bind(usual.iter().map(|entry| entry.external_id.as_deref()).collect::<Vec<_>>())
        .bind(usual.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>())
        .bind(usual.iter().map(|entry| entry.payload.get()).collect::<Vec<_>>())
        .bind(usual.iter().map(|entry| entry.bytes).collect::<Vec<_>>())
        .bind(usual.iter().map(|entry| entry.at).collect::<Vec<_>>())
        .bind(usual.iter().map(|entry| entry.began_at).collect::<Vec<_>>())
        .bind(usual.iter().map(|entry| entry.rep.as_deref()).collect::<Vec<_>>())
        .bind(State::Open.as_str())
        .bind(KnownBy::Webhook.as_str())
        .bind(kind.kind.as_ref())
        .bind(kind.priority)
        .bind(kind.max_attempts)
        .fetch_all(pool)
        .await?;
    Ok(written.into_iter().collect())
}
