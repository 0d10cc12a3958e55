//! Which deals a call belongs to.

use crate::links::{Saying, say};
use crate::opportunities::CallOpportunity;
use crate::{DealError, Deals};
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, At, Json, ProblemBody, Signed};

pub(super) fn routes() -> OpenApiRouter<Deals> {
    OpenApiRouter::new().routes(routes!(of_call)).routes(routes!(link, unlink))
}

/// The deals to which a call belongs, of those that I may see; and how that is known.
#[utoipa::path(get, path = "/calls/{id}/opportunities", tag = "opportunities", params(("id" = Uuid, Path, description = "The call")),
    responses((status = 200, description = "The deals", body = Vec<CallOpportunity>),
        (status = 404, description = "There is no such call, or it is not yours to see", body = ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn of_call(
    State(deals): State<Deals>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
) -> Answer<Json<Vec<CallOpportunity>>> {
    if !calls::events::sees(&deals.db, &actor, id).await? {
        return Err(DealError::Unknown("call").into());
    }
    Ok(Json(crate::of_call(&deals.db, &actor, id).await?))
}

/// Says that a call belongs to a deal.
#[utoipa::path(put, path = "/opportunities/{id}/calls/{call_id}", tag = "opportunities",
    params(("id" = Uuid, Path, description = "The deal"), ("call_id" = Uuid, Path, description = "The call")),
    responses((status = 204, description = "It does"),
        (status = 404, description = "There is no such deal or call, or it is not yours to see", body = ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn link(
    State(deals): State<Deals>,
    Signed(actor): Signed,
    At((id, call)): At<(Uuid, Uuid)>,
) -> Answer<StatusCode> {
    say(&deals, &actor, call, id, Saying::Belongs).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says that a call does not belong to a deal. It is not linked to it again by itself.
#[utoipa::path(delete, path = "/opportunities/{id}/calls/{call_id}", tag = "opportunities",
    params(("id" = Uuid, Path, description = "The deal"), ("call_id" = Uuid, Path, description = "The call")),
    responses((status = 204, description = "It does not"),
        (status = 404, description = "There is no such deal or call, or it is not yours to see", body = ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn unlink(
    State(deals): State<Deals>,
    Signed(actor): Signed,
    At((id, call)): At<(Uuid, Uuid)>,
) -> Answer<StatusCode> {
    say(&deals, &actor, call, id, Saying::DoesNot).await?;
    Ok(StatusCode::NO_CONTENT)
}
