//! `/auth`: coming in, staying in, going.

use crate::{AccountError, Auth, NewUser, Seen, Session, Tokens, User};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, USER_AGENT};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use kernel::{Role, Secret};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Address, Answer, At, Body, Form, Json, Signed};

/// Who registers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"username": "dana", "email": "dana@dockline.example", "password": "seven-pallets-over-oslo"}))]
pub(super) struct Register {
    /// 2 to 64 letters, digits, dots, hyphens and underscores.
    #[schema(min_length = 2, max_length = 64)]
    username: String,
    /// A mail address.
    #[schema(max_length = 254)]
    email: String,
    /// At least 10 characters, and none that is easily guessed.
    #[schema(min_length = 10, max_length = 256, format = Password)]
    password: String,
    /// The token of an invitation.
    invitation: Option<String>,
}

/// Registers somebody. The first account of an installation is an admin's; later ones as the setting `registration` has it.
#[utoipa::path(post, path = "/auth/register", tag = "auth", request_body = Register,
    responses((status = 201, description = "The account", body = User)))]
pub(super) async fn register(State(auth): State<Auth>, Body(new): Body<Register>) -> Answer<(StatusCode, Json<User>)> {
    let Register { username, email, password, invitation } = new;
    let user = auth.register(NewUser { username, email, password: Secret::new(password), invitation }).await?;
    Ok((StatusCode::CREATED, Json(user)))
}

/// Who logs in: `username` or `email`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"username": "dana", "password": "seven-pallets-over-oslo"}))]
pub(super) struct Login {
    username: Option<String>,
    email: Option<String>,
    #[schema(format = Password)]
    password: String,
}

/// Logs in by user name or mail address.
#[utoipa::path(post, path = "/auth/login", tag = "auth", request_body = Login,
    responses((status = 200, description = "Tokens", body = Tokens)))]
pub(super) async fn login(
    State(auth): State<Auth>,
    address: Address,
    headers: HeaderMap,
    Body(login): Body<Login>,
) -> Answer<Response> {
    let ((Some(who), None) | (None, Some(who))) = (login.username, login.email) else {
        return Err(
            AccountError::Field("username", "give a user name or a mail address, one of them".to_owned()).into()
        );
    };
    let tokens = auth.login(&who, &Secret::new(login.password), &seen(&headers, &address)).await?;
    Ok(private(tokens))
}

/// The password form of OAuth 2 (RFC 6749, 4.3), for programs that know no other one.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"grant_type": "password", "username": "dana", "password": "seven-pallets-over-oslo"}))]
pub(super) struct PasswordForm {
    /// `password`, or left out.
    grant_type: Option<String>,
    /// User name or mail address.
    username: String,
    #[schema(format = Password)]
    password: String,
}

/// Logs in by the password form of OAuth 2.
#[utoipa::path(post, path = "/auth/token", tag = "auth",
    request_body(content = PasswordForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Tokens", body = Tokens)))]
pub(super) async fn token(
    State(auth): State<Auth>,
    address: Address,
    headers: HeaderMap,
    Form(form): Form<PasswordForm>,
) -> Answer<Response> {
    if form.grant_type.is_some_and(|grant| grant != "password") {
        return Err(AccountError::Field("grant_type", "it is `password`".to_owned()).into());
    }
    let tokens = auth.login(&form.username, &Secret::new(form.password), &seen(&headers, &address)).await?;
    Ok(private(tokens))
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"refresh_token": "mN0c1k3UZq6b9Yd2Jt8oXw"}))]
pub(super) struct Refresh {
    refresh_token: String,
}

/// The next pair of tokens. A refresh token is good once: shown again, it ends its login.
#[utoipa::path(post, path = "/auth/refresh", tag = "auth", request_body = Refresh,
    responses((status = 200, description = "Tokens", body = Tokens)))]
pub(super) async fn refresh(State(auth): State<Auth>, Body(refresh): Body<Refresh>) -> Answer<Response> {
    Ok(private(auth.refresh(&refresh.refresh_token).await?))
}

/// Logs out: access and refresh token are no longer good.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", responses((status = 204, description = "Logged out")))]
pub(super) async fn logout(State(auth): State<Auth>, Signed(actor): Signed) -> Answer<StatusCode> {
    auth.logout(&actor, Some(actor.session)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who I am.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    #[serde(flatten)]
    user: User,
    /// The login by which this was asked.
    session_id: Uuid,
    /// What I may do, in words for a client: `admin`, `own_calls`, `team_calls`, `assigned_calls`.
    scope: &'static str,
}

/// Who is logged in.
#[utoipa::path(get, path = "/auth/me", tag = "auth", responses((status = 200, description = "Who I am", body = Me)))]
pub(super) async fn me(State(auth): State<Auth>, Signed(actor): Signed) -> Answer<Json<Me>> {
    let user = crate::user(auth.db(), actor.id).await?.ok_or(AccountError::Token)?;
    let scope = match actor.role {
        Role::Admin => "admin",
        Role::Manager => "team_calls",
        Role::Coach => "assigned_calls",
        Role::Rep => "own_calls",
    };
    Ok(Json(Me { user, session_id: actor.session, scope }))
}

/// The old and the new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"old_password": "seven-pallets-over-oslo", "new_password": "plover marble evening 9"}))]
pub(super) struct ChangePassword {
    #[schema(format = Password)]
    old_password: String,
    /// At least 10 characters, and none that is easily guessed.
    #[schema(min_length = 10, max_length = 256, format = Password)]
    new_password: String,
}

/// Changes my password and ends my other logins.
#[utoipa::path(post, path = "/auth/change-password", tag = "auth", request_body = ChangePassword,
    responses((status = 204, description = "Changed")))]
pub(super) async fn change_password(
    State(auth): State<Auth>,
    Signed(actor): Signed,
    Body(change): Body<ChangePassword>,
) -> Answer<StatusCode> {
    auth.change_password(&actor, &Secret::new(change.old_password), Secret::new(change.new_password)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// My logins that have not ended, the one used last first.
#[utoipa::path(get, path = "/auth/sessions", tag = "auth",
    responses((status = 200, description = "My logins", body = Vec<Session>)))]
pub(super) async fn sessions(State(auth): State<Auth>, Signed(actor): Signed) -> Answer<Json<Vec<Session>>> {
    let sessions = crate::sessions(auth.db(), auth.clock(), actor.id).await?;
    Ok(Json(sessions))
}

/// Ends one of my logins.
#[utoipa::path(delete, path = "/auth/sessions/{id}", tag = "auth", params(("id" = Uuid, Path, description = "The login")),
    responses((status = 204, description = "Ended")))]
pub(super) async fn revoke_session(
    State(auth): State<Auth>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
) -> Answer<StatusCode> {
    auth.logout(&actor, Some(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn seen(headers: &HeaderMap, address: &Address) -> Seen {
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    Seen {
        user_agent: agent.map(|agent| agent.chars().take(200).collect()),
        address: address.0.map(|address| address.to_string()),
    }
}

/// Tokens are for who asks and nobody on the way (RFC 6749, 5.1).
fn private(tokens: Tokens) -> Response {
    ([(CACHE_CONTROL, "no-store")], Json(tokens)).into_response()
}
