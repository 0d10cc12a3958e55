//! `/teams` and `/coach-assignments`: who is seen by whom. Admins decide; members look.

use super::{admin, unknown};
use crate::audit::{self, Action};
use crate::{AccountError, Assignment, Auth, Member, Team, User};
use axum::extract::State;
use axum::http::StatusCode;
use db::Tx;
use kernel::{Actor, Role};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Answer, At, Body, Json, Signed};

/// The teams that I belong to; all of them for an admin.
#[utoipa::path(get, path = "/teams", tag = "teams", responses((status = 200, description = "Teams", body = Vec<Team>)))]
pub(super) async fn list(State(auth): State<Auth>, Signed(actor): Signed) -> Answer<Json<Vec<Team>>> {
    Ok(Json(crate::teams(auth.db(), &actor).await?))
}

/// A team's name.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "North"}))]
pub(super) struct TeamName {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

impl TeamName {
    fn checked(&self) -> Result<&str, AccountError> {
        let name = self.name.trim();
        if (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
            return Ok(name);
        }
        Err(AccountError::Field("name", "take 1 to 100 characters".to_owned()))
    }
}

/// Makes a team (admins).
#[utoipa::path(post, path = "/teams", tag = "teams", request_body = TeamName,
    responses((status = 201, description = "The team", body = Team)))]
pub(super) async fn add(
    State(auth): State<Auth>,
    Signed(actor): Signed,
    Body(new): Body<TeamName>,
) -> Answer<(StatusCode, Json<Team>)> {
    admin(&actor)?;
    let mut tx = begin(&auth).await?;
    let id = crate::make_team(&mut tx, auth.clock(), new.checked()?).await?;
    done(&auth, tx, &actor, Action::TeamAdd, id, json!({})).await?;
    Ok((StatusCode::CREATED, Json(known(&auth, &actor, id).await?)))
}

/// One team.
#[utoipa::path(get, path = "/teams/{id}", tag = "teams", params(("id" = Uuid, Path, description = "The team")),
    responses((status = 200, description = "The team", body = Team)))]
pub(super) async fn get(State(auth): State<Auth>, Signed(actor): Signed, At(id): At<Uuid>) -> Answer<Json<Team>> {
    Ok(Json(known(&auth, &actor, id).await?))
}

/// Gives a team another name (admins).
#[utoipa::path(patch, path = "/teams/{id}", tag = "teams", params(("id" = Uuid, Path, description = "The team")),
    request_body = TeamName, responses((status = 200, description = "The team", body = Team)))]
pub(super) async fn rename(
    State(auth): State<Auth>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
    Body(new): Body<TeamName>,
) -> Answer<Json<Team>> {
    admin(&actor)?;
    let mut tx = begin(&auth).await?;
    crate::rename_team(&mut tx, id, new.checked()?).await?;
    done(&auth, tx, &actor, Action::TeamChange, id, json!({})).await?;
    Ok(Json(known(&auth, &actor, id).await?))
}

/// Deletes a team (admins). Its members stay.
#[utoipa::path(delete, path = "/teams/{id}", tag = "teams", params(("id" = Uuid, Path, description = "The team")),
    responses((status = 204, description = "Deleted")))]
pub(super) async fn remove(State(auth): State<Auth>, Signed(actor): Signed, At(id): At<Uuid>) -> Answer<StatusCode> {
    admin(&actor)?;
    let mut tx = begin(&auth).await?;
    crate::delete_team(&mut tx, id).await?;
    done(&auth, tx, &actor, Action::TeamRemove, id, json!({})).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who belongs to a team, by name. What I may see of them beside, `GET /users?team_id=` tells.
#[utoipa::path(get, path = "/teams/{id}/members", tag = "teams", params(("id" = Uuid, Path, description = "The team")),
    responses((status = 200, description = "Its members", body = Vec<Member>)))]
pub(super) async fn members(
    State(auth): State<Auth>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
) -> Answer<Json<Vec<Member>>> {
    known(&auth, &actor, id).await?;
    Ok(Json(crate::members(auth.db(), id).await?))
}

/// Puts somebody into a team (admins).
#[utoipa::path(put, path = "/teams/{id}/members/{user_id}", tag = "teams",
    params(("id" = Uuid, Path, description = "The team"), ("user_id" = Uuid, Path, description = "The user")),
    responses((status = 204, description = "A member")))]
pub(super) async fn add_member(
    State(auth): State<Auth>,
    Signed(actor): Signed,
    At((id, user)): At<(Uuid, Uuid)>,
) -> Answer<StatusCode> {
    admin(&actor)?;
    known(&auth, &actor, id).await?;
    person(&auth, user).await?;
    let mut tx = begin(&auth).await?;
    crate::add_member(&mut tx, auth.clock(), id, user).await?;
    done(&auth, tx, &actor, Action::MemberAdd, user, json!({ "team_id": id })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes somebody out of a team (admins).
#[utoipa::path(delete, path = "/teams/{id}/members/{user_id}", tag = "teams",
    params(("id" = Uuid, Path, description = "The team"), ("user_id" = Uuid, Path, description = "The user")),
    responses((status = 204, description = "No member any more")))]
pub(super) async fn remove_member(
    State(auth): State<Auth>,
    Signed(actor): Signed,
    At((id, user)): At<(Uuid, Uuid)>,
) -> Answer<StatusCode> {
    admin(&actor)?;
    let mut tx = begin(&auth).await?;
    if !crate::remove_member(&mut tx, id, user).await? {
        return Err(unknown("member"));
    }
    done(&auth, tx, &actor, Action::MemberRemove, user, json!({ "team_id": id })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whose calls which coach sees: all for admins; for others what concerns them, as coach or as rep.
#[utoipa::path(get, path = "/coach-assignments", tag = "teams",
    responses((status = 200, description = "Assignments", body = Vec<Assignment>)))]
pub(super) async fn assignments(State(auth): State<Auth>, Signed(actor): Signed) -> Answer<Json<Vec<Assignment>>> {
    Ok(Json(crate::assignments(auth.db(), &actor).await?))
}

/// Lets a coach see a rep's calls (admins).
#[utoipa::path(put, path = "/coach-assignments/{coach_id}/{rep_id}", tag = "teams",
    params(("coach_id" = Uuid, Path, description = "The coach"), ("rep_id" = Uuid, Path, description = "The rep")),
    responses((status = 204, description = "Assigned")))]
pub(super) async fn assign(
    State(auth): State<Auth>,
    Signed(actor): Signed,
    At((coach, rep)): At<(Uuid, Uuid)>,
) -> Answer<StatusCode> {
    admin(&actor)?;
    if person(&auth, coach).await?.role != Role::Coach {
        return Err(AccountError::Conflict("the first id is not a coach's; change the role first".to_owned()).into());
    }
    person(&auth, rep).await?;
    let mut tx = begin(&auth).await?;
    crate::assign(&mut tx, auth.clock(), coach, rep).await?;
    done(&auth, tx, &actor, Action::AssignmentAdd, rep, json!({ "coach_id": coach })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends that (admins).
#[utoipa::path(delete, path = "/coach-assignments/{coach_id}/{rep_id}", tag = "teams",
    params(("coach_id" = Uuid, Path, description = "The coach"), ("rep_id" = Uuid, Path, description = "The rep")),
    responses((status = 204, description = "Not assigned any more")))]
pub(super) async fn unassign(
    State(auth): State<Auth>,
    Signed(actor): Signed,
    At((coach, rep)): At<(Uuid, Uuid)>,
) -> Answer<StatusCode> {
    admin(&actor)?;
    let mut tx = begin(&auth).await?;
    if !crate::unassign(&mut tx, coach, rep).await? {
        return Err(unknown("assignment"));
    }
    done(&auth, tx, &actor, Action::AssignmentRemove, rep, json!({ "coach_id": coach })).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn begin(auth: &Auth) -> Answer<Tx> {
    Ok(auth.db().begin().await?)
}

/// Writes down what was done, and makes it lasting.
async fn done(
    auth: &Auth,
    mut tx: Tx,
    actor: &Actor,
    action: Action,
    subject: Uuid,
    detail: serde_json::Value,
) -> Answer<()> {
    audit::record(&mut tx, auth.clock(), &actor.trail(), action, subject, detail).await?;
    Ok(tx.commit().await?)
}

async fn known(auth: &Auth, actor: &Actor, team: Uuid) -> Answer<Team> {
    let found = crate::team_of(auth.db(), actor, team).await?;
    found.ok_or_else(|| unknown("team"))
}

async fn person(auth: &Auth, id: Uuid) -> Answer<User> {
    crate::user(auth.db(), id).await?.ok_or_else(|| unknown("user"))
}
