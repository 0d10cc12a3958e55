//! The tables `users` and `teams`.

use chrono::{DateTime, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Clock, new_id};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What somebody may see and do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum Role {
    /// Own calls.
    Rep,
    /// The team's.
    Manager,
    /// Those assigned.
    Coach,
    /// All.
    Admin,
}

/// Somebody of our side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct User {
    /// Their id.
    pub id: Uuid,
    /// Their name.
    pub name: String,
    /// In lower case.
    pub email: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Whether they may log in.
    pub active: bool,
    /// When they were first seen.
    pub created_at: DateTime<Utc>,
}

/// The rep that calls name so, by mail address where there is one, else by name without regard to case; made where they are new.
///
/// # Errors
/// When the database fails.
pub async fn rep(tx: &mut Tx, clock: &Clock, name: &str, email: Option<&str>) -> Result<Uuid, DbError> {
    let email = email.map(str::to_lowercase);
    // One at a time: two imports of calls of a new rep must not make two of them. SQLite has one writer anyway.
    if let Tx::Postgres(tx) = tx {
        sqlx::query("SELECT pg_advisory_xact_lock(hashtext('rep:' || lower($1)))")
            .bind(name)
            .execute(&mut **tx)
            .await?;
    }
    let found = "SELECT id FROM users WHERE email = $2 OR (lower(name) = lower($1) AND ($2 IS NULL OR email IS NULL)) \
         ORDER BY CASE WHEN email = $2 THEN 0 ELSE 1 END, created_at LIMIT 1";
    let found: Option<Uuid> =
        on_tx!(tx, conn => sqlx::query_scalar(found).bind(name).bind(&email).fetch_optional(conn).await?);
    if let Some(id) = found {
        return Ok(id);
    }
    let id = new_id();
    let sql = "INSERT INTO users (id, name, email, role, active, created_at) VALUES ($1, $2, $3, $4, TRUE, $5)";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(id)
        .bind(name)
        .bind(&email)
        .bind(Role::Rep)
        .bind(clock.now())
        .execute(conn)
        .await?
        .rows_affected());
    Ok(id)
}

/// The user with this id, mail address or name.
///
/// # Errors
/// When the database fails.
pub async fn find_rep(db: &Db, who: &str) -> Result<Option<User>, DbError> {
    let sql = "SELECT id, name, email, role, active, created_at FROM users \
         WHERE lower(name) = lower($1) OR email = lower($1) ORDER BY created_at LIMIT 1";
    Ok(on_db!(db, pool => sqlx::query_as(sql).bind(who).fetch_optional(pool).await?))
}

/// The team with this name; made where there is none.
///
/// # Errors
/// When the database fails.
pub async fn team(tx: &mut Tx, clock: &Clock, name: &str) -> Result<Uuid, DbError> {
    // Changes nothing where the team is there, so that its id comes back either way.
    let sql = "INSERT INTO teams (id, name, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id";
    Ok(on_tx!(tx, conn => sqlx::query_scalar(sql).bind(new_id()).bind(name).bind(clock.now()).fetch_one(conn).await?))
}

/// Puts somebody into a team, or into none.
///
/// # Errors
/// When there is no such user or team, or the database fails.
pub async fn join(tx: &mut Tx, user: Uuid, team: Option<Uuid>) -> Result<(), DbError> {
    let sql = "UPDATE users SET team_id = $1 WHERE id = $2 RETURNING id";
    on_tx!(tx, conn => sqlx::query_scalar::<_, Uuid>(sql).bind(team).bind(user).fetch_one(conn).await?);
    Ok(())
}
