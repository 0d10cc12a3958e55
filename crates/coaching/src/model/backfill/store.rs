//! The tables of backfills.

use super::super::ask::Question;
use chrono::{DateTime, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::Clock;
use serde::Serialize;
use sqlx::{AssertSqlSafe, QueryBuilder};
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Rows of one statement.
const ROWS: usize = 500;

/// How far a backfill is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum BackfillState {
    /// It goes on by itself.
    Open,
    /// Somebody ended it.
    Cancelled,
    /// All of its calls were given to be judged.
    Done,
    /// It could not go on; `why` says why.
    Stopped,
}

/// Many calls that are judged in batches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct Backfill {
    /// Its id.
    pub id: Uuid,
    /// When it was wished for.
    pub created_at: DateTime<Utc>,
    /// By whom, as the audit trail names them.
    pub created_by: String,
    /// The rubric that was named; null for the usual one.
    pub rubric: Option<String>,
    /// The model, as its service names it.
    pub model: String,
    /// How far it is.
    pub state: BackfillState,
    /// Why it was stopped, or what it waits for; null where all is well.
    pub why: Option<String>,
    /// How many calls it began with.
    pub calls: i64,
    /// How many of them wait for answers.
    pub waiting: i64,
    /// Batches that were sent.
    pub batches: i64,
    /// Questions that were sent.
    pub questions: i64,
    /// Those of them that were answered.
    pub answered: i64,
    /// Those that were not, or not so that it can be used: they are asked when the call is judged.
    pub failed: i64,
    /// What the answers cost in millionths of a US dollar; null where a price is not known.
    pub cost_micros: Option<i64>,
    /// Since when a batch is being answered; null between two.
    pub sending_at: Option<DateTime<Utc>>,
    /// That batch, as its service names it.
    #[serde(skip)]
    pub(crate) batch_id: Option<String>,
    /// That batch was found again after a crash.
    #[serde(skip)]
    pub(crate) batch_found: bool,
    /// When it was over.
    pub finished_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "b.id, b.created_at, b.created_by, b.rubric, b.model, b.state, b.why, b.calls, \
     (SELECT count(*) FROM backfill_calls c WHERE c.backfill_id = b.id) AS waiting, \
     b.batches, b.questions, b.answered, b.failed, b.cost_micros, b.sending_at, b.batch_id, b.batch_found, b.finished_at";

/// A question that was sent.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Sent {
    pub(super) key: String,
    pub(super) call_id: Uuid,
    pub(super) purpose: String,
    pub(super) dimension: Option<String>,
    pub(super) outcome: Option<String>,
}

/// Writes one down, unless another is open.
pub(super) async fn begin(
    tx: &mut Tx,
    clock: &Clock,
    id: Uuid,
    model: &str,
    rubric: Option<&str>,
    actor: &str,
    calls: &[Uuid],
) -> Result<bool, DbError> {
    if matches!(tx, Tx::Postgres(_)) {
        // Two who begin at the same time do so one after the other.
        let sql = "LOCK TABLE backfills IN SHARE ROW EXCLUSIVE MODE";
        on_tx!(tx, conn => sqlx::query(sql).execute(conn).await?.rows_affected());
    }
    let sql = "INSERT INTO backfills (id, created_at, created_by, rubric, model, state, calls) SELECT $1, $2, $3, $4, $5, 'open', $6 \
         WHERE NOT EXISTS (SELECT 1 FROM backfills WHERE finished_at IS NULL)";
    let count = on_tx!(tx, conn => sqlx::query(sql)
        .bind(id)
        .bind(clock.now())
        .bind(actor)
        .bind(rubric)
        .bind(model)
        .bind(calls.len() as i64)
        .execute(conn)
        .await?
        .rows_affected());
    if count == 0 {
        return Ok(false);
    }
    for some in calls.chunks(ROWS) {
        on_tx!(tx, conn => {
            let mut insert = QueryBuilder::new("INSERT INTO backfill_calls (backfill_id, call_id) ");
            insert.push_values(some, |mut row, call| {
                row.push_bind(id).push_bind(*call);
            });
            insert.build().execute(conn).await?.rows_affected()
        });
    }
    Ok(true)
}

pub(super) async fn get(db: &Db, id: Uuid) -> Result<Option<Backfill>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM backfills b WHERE b.id = $1");
    Ok(on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(pool).await?))
}

pub(super) async fn list(db: &Db) -> Result<Vec<Backfill>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM backfills b ORDER BY b.created_at DESC, b.id DESC LIMIT 50");
    Ok(on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await?))
}

/// Marks it as ended by somebody; whether it was open.
pub(super) async fn cancel(tx: &mut Tx, id: Uuid) -> Result<bool, DbError> {
    let sql = "UPDATE backfills SET state = 'cancelled', why = NULL WHERE id = $1 AND state = 'open'";
    Ok(on_tx!(tx, conn => sqlx::query(sql).bind(id).execute(conn).await?.rows_affected()) > 0)
}

/// Says what it waits for.
pub(super) async fn tell(db: &Db, id: Uuid, why: Option<&str>) -> Result<(), DbError> {
    let sql = "UPDATE backfills SET why = $1 WHERE id = $2";
    let mut tx = db.begin().await?;
    on_tx!(&mut tx, conn => sqlx::query(sql).bind(why).bind(id).execute(conn).await?.rows_affected());
    tx.commit().await
}

/// It is over.
pub(super) async fn end(
    tx: &mut Tx,
    clock: &Clock,
    id: Uuid,
    state: BackfillState,
    why: Option<&str>,
) -> Result<(), DbError> {
    let sql = "UPDATE backfills SET state = CASE WHEN state = 'cancelled' THEN state ELSE $1 END, why = $2, finished_at = $3, \
         sending_at = NULL, batch_id = NULL, reserved_micros = 0 WHERE id = $4";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(state)
        .bind(why)
        .bind(clock.now())
        .bind(id)
        .execute(conn)
        .await?
        .rows_affected());
    for sql in
        ["DELETE FROM backfill_questions WHERE backfill_id = $1", "DELETE FROM backfill_calls WHERE backfill_id = $1"]
    {
        on_tx!(tx, conn => sqlx::query(sql).bind(id).execute(conn).await?.rows_affected());
    }
    Ok(())
}

/// The calls that are not ready to be judged.
pub(super) async fn waiting(db: &Db, id: Uuid) -> Result<Vec<Uuid>, DbError> {
    let sql = "SELECT call_id FROM backfill_calls WHERE backfill_id = $1 ORDER BY call_id";
    Ok(on_db!(db, pool => sqlx::query_scalar(sql).bind(id).fetch_all(pool).await?))
}

/// A call is ready to be judged, or up to date.
pub(super) async fn ready(tx: &mut Tx, id: Uuid, call: Uuid) -> Result<(), DbError> {
    let sql = "DELETE FROM backfill_calls WHERE backfill_id = $1 AND call_id = $2";
    on_tx!(tx, conn => sqlx::query(sql).bind(id).bind(call).execute(conn).await?.rows_affected());
    Ok(())
}

/// Writes down what is about to be sent, and what it may cost; whether it may be: not where it was cancelled or somebody else sends.
pub(super) async fn sending(
    db: &Db,
    clock: &Clock,
    id: Uuid,
    questions: &[(Uuid, Question)],
    reserved: u64,
) -> Result<bool, DbError> {
    let mut tx = db.begin().await?;
    let sql = "UPDATE backfills SET sending_at = $1, reserved_micros = $2, batch_found = FALSE, why = NULL \
         WHERE id = $3 AND state = 'open' AND sending_at IS NULL AND finished_at IS NULL";
    let count = on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(clock.now())
        .bind(reserved as i64)
        .bind(id)
        .execute(conn)
        .await?
        .rows_affected());
    if count == 0 {
        return Ok(false);
    }
    for some in questions.chunks(ROWS) {
        on_tx!(&mut tx, conn => {
            let mut insert =
                QueryBuilder::new("INSERT INTO backfill_questions (backfill_id, key, call_id, purpose, dimension) ");
            insert.push_values(some, |mut row, (call, question)| {
                row.push_bind(id)
                    .push_bind(question.key.clone())
                    .push_bind(*call)
                    .push_bind(question.purpose.as_str())
                    .push_bind(question.dimension.clone());
            });
            insert.build().execute(conn).await?.rows_affected()
        });
    }
    tx.commit().await?;
    Ok(true)
}

/// The batch was made, or found. One that is known already stays whose it is.
pub(super) async fn sent(db: &Db, id: Uuid, batch: &str, questions: usize, found: bool) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    let sql = "UPDATE backfills SET batch_id = $1, batches = batches + 1, questions = questions + $2, batch_found = $3, why = NULL \
         WHERE id = $4 AND batch_id IS NULL AND sending_at IS NOT NULL";
    let count = on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(batch)
        .bind(questions as i64)
        .bind(found)
        .bind(id)
        .execute(conn)
        .await?
        .rows_affected());
    if count > 0 {
        let sql = "INSERT INTO backfill_batches (batch_id, backfill_id) VALUES ($1, $2)";
        on_tx!(&mut tx, conn => sqlx::query(sql).bind(batch).bind(id).execute(conn).await?.rows_affected());
    }
    tx.commit().await
}

/// What batches that are being answered may cost, in millionths of a US dollar.
pub(crate) async fn reserved(db: &Db) -> Result<u64, DbError> {
    let sql = "SELECT CAST(coalesce(sum(reserved_micros), 0) AS BIGINT) FROM backfills WHERE sending_at IS NOT NULL";
    let sum: i64 = on_db!(db, pool => sqlx::query_scalar(sql).fetch_one(pool).await?);
    Ok(sum as u64)
}

/// Batches of this service that are somebody's.
pub(super) async fn known_batches(db: &Db) -> Result<Vec<String>, DbError> {
    Ok(on_db!(db, pool => sqlx::query_scalar("SELECT batch_id FROM backfill_batches").fetch_all(pool).await?))
}

/// What was sent, by its key.
pub(super) async fn questions(db: &Db, id: Uuid) -> Result<HashMap<String, Sent>, DbError> {
    let sql = "SELECT key, call_id, purpose, dimension, outcome FROM backfill_questions WHERE backfill_id = $1";
    let rows: Vec<Sent> = on_db!(db, pool => sqlx::query_as(sql).bind(id).fetch_all(pool).await?);
    Ok(rows.into_iter().map(|row| (row.key.clone(), row)).collect())
}

/// A question has its answer, or will have none; whether that was not known before: somebody whose lease ran out may read the same results.
pub(super) async fn settle(
    tx: &mut Tx,
    id: Uuid,
    key: &str,
    outcome: &str,
    cost: Option<u64>,
) -> Result<bool, DbError> {
    let sql = "UPDATE backfill_questions SET outcome = $1 WHERE backfill_id = $2 AND key = $3 AND outcome IS NULL";
    let count =
        on_tx!(tx, conn => sqlx::query(sql).bind(outcome).bind(id).bind(key).execute(conn).await?.rows_affected());
    if count == 0 {
        return Ok(false);
    }
    let sql = "UPDATE backfills SET answered = answered + $1, failed = failed + $2, cost_micros = cost_micros + $3 WHERE id = $4";
    let answered = i64::from(outcome == "ok");
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(answered)
        .bind(1 - answered)
        .bind(cost.map(|micros| micros as i64))
        .bind(id)
        .execute(conn)
        .await?
        .rows_affected());
    Ok(true)
}

/// No batch is under way any more; questions without an answer are asked anew.
pub(super) async fn between(db: &Db, id: Uuid) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    let sql = "DELETE FROM backfill_questions WHERE backfill_id = $1 AND outcome IS NULL";
    on_tx!(&mut tx, conn => sqlx::query(sql).bind(id).execute(conn).await?.rows_affected());
    let sql = "UPDATE backfills SET sending_at = NULL, batch_id = NULL, reserved_micros = 0 WHERE id = $1";
    on_tx!(&mut tx, conn => sqlx::query(sql).bind(id).execute(conn).await?.rows_affected());
    tx.commit().await
}
