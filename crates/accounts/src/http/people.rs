//! `/users`, `/invitations`, `/audit`: accounts as admins look after them, and what people did.

use super::{admin, unknown};
use crate::audit::{self, Action, AuditEvent};
use crate::{Account, AccountChange, AccountError, Auth, Invitation, User, UserFilter};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use kernel::{Actor, Role, Secret};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Answer, At, Body, Cursor, Json, Page, PageParams, Params, Signed};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// In this role.
    role: Option<Role>,
    /// In this team.
    team_id: Option<Uuid>,
    /// With this in the name, user name or mail address.
    q: Option<String>,
    /// Also those who may not log in any more.
    #[serde(default)]
    #[param(default = false)]
    inactive: bool,
}

/// The users that I may see, by name: an admin all, a manager the team's, a coach those assigned, everybody themselves.
#[utoipa::path(get, path = "/users", tag = "users", params(Wanted, PageParams),
    responses((status = 200, description = "A page of users", body = Page<User>)))]
pub(super) async fn list(
    State(auth): State<Auth>,
    Signed(actor): Signed,
    Params(wanted): Params<Wanted>,
    Params(page): Params<PageParams>,
) -> Answer<Json<Page<User>>> {
    let (limit, from) = page.read()?;
    let mut filter = UserFilter {
        role: wanted.role,
        team: wanted.team_id,
        text: wanted.q,
        inactive: wanted.inactive,
        limit: limit + 1,
        ..UserFilter::default()
    };
    match from {
        Cursor::Offset(offset) => filter.offset = offset,
        Cursor::After(keys) => filter.after = Some(web::two_keys(&keys)?),
    }
    let (users, total) = crate::list_users(auth.db(), &actor, &filter, page.total).await?;
    let last = |user: &User| vec![user.name.clone(), user.id.to_string()];
    Ok(Json(Page::of(users, limit, total, last)))
}

/// An account to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Dana Whitlock", "email": "dana@dockline.example", "role": "rep", "password": "seven-pallets-over-oslo"}))]
pub(super) struct AddUser {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// What they log in with; the part of the address before the `@` where it is left out.
    username: Option<String>,
    #[schema(max_length = 254)]
    email: String,
    role: Role,
    /// Teams that they belong to.
    #[serde(default)]
    team_ids: Vec<Uuid>,
    #[schema(min_length = 10, max_length = 256, format = Password)]
    password: String,
    /// Whom calls name already, without an address: the account becomes theirs, and the calls stay with them.
    person_id: Option<Uuid>,
    /// Somebody new, although calls name somebody so.
    #[serde(default)]
    new_person: bool,
}

/// Makes an account (admins). Who is known by calls under this address keeps them. Where calls name somebody so without an address, it has to be said
/// whether that is who it is.
#[utoipa::path(post, path = "/users", tag = "users", request_body = AddUser,
    responses((status = 201, description = "The account", body = User)))]
pub(super) async fn add(
    State(auth): State<Auth>,
    Signed(actor): Signed,
    Body(new): Body<AddUser>,
) -> Answer<(StatusCode, Json<User>)> {
    admin(&actor)?;
    let role = new.role;
    if new.person_id.is_none() && !new.new_person {
        let namesakes = crate::named_by_calls(auth.db(), &new.name).await?;
        if let Some(first) = namesakes.first() {
            let why =
                format!("calls name somebody so already; give person_id {first} if it is them, or new_person true");
            return Err(AccountError::Field("person_id", why).into());
        }
    }
    let before = new.email.split('@').next().unwrap_or_default();
    let about = [new.name.as_str(), new.email.as_str(), new.username.as_deref().unwrap_or(before)];
    let password = crate::chosen("password", &Secret::new(new.password), &about).await?;
    let account = Account {
        name: new.name,
        username: new.username,
        email: new.email,
        role,
        teams: new.team_ids,
        password: Some(password),
        person: new.person_id,
    };
    let mut tx = auth.db().begin().await?;
    let id = crate::add_user(&mut tx, auth.clock(), account).await?;
    audit::record(&mut tx, auth.clock(), &actor.trail(), Action::UserAdd, id, json!({ "role": role })).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(known(&auth, id).await?)))
}

/// One user.
#[utoipa::path(get, path = "/users/{id}", tag = "users", params(("id" = Uuid, Path, description = "The user")),
    responses((status = 200, description = "The user", body = User)))]
pub(super) async fn get(State(auth): State<Auth>, Signed(actor): Signed, At(id): At<Uuid>) -> Answer<Json<User>> {
    visible(&auth, &actor, id).await?;
    Ok(Json(known(&auth, id).await?))
}

/// What is to be changed; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"role": "manager"}))]
pub(super) struct ChangeUser {
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    #[schema(max_length = 254)]
    email: Option<String>,
    role: Option<Role>,
    /// Whether they may log in.
    active: Option<bool>,
    /// Another password, where they have forgotten theirs; it ends their logins.
    #[schema(min_length = 10, max_length = 256, format = Password)]
    password: Option<String>,
}

/// Changes an account (admins). An address that is given here counts as confirmed: calls are theirs by it, as they are by the name.
#[utoipa::path(patch, path = "/users/{id}", tag = "users", params(("id" = Uuid, Path, description = "The user")),
    request_body = ChangeUser, responses((status = 200, description = "The user", body = User)))]
pub(super) async fn change(
    State(auth): State<Auth>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
    Body(change): Body<ChangeUser>,
) -> Answer<Json<User>> {
    // Names too: calls that name nobody's address are whose name they tell.
    admin(&actor)?;
    let user = known(&auth, id).await?;
    let password = match change.password.map(Secret::new) {
        Some(password) => Some(crate::chosen("password", &password, &user.about()).await?),
        None => None,
    };
    // Which fields, not what they hold: the trail outlives the account.
    let fields = json!({
        "name": change.name.is_some(), "email": change.email.is_some(), "role": change.role,
        "active": change.active, "password": password.is_some(),
    });
    let change =
        AccountChange { name: change.name, email: change.email, role: change.role, active: change.active, password };
    let mut tx = auth.db().begin().await?;
    crate::change_user(&mut tx, auth.clock(), id, change).await?;
    audit::record(&mut tx, auth.clock(), &actor.trail(), Action::UserChange, id, fields).await?;
    tx.commit().await?;
    Ok(Json(known(&auth, id).await?))
}

/// Removes an account (admins): password, logins, teams. The person stays as the name of their calls.
#[utoipa::path(delete, path = "/users/{id}", tag = "users", params(("id" = Uuid, Path, description = "The user")),
    responses((status = 204, description = "Removed")))]
pub(super) async fn remove(State(auth): State<Auth>, Signed(actor): Signed, At(id): At<Uuid>) -> Answer<StatusCode> {
    admin(&actor)?;
    let mut tx = auth.db().begin().await?;
    crate::remove_user(&mut tx, id).await?;
    audit::record(&mut tx, auth.clock(), &actor.trail(), Action::UserRemove, id, json!({})).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who is invited.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "milo@dockline.example", "role": "rep"}))]
pub(super) struct Invite {
    #[schema(max_length = 254)]
    email: String,
    role: Role,
    /// The team they join.
    team_id: Option<Uuid>,
}

/// An invitation.
#[derive(Serialize, ToSchema)]
pub(super) struct Invited {
    email: String,
    /// What they register with. It is told here only.
    token: String,
    /// Seconds for which it is good.
    expires_in: i64,
}

/// Invites somebody (admins): the token is sent with `POST /auth/register`, once, within a week.
#[utoipa::path(post, path = "/invitations", tag = "users", request_body = Invite,
    responses((status = 201, description = "The invitation", body = Invited)))]
pub(super) async fn invite(
    State(auth): State<Auth>,
    Signed(actor): Signed,
    Body(new): Body<Invite>,
) -> Answer<Response> {
    admin(&actor)?;
    let mut tx = auth.db().begin().await?;
    let invited = crate::invite(&mut tx, auth.clock(), &actor, &new.email, new.role, new.team_id).await?;
    audit::record(&mut tx, auth.clock(), &actor.trail(), Action::UserInvite, invited.id, json!({ "role": new.role }))
        .await?;
    tx.commit().await?;
    let body = Invited { email: invited.email, token: invited.token, expires_in: invited.expires_in };
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// The invitations that can still be used, the latest first (admins).
#[utoipa::path(get, path = "/invitations", tag = "users",
    responses((status = 200, description = "Open invitations", body = Vec<Invitation>)))]
pub(super) async fn invitations(State(auth): State<Auth>, Signed(actor): Signed) -> Answer<Json<Vec<Invitation>>> {
    admin(&actor)?;
    Ok(Json(crate::invitations(auth.db(), auth.clock()).await?))
}

/// Takes an invitation back (admins).
#[utoipa::path(delete, path = "/invitations/{id}", tag = "users", params(("id" = Uuid, Path, description = "The invitation")),
    responses((status = 204, description = "Taken back")))]
pub(super) async fn withdraw(State(auth): State<Auth>, Signed(actor): Signed, At(id): At<Uuid>) -> Answer<StatusCode> {
    admin(&actor)?;
    let mut tx = auth.db().begin().await?;
    if !crate::withdraw(&mut tx, id).await? {
        return Err(unknown("invitation"));
    }
    audit::record(&mut tx, auth.clock(), &actor.trail(), Action::UserInvite, id, json!({ "withdrawn": true })).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Trail {
    /// What it was done to: an id.
    subject: Option<String>,
    /// Who did it, such as `user:` and an id.
    actor: Option<String>,
}

/// What people did, the latest first (admins).
#[utoipa::path(get, path = "/audit", tag = "users", params(Trail, PageParams),
    responses((status = 200, description = "A page of events", body = Page<AuditEvent>)))]
pub(super) async fn trail(
    State(auth): State<Auth>,
    Signed(actor): Signed,
    Params(wanted): Params<Trail>,
    Params(page): Params<PageParams>,
) -> Answer<Json<Page<AuditEvent>>> {
    admin(&actor)?;
    let (limit, from) = page.read()?;
    let (after, offset) = match from {
        Cursor::Offset(offset) => (None, offset),
        Cursor::After(keys) => (Some(web::time_and_id(&keys)?), 0),
    };
    let wanted = audit::Wanted { subject: wanted.subject, actor: wanted.actor, after, offset, limit: limit + 1 };
    let events = audit::list(auth.db(), &wanted).await?;
    let total = if page.total { Some(audit::count(auth.db(), &wanted).await?) } else { None };
    let keys = |event: &AuditEvent| vec![event.at.to_rfc3339(), event.id.to_string()];
    Ok(Json(Page::of(events, limit, total, keys)))
}

async fn known(auth: &Auth, id: Uuid) -> Answer<User> {
    crate::user(auth.db(), id).await?.ok_or_else(|| unknown("user"))
}

/// 404 for whoever the actor may not see, whether they are there or not.
async fn visible(auth: &Auth, actor: &Actor, id: Uuid) -> Answer<()> {
    let seen = crate::sees(auth.db(), actor, id).await?;
    if seen { Ok(()) } else { Err(unknown("user")) }
}
