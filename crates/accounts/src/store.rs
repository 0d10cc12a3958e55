//! The tables `users` and `teams`.

use chrono::{DateTime, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Clock, Role, new_id};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Somebody of our side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct User {
    /// Their id.
    pub id: Uuid,
    /// Their name.
    #[schema(example = "Dana Whitlock")]
    pub name: String,
    /// What they log in with; none where only calls have named them.
    #[schema(example = "dana")]
    pub username: Option<String>,
    /// In lower case.
    #[schema(example = "dana@dockline.example")]
    pub email: Option<String>,
    /// The address they registered with, which no admin has confirmed: calls are not theirs by it.
    pub unconfirmed_email: Option<String>,
    /// What they may do.
    #[sqlx(try_from = "String")]
    #[schema(value_type = Role)]
    pub role: Role,
    /// Whether they may log in.
    pub active: bool,
    /// When they were first seen.
    pub created_at: DateTime<Utc>,
}

impl User {
    /// What others know of them, which no password of theirs is to be made of.
    pub fn about(&self) -> Vec<&str> {
        let known = [Some(&self.name), self.username.as_ref(), self.email.as_ref(), self.unconfirmed_email.as_ref()];
        known.into_iter().flatten().map(String::as_str).collect()
    }
}

/// The columns of a [`User`].
pub(crate) const COLUMNS: &str =
    "u.id, u.name, u.username, u.email, u.unconfirmed_email, u.role, u.active, u.created_at";

/// Of the rows with the address `$1` the one where it is confirmed. Databases do not agree on where NULL comes.
pub(crate) const CONFIRMED_FIRST: &str = "ORDER BY CASE WHEN email = $1 THEN 0 ELSE 1 END";

/// Who has this address, confirmed before unconfirmed, and whether they have an account.
pub(crate) async fn holder(tx: &mut Tx, email: &str) -> Result<Option<(Uuid, bool)>, DbError> {
    let sql = format!(
        "SELECT id, password_hash IS NOT NULL FROM users WHERE email = $1 OR unconfirmed_email = $1 {CONFIRMED_FIRST} LIMIT 1"
    );
    Ok(on_tx!(tx, conn => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(email).fetch_optional(conn).await?))
}

/// Whether somebody has an account: a password to log in with.
///
/// # Errors
/// When the database fails.
pub async fn has_account(db: &Db, user: Uuid) -> Result<bool, DbError> {
    let sql = "SELECT count(*) FROM users WHERE id = $1 AND password_hash IS NOT NULL";
    let count: i64 = on_db!(db, pool => sqlx::query_scalar(sql).bind(user).fetch_one(pool).await?);
    Ok(count > 0)
}

/// A name as it is compared: in lower case, with single spaces. Not the database's `lower`, which in SQLite knows ASCII only.
pub fn name_key(name: &str) -> String {
    name.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// The rep that calls name so; made where they are new. A mail address says for certain who it is; where one is new, it is learnt by the only
/// user of that name who has none. A name alone is enough if just one user has it.
///
/// # Errors
/// When the database fails.
pub async fn rep(tx: &mut Tx, clock: &Clock, name: &str, email: Option<&str>) -> Result<Uuid, DbError> {
    let (key, email) = (name_key(name), email.map(str::to_lowercase));
    if let Some(id) = known(tx, &key, email.as_deref()).await? {
        return Ok(id);
    }
    // One at a time: two imports of calls of a new rep must not make two of them. SQLite has one writer anyway.
    if let Tx::Postgres(tx) = tx {
        sqlx::query("SELECT pg_advisory_xact_lock(hashtext('sideline: a new rep'))").execute(&mut **tx).await?;
    }
    if let Some(id) = known(tx, &key, email.as_deref()).await? {
        return Ok(id);
    }
    if let Some(email) = &email {
        let sql = "UPDATE users SET email = $1 WHERE name_key = $2 AND name_confirmed AND email IS NULL \
             AND (SELECT count(*) FROM users WHERE name_key = $2 AND name_confirmed) = 1 RETURNING id";
        let learnt: Option<Uuid> =
            on_tx!(tx, conn => sqlx::query_scalar(sql).bind(email).bind(&key).fetch_optional(conn).await?);
        if let Some(id) = learnt {
            return Ok(id);
        }
    }
    let id = new_id();
    let sql =
        "INSERT INTO users (id, name, name_key, email, role, active, created_at) VALUES ($1, $2, $3, $4, $5, TRUE, $6)";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(id)
        .bind(name)
        .bind(&key)
        .bind(&email)
        .bind(Role::Rep.as_str())
        .bind(clock.now())
        .execute(conn)
        .await?
        .rows_affected());
    Ok(id)
}

async fn known(tx: &mut Tx, key: &str, email: Option<&str>) -> Result<Option<Uuid>, DbError> {
    if let Some(email) = email {
        let sql = "SELECT id FROM users WHERE email = $1";
        return Ok(on_tx!(tx, conn => sqlx::query_scalar(sql).bind(email).fetch_optional(conn).await?));
    }
    // Of several namesakes the one without an address: the others have one by which they would be known.
    let sql =
        "SELECT id FROM users WHERE name_key = $1 AND name_confirmed ORDER BY email IS NOT NULL, created_at LIMIT 2";
    let found: Vec<Uuid> = on_tx!(tx, conn => sqlx::query_scalar(sql).bind(key).fetch_all(conn).await?);
    if found.len() < 2 {
        return Ok(found.first().copied());
    }
    let sql = "SELECT id FROM users WHERE name_key = $1 AND name_confirmed AND email IS NULL";
    Ok(on_tx!(tx, conn => sqlx::query_scalar(sql).bind(key).fetch_optional(conn).await?))
}

/// The user with this mail address or name; of several namesakes the one who was known first.
///
/// # Errors
/// When the database fails.
pub async fn find_rep(db: &Db, who: &str) -> Result<Option<User>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM users u WHERE name_key = $1 OR email = $1 ORDER BY created_at LIMIT 1");
    Ok(on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(name_key(who)).fetch_optional(pool).await?))
}

/// The user with this user name, mail address (also one that nobody has confirmed) or name; of several namesakes the one who was known first.
///
/// # Errors
/// When the database fails.
pub async fn find_user(db: &Db, who: &str) -> Result<Option<User>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM users u WHERE username = $1 OR name_key = $1 OR email = $1 OR unconfirmed_email = $1 \
         ORDER BY CASE $1 WHEN username THEN 0 WHEN email THEN 1 WHEN unconfirmed_email THEN 2 ELSE 3 END, created_at LIMIT 1"
    );
    Ok(on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(name_key(who)).fetch_optional(pool).await?))
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

/// The user with this id.
///
/// # Errors
/// When the database fails.
pub async fn user(db: &Db, id: Uuid) -> Result<Option<User>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM users u WHERE u.id = $1");
    Ok(on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(pool).await?))
}
