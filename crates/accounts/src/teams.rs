//! The tables `teams`, `memberships`, `coach_assignments` and `invitations`; and whose calls somebody may see.

use crate::auth::email as mail;
use crate::{AccountError, store, tokens};
use chrono::{DateTime, TimeDelta, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Actor, Clock, Role, new_id};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How long an invitation is good.
const INVITED: TimeDelta = TimeDelta::days(7);

/// Users who are seen together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct Team {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// How many belong to it.
    pub members: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// The condition in SQL under which the actor, bound as `$1`, may see what belongs to the rep in `column`: the one place where this is decided.
/// Nobody but admins sees what belongs to nobody.
pub fn may_see(role: Role, column: &str) -> String {
    let own = format!("{column} = $1");
    match role {
        Role::Admin => "$1 = $1".to_owned(),
        Role::Rep => own,
        Role::Manager => format!(
            "({own} OR {column} IN (SELECT m.user_id FROM memberships m JOIN memberships mine ON mine.team_id = m.team_id \
             WHERE mine.user_id = $1))"
        ),
        Role::Coach => format!("({own} OR {column} IN (SELECT rep_id FROM coach_assignments WHERE coach_id = $1))"),
    }
}

/// Whether the actor may see what belongs to this rep.
///
/// # Errors
/// When the database fails.
pub async fn sees(db: &Db, actor: &Actor, rep: Uuid) -> Result<bool, DbError> {
    let sql = format!("SELECT count(*) FROM users u WHERE u.id = $2 AND {}", may_see(actor.role, "u.id"));
    let count: i64 = on_db!(db, pool => sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(actor.id)
        .bind(rep)
        .fetch_one(pool)
        .await?);
    Ok(count > 0)
}

/// All teams that the actor belongs to; those of an admin are all.
///
/// # Errors
/// When the database fails.
pub async fn teams(db: &Db, actor: &Actor) -> Result<Vec<Team>, DbError> {
    let sql = "SELECT t.id, t.name, t.created_at, (SELECT count(*) FROM memberships m WHERE m.team_id = t.id) AS members \
         FROM teams t WHERE $1 OR t.id IN (SELECT team_id FROM memberships WHERE user_id = $2) ORDER BY t.name";
    Ok(on_db!(db, pool => sqlx::query_as(sql)
        .bind(actor.role == Role::Admin)
        .bind(actor.id)
        .fetch_all(pool)
        .await?))
}

/// Makes a team.
///
/// # Errors
/// [`AccountError::Field`] where the name is taken.
pub async fn make_team(tx: &mut Tx, clock: &Clock, name: &str) -> Result<Uuid, AccountError> {
    let id = new_id();
    let sql = "INSERT INTO teams (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING";
    let rows = on_tx!(tx, conn => sqlx::query(sql)
        .bind(id)
        .bind(name)
        .bind(clock.now())
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    if rows == 0 { Err(AccountError::Field("name", "there is a team with this name".to_owned())) } else { Ok(id) }
}

/// Puts somebody into a team; they may be in it already.
///
/// # Errors
/// When there is no such user or team, or the database fails.
pub async fn add_member(tx: &mut Tx, clock: &Clock, team: Uuid, user: Uuid) -> Result<(), DbError> {
    let sql = "INSERT INTO memberships (team_id, user_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(team)
        .bind(user)
        .bind(clock.now())
        .execute(conn)
        .await?
        .rows_affected());
    Ok(())
}

/// Takes somebody out of a team. Whether they were in it.
///
/// # Errors
/// When the database fails.
pub async fn remove_member(tx: &mut Tx, team: Uuid, user: Uuid) -> Result<bool, DbError> {
    let sql = "DELETE FROM memberships WHERE team_id = $1 AND user_id = $2";
    Ok(on_tx!(tx, conn => sqlx::query(sql).bind(team).bind(user).execute(conn).await?.rows_affected()) == 1)
}

/// A member of a team, as mates know them: who may see more of them finds it among the users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct Member {
    /// Their id.
    pub id: Uuid,
    /// Their name.
    #[schema(example = "Dana Whitlock")]
    pub name: String,
}

/// Who belongs to a team, by name.
///
/// # Errors
/// When the database fails.
pub async fn members(db: &Db, team: Uuid) -> Result<Vec<Member>, DbError> {
    let sql = "SELECT u.id, u.name FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.team_id = $1 \
         ORDER BY u.name, u.id";
    Ok(on_db!(db, pool => sqlx::query_as(sql).bind(team).fetch_all(pool).await?))
}

/// The team with this id, if the actor belongs to it or is an admin.
///
/// # Errors
/// When the database fails.
pub async fn team_of(db: &Db, actor: &Actor, team: Uuid) -> Result<Option<Team>, DbError> {
    Ok(teams(db, actor).await?.into_iter().find(|found| found.id == team))
}

/// Gives a team another name.
///
/// # Errors
/// [`AccountError::Unknown`] where there is no such team, [`AccountError::Field`] where the name is taken.
pub async fn rename_team(tx: &mut Tx, team: Uuid, name: &str) -> Result<(), AccountError> {
    let taken = "SELECT count(*) FROM teams WHERE name = $1 AND id <> $2";
    let taken: i64 = on_tx!(tx, conn => sqlx::query_scalar(taken)
        .bind(name)
        .bind(team)
        .fetch_one(conn)
        .await
        .map_err(DbError::from)?);
    if taken > 0 {
        return Err(AccountError::Field("name", "there is a team with this name".to_owned()));
    }
    let sql = "UPDATE teams SET name = $1 WHERE id = $2";
    let rows = on_tx!(tx, conn => sqlx::query(sql)
        .bind(name)
        .bind(team)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    if rows == 0 { Err(AccountError::Unknown("team")) } else { Ok(()) }
}

/// Deletes a team; its members stay, in no team or in their others.
///
/// # Errors
/// [`AccountError::Unknown`] where there is no such team.
pub async fn delete_team(tx: &mut Tx, team: Uuid) -> Result<(), AccountError> {
    // What older versions wrote there refers to the team as well.
    let free = "UPDATE users SET team_id = NULL WHERE team_id = $1";
    let sql = "DELETE FROM teams WHERE id = $1";
    on_tx!(tx, conn => sqlx::query(free).bind(team).execute(conn).await.map_err(DbError::from)?.rows_affected());
    let rows =
        on_tx!(tx, conn => sqlx::query(sql).bind(team).execute(conn).await.map_err(DbError::from)?.rows_affected());
    if rows == 0 { Err(AccountError::Unknown("team")) } else { Ok(()) }
}

/// Whose calls a coach sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct Assignment {
    /// The coach.
    pub coach_id: Uuid,
    /// The rep.
    pub rep_id: Uuid,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// The assignments of coaches that the actor may know: all for admins, their own for others, as coach or as rep.
///
/// # Errors
/// When the database fails.
pub async fn assignments(db: &Db, actor: &Actor) -> Result<Vec<Assignment>, DbError> {
    let sql = "SELECT coach_id, rep_id, created_at FROM coach_assignments WHERE $1 OR coach_id = $2 OR rep_id = $2 \
         ORDER BY created_at, coach_id, rep_id";
    Ok(on_db!(db, pool => sqlx::query_as(sql)
        .bind(actor.role == Role::Admin)
        .bind(actor.id)
        .fetch_all(pool)
        .await?))
}

/// Lets a coach see a rep's calls.
///
/// # Errors
/// When there is no such coach or rep, or the database fails.
pub async fn assign(tx: &mut Tx, clock: &Clock, coach: Uuid, rep: Uuid) -> Result<(), DbError> {
    let sql = "INSERT INTO coach_assignments (coach_id, rep_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(coach)
        .bind(rep)
        .bind(clock.now())
        .execute(conn)
        .await?
        .rows_affected());
    Ok(())
}

/// Ends that. Whether it was so.
///
/// # Errors
/// When the database fails.
pub async fn unassign(tx: &mut Tx, coach: Uuid, rep: Uuid) -> Result<bool, DbError> {
    let sql = "DELETE FROM coach_assignments WHERE coach_id = $1 AND rep_id = $2";
    Ok(on_tx!(tx, conn => sqlx::query(sql).bind(coach).bind(rep).execute(conn).await?.rows_affected()) == 1)
}

/// An invitation that was made.
#[derive(Debug, Clone)]
pub struct Invited {
    /// Its id.
    pub id: Uuid,
    /// Who is invited.
    pub email: String,
    /// What they register with; it is not kept.
    pub token: String,
    /// Seconds for which it is good.
    pub expires_in: i64,
}

/// Invites somebody.
///
/// # Errors
/// [`AccountError::Field`] where the address is none or has an account, or there is no such team.
pub async fn invite(
    tx: &mut Tx,
    clock: &Clock,
    by: &Actor,
    email: &str,
    role: Role,
    team: Option<Uuid>,
) -> Result<Invited, AccountError> {
    let email = mail(email)?;
    // As registering would refuse it.
    if store::holder(tx, &email).await?.is_some_and(|(_, account)| account) {
        return Err(AccountError::Field("email", "there is an account with this address".to_owned()));
    }
    let sql = "SELECT count(*) FROM teams WHERE id = $1";
    let teams: i64 = on_tx!(&mut *tx, conn => sqlx::query_scalar(sql)
        .bind(team)
        .fetch_one(conn)
        .await
        .map_err(DbError::from)?);
    if team.is_some() && teams == 0 {
        return Err(AccountError::Field("team_id", "there is no such team".to_owned()));
    }
    let (id, token, now) = (new_id(), tokens::random(), clock.now());
    let sql = "INSERT INTO invitations (id, email, role, team_id, token_hash, created_by, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(id)
        .bind(&email)
        .bind(role.as_str())
        .bind(team)
        .bind(tokens::hash(&token))
        .bind(by.id)
        .bind(now)
        .bind(now + INVITED)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    Ok(Invited { id, email, token, expires_in: INVITED.num_seconds() })
}

/// An invitation that can still be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct Invitation {
    /// Its id.
    pub id: Uuid,
    /// Who is invited.
    pub email: String,
    /// As what.
    #[sqlx(try_from = "String")]
    #[schema(value_type = Role)]
    pub role: Role,
    /// Into which team.
    pub team_id: Option<Uuid>,
    /// Who invited.
    pub created_by: Option<Uuid>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Until when it can be used.
    pub expires_at: DateTime<Utc>,
}

/// The invitations that can still be used, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn invitations(db: &Db, clock: &Clock) -> Result<Vec<Invitation>, DbError> {
    let sql = "SELECT id, email, role, team_id, created_by, created_at, expires_at FROM invitations \
         WHERE used_at IS NULL AND expires_at > $1 ORDER BY created_at DESC";
    Ok(on_db!(db, pool => sqlx::query_as(sql).bind(clock.now()).fetch_all(pool).await?))
}

/// Takes an invitation back. Whether it could still be used.
///
/// # Errors
/// When the database fails.
pub async fn withdraw(tx: &mut Tx, id: Uuid) -> Result<bool, DbError> {
    let sql = "DELETE FROM invitations WHERE id = $1 AND used_at IS NULL";
    Ok(on_tx!(tx, conn => sqlx::query(sql).bind(id).execute(conn).await?.rows_affected()) == 1)
}

/// Takes back what invites an address: whoever has it is in, or is not to come back by it.
///
/// # Errors
/// When the database fails.
pub(crate) async fn withdraw_all(tx: &mut Tx, email: &str) -> Result<u64, DbError> {
    let sql = "DELETE FROM invitations WHERE email = $1 AND used_at IS NULL";
    Ok(on_tx!(tx, conn => sqlx::query(sql).bind(email).execute(conn).await?.rows_affected()))
}

/// Uses an invitation, once: as what, and into which team. Others of the same address are good no more.
///
/// # Errors
/// [`AccountError::Field`] where it is none, is used, out of date or another person's.
pub(crate) async fn use_invitation(
    tx: &mut Tx,
    clock: &Clock,
    token: &str,
    email: &str,
) -> Result<(Role, Option<Uuid>), AccountError> {
    let sql = "UPDATE invitations SET used_at = $1 WHERE token_hash = $2 AND email = $3 AND used_at IS NULL AND expires_at > $1 \
         RETURNING role, team_id";
    let found: Option<(String, Option<Uuid>)> = on_tx!(&mut *tx, conn => sqlx::query_as(sql)
        .bind(clock.now())
        .bind(tokens::hash(token))
        .bind(email)
        .fetch_optional(conn)
        .await
        .map_err(DbError::from)?);
    let wrong = || AccountError::Field("invitation", "it is used, out of date, or for another address".to_owned());
    let (role, team) = found.ok_or_else(wrong)?;
    withdraw_all(tx, email).await?;
    Ok((role.parse().map_err(|_| wrong())?, team))
}
