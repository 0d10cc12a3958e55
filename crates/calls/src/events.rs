//! The table `events`: what listeners are told of calls, in the order in which it became lasting.

use accounts::may_see;
use chrono::{DateTime, TimeDelta, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::Actor;
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use sqlx::types::Json;
use std::fmt;
use std::str::FromStr;
use utoipa::ToSchema;
use uuid::Uuid;

/// For how long events are kept for listeners who come back.
pub const KEPT: TimeDelta = TimeDelta::days(7);

/// What happened to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It came in, is to be judged, waits for sides, was given up.
    Status,
    /// It has new scores.
    Score,
    /// It is gone.
    Deleted,
}

impl Event {
    /// Name as in the table and in the stream.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status => "call.status",
            Self::Score => "call.score",
            Self::Deleted => "call.deleted",
        }
    }
}

/// Where somebody stands in the stream: behind the event of this number, of this transaction. PostgreSQL gives numbers in another order than
/// transactions end, so that the number alone is no order; SQLite has one writer, and 0 for the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    tx: i64,
    id: i64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.tx, self.id)
    }
}

impl FromStr for Position {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (tx, id) = text.split_once('-').unwrap_or(("", text));
        Ok(Self { tx: tx.parse()?, id: id.parse()? })
    }
}

/// An event as listeners get it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Told {
    /// Where it stands.
    #[serde(skip)]
    #[schema(ignore)]
    pub position: Position,
    /// `call.status`, `call.score`, `call.deleted`.
    #[schema(example = "call.status")]
    pub kind: String,
    /// Which call it is about.
    pub call_id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// More about it: `status`, or `overall_score` and `session_id`.
    pub detail: Value,
}

#[derive(sqlx::FromRow)]
struct Row {
    tx: i64,
    id: i64,
    kind: String,
    call_id: Uuid,
    at: DateTime<Utc>,
    #[sqlx(json)]
    detail: Value,
}

/// Tells what happened to a call, in the transaction in which it happens; whose call it is, is read there. What is told of a call that is deleted is
/// told before its row goes.
///
/// # Errors
/// When the database fails.
pub async fn tell(tx: &mut Tx, at: DateTime<Utc>, event: Event, call: Uuid, detail: Value) -> Result<(), DbError> {
    let sql = "INSERT INTO events (at, kind, call_id, rep_id, detail) \
         SELECT $1, $2, c.id, c.rep_id, $4 FROM calls c WHERE c.id = $3";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(at)
        .bind(event.as_str())
        .bind(call)
        .bind(Json(detail))
        .execute(conn)
        .await?
        .rows_affected());
    Ok(())
}

/// Tells the status of a call.
///
/// # Errors
/// When the database fails.
pub async fn tell_status(tx: &mut Tx, at: DateTime<Utc>, call: Uuid) -> Result<(), DbError> {
    let sql = "SELECT status FROM calls WHERE id = $1";
    let status: Option<String> = on_tx!(tx, conn => sqlx::query_scalar(sql).bind(call).fetch_optional(conn).await?);
    tell(tx, at, Event::Status, call, json!({ "status": status })).await
}

/// The number of the transaction, and the condition under which everything before is lasting. PostgreSQL means transactions of all its databases:
/// one that writes for long, be it somebody else's, holds up what listeners are told, and nothing else.
fn words(db: &Db) -> (&'static str, &'static str) {
    match db {
        Db::Sqlite(_) => ("CAST(0 AS BIGINT)", "TRUE"),
        Db::Postgres(_) => ("CAST(CAST(e.tx AS TEXT) AS BIGINT)", "e.tx < pg_snapshot_xmin(pg_current_snapshot())"),
    }
}

/// The latest position: whoever listens from there on is told what happens later.
///
/// # Errors
/// When the database fails.
pub async fn latest(db: &Db) -> Result<Position, DbError> {
    let (tx, lasting) = words(db);
    let order = if matches!(db, Db::Postgres(_)) { "e.tx DESC, e.id DESC" } else { "e.id DESC" };
    let sql = format!("SELECT {tx}, e.id FROM events e WHERE {lasting} ORDER BY {order} LIMIT 1");
    let found: Option<(i64, i64)> = on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql)).fetch_optional(pool).await?);
    Ok(found.map_or_else(Position::default, |(tx, id)| Position { tx, id }))
}

/// What happened behind `after` to calls that the actor may see, at most `limit` events; and how far that looks, also where nothing was theirs.
///
/// # Errors
/// When the database fails.
pub async fn since(db: &Db, actor: &Actor, after: Position, limit: i64) -> Result<Vec<Told>, DbError> {
    let (tx, lasting) = words(db);
    let (behind, order) = match db {
        Db::Sqlite(_) => ("$2 >= 0 AND e.id > $3", "e.id"),
        Db::Postgres(_) => ("(e.tx, e.id) > (CAST(CAST($2 AS TEXT) AS xid8), $3)", "e.tx, e.id"),
    };
    // Whose it was when it happened, and is now: whoever has handed a call on does not see it any more.
    let (then, now) = (may_see(actor.role, "e.rep_id"), may_see(actor.role, "c.rep_id"));
    let sql = format!(
        "SELECT {tx} AS tx, e.id, e.kind, e.call_id, e.at, e.detail FROM events e LEFT JOIN calls c ON c.id = e.call_id \
         WHERE {then} AND (c.id IS NULL OR {now}) AND {behind} AND {lasting} ORDER BY {order} LIMIT $4"
    );
    let rows: Vec<Row> = on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql))
        .bind(actor.id)
        .bind(after.tx)
        .bind(after.id)
        .bind(limit)
        .fetch_all(pool)
        .await?);
    let told = |row: Row| Told {
        position: Position { tx: row.tx, id: row.id },
        kind: row.kind,
        call_id: row.call_id,
        at: row.at,
        detail: row.detail,
    };
    Ok(rows.into_iter().map(told).collect())
}

/// Whether there may have been events behind `after` that are forgotten by now. Who begins at the beginning wants what there is.
///
/// # Errors
/// When the database fails.
pub async fn forgotten(db: &Db, after: Position) -> Result<bool, DbError> {
    if after == Position::default() {
        return Ok(false);
    }
    let (tx, _) = words(db);
    let order = if matches!(db, Db::Postgres(_)) { "e.tx, e.id" } else { "e.id" };
    let sql = format!("SELECT {tx}, e.id FROM events e ORDER BY {order} LIMIT 1");
    let first: Option<(i64, i64)> = on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql)).fetch_optional(pool).await?);
    // The event itself is there, or the one right behind it, or nothing was forgotten.
    let first = first.map(|(tx, id)| Position { tx, id });
    Ok(match (db, first) {
        (Db::Sqlite(_), Some(first)) => first.id > after.id.saturating_add(1),
        (Db::Postgres(_), Some(first)) => first > after,
        (_, None) => true,
    })
}

/// Forgets events from before `before`. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn purge(db: &Db, before: DateTime<Utc>) -> Result<u64, DbError> {
    let mut tx = db.begin().await?;
    let sql = "DELETE FROM events WHERE at < $1";
    let gone = on_tx!(&mut tx, conn => sqlx::query(sql).bind(before).execute(conn).await?.rows_affected());
    tx.commit().await?;
    Ok(gone)
}

/// Whether the actor may see a call.
///
/// # Errors
/// When the database fails.
pub async fn sees(db: &Db, actor: &Actor, call: Uuid) -> Result<bool, DbError> {
    let sql = format!("SELECT count(*) FROM calls c WHERE c.id = $2 AND {}", may_see(actor.role, "c.rep_id"));
    let count: i64 = on_db!(db, pool => sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(actor.id)
        .bind(call)
        .fetch_one(pool)
        .await?);
    Ok(count > 0)
}
