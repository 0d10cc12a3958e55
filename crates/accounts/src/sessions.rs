//! The tables `sessions` and `refresh_tokens`: logins and what keeps them going.

use crate::attempts;
use crate::tokens::{self, REFRESH};
use chrono::{DateTime, TimeDelta, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Actor, Clock, Role, new_id};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// For so long a used refresh token is taken once more, as long as none that came after it was used: the answer that brought the next one may
/// have got lost, as when a page is loaded anew meanwhile.
const OVERLAP: TimeDelta = TimeDelta::seconds(10);

/// From where somebody logs in.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// What program it is, as it says.
    pub user_agent: Option<String>,
    /// From which address.
    pub address: Option<String>,
}

/// A login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct Session {
    /// Its id.
    pub id: Uuid,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When its tokens were refreshed last.
    pub last_used_at: DateTime<Utc>,
    /// When it ends if it is not refreshed.
    pub expires_at: DateTime<Utc>,
    /// What program it is, as it says.
    pub user_agent: Option<String>,
    /// From which address.
    pub address: Option<String>,
}

/// Begins a login; returns it with its first refresh token.
pub(crate) async fn begin(tx: &mut Tx, clock: &Clock, user: Uuid, seen: &Seen) -> Result<(Uuid, String), DbError> {
    let (id, now) = (new_id(), clock.now());
    let sql = "INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at, user_agent, address) \
         VALUES ($1, $2, $3, $3, $4, $5, $6)";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(id)
        .bind(user)
        .bind(now)
        .bind(now + REFRESH)
        .bind(&seen.user_agent)
        .bind(&seen.address)
        .execute(conn)
        .await?
        .rows_affected());
    Ok((id, issue(tx, clock, id).await?))
}

/// Whether somebody has a login from there that was used within the last weeks.
pub(crate) async fn known_from(db: &Db, clock: &Clock, user: Uuid, address: &str) -> Result<bool, DbError> {
    let sql = "SELECT DISTINCT address FROM sessions WHERE user_id = $1 AND last_used_at > $2 AND address IS NOT NULL";
    let since = clock.now() - REFRESH;
    let from: Vec<String> = on_db!(db, pool => sqlx::query_scalar(sql).bind(user).bind(since).fetch_all(pool).await?);
    let network = attempts::network(address);
    Ok(from.iter().any(|known| attempts::network(known) == network))
}

async fn issue(tx: &mut Tx, clock: &Clock, session: Uuid) -> Result<String, DbError> {
    let token = tokens::random();
    let sql = "INSERT INTO refresh_tokens (hash, session_id, issued_at) VALUES ($1, $2, $3)";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(tokens::hash(&token))
        .bind(session)
        .bind(clock.now())
        .execute(conn)
        .await?
        .rows_affected());
    Ok(token)
}

/// What became of a refresh token that was shown.
pub(crate) enum Refreshed {
    /// It was good: user, session, the next token.
    Next(Uuid, Uuid, String),
    /// It was used before: the login is ended, as one of two holders has stolen it.
    Reused,
    /// It is none, or its login has ended.
    Bad,
}

#[derive(sqlx::FromRow)]
struct Shown {
    session_id: Uuid,
    user_id: Uuid,
    used_at: Option<DateTime<Utc>>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    active: bool,
}

/// Exchanges a refresh token for the next one.
pub(crate) async fn refresh(tx: &mut Tx, clock: &Clock, token: &str) -> Result<Refreshed, DbError> {
    let now = clock.now();
    let hash = tokens::hash(token);
    // Whoever marks it first has it: of two at once, one sees it used.
    let marked = "UPDATE refresh_tokens SET used_at = $1 WHERE hash = $2 AND used_at IS NULL";
    let marked =
        on_tx!(tx, conn => sqlx::query(marked).bind(now).bind(&hash).execute(conn).await?.rows_affected()) == 1;
    let sql = "SELECT t.session_id, s.user_id, t.used_at, s.expires_at, s.revoked_at, u.active FROM refresh_tokens t \
         JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id WHERE t.hash = $1";
    let shown: Option<Shown> = on_tx!(tx, conn => sqlx::query_as(sql).bind(&hash).fetch_optional(conn).await?);
    let Some(shown) = shown else { return Ok(Refreshed::Bad) };
    if shown.revoked_at.is_some() || shown.expires_at <= now || !shown.active {
        return Ok(Refreshed::Bad);
    }
    if !marked && !lost(tx, now, &hash, &shown).await? {
        revoke(tx, clock, shown.user_id, Some(shown.session_id)).await?;
        return Ok(Refreshed::Reused);
    }
    let sql = "UPDATE sessions SET last_used_at = $1, expires_at = $2 WHERE id = $3";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(now)
        .bind(now + REFRESH)
        .bind(shown.session_id)
        .execute(conn)
        .await?
        .rows_affected());
    let next = issue(tx, clock, shown.session_id).await?;
    Ok(Refreshed::Next(shown.user_id, shown.session_id, next))
}

/// Whether the one who shows a used token may not have got the next one.
async fn lost(tx: &mut Tx, now: DateTime<Utc>, hash: &str, shown: &Shown) -> Result<bool, DbError> {
    let Some(used_at) = shown.used_at.filter(|used_at| now - *used_at <= OVERLAP) else { return Ok(false) };
    let sql = "SELECT count(*) FROM refresh_tokens WHERE session_id = $1 AND issued_at >= $2 AND used_at IS NOT NULL \
         AND hash <> $3";
    let later: i64 = on_tx!(tx, conn => sqlx::query_scalar(sql)
        .bind(shown.session_id)
        .bind(used_at)
        .bind(hash)
        .fetch_one(conn)
        .await?);
    Ok(later == 0)
}

/// Ends a login of somebody, or all of them. Returns how many.
pub(crate) async fn revoke(tx: &mut Tx, clock: &Clock, user: Uuid, session: Option<Uuid>) -> Result<u64, DbError> {
    let sql = "UPDATE sessions SET revoked_at = $1 WHERE user_id = $2 AND revoked_at IS NULL AND (id = $3 OR $4)";
    Ok(on_tx!(tx, conn => sqlx::query(sql)
        .bind(clock.now())
        .bind(user)
        .bind(session)
        .bind(session.is_none())
        .execute(conn)
        .await?
        .rows_affected()))
}

/// Ends all logins of somebody but one.
pub(crate) async fn revoke_others(tx: &mut Tx, clock: &Clock, user: Uuid, but: Uuid) -> Result<u64, DbError> {
    let sql = "UPDATE sessions SET revoked_at = $1 WHERE user_id = $2 AND revoked_at IS NULL AND id <> $3";
    Ok(on_tx!(tx, conn => sqlx::query(sql)
        .bind(clock.now())
        .bind(user)
        .bind(but)
        .execute(conn)
        .await?
        .rows_affected()))
}

/// The logins of somebody that have not ended, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn sessions(db: &Db, clock: &Clock, user: Uuid) -> Result<Vec<Session>, DbError> {
    let sql = "SELECT id, created_at, last_used_at, expires_at, user_agent, address FROM sessions \
         WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY last_used_at DESC";
    Ok(on_db!(db, pool => sqlx::query_as(sql).bind(user).bind(clock.now()).fetch_all(pool).await?))
}

/// Who has this login, if it has not ended and the user may still log in.
///
/// # Errors
/// When the database fails.
pub async fn actor(db: &Db, clock: &Clock, bearer: tokens::Bearer) -> Result<Option<Actor>, DbError> {
    let sql = "SELECT u.role FROM sessions s JOIN users u ON u.id = s.user_id \
         WHERE s.id = $1 AND s.user_id = $2 AND s.revoked_at IS NULL AND s.expires_at > $3 AND u.active";
    let role: Option<String> = on_db!(db, pool => sqlx::query_scalar(sql)
        .bind(bearer.session)
        .bind(bearer.user)
        .bind(clock.now())
        .fetch_optional(pool)
        .await?);
    let role = role.and_then(|role| role.parse::<Role>().ok());
    Ok(role.map(|role| Actor { id: bearer.user, role, session: bearer.session }))
}
