//! `/weekly-reviews/{id}`: the review of a week, as data or as a file to pass on.

use super::Api;
use crate::render::review::{self as render, Form};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use deals::WeeklyReview;
use kernel::{Problem, Role};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, At, Json, Params, Signed};

/// The one door.
pub fn router(api: Api) -> OpenApiRouter {
    web::strict(OpenApiRouter::new().routes(routes!(review)).with_state(api))
}

/// How a review is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ReviewFormat {
    /// As data.
    #[default]
    Json,
    /// A page that stands alone.
    Html,
    /// Markdown, for a chat or a wiki.
    Md,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// How it is written; data where it is left out.
    #[param(inline)]
    format: Option<ReviewFormat>,
    /// Where links in a file lead, such as `https://coach.acme.com`; they begin with `/` where it is left out.
    #[param(max_length = 200)]
    base: Option<String>,
}

/// Whether links may begin so: a page that somebody saves must not lead anywhere but to an installation.
pub fn is_base(base: &str) -> bool {
    let host = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://"));
    host.is_some_and(|host| {
        !host.is_empty()
            && base.len() <= 200
            && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._:/[]".contains(c))
    })
}

/// The review of a week, for admins, and for managers of its team: calls, figures, what changed, deals, and three moments a rep. Moments of calls that
/// were deleted, are withheld or are not yours to see any more are not in it.
#[utoipa::path(get, path = "/weekly-reviews/{id}", tag = "analytics", params(("id" = Uuid, Path, description = "The review"), Wanted),
    responses((status = 200, description = "The review",
        content((WeeklyReview = "application/json"), (String = "text/html"), (String = "text/markdown")))))]
async fn review(
    State(api): State<Api>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
    Params(wanted): Params<Wanted>,
) -> Answer<Response> {
    web::only(&actor, &[Role::Admin, Role::Manager])?;
    let review = deals::review(&api.db, &actor, id).await?;
    let base = wanted.base.unwrap_or_default();
    if !base.is_empty() && !is_base(&base) {
        let why = "write an address such as https://coach.acme.com";
        return Err(Problem::invalid(format!("base: {why}")).field("base", why).into());
    }
    let (form, media_type, ending) = match wanted.format.unwrap_or_default() {
        ReviewFormat::Json => return Ok(Json(review).into_response()),
        ReviewFormat::Html => (Form::Html, "text/html; charset=utf-8", "html"),
        ReviewFormat::Md => (Form::Markdown, "text/markdown; charset=utf-8", "md"),
    };
    let name = format!("{}.{ending}", render::title(&review));
    let mut out = Vec::new();
    render::review(&mut out, &review, &base, form).map_err(|error| {
        tracing::error!(%error, "a review cannot be written");
        Problem::internal()
    })?;
    Ok(web::file(out, media_type, &name))
}
