//! `/trackers`: what is listened for in calls. Everybody reads them; admins and managers write them.

use super::Door;
use crate::{KeptTracker, NewTracker, Whose};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse as _, Response};
use kernel::Role;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Answer, At, Body, Json, Signed};

/// Who writes them.
const WRITERS: [Role; 2] = [Role::Admin, Role::Manager];

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(get, change, remove))
}

/// All trackers, the built-in ones first.
#[utoipa::path(get, path = "/trackers", tag = "trackers",
    responses((status = 200, description = "Trackers", body = Vec<KeptTracker>)))]
pub(super) async fn list(State(door): State<Door>, _who: Signed) -> Answer<Json<Vec<KeptTracker>>> {
    Ok(Json(crate::trackers(&door.db).await?))
}

/// A tracker to be written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"id": "rivals", "name": "Rivals", "side": "external", "phrases": ["acme", "(another|other) supplier"]}))]
pub(super) struct AddTracker {
    /// Lower-case letters, digits and underscores; not beginning with `objection_`.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z0-9_]+$")]
    id: String,
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// Whose words are searched; everybody's where it is left out.
    side: Option<Whose>,
    /// What to find. A word stands for its inflections; `=word` is exact; `(a|b)` either; `?` optional; `*` up to 3 words between.
    #[schema(min_items = 1, max_items = 100)]
    phrases: Vec<String>,
}

/// Keeps a new tracker (admins and managers). Later analyses listen for it.
#[utoipa::path(post, path = "/trackers", tag = "trackers", request_body = AddTracker,
    responses((status = 201, description = "The tracker", body = KeptTracker)))]
pub(super) async fn add(
    State(door): State<Door>,
    Signed(actor): Signed,
    Body(new): Body<AddTracker>,
) -> Answer<Response> {
    web::only(&actor, &WRITERS)?;
    let AddTracker { id, name, side, phrases } = new;
    let kept = crate::add_tracker(&door.db, &door.clock, &actor, NewTracker { id, name, side, phrases }).await?;
    let place = format!("/api/v1/trackers/{}", kept.id);
    Ok((StatusCode::CREATED, [(LOCATION, place)], Json(kept)).into_response())
}

/// One tracker.
#[utoipa::path(get, path = "/trackers/{id}", tag = "trackers", params(("id" = String, Path, description = "The tracker")),
    responses((status = 200, description = "The tracker", body = KeptTracker)))]
pub(super) async fn get(State(door): State<Door>, _who: Signed, At(id): At<String>) -> Answer<Json<KeptTracker>> {
    Ok(Json(crate::tracker(&door.db, &id).await?))
}

/// What a tracker is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Rivals", "side": null, "phrases": ["acme", "globex"]}))]
pub(super) struct ChangeTracker {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// Whose words are searched; everybody's where it is left out.
    side: Option<Whose>,
    /// What to find, in the language of trackers.
    #[schema(min_items = 1, max_items = 100)]
    phrases: Vec<String>,
}

/// Changes a tracker of one's own (admins and managers). Later analyses listen for what it is then.
#[utoipa::path(put, path = "/trackers/{id}", tag = "trackers", params(("id" = String, Path, description = "The tracker")),
    request_body = ChangeTracker, responses((status = 200, description = "The tracker", body = KeptTracker)))]
pub(super) async fn change(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<String>,
    Body(change): Body<ChangeTracker>,
) -> Answer<Json<KeptTracker>> {
    web::only(&actor, &WRITERS)?;
    let ChangeTracker { name, side, phrases } = change;
    Ok(Json(crate::change_tracker(&door.db, &door.clock, &actor, NewTracker { id, name, side, phrases }).await?))
}

/// Deletes a tracker of one's own (admins and managers).
#[utoipa::path(delete, path = "/trackers/{id}", tag = "trackers", params(("id" = String, Path, description = "The tracker")),
    responses((status = 204, description = "Deleted")))]
pub(super) async fn remove(State(door): State<Door>, Signed(actor): Signed, At(id): At<String>) -> Answer<StatusCode> {
    web::only(&actor, &WRITERS)?;
    crate::remove_tracker(&door.db, &door.clock, &actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
