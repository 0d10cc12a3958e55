//! The table `idempotency_keys`: answers to requests that carried a key, to be given again.

use crate::tokens::REFRESH;
use chrono::TimeDelta;
use db::{Db, DbError, Tx, on_tx};
use kernel::{Actor, Clock};

/// For how long an answer is remembered.
pub const REMEMBERED: TimeDelta = TimeDelta::hours(24);
/// After so long a request that has no answer is believed to have been lost with its program.
const LOST: TimeDelta = TimeDelta::minutes(5);

/// An answer that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// Media type.
    pub content_type: Option<String>,
    /// Where what was made is.
    pub location: Option<String>,
    /// The body; `None` where it held a secret.
    pub body: Option<Vec<u8>>,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing: it is written down now, and the request is to be done.
    New,
    /// It was done.
    Done(Answered),
    /// It is being done.
    Busy,
    /// Another request had it.
    Other,
}

#[derive(sqlx::FromRow)]
struct Row {
    fingerprint: String,
    status: Option<i32>,
    content_type: Option<String>,
    location: Option<String>,
    body: Option<Vec<u8>>,
}

/// Writes down that the actor's request with this key is being done, or finds what became of it. `fingerprint` says which request it is.
///
/// # Errors
/// When the database fails.
pub async fn begin(db: &Db, clock: &Clock, actor: &Actor, key: &str, fingerprint: &str) -> Result<Known, DbError> {
    let now = clock.now();
    let mut tx = db.begin().await?;
    let old = "DELETE FROM idempotency_keys WHERE user_id = $1 AND name = $2 \
         AND (created_at < $3 OR (status IS NULL AND created_at < $4))";
    on_tx!(&mut tx, conn => sqlx::query(old)
        .bind(actor.id)
        .bind(key)
        .bind(now - REMEMBERED)
        .bind(now - LOST)
        .execute(conn)
        .await?
        .rows_affected());
    let sql = "INSERT INTO idempotency_keys (user_id, name, fingerprint, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    let made = on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(actor.id)
        .bind(key)
        .bind(fingerprint)
        .bind(now)
        .execute(conn)
        .await?
        .rows_affected());
    let sql = "SELECT fingerprint, status, content_type, location, body FROM idempotency_keys WHERE user_id = $1 AND name = $2";
    let row: Option<Row> =
        on_tx!(&mut tx, conn => sqlx::query_as(sql).bind(actor.id).bind(key).fetch_optional(conn).await?);
    tx.commit().await?;
    Ok(match row {
        _ if made == 1 => Known::New,
        Some(row) if row.fingerprint != fingerprint => Known::Other,
        Some(Row { status: Some(status), content_type, location, body, .. }) => {
            Known::Done(Answered { status: status as u16, content_type, location, body })
        }
        _ => Known::Busy,
    })
}

/// Remembers what was answered.
///
/// # Errors
/// When the database fails.
pub async fn keep(db: &Db, actor: &Actor, key: &str, answer: &Answered) -> Result<(), DbError> {
    let sql = "UPDATE idempotency_keys SET status = $1, content_type = $2, location = $3, body = $4 \
         WHERE user_id = $5 AND name = $6";
    let mut tx = db.begin().await?;
    on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(i32::from(answer.status))
        .bind(&answer.content_type)
        .bind(&answer.location)
        .bind(&answer.body)
        .bind(actor.id)
        .bind(key)
        .execute(conn)
        .await?
        .rows_affected());
    tx.commit().await
}

/// Lets the key be used again: nothing was done.
///
/// # Errors
/// When the database fails.
pub async fn forget(db: &Db, actor: &Actor, key: &str) -> Result<(), DbError> {
    let sql = "DELETE FROM idempotency_keys WHERE user_id = $1 AND name = $2";
    let mut tx = db.begin().await?;
    on_tx!(&mut tx, conn => sqlx::query(sql).bind(actor.id).bind(key).execute(conn).await?.rows_affected());
    tx.commit().await
}

/// Forgets what is old: answers, logins that have ended, refresh tokens that were used and invitations that were not.
///
/// # Errors
/// When the database fails.
pub async fn purge(tx: &mut Tx, clock: &Clock) -> Result<u64, DbError> {
    let mut gone = 0;
    for (sql, age) in [
        ("DELETE FROM idempotency_keys WHERE created_at < $1", REMEMBERED),
        ("DELETE FROM sessions WHERE expires_at < $1 OR revoked_at < $1", TimeDelta::days(30)),
        // Of logins that live on: one that is shown again so late is not known any more, which lets nobody in either.
        ("DELETE FROM refresh_tokens WHERE used_at < $1", REFRESH),
        ("DELETE FROM login_attempts WHERE last_at < $1", TimeDelta::days(2)),
        ("DELETE FROM invitations WHERE expires_at < $1", TimeDelta::days(30)),
    ] {
        let before = clock.now() - age;
        gone += on_tx!(&mut *tx, conn => sqlx::query(sql).bind(before).execute(conn).await?.rows_affected());
    }
    Ok(gone)
}
