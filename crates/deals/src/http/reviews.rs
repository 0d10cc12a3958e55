//! `/weekly-reviews`: a list, and a review that somebody wants now. One review is told by `server`, which writes it as a page as well.

use crate::review::{Review, Reviews};
use crate::{Deals, WeeklyReview, WeeklyReviewHead, review, reviews, write_review};
use axum::extract::State;
use chrono::NaiveDate;
use kernel::Role;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, Body, Cursor, Json, Page, PageParams, Params, ProblemBody, Signed, only};

/// Who reads reviews: they show several reps beside each other, and moments of each.
const READERS: [Role; 2] = [Role::Admin, Role::Manager];

pub(super) fn routes() -> OpenApiRouter<Deals> {
    OpenApiRouter::new().routes(routes!(list, make))
}

/// The reviews of weeks, the latest first: all for admins, those of their teams for managers. Reps and coaches read none, since each shows several reps
/// and moments of their calls.
#[utoipa::path(get, path = "/weekly-reviews", tag = "analytics", params(PageParams),
    responses((status = 200, description = "A page of reviews", body = Page<WeeklyReviewHead>),
        (status = 403, description = "Only admins and managers may", body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn list(
    State(deals): State<Deals>,
    Signed(actor): Signed,
    Params(page): Params<PageParams>,
) -> Answer<Json<Page<WeeklyReviewHead>>> {
    only(&actor, &READERS)?;
    let (limit, from) = page.read()?;
    let (after, offset) = match from {
        Cursor::After(keys) => (Some(web::two_keys(&keys)?), 0),
        Cursor::Offset(offset) => (None, offset),
    };
    let wanted = Reviews { after, offset, limit: limit + 1, total: page.total };
    let (found, total) = reviews(&deals.db, &actor, &wanted).await?;
    Ok(Json(Page::of(found, limit, total, |head| vec![head.week.to_string(), head.id.to_string()])))
}

/// A review that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WeeklyReviewWish, example = json!({"week": "2026-09-14", "replace": true}))]
pub(super) struct Wish {
    /// A day of the week; the last week that is over where it is left out.
    #[serde(default)]
    week: Option<NaiveDate>,
    /// Of this team; of everybody where it is left out, which is for admins.
    #[serde(default)]
    team_id: Option<Uuid>,
    /// Whether it is written anew where there is one; it stays if not.
    #[serde(default)]
    replace: bool,
}

/// Writes the review of a week now (admins and managers), or tells the one that is there.
#[utoipa::path(post, path = "/weekly-reviews", tag = "analytics", request_body = Wish,
    responses((status = 200, description = "The review", body = WeeklyReview),
        (status = 403, description = "Only admins and managers may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such team, or it is not yours to see", body = ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn make(
    State(deals): State<Deals>,
    Signed(actor): Signed,
    Body(wish): Body<Wish>,
) -> Answer<Json<WeeklyReview>> {
    only(&actor, &READERS)?;
    let week = wish.week.unwrap_or_else(|| crate::last_week(&deals));
    let wanted = Review { team: wish.team_id, week, replace: wish.replace };
    let id = write_review(&deals, &actor, &actor.trail(), wanted).await?;
    Ok(Json(review(&deals.db, &actor, id).await?))
}
