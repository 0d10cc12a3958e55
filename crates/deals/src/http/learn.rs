//! `/coaching/learning-insights`: what a rep can learn from winners.

use crate::{Deals, LearningInsights, Wanted};
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Answer, Body, Json, ProblemBody, Signed};

pub(super) fn routes() -> OpenApiRouter<Deals> {
    OpenApiRouter::new().routes(routes!(learn))
}

/// What a rep can learn from winners: what won deals of the last 365 days have more or less of than lost ones, how the rep stands beside top performers, and
/// three moments of these beside the rep's own. The unit is the deal; a difference says that two things go together, not why. Below 30 closed deals a side
/// there are examples alone.
#[utoipa::path(post, path = "/coaching/learning-insights", tag = "coaching", request_body = Wanted,
    responses((status = 200, description = "What there is to learn", body = LearningInsights),
        (status = 404, description = "There is no such rep, or they are not yours to see", body = ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn learn(
    State(deals): State<Deals>,
    Signed(actor): Signed,
    Body(wanted): Body<Wanted>,
) -> Answer<Json<LearningInsights>> {
    Ok(Json(crate::learning_insights(&deals, &actor, &wanted).await?))
}
