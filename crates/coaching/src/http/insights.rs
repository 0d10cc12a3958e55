//! `/coaching`: what a rep's calls have in common, what recurs in those of several, and the moments of a week.

use super::{Door, to_the_end};
use crate::period::monday;
use crate::{CoachingError, Insights, LearningPoints, Moments, Named, Period, Scope, Writing};
use axum::extract::State;
use chrono::{Datelike as _, NaiveDate};
use kernel::Actor;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, Body, Json, Params, Signed};

/// Longest period: each call in it is looked at.
const MOST_DAYS: i64 = 366;
/// Days of a period where nobody says.
const USUAL_DAYS: u64 = 30;
/// Most moments of a week, and those where nobody says.
const MOMENTS: (i64, i64) = (20, 3);

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(rep_insights))
        .routes(routes!(write_rep_insights))
        .routes(routes!(points))
        .routes(routes!(write_points))
        .routes(routes!(week_moments))
}

/// A period, by name or by its days.
#[derive(Deserialize, ToSchema)]
#[serde(
    untagged,
    expecting = "it is last_7_days, last_30_days, last_90_days, last_365_days, or {\"since\": day, \"until\": day}"
)]
pub(super) enum Wanted {
    /// By name.
    Named(Named),
    /// By its days.
    Days(Period),
}

/// Whose calls of which period.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"rep_id": "0199c0ff-ee00-7000-8000-000000000001", "period": "last_30_days"}))]
pub(super) struct InsightsOf {
    /// The rep.
    rep_id: Uuid,
    /// At most 366 days; the last 30 where it is left out.
    period: Option<Wanted>,
}

/// What a rep's calls of a period have in common: averages, their change against the period before and their course by week; checks met most and least
/// often, each with moments to look at. Where fewer than five calls have something, there is no number but a note.
#[utoipa::path(post, path = "/coaching/rep-insights", tag = "coaching", request_body = InsightsOf,
    responses((status = 200, description = "The insights", body = Insights),
        (status = 404, description = "There is no such rep, or they are not yours to see", body = web::ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn rep_insights(
    State(door): State<Door>,
    Signed(actor): Signed,
    Body(wanted): Body<InsightsOf>,
) -> Answer<Json<Insights>> {
    let mut found = offline(&door, &actor, &wanted).await?;
    found.put_in_words(&door.db, &door.analyst).await?;
    Ok(Json(found))
}

/// The insights in the program's own words.
async fn offline(door: &Door, actor: &Actor, wanted: &InsightsOf) -> Result<Insights, CoachingError> {
    let today = door.today();
    let period = match &wanted.period {
        None => Named::Month.until(today),
        Some(Wanted::Named(named)) => named.until(today),
        Some(Wanted::Days(days)) => Period::of(Some(days.since), Some(days.until), today, USUAL_DAYS, MOST_DAYS)?,
    };
    let scope = Scope::new(&door.db, actor, Some(wanted.rep_id), None).await?;
    crate::insights(&door.db, &scope, wanted.rep_id, period).await
}

/// Has the model that judges word the learning points and exercises of a rep, from what is stored of the calls: at most 6,000 tokens. Waits for it, at
/// most 90 seconds. Its words are shown by `POST /coaching/rep-insights` as long as what they rest on stays as it is; nothing is asked twice about the
/// same. Where the model does not answer, or nothing of its answer can be shown, the answer says why and the program's own words stay.
#[utoipa::path(post, path = "/coaching/rep-insights/write", tag = "coaching", request_body = InsightsOf,
    responses((status = 200, description = "What became of it", body = Writing),
        (status = 404, description = "There is no such rep, or they are not yours to see", body = web::ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "No model judges, or there is nothing to word", body = web::ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn write_rep_insights(
    State(door): State<Door>,
    Signed(actor): Signed,
    Body(wanted): Body<InsightsOf>,
) -> Answer<Json<Writing>> {
    let found = offline(&door, &actor, &wanted).await?;
    to_the_end(async move { found.write(&door.db, &door.clock, &door.analyst, &actor).await }).await
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PointsOf {
    /// The first day, in the time zone of the installation; the 29th before `until` where it is left out.
    since: Option<NaiveDate>,
    /// The last day, at most 366 days after the first; today where it is left out.
    until: Option<NaiveDate>,
    /// Only of the members of this team, of which you are one unless you are an admin.
    team_id: Option<Uuid>,
}

/// What recurs in the calls of a team, or in all that I may see, over a period: checks that are missed or met over several reps, each with moments that
/// show it and what to do.
#[utoipa::path(get, path = "/coaching/learning-points", tag = "coaching", params(PointsOf),
    responses((status = 200, description = "The learning points", body = LearningPoints),
        (status = 404, description = "There is no such team, or it is not yours to see", body = web::ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn points(
    State(door): State<Door>,
    Signed(actor): Signed,
    Params(wanted): Params<PointsOf>,
) -> Answer<Json<LearningPoints>> {
    let mut found = offline_points(&door, &actor, &wanted).await?;
    found.put_in_words(&door.db, &door.analyst, &actor, wanted.team_id).await?;
    Ok(Json(found))
}

async fn offline_points(door: &Door, actor: &Actor, wanted: &PointsOf) -> Result<LearningPoints, CoachingError> {
    let period = Period::of(wanted.since, wanted.until, door.today(), USUAL_DAYS, MOST_DAYS)?;
    let scope = Scope::new(&door.db, actor, None, wanted.team_id).await?;
    crate::learning_points(&door.db, &scope, period).await
}

/// Has the model that judges word the learning points of a team or of all calls that I may see, as `POST /coaching/rep-insights/write` does for a rep.
#[utoipa::path(post, path = "/coaching/learning-points/write", tag = "coaching", params(PointsOf),
    responses((status = 200, description = "What became of it", body = Writing),
        (status = 404, description = "There is no such team, or it is not yours to see", body = web::ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "No model judges, or there is nothing to word", body = web::ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn write_points(
    State(door): State<Door>,
    Signed(actor): Signed,
    Params(wanted): Params<PointsOf>,
) -> Answer<Json<Writing>> {
    let found = offline_points(&door, &actor, &wanted).await?;
    let team = wanted.team_id;
    to_the_end(async move { found.write(&door.db, &door.clock, &door.analyst, &actor, team).await }).await
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct MomentsOf {
    /// Only of the members of this team, of which you are one unless you are an admin.
    team_id: Option<Uuid>,
    /// A day of the week; this week where it is left out.
    week: Option<NaiveDate>,
    /// At most so many, 1 to 20; 3 where it is left out.
    #[param(minimum = 1, maximum = 20, default = 3)]
    limit: Option<i64>,
}

/// The moments to coach of a week: unmet checks and flags with the words that show them, the heaviest first and at most one a rep. A check weighs the
/// points of the overall score that it cost its call.
#[utoipa::path(get, path = "/coaching/moments", tag = "coaching", params(MomentsOf),
    responses((status = 200, description = "The moments", body = Moments),
        (status = 404, description = "There is no such team, or it is not yours to see", body = web::ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn week_moments(
    State(door): State<Door>,
    Signed(actor): Signed,
    Params(wanted): Params<MomentsOf>,
) -> Answer<Json<Moments>> {
    let (most, usual) = MOMENTS;
    let limit = wanted.limit.unwrap_or(usual);
    if !(1..=most).contains(&limit) {
        return Err(CoachingError::Field("limit", format!("it is 1 to {most}")).into());
    }
    let day = wanted.week.unwrap_or_else(|| door.today());
    if !(1970..=2999).contains(&day.year()) {
        return Err(CoachingError::Field("week", "it is a day of the years 1970 to 2999".to_owned()).into());
    }
    let scope = Scope::new(&door.db, &actor, None, wanted.team_id).await?;
    Ok(Json(crate::moments(&door.db, &scope, monday(day), limit).await?))
}
