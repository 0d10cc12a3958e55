//! `/analytics`: figures of reps and teams.

use super::Door;
use crate::{AgentFigures, CoachingError, Order, Period, Scope, TeamFigures, Trend};
use axum::extract::State;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, Cursor, Json, PageParams, Params, Signed};

/// Longest period: ten years.
const MOST_DAYS: i64 = 3660;
/// Days of a period where nobody says; of a series half a year.
const USUAL: (u64, u64) = (30, 182);
/// Most weeks that a point of a series is an average over.
const MOST_SPAN: u64 = 26;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(agents)).routes(routes!(team)).routes(routes!(trends))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Days {
    /// The first day, in the time zone of the installation; the 29th before `until` where it is left out.
    since: Option<NaiveDate>,
    /// The last day; today where it is left out.
    until: Option<NaiveDate>,
    /// Only of the members of this team, of which you are one unless you are an admin.
    team_id: Option<Uuid>,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Sorted {
    /// By `name`, `calls`, `overall`, `talk_ratio`, `sentiment`, `customer_sentiment` or `dimension:ID`; with `-` before it the highest first. Who
    /// has no number comes last.
    #[param(default = "name")]
    sort: Option<String>,
}

/// A page of reps with their figures.
#[derive(Serialize, ToSchema)]
pub(super) struct Agents {
    /// The period.
    period: Period,
    /// The reps.
    items: Vec<AgentFigures>,
    /// What to ask for as `cursor` to get the next page; left out at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// How many reps there are on all pages, if `total` was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
}

/// The figures of each rep that I may see, over a period: how many calls, and averages of scores, talk ratio and sentiment, each with how many calls
/// it rests on. Where fewer than five calls have something, there is no number but a note.
#[utoipa::path(get, path = "/analytics/agents", tag = "analytics", params(Days, Sorted, PageParams),
    responses((status = 200, description = "Reps with their figures", body = Agents),
        (status = 404, description = "There is no such team, or it is not yours to see", body = web::ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn agents(
    State(door): State<Door>,
    Signed(actor): Signed,
    Params(days): Params<Days>,
    Params(sorted): Params<Sorted>,
    Params(page): Params<PageParams>,
) -> Answer<Json<Agents>> {
    let (limit, from) = page.read()?;
    let from = match from {
        Cursor::Offset(offset) => offset as usize,
        Cursor::After(keys) => after(&keys)?,
    };
    let sort = sorted.sort.as_deref().unwrap_or("name");
    let (descending, by) = sort.strip_prefix('-').map_or((false, sort), |by| (true, by));
    let order: Order = by.parse()?;
    let period = Period::of(days.since, days.until, door.today(), USUAL.0, MOST_DAYS)?;
    let scope = Scope::new(&door.db, &actor, None, days.team_id).await?;
    let found = crate::agents(&door.db, &scope, period, &order, descending).await?;
    let (count, next) = (found.len(), from.saturating_add(limit as usize));
    Ok(Json(Agents {
        period,
        items: found.into_iter().skip(from).take(limit as usize).collect(),
        next_cursor: (next < count).then(|| Cursor::encode(&[next.to_string()])),
        total: page.total.then_some(count as i64),
    }))
}

/// How many reps come before the page. They are put in order by figures that may change meanwhile, so that no rep is a better mark.
fn after(keys: &[String]) -> Result<usize, CoachingError> {
    let mark = if let [key] = keys { key.parse().ok() } else { None };
    mark.ok_or_else(|| CoachingError::Field("cursor", "it is none of ours".to_owned()))
}

/// The figures of a team, or of all reps that I may see, over a period, each beside that of the period before, which is as long. Each call weighs the
/// same. Where fewer than five calls have something, there is no number but a note.
#[utoipa::path(get, path = "/analytics/team", tag = "analytics", params(Days),
    responses((status = 200, description = "The figures", body = TeamFigures),
        (status = 404, description = "There is no such team, or it is not yours to see", body = web::ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn team(
    State(door): State<Door>,
    Signed(actor): Signed,
    Params(days): Params<Days>,
) -> Answer<Json<TeamFigures>> {
    let period = Period::of(days.since, days.until, door.today(), USUAL.0, MOST_DAYS)?;
    let scope = Scope::new(&door.db, &actor, None, days.team_id).await?;
    Ok(Json(crate::team(&door.db, &scope, period).await?))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TrendOf {
    /// `overall`, `dimension:ID`, `talk_ratio`, `sentiment`, `customer_sentiment`, or `calls` for how many were judged.
    #[param(default = "overall")]
    measure: Option<String>,
    /// A day of the first week, in the time zone of the installation; half a year before `until` where it is left out.
    since: Option<NaiveDate>,
    /// A day of the last week; today where it is left out.
    until: Option<NaiveDate>,
    /// Only of this rep.
    rep_id: Option<Uuid>,
    /// Only of the members of this team, of which you are one unless you are an admin.
    team_id: Option<Uuid>,
    /// Over how many weeks each point is an average, its own and those before, 1 to 26: one of a single rep has few calls each week.
    #[param(minimum = 1, maximum = 26, default = 1)]
    span: Option<u64>,
}

/// How a measure went, week by week, whole weeks from Monday to Sunday, of all calls that I may see or of a rep or team. A point with fewer than
/// five calls has no number.
#[utoipa::path(get, path = "/analytics/trends", tag = "analytics", params(TrendOf),
    responses((status = 200, description = "A series", body = Trend),
        (status = 404, description = "There is no such rep or team, or they are not yours to see", body = web::ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn trends(
    State(door): State<Door>,
    Signed(actor): Signed,
    Params(wanted): Params<TrendOf>,
) -> Answer<Json<Trend>> {
    let span = wanted.span.unwrap_or(1);
    if !(1..=MOST_SPAN).contains(&span) {
        return Err(CoachingError::Field("span", format!("it is 1 to {MOST_SPAN}")).into());
    }
    let period = Period::of(wanted.since, wanted.until, door.today(), USUAL.1, MOST_DAYS)?;
    let measure = wanted.measure.as_deref().unwrap_or("overall");
    let scope = Scope::new(&door.db, &actor, wanted.rep_id, wanted.team_id).await?;
    Ok(Json(crate::trend(&door.db, &scope, period, measure, span).await?))
}
