//! `/installation`: what is to be known before one logs in.

use super::Api;
use accounts::Registration;
use axum::extract::State;
use chrono_tz::Tz;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Answer, Json};

#[derive(Clone)]
struct Door {
    api: Api,
    zone: Tz,
}

/// The one door. Days begin where the team is: in `zone`.
pub fn router(api: Api, zone: Tz) -> OpenApiRouter {
    web::strict(OpenApiRouter::new().routes(routes!(installation)).with_state(Door { api, zone }))
}

/// Whether the one who asks may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Registering {
    /// There is no account yet: whoever registers now is the admin.
    First,
    /// Whoever was invited may.
    Invited,
    /// Whoever has a mail address of a certain domain may.
    Domain,
    /// Nobody may.
    Closed,
}

/// What whoever comes along may know.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "organisation": "Dockline", "registering": "invited", "time_zone": "Europe/Oslo" }))]
struct Installation {
    /// What the installation calls itself.
    organisation: Option<String>,
    /// Who may register.
    registering: Registering,
    /// Where the team is, by its name in the database of IANA: days, weeks and periods begin and end there.
    time_zone: &'static str,
}

/// What is to be known before one logs in.
#[utoipa::path(get, path = "/installation", tag = "auth",
    responses((status = 200, description = "The installation", body = Installation)))]
async fn installation(State(Door { api, zone }): State<Door>) -> Answer<Json<Installation>> {
    let settings = accounts::settings(&api.db).await?;
    let registering = match api.auth.registration(&settings).await? {
        None => Registering::First,
        Some(Registration::Invited) => Registering::Invited,
        Some(Registration::Domain(_)) => Registering::Domain,
        Some(Registration::Closed) => Registering::Closed,
    };
    Ok(Json(Installation { organisation: settings.organisation, registering, time_zone: zone.name() }))
}
