//! The doors of this area over HTTP: `/auth`, `/users`, `/teams`, `/coach-assignments`, `/invitations`, `/audit`.

mod auth;
mod people;
mod teams;

use crate::{AccountError, Auth};
use kernel::{Actor, Role};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::Fault;

/// All of them, below `/api/v1`.
pub fn router(auth: Auth) -> OpenApiRouter {
    let doors = OpenApiRouter::new()
        .routes(routes!(auth::register))
        .routes(routes!(auth::login))
        .routes(routes!(auth::token))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::me))
        .routes(routes!(auth::change_password))
        .routes(routes!(auth::sessions))
        .routes(routes!(auth::revoke_session))
        .routes(routes!(people::list, people::add))
        .routes(routes!(people::get, people::change, people::remove))
        .routes(routes!(people::invite, people::invitations))
        .routes(routes!(people::withdraw))
        .routes(routes!(people::trail))
        .routes(routes!(teams::list, teams::add))
        .routes(routes!(teams::get, teams::rename, teams::remove))
        .routes(routes!(teams::members))
        .routes(routes!(teams::add_member, teams::remove_member))
        .routes(routes!(teams::assignments))
        .routes(routes!(teams::assign, teams::unassign))
        .with_state(auth);
    web::strict(doors)
}

/// Where a refresh token is exchanged.
pub const REFRESH: &str = "/api/v1/auth/refresh";
/// The paths that are open to whoever is not logged in.
pub const OPEN: [&str; 5] =
    ["/api/v1/installation", "/api/v1/auth/register", "/api/v1/auth/login", "/api/v1/auth/token", REFRESH];

/// Refuses whoever is no admin.
fn admin(actor: &Actor) -> Result<(), Fault> {
    web::only(actor, &[Role::Admin])
}

fn unknown(what: &'static str) -> Fault {
    AccountError::Unknown(what).into()
}
