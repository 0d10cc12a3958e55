//! `/model/backfills`: many calls judged in batches.

use super::Door;
use crate::model::{self, Backfill, BackfillWish};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{Days, NaiveDate};
use kernel::{Problem, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, At, Body, Json, ProblemBody, Signed, only};

/// Who may look at them: they are about money.
const LOOKERS: [Role; 2] = [Role::Admin, Role::Manager];

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(list, begin)).routes(routes!(show)).routes(routes!(cancel))
}

/// The latest backfills.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Backfills {
    /// The newest first, at most 50.
    items: Vec<Backfill>,
}

/// Which calls are to be judged in batches.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"since": "2026-09-01", "rubric": "default"}))]
pub(super) struct NewBackfill {
    /// Calls from this day on, by when they began, or came in where that is not known.
    since: Option<NaiveDate>,
    /// Calls up to this day.
    until: Option<NaiveDate>,
    /// By this rubric; the usual one where it is left out.
    rubric: Option<String>,
}

/// The latest backfills: many calls that a model judges in batches, at half the price (managers and admins).
#[utoipa::path(get, path = "/model/backfills", tag = "model",
    responses((status = 200, description = "The backfills", body = Backfills)))]
pub(super) async fn list(State(door): State<Door>, Signed(actor): Signed) -> Answer<Json<Backfills>> {
    only(&actor, &LOOKERS)?;
    Ok(Json(Backfills { items: model::backfills(&door.db).await? }))
}

/// Has the calls of a time judged in batches, at half the price, within a day or two (admins). Answers that are kept are used again, and calls
/// that are up to date are left as they are. It is over when all of its calls were given to be judged.
#[utoipa::path(post, path = "/model/backfills", tag = "model", request_body = NewBackfill,
    responses((status = 202, description = "It has begun", body = Backfill),
        (status = 409, description = "No model with batches judges, there is nothing to judge, or another one is open", body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn begin(
    State(door): State<Door>,
    Signed(actor): Signed,
    Body(wanted): Body<NewBackfill>,
) -> Answer<(StatusCode, Json<Backfill>)> {
    only(&actor, &[Role::Admin])?;
    let begins = |day: NaiveDate| crate::period::begins(day, door.zone);
    if wanted.since.zip(wanted.until).is_some_and(|(since, until)| since > until) {
        let why = "the last day is before the first";
        return Err(Problem::invalid(format!("until: {why}")).field("until", why).into());
    }
    let wish = BackfillWish {
        since: wanted.since.map(begins),
        until: wanted.until.and_then(|day| day.checked_add_days(Days::new(1))).map(begins),
        rubric: wanted.rubric.as_deref(),
        usual: &door.rubric,
    };
    let begun = model::begin_backfill(&door.db, &door.clock, &door.analyst, wish, &actor.trail()).await?;
    Ok((StatusCode::ACCEPTED, Json(begun)))
}

/// How far a backfill is (managers and admins).
#[utoipa::path(get, path = "/model/backfills/{id}", tag = "model",
    params(("id" = Uuid, Path, description = "The backfill")),
    responses((status = 200, description = "The backfill", body = Backfill)))]
pub(super) async fn show(State(door): State<Door>, Signed(actor): Signed, At(id): At<Uuid>) -> Answer<Json<Backfill>> {
    only(&actor, &LOOKERS)?;
    Ok(Json(model::backfill(&door.db, id).await?))
}

/// Ends a backfill: nothing more is asked, and what its batch has answered by then is kept (admins).
#[utoipa::path(post, path = "/model/backfills/{id}/cancel", tag = "model",
    params(("id" = Uuid, Path, description = "The backfill")),
    responses((status = 200, description = "The backfill", body = Backfill),
        (status = 409, description = "It is over", body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn cancel(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
) -> Answer<Json<Backfill>> {
    only(&actor, &[Role::Admin])?;
    Ok(Json(model::cancel_backfill(&door.db, &door.clock, id, &actor.trail()).await?))
}
