//! Accounts as admins look after them: list, add, change, remove.

use crate::auth::{email as mail, username as login_name};
use crate::password::Hashed;
use crate::store::{COLUMNS, name_key};
use crate::{AccountError, User, attempts, sessions, teams};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Actor, Clock, Role, new_id};
use sqlx::QueryBuilder;
use std::fmt::Write as _;
use uuid::Uuid;

/// Which users are wanted.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// In this role.
    pub role: Option<Role>,
    /// In this team.
    pub team: Option<Uuid>,
    /// With this in the name, user name or address.
    pub text: Option<String>,
    /// Also those who may not log in any more.
    pub inactive: bool,
    /// At most so many.
    pub limit: i64,
    /// After the user of this name and id.
    pub after: Option<(String, Uuid)>,
    /// Without the first so many.
    pub offset: i64,
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct Account {
    /// Their name.
    pub name: String,
    /// What they log in with; the part of the address before the `@` where it is left out.
    pub username: Option<String>,
    /// Their mail address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// The teams they belong to.
    pub teams: Vec<Uuid>,
    /// Their password; without one they come in by an invitation.
    pub password: Option<Hashed>,
    /// Whom calls name already, whose account it becomes.
    pub person: Option<Uuid>,
}

/// What is to be changed of an account; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct AccountChange {
    /// Their name.
    pub name: Option<String>,
    /// Their mail address.
    pub email: Option<String>,
    /// What they may do.
    pub role: Option<Role>,
    /// Whether they may log in.
    pub active: Option<bool>,
    /// Another password, where they have forgotten theirs.
    pub password: Option<Hashed>,
}

/// The users that the actor may see, by name, with how many there are on all pages if that is asked for.
///
/// # Errors
/// When the database fails.
pub async fn list_users(
    db: &Db,
    actor: &Actor,
    filter: &UserFilter,
    total: bool,
) -> Result<(Vec<User>, Option<i64>), DbError> {
    // `$1` is the actor's, as the rule of what may be seen has it.
    let mut condition = format!("FROM users u WHERE {}", teams::may_see(actor.role, "u.id"));
    if !filter.inactive {
        condition.push_str(" AND u.active");
    }
    condition.push_str(
        " AND ($2 IS NULL OR u.role = $2) \
         AND ($3 IS NULL OR u.id IN (SELECT user_id FROM memberships WHERE team_id = $3)) \
         AND ($4 IS NULL OR u.name_key LIKE $4 ESCAPE '!' OR u.username LIKE $4 ESCAPE '!' OR u.email LIKE $4 ESCAPE '!' \
         OR u.unconfirmed_email LIKE $4 ESCAPE '!')",
    );
    let text = filter.text.as_deref().map(|text| format!("%{}%", like(&name_key(text))));
    let mut page = format!("SELECT {COLUMNS} {condition}");
    page.push_str(" AND ($5 IS NULL OR u.name_key > $5 OR (u.name_key = $5 AND u.id > $6))");
    let _ = write!(page, " ORDER BY u.name_key, u.id LIMIT $7 OFFSET $8");
    let (name, id) = filter.after.clone().unzip();
    let users = on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(page))
        .bind(actor.id)
        .bind(filter.role.map(Role::as_str))
        .bind(filter.team)
        .bind(&text)
        .bind(name.map(|name| name_key(&name)))
        .bind(id)
        .bind(filter.limit)
        .bind(filter.offset)
        .fetch_all(pool)
        .await?);
    let count = format!("SELECT count(*) {condition}");
    let count = if total {
        Some(on_db!(db, pool => sqlx::query_scalar(sqlx::AssertSqlSafe(count))
            .bind(actor.id)
            .bind(filter.role.map(Role::as_str))
            .bind(filter.team)
            .bind(&text)
            .fetch_one(pool)
            .await?))
    } else {
        None
    };
    Ok((users, count))
}

/// A text as `LIKE … ESCAPE '!'` takes it literally.
pub fn like(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

/// The people without account or address whom calls name so.
///
/// # Errors
/// When the database fails.
pub async fn named_by_calls(db: &Db, name: &str) -> Result<Vec<Uuid>, DbError> {
    let sql = "SELECT id FROM users WHERE name_key = $1 AND password_hash IS NULL AND email IS NULL ORDER BY created_at LIMIT 10";
    Ok(on_db!(db, pool => sqlx::query_scalar(sql).bind(name_key(name)).fetch_all(pool).await?))
}

/// Makes an account. Who is known by calls under this address keeps them; so does the `person` who is named.
///
/// # Errors
/// [`AccountError::Field`] where a value is refused or taken.
pub async fn add_user(tx: &mut Tx, clock: &Clock, account: Account) -> Result<Uuid, AccountError> {
    let email = mail(&account.email)?;
    let before = email.split('@').next().unwrap_or_default();
    let username = login_name(account.username.as_deref().unwrap_or(before))?;
    let name = full_name(&account.name)?;
    let sql = "SELECT count(*) FROM users WHERE username = $1";
    let taken: i64 =
        on_tx!(tx, conn => sqlx::query_scalar(sql).bind(&username).fetch_one(conn).await.map_err(DbError::from)?);
    if taken > 0 {
        return Err(AccountError::Field("username", "somebody has this name".to_owned()));
    }
    let sql = "SELECT id, password_hash IS NOT NULL FROM users WHERE email = $1";
    let known: Option<(Uuid, bool)> =
        on_tx!(tx, conn => sqlx::query_as(sql).bind(&email).fetch_optional(conn).await.map_err(DbError::from)?);
    let id = match (known, account.person) {
        (Some((_, true)), _) => {
            return Err(AccountError::Field("email", "there is an account with this address".to_owned()));
        }
        (Some((id, false)), person) if person.is_none_or(|person| person == id) => id,
        (Some(_), _) => {
            return Err(AccountError::Field("email", "calls name somebody else by this address".to_owned()));
        }
        (None, Some(person)) => {
            let sql =
                "UPDATE users SET email = $1 WHERE id = $2 AND password_hash IS NULL AND email IS NULL RETURNING id";
            let person: Option<Uuid> = on_tx!(tx, conn => sqlx::query_scalar(sql)
                .bind(&email)
                .bind(person)
                .fetch_optional(conn)
                .await
                .map_err(DbError::from)?);
            let why = "there is no such person, or they have an account or an address";
            person.ok_or_else(|| AccountError::Field("person_id", why.to_owned()))?
        }
        (None, None) => {
            let id = new_id();
            let sql = "INSERT INTO users (id, name, name_key, email, role, active, created_at) \
                 VALUES ($1, $2, $3, $4, $5, TRUE, $6)";
            on_tx!(tx, conn => sqlx::query(sql)
                .bind(id)
                .bind(&name)
                .bind(name_key(&name))
                .bind(&email)
                .bind(account.role.as_str())
                .bind(clock.now())
                .execute(conn)
                .await
                .map_err(DbError::from)?
                .rows_affected());
            id
        }
    };
    let sql = "UPDATE users SET name = $1, name_key = $2, name_confirmed = TRUE, username = $3, password_hash = $4, role = $5, active = TRUE WHERE id = $6";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(&name)
        .bind(name_key(&name))
        .bind(&username)
        .bind(account.password.as_ref().map(Hashed::as_str))
        .bind(account.role.as_str())
        .bind(id)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    for team in account.teams {
        let sql = "SELECT count(*) FROM teams WHERE id = $1";
        let there: i64 =
            on_tx!(tx, conn => sqlx::query_scalar(sql).bind(team).fetch_one(conn).await.map_err(DbError::from)?);
        if there == 0 {
            return Err(AccountError::Field("team_ids", "there is no such team".to_owned()));
        }
        teams::add_member(tx, clock, team, id).await?;
    }
    Ok(id)
}

/// Changes an account. What makes the account less ends its logins: another password, a smaller role takes effect at once anyway.
///
/// # Errors
/// [`AccountError::Unknown`], [`AccountError::Field`], and [`AccountError::Conflict`] where nobody would be admin any more.
pub async fn change_user(tx: &mut Tx, clock: &Clock, user: Uuid, change: AccountChange) -> Result<(), AccountError> {
    let before = locked(tx, user).await?;
    let name = change.name.as_deref().map(full_name).transpose()?;
    let email = change.email.as_deref().map(mail).transpose()?;
    if let Some(email) = &email {
        let sql = "SELECT count(*) FROM users WHERE email = $1 AND id <> $2";
        let taken: i64 = on_tx!(tx, conn => sqlx::query_scalar(sql)
            .bind(email)
            .bind(user)
            .fetch_one(conn)
            .await
            .map_err(DbError::from)?);
        if taken > 0 {
            return Err(AccountError::Field("email", "somebody has this address".to_owned()));
        }
    }
    let less = change.role.is_some_and(|role| role != Role::Admin) || change.active == Some(false);
    if less {
        stays_an_admin(tx, &before).await?;
    }
    let hash = change.password;
    let named =
        before.username.is_some() || before.unconfirmed_email.is_some() || before.email.or(email.clone()).is_some();
    if hash.is_some() && !named {
        return Err(AccountError::Field(
            "email",
            "nobody logs in without an address: give one with the password".to_owned(),
        ));
    }
    if hash.is_some() {
        attempts::forgive(tx, &user.to_string()).await?;
    }
    if hash.is_some() || change.active == Some(false) {
        sessions::revoke(tx, clock, user, None).await?;
    }
    on_tx!(tx, conn => {
        let mut update = QueryBuilder::new("UPDATE users SET id = id");
        if let Some(name) = &name {
            update.push(", name = ").push_bind(name).push(", name_confirmed = TRUE, name_key = ").push_bind(name_key(name));
        }
        if let Some(email) = &email {
            update.push(", unconfirmed_email = NULL, email = ").push_bind(email);
        }
        if let Some(role) = change.role {
            update.push(", role = ").push_bind(role.as_str());
        }
        if let Some(active) = change.active {
            update.push(", active = ").push_bind(active);
        }
        if let Some(hash) = &hash {
            update.push(", password_hash = ").push_bind(hash.as_str());
        }
        update.push(" WHERE id = ").push_bind(user);
        update.build().execute(conn).await.map_err(DbError::from)?.rows_affected()
    });
    Ok(())
}

/// Removes an account: its password, logins, teams, assignments, and what still invites its address. The person stays as the name of their calls.
///
/// # Errors
/// [`AccountError::Unknown`], and [`AccountError::Conflict`] where nobody would be admin any more.
pub async fn remove_user(tx: &mut Tx, user: Uuid) -> Result<(), AccountError> {
    let before = locked(tx, user).await?;
    stays_an_admin(tx, &before).await?;
    for email in before.email.iter().chain(&before.unconfirmed_email) {
        teams::withdraw_all(tx, email).await?;
    }
    for sql in [
        "DELETE FROM sessions WHERE user_id = $1",
        "DELETE FROM memberships WHERE user_id = $1",
        "DELETE FROM coach_assignments WHERE coach_id = $1 OR rep_id = $1",
        "DELETE FROM idempotency_keys WHERE user_id = $1",
        "UPDATE users SET username = NULL, password_hash = NULL, unconfirmed_email = NULL, active = FALSE, role = 'rep' WHERE id = $1",
    ] {
        on_tx!(tx, conn => sqlx::query(sql).bind(user).execute(conn).await.map_err(DbError::from)?.rows_affected());
    }
    Ok(())
}

/// The user, whom nobody else changes meanwhile.
async fn locked(tx: &mut Tx, user: Uuid) -> Result<User, AccountError> {
    let lock = if matches!(tx, Tx::Postgres(_)) { " FOR UPDATE" } else { "" };
    let sql = format!("SELECT {COLUMNS} FROM users u WHERE u.id = $1{lock}");
    let found: Option<User> = on_tx!(tx, conn => sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(user)
        .fetch_optional(conn)
        .await
        .map_err(DbError::from)?);
    found.ok_or(AccountError::Unknown("user"))
}

/// Refuses to take the last admin away. Two who take each other's role at once wait for each other.
async fn stays_an_admin(tx: &mut Tx, user: &User) -> Result<(), AccountError> {
    if user.role != Role::Admin || !user.active {
        return Ok(());
    }
    if let Tx::Postgres(tx) = tx {
        let lock = "SELECT pg_advisory_xact_lock(hashtext('sideline: admins'))";
        sqlx::query(lock).execute(&mut **tx).await.map_err(DbError::from)?;
    }
    let sql = "SELECT count(*) FROM users WHERE role = 'admin' AND active AND password_hash IS NOT NULL AND id <> $1";
    let others: i64 =
        on_tx!(tx, conn => sqlx::query_scalar(sql).bind(user.id).fetch_one(conn).await.map_err(DbError::from)?);
    if others == 0 {
        return Err(AccountError::Conflict("nobody would be admin any more; make somebody else one first".to_owned()));
    }
    Ok(())
}

fn full_name(text: &str) -> Result<String, AccountError> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(AccountError::Field("name", "take 1 to 200 characters".to_owned()));
    }
    Ok(name)
}
