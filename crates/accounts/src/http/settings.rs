//! `/settings`: what admins change while the program runs.

use super::admin;
use crate::audit::{self, Action};
use crate::{Auth, Settings};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use web::{Answer, Body, Signed};

/// The settings, for everybody who is logged in. One that is null is as the program was started.
#[utoipa::path(get, path = "/settings", tag = "settings",
    responses((status = 200, description = "The settings", body = Settings)))]
pub(super) async fn get(State(auth): State<Auth>, _signed: Signed) -> Answer<Json<Settings>> {
    Ok(Json(crate::settings(auth.db()).await?))
}

/// Changes settings (admins): those that are named get a value; with null they go back to how the program was started.
#[utoipa::path(patch, path = "/settings", tag = "settings", request_body = Settings,
    responses((status = 200, description = "The settings", body = Settings)))]
pub(super) async fn change(
    State(auth): State<Auth>,
    Signed(actor): Signed,
    Body(change): Body<BTreeMap<String, Value>>,
) -> Answer<Json<Settings>> {
    admin(&actor)?;
    let names: Vec<String> = change.keys().cloned().collect();
    let mut tx = auth.db().begin().await?;
    let settings = crate::change_settings(&mut tx, auth.clock(), &actor, change).await?;
    audit::record(
        &mut tx,
        auth.clock(),
        &actor.trail(),
        Action::SettingsChange,
        "settings",
        json!({ "changed": names }),
    )
    .await?;
    tx.commit().await?;
    Ok(Json(settings))
}
