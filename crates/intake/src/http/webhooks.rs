//! The addresses to which services deliver, and to which people come back who let this program in: not for the pages, and without an access token.

use super::Door;
use crate::verify::Shown;
use crate::{Intake, Kind, events, oauth, push};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use kernel::Problem;
use serde::Deserialize;
use web::Fault;

/// Bytes of a delivery.
const BODY: usize = 16 << 20;
const SIGNATURE: HeaderName = HeaderName::from_static("x-gong-signature");
const HUB_SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature");
const OWN_SIGNATURE: HeaderName = HeaderName::from_static("x-sideline-signature");

/// `/webhooks/{service}`, `/webhooks/{service}/{connection}`, `/webhooks/{service}/{connection}/{key}` of `gong`, `fireflies` and `push`, whose deliveries
/// name their connection always, and `/oauth/gong/callback`.
pub fn router(door: Door) -> Router {
    Router::new()
        .route("/webhooks/{service}", post(take))
        .route("/webhooks/{service}/{connection}", post(take))
        .route("/webhooks/{service}/{connection}/{key}", post(take))
        .route("/oauth/gong/callback", get(back))
        .layer(DefaultBodyLimit::max(BODY))
        .with_state(door.intake)
}

/// To whom a delivery goes.
#[derive(Deserialize)]
struct Address {
    service: String,
    connection: Option<String>,
    key: Option<String>,
}

async fn take(
    State(intake): State<Intake>,
    Path(address): Path<Address>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Fault> {
    let (kind, signature) = match address.service.as_str() {
        "gong" => (Kind::Gong, SIGNATURE),
        "fireflies" => (Kind::Fireflies, HUB_SIGNATURE),
        "push" => (Kind::Push, OWN_SIGNATURE),
        _ => return Err(Problem::not_found("address").into()),
    };
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let shown = Shown { signature: text(&signature), authorization: text(&AUTHORIZATION), key: address.key.as_deref() };
    // What the database could not even be asked for is not there.
    let name = address.connection.map(|name| name.replace('\0', " "));
    match (kind, &name) {
        (Kind::Push, Some(name)) => push::receive(&intake, name, &shown, &body).await?,
        (Kind::Push, None) => return Err(Problem::not_found("connection").into()),
        _ => events::receive(&intake, (kind, name.as_deref()), &shown, &body).await?,
    };
    // The same for all of them: whoever delivers need not know more than that it arrived.
    Ok(StatusCode::OK)
}

#[derive(Deserialize)]
struct Back {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// Somebody comes back from Gong with a code, and goes on to the page of the connections, which tells how it went.
async fn back(State(intake): State<Intake>, Query(back): Query<Back>) -> Response {
    let outcome = match (&back.code, &back.state) {
        (Some(code), Some(state)) => oauth::accept(&intake, code, state).await.map_err(|error| error.to_string()),
        _ if back.error.is_some() => Err("Gong did not let this program in".to_owned()),
        _ => Err("Gong sent you back without a code".to_owned()),
    };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    match &outcome {
        Ok(name) => query.append_pair("connected", name),
        Err(why) => query.append_pair("problem", why),
    };
    Redirect::to(&format!("/settings/integrations?{}", query.finish())).into_response()
}
