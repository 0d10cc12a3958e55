//! `/cron`: for schedulers of other programs, which prove themselves by a secret and are nobody's account.

use super::Door;
use crate::jobs;
use crate::sync::SyncRun;
use axum::extract::State;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::{Problem, Secret};
use serde::Serialize;
use sha2::Sha256;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Answer, Json};

/// Where schedulers knock.
pub const DAILY_SYNC: &str = "/api/v1/cron/daily-sync";

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(daily_sync))
}

/// The rounds that are under way.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Begun {
    /// One of each connection that is not paused.
    items: Vec<SyncRun>,
}

/// Begins a round of each connection, as the schedule of this program does: for schedulers of one's own. It wants the setting `cron_secret` as
/// `Authorization: Bearer …`, in place of an access token.
#[utoipa::path(post, path = "/cron/daily-sync", tag = "connections",
    responses((status = 202, description = "The rounds", body = Begun)))]
pub(super) async fn daily_sync(State(door): State<Door>, headers: HeaderMap) -> Answer<(StatusCode, Json<Begun>)> {
    let Some(secret) = &door.cron_secret else {
        return Err(Problem::forbidden("no scheduler may do this here: set cron_secret first").into());
    };
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match given.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) {
        Some((_, given)) if same(secret, given.trim()) => {}
        Some(_) => return Err(Problem::forbidden("this is not the setting cron_secret").into()),
        None => return Err(Problem::unauthorized("send the setting cron_secret: `Authorization: Bearer …`").into()),
    }
    let items = jobs::begin_all(&door.intake, Some("cron")).await?;
    Ok((StatusCode::ACCEPTED, Json(Begun { items })))
}

/// Compares in constant time: hashes of both, so that time tells nothing of either.
fn same(secret: &Secret, given: &str) -> bool {
    let mac = |text: &str| {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).expect("HMAC takes keys of any length");
        mac.update(text.as_bytes());
        mac
    };
    mac(secret.expose()).verify_slice(&mac(given).finalize().into_bytes()).is_ok()
}
