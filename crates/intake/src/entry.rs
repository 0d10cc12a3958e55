//! A delivery as it is written down: its event, the row of its call in the ledger, and the job that brings the call in, all of them or none.
//!
//! Whoever delivers waits until that is committed, so this is where a receiver is slow. PostgreSQL does it in one statement, which is one way there and
//! back. SQLite has one writer, and each of its commits waits for the disk: deliveries that come meanwhile are written in one transaction.

use crate::events::{Received, forget, processed};
use crate::intake::lock;
use crate::ledger::{self, KnownBy, State, Told};
use crate::{Intake, IntakeError};
use chrono::{DateTime, Utc};
use db::{Db, DbError, Tx, on_tx};
use kernel::new_id;
use serde_json::value::RawValue;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgPool};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::oneshot;
use uuid::Uuid;

/// Deliveries that are written in one transaction at most: others who write wait for it.
const TOGETHER: usize = 128;

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
    /// Writes it down. It is committed when this returns.
    pub(crate) async fn keep(self, intake: &Intake) -> Result<Received, IntakeError> {
        match &intake.db {
            Db::Postgres(pool) => {
                if self.keep_first(pool).await? {
                    return Ok(Received::Recorded);
                }
                Ok(self.keep_alone(intake).await?)
            }
            Db::Sqlite(_) => self.keep_together(intake).await,
        }
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

    /// Writes down the first that is heard of a call that is to come in, as most deliveries are, in one statement. Otherwise writes nothing and returns
    /// `false`.
    async fn keep_first(&self, pool: &PgPool) -> Result<bool, DbError> {
        let Some(external_id) =
            self.external_id.as_deref().filter(|_| !self.is_test && self.skip.is_none() && self.names_people)
        else {
            return Ok(false);
        };
        let call = new_id();
        let job = ledger::job(call);
        let sql = format!(
            "WITH call AS (INSERT INTO source_calls (id, connection_id, external_id, state, known_by, known_at, waits_from, began_at, rep, details, \
             next_try_at) VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9 -> 'callData', $6) \
             ON CONFLICT (connection_id, external_id) DO NOTHING RETURNING id), \
             event AS (INSERT INTO webhook_events (id, connection_id, delivery_key, external_id, payload, signature_valid, status, bytes, received_at) \
             SELECT $10, $2, $11, $3, $9, TRUE, 'received', $12, $6 FROM call), \
             job AS (INSERT INTO {} SELECT $13, $14, $15, $16, $17, 'queued', 0, $18, $6, $6 FROM call) \
             SELECT count(*) FROM call",
            queue::INTO_JOBS
        );
        let written = sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql))
            .bind(call)
            .bind(self.connection)
            .bind(external_id)
            .bind(State::Open.as_str())
            .bind(KnownBy::Webhook.as_str())
            .bind(self.at)
            .bind(self.began_at)
            .bind(&self.rep)
            .bind(Json(&self.payload))
            .bind(self.id)
            .bind(&self.key)
            .bind(self.bytes)
            .bind(new_id())
            .bind(job.kind.as_ref())
            .bind(Json(&job.payload))
            .bind(job.priority)
            .bind(&job.unique_key)
            .bind(job.max_attempts)
            .fetch_one(pool)
            .await;
        match written.map_err(DbError::from) {
            Ok(calls) => Ok(calls == 1),
            // The same delivery came before, and told of another call.
            Err(DbError::Duplicate) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// With all others that wait.
    async fn keep_together(self, intake: &Intake) -> Result<Received, IntakeError> {
        let (tell, told) = oneshot::channel();
        let someone_writes = {
            let mut line = lock(&intake.shared.line);
            line.waiting.push((self, tell));
            std::mem::replace(&mut line.someone_writes, true)
        };
        if !someone_writes {
            // Not in the request, which ends when whoever sent it goes away.
            tokio::spawn(write_all(intake.clone()));
        }
        let broken_off = || Err(Arc::new(DbError::Unreachable("writing was broken off".to_owned())));
        told.await.unwrap_or_else(|_| broken_off()).map_err(IntakeError::Together)
    }
}

/// What is told of the call in what was sent.
fn details(payload: &RawValue) -> Option<Box<RawValue>> {
    // A map, since nothing keeps a name from standing there twice: the last one counts, as everywhere.
    let mut fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(payload.get()).ok()?;
    fields.remove("callData")
}

/// Deliveries that wait to be written, and whether they are being written.
#[derive(Debug, Default)]
pub(crate) struct Line {
    waiting: Vec<Waiting>,
    someone_writes: bool,
}

type Waiting = (Entry, oneshot::Sender<Result<Received, Arc<DbError>>>);

/// Lets the next one write where the one who writes panics: whoever waits then is told so.
struct Turn<'a>(&'a Intake);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            *lock(&self.0.shared.line) = Line::default();
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
                line.someone_writes = false;
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
        Err(error) if batch.len() > 1 && !error.concerns_all() => {
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

async fn together(intake: &Intake, batch: &[Waiting]) -> Result<Vec<Received>, DbError> {
    let mut tx = intake.db.begin().await?;
    let mut all = Vec::with_capacity(batch.len());
    for (entry, _) in batch {
        all.push(entry.write(&mut tx, intake).await?);
    }
    tx.commit().await?;
    Ok(all)
}
