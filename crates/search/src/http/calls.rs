//! `/search/similar`, `/calls/{id}/recommendations`.

use super::Door;
use crate::{Like, Recommendation, SearchError, Similar, recommendations, similar};
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, At, Body, Json, ProblemBody, Signed};

/// Calls where nobody says.
const USUAL: usize = 5;
/// And at most.
const MOST: usize = 20;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(alike)).routes(routes!(recommended))
}

/// What something is to be like.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SimilarRequest, example = json!({"call_id": "0199d4b2-8a44-7c1e-9f0a-3a5c1d2e4f60", "segment_id": 12, "limit": 5}))]
pub(super) struct LikeBody {
    /// The call.
    call_id: Uuid,
    /// A moment of it: a segment; the whole call where it is left out.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    segment_id: Option<i32>,
    /// Only calls of deals that were won.
    #[serde(default)]
    won: bool,
    /// At most so many calls, 1 to 20; 5 where it is left out.
    #[schema(minimum = 1, maximum = 20, default = 5)]
    limit: Option<usize>,
}

/// Calls that are like a call or a moment of it, of those that I may see, each with where it is most like it.
#[utoipa::path(post, path = "/search/similar", tag = "search", request_body = LikeBody,
    responses((status = 200, description = "The one most like first", body = Similar),
        (status = 404, description = "There is no such call or segment, or it is not mine to see", body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn alike(
    State(door): State<Door>,
    Signed(actor): Signed,
    Body(body): Body<LikeBody>,
) -> Answer<Json<Similar>> {
    let limit = body.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(SearchError::Field("limit", format!("from 1 to {MOST}")).into());
    }
    if body.segment_id.is_some_and(|segment| segment < 1) {
        return Err(SearchError::Field("segment_id", "from 1".to_owned()).into());
    }
    let call = calls::seen(&door.search.db, &actor, &body.call_id.to_string()).await?;
    let like = Like { call, segment: body.segment_id };
    Ok(Json(similar(&door.search, &actor, like, body.won, limit).await?))
}

/// What to do next after a call: next steps that were agreed and have not followed, what was missed, and calls of won deals that are like it; each with its
/// reason and the words that it rests on.
#[utoipa::path(get, path = "/calls/{id}/recommendations", tag = "search", params(("id" = String, Path, description = "The call")),
    responses((status = 200, description = "At most three of each kind", body = Vec<Recommendation>)))]
pub(super) async fn recommended(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<String>,
) -> Answer<Json<Vec<Recommendation>>> {
    let call = calls::seen(&door.search.db, &actor, &id).await?;
    Ok(Json(recommendations(&door.search, &door.deals, &actor, call).await?))
}
