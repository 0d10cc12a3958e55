//! `/search/index`.

use super::Door;
use crate::{Progress, progress, reindex};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::Role;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Answer, Body, Json, ProblemBody, Signed, only};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(show, renew))
}

/// How far the index has come (admins).
#[utoipa::path(get, path = "/search/index", tag = "search",
    responses((status = 200, description = "How far", body = Progress),
        (status = 403, description = "Only admins may", body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn show(State(door): State<Door>, Signed(actor): Signed) -> Answer<Json<Progress>> {
    only(&actor, &[Role::Admin])?;
    Ok(Json(progress(&door.search).await?))
}

/// What is to be made anew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SearchIndexRequest, example = json!({"words": false, "vectors": true}))]
pub(super) struct Renew {
    /// The words of all calls; only of those that are not in the index where it is false.
    #[serde(default)]
    words: bool,
    /// All vectors, as after a change of the model.
    #[serde(default)]
    vectors: bool,
}

/// Has the index made anew by jobs (admins). Searches go on meanwhile, and find what is there; it goes on where it stopped.
#[utoipa::path(post, path = "/search/index", tag = "search", request_body = Renew,
    responses((status = 202, description = "How far it is", body = Progress),
        (status = 403, description = "Only admins may", body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn renew(
    State(door): State<Door>,
    Signed(actor): Signed,
    Body(body): Body<Renew>,
) -> Answer<(StatusCode, Json<Progress>)> {
    only(&actor, &[Role::Admin])?;
    reindex(&door.search, body.words, body.vectors).await?;
    Ok((StatusCode::ACCEPTED, Json(progress(&door.search).await?)))
}
