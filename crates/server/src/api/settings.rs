//! `/settings`: what admins change while the program runs.

use super::Api;
use accounts::Settings;
use accounts::audit::{self, Action};
use axum::extract::State;
use kernel::{Problem, Role};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Answer, Body, Json, Signed};

/// Both.
pub fn router(api: Api) -> OpenApiRouter {
    web::strict(OpenApiRouter::new().routes(routes!(get, change)).with_state(api))
}

/// The settings, for everybody who is logged in. One that is null is as the program was started.
#[utoipa::path(get, path = "/settings", tag = "settings",
    responses((status = 200, description = "The settings", body = Settings)))]
async fn get(State(api): State<Api>, _signed: Signed) -> Answer<Json<Settings>> {
    Ok(Json(accounts::settings(&api.db).await?))
}

/// Changes settings (admins): those that are named get a value; with null they go back to how the program was started.
#[utoipa::path(patch, path = "/settings", tag = "settings", request_body = Settings,
    responses((status = 200, description = "The settings", body = Settings)))]
async fn change(
    State(api): State<Api>,
    Signed(actor): Signed,
    Body(change): Body<BTreeMap<String, Value>>,
) -> Answer<Json<Settings>> {
    web::only(&actor, &[Role::Admin])?;
    if let Some(id) = change.get("rubric").and_then(Value::as_str)
        && coaching::offered(&api.db, id).await?.is_none()
    {
        return Err(Problem::invalid("rubric: there is no such rubric")
            .field("rubric", "there is no such rubric")
            .into());
    }
    let names: Vec<String> = change.keys().cloned().collect();
    let mut tx = api.db.begin().await?;
    let settings = accounts::change_settings(&mut tx, &api.clock, &actor, change).await?;
    audit::record(&mut tx, &api.clock, &actor.trail(), Action::SettingsChange, "settings", json!({ "changed": names }))
        .await?;
    tx.commit().await?;
    Ok(Json(settings))
}
