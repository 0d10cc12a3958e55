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
use serde::Deserialize;
use web::Fault;

/// Bytes of a delivery.
const BODY: usize = 16 << 20;
const SIGNATURE: HeaderName = HeaderName::from_static("x-gong-signature");
const HUB_SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature");
const OWN_SIGNATURE: HeaderName = HeaderName::from_static("x-sideline-signature");

/// `/webhooks/gong`, `/webhooks/gong/{connection}`, `/webhooks/gong/{connection}/{key}`, the same of `fireflies`, the latter two of `push` as well, and
/// `/oauth/gong/callback`.
pub fn router(door: Door) -> Router {
    let services = [("gong", Kind::Gong, SIGNATURE), ("fireflies", Kind::Fireflies, HUB_SIGNATURE)];
    services
        .into_iter()
        .fold(Router::new(), |router, (name, kind, signature)| {
            let of = Of { kind, signature };
            let (only, named, keyed) = (of.clone(), of.clone(), of);
            router
                .route(
                    &format!("/webhooks/{name}"),
                    post(async move |State(intake): State<Intake>, headers: HeaderMap, body: Bytes| {
                        take(&intake, &only, (None, None), &headers, &body).await
                    }),
                )
                .route(
                    &format!("/webhooks/{name}/{{connection}}"),
                    post(
                        async move |State(intake): State<Intake>,
                                    Path(name): Path<String>,
                                    headers: HeaderMap,
                                    body: Bytes| {
                            take(&intake, &named, (Some(&name), None), &headers, &body).await
                        },
                    ),
                )
                .route(
                    &format!("/webhooks/{name}/{{connection}}/{{key}}"),
                    post(
                        async move |State(intake): State<Intake>,
                                    Path((name, key)): Path<(String, String)>,
                                    headers: HeaderMap,
                                    body: Bytes| {
                            take(&intake, &keyed, (Some(&name), Some(&key)), &headers, &body).await
                        },
                    ),
                )
        })
        .route("/webhooks/push/{connection}", post(pushed))
        .route("/webhooks/push/{connection}/{key}", post(pushed_keyed))
        .route("/oauth/gong/callback", get(back))
        .layer(DefaultBodyLimit::max(BODY))
        .with_state(door.intake)
}

/// A service that delivers.
#[derive(Clone)]
struct Of {
    kind: Kind,
    /// The header in which it signs.
    signature: HeaderName,
}

async fn pushed(State(intake): State<Intake>, Path(name): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    take_pushed(&intake, &name, None, &headers, &body).await
}

async fn pushed_keyed(
    State(intake): State<Intake>,
    Path((name, key)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    take_pushed(&intake, &name, Some(&key), &headers, &body).await
}

async fn take_pushed(intake: &Intake, name: &str, key: Option<&str>, headers: &HeaderMap, body: &[u8]) -> Response {
    let signature = headers.get(&OWN_SIGNATURE).and_then(|value| value.to_str().ok());
    let shown = Shown { signature, key, ..Shown::default() };
    match push::receive(intake, &name.replace('\0', " "), &shown, body).await {
        Ok(_) => StatusCode::OK.into_response(),
        Err(error) => Fault::from(error).into_response(),
    }
}

async fn take(
    intake: &Intake,
    of: &Of,
    (name, key): (Option<&str>, Option<&str>),
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let shown = Shown { signature: text(&of.signature), authorization: text(&AUTHORIZATION), key };
    // What the database could not even be asked for is not there.
    let name = name.map(|name| name.replace('\0', " "));
    match events::receive(intake, (of.kind, name.as_deref()), &shown, body).await {
        // The same for all of them: whoever delivers need not know more than that it arrived.
        Ok(_) => StatusCode::OK.into_response(),
        Err(error) => Fault::from(error).into_response(),
    }
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
