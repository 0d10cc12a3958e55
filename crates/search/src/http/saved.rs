//! `/saved-searches`.

use super::Door;
use crate::{Mode, SavedSearch, SavedSearchHit, Saving, change_saved, delete_saved, hits, save, saved};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, At, Body, Json, Signed};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change, remove))
        .routes(routes!(found))
        .routes(routes!(seen))
}

/// My searches, in the order of their names, each with how much is new in it.
#[utoipa::path(get, path = "/saved-searches", tag = "search",
    responses((status = 200, description = "The searches", body = Vec<SavedSearch>)))]
pub(super) async fn list(State(door): State<Door>, Signed(actor): Signed) -> Answer<Json<Vec<SavedSearch>>> {
    Ok(Json(saved(&door.search.db, &actor).await?))
}

/// A search to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSavedSearch, example = json!({"name": "Price complaints", "query": "too expensive side:customer", "alert": true}))]
pub(super) struct New {
    /// What it is called.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What is looked for, with its fields.
    #[schema(min_length = 1, max_length = 1000)]
    query: String,
    /// How is looked; by words and meaning where it is left out.
    mode: Option<Mode>,
    /// Whether new calls in which something is found are told of.
    #[serde(default)]
    alert: bool,
}

/// Keeps a search. With `alert`, calls that come in from now on and in which it finds something are told of.
#[utoipa::path(post, path = "/saved-searches", tag = "search", request_body = New,
    responses((status = 201, description = "The search", body = SavedSearch)))]
pub(super) async fn add(
    State(door): State<Door>,
    Signed(actor): Signed,
    Body(new): Body<New>,
) -> Answer<(StatusCode, Json<SavedSearch>)> {
    let saving = Saving { name: Some(new.name), query: Some(new.query), mode: new.mode, alert: Some(new.alert) };
    Ok((StatusCode::CREATED, Json(save(&door.search, &actor, &saving).await?)))
}

/// What is to be changed of a search; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SavedSearchChange, example = json!({"alert": false}))]
pub(super) struct Change {
    /// What it is called.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// What is looked for.
    #[schema(min_length = 1, max_length = 1000)]
    query: Option<String>,
    /// How is looked.
    mode: Option<Mode>,
    /// Whether new calls are told of.
    alert: Option<bool>,
}

/// Changes one of my searches. Where it looks for something else from then on, what was new in it is forgotten.
#[utoipa::path(patch, path = "/saved-searches/{id}", tag = "search", params(("id" = Uuid, Path, description = "The search")), request_body = Change,
    responses((status = 200, description = "The search", body = SavedSearch)))]
pub(super) async fn change(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
    Body(change): Body<Change>,
) -> Answer<Json<SavedSearch>> {
    let saving = Saving { name: change.name, query: change.query, mode: change.mode, alert: change.alert };
    Ok(Json(change_saved(&door.search, &actor, id, &saving).await?))
}

/// Deletes one of my searches.
#[utoipa::path(delete, path = "/saved-searches/{id}", tag = "search", params(("id" = Uuid, Path, description = "The search")),
    responses((status = 204, description = "It is gone")))]
pub(super) async fn remove(State(door): State<Door>, Signed(actor): Signed, At(id): At<Uuid>) -> Answer<StatusCode> {
    delete_saved(&door.search.db, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is new in one of my searches: calls that came in since it was kept, the latest first, at most 200.
#[utoipa::path(get, path = "/saved-searches/{id}/hits", tag = "search", params(("id" = Uuid, Path, description = "The search")),
    responses((status = 200, description = "The calls", body = Vec<SavedSearchHit>)))]
pub(super) async fn found(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
) -> Answer<Json<Vec<SavedSearchHit>>> {
    Ok(Json(hits(&door.search, &actor, id, false).await?))
}

/// Marks what is new in one of my searches as looked at, and tells what that was.
#[utoipa::path(post, path = "/saved-searches/{id}/seen", tag = "search", params(("id" = Uuid, Path, description = "The search")),
    responses((status = 200, description = "The calls, as they were before", body = Vec<SavedSearchHit>)))]
pub(super) async fn seen(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
) -> Answer<Json<Vec<SavedSearchHit>>> {
    Ok(Json(hits(&door.search, &actor, id, true).await?))
}
