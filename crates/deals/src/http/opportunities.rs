//! `/opportunities`: lists, one deal, and its timeline.

use crate::opportunities::{By, Opportunity, OpportunityDetails, OpportunityFacets, Search};
use crate::timeline::{Entry, Filter, Kind};
use crate::{DealCoaching, DealError, Deals, Status, WarningKind};
use axum::extract::State;
use chrono::NaiveDate;
use coaching::Writing;
use coaching::http::to_the_end;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, At, Cursor, Json, Page, PageParams, Params, ProblemBody, Signed};

/// Entries of a timeline where nobody says.
const USUAL: i64 = 20;

pub(super) fn routes() -> OpenApiRouter<Deals> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(facets))
        .routes(routes!(show))
        .routes(routes!(timeline))
        .routes(routes!(coached))
        .routes(routes!(write_coached))
}

/// Which way an order goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OpportunityWay)]
enum Way {
    /// The smallest or earliest first.
    #[default]
    Asc,
    /// The greatest or latest first.
    Desc,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Of this user.
    owner_id: Option<Uuid>,
    /// That stand so.
    status: Option<Status>,
    /// In this stage, as `GET /opportunities/facets` names it.
    stage: Option<String>,
    /// Of this product.
    product: Option<String>,
    /// With customers of this kind.
    segment: Option<String>,
    /// With at least this health.
    #[param(minimum = 0, maximum = 100)]
    min_health: Option<i64>,
    /// With at most this health.
    #[param(minimum = 0, maximum = 100)]
    max_health: Option<i64>,
    /// That are to close, or have closed, on this day or later.
    close_since: Option<NaiveDate>,
    /// On this day or sooner.
    close_until: Option<NaiveDate>,
    /// Of which this warns.
    warning: Option<WarningKind>,
    /// With this in the name or the firm's, without regard to case.
    #[param(max_length = 200)]
    q: Option<String>,
    /// In which order; by `close_date` where it is left out.
    #[param(inline)]
    sort: Option<By>,
    /// Which way; `asc` where it is left out.
    #[param(inline)]
    order: Option<Way>,
    /// At most so many items, 1 to 200; 50 where it is left out.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// The page after this one: `next_cursor` of the answer before.
    cursor: Option<String>,
    /// Leave out so many items instead.
    #[param(minimum = 0)]
    offset: Option<i64>,
    /// Whether to count all items as well.
    #[serde(default)]
    #[param(default = false)]
    total: bool,
}

/// Characters of what is looked for.
const LONGEST: usize = 200;

/// A text as a database can be asked for it.
fn plain(text: Option<String>) -> Option<String> {
    text.map(|text| text.replace('\0', "")).filter(|text| !text.trim().is_empty())
}

/// The same of what somebody types.
///
/// # Errors
/// Where it is longer than anything that is looked for.
fn sought(name: &'static str, text: Option<String>) -> Result<Option<String>, DealError> {
    if text.as_ref().is_some_and(|text| text.chars().count() > LONGEST) {
        return Err(DealError::Field(name, format!("at most {LONGEST} characters")));
    }
    Ok(plain(text))
}

/// The deals that I may see: mine, those of the reps whom I see, or all of an admin's installation.
#[utoipa::path(get, path = "/opportunities", tag = "opportunities", params(Wanted),
    responses((status = 200, description = "A page of deals", body = Page<Opportunity>)))]
pub(super) async fn list(
    State(deals): State<Deals>,
    Signed(actor): Signed,
    Params(wanted): Params<Wanted>,
) -> Answer<Json<Page<Opportunity>>> {
    let page = PageParams { limit: wanted.limit, cursor: wanted.cursor, offset: wanted.offset, total: wanted.total };
    let (limit, from) = page.read()?;
    let (by, way) = (wanted.sort.unwrap_or_default(), wanted.order.unwrap_or_default());
    let (after, offset) = match from {
        Cursor::After(keys) => {
            let (key, id) = web::two_keys(&keys)?;
            let wrong = || DealError::Field("cursor", "it is one of another list".to_owned());
            (Some((by.read(&key).ok_or_else(wrong)?, id)), 0)
        }
        Cursor::Offset(offset) => (None, offset),
    };
    for (name, health) in [("min_health", wanted.min_health), ("max_health", wanted.max_health)] {
        if health.is_some_and(|health| !(0..=100).contains(&health)) {
            return Err(DealError::Field(name, "from 0 to 100".to_owned()).into());
        }
    }
    let search = Search {
        owner: wanted.owner_id,
        status: wanted.status,
        stage: plain(wanted.stage),
        product: plain(wanted.product),
        segment: plain(wanted.segment),
        health: (wanted.min_health, wanted.max_health),
        close: (wanted.close_since, wanted.close_until),
        warning: wanted.warning,
        text: sought("q", wanted.q)?,
        by,
        descending: way == Way::Desc,
        after,
        offset,
        limit: limit + 1,
    };
    let (found, total) = crate::search(&deals.db, &actor, &search, wanted.total).await?;
    let page = Page::of(found, limit, total, |(deal, key)| vec![key.to_string(), deal.id.to_string()]);
    Ok(Json(Page {
        items: page.items.into_iter().map(|(deal, _)| deal).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}

/// What the deals that I may see can be filtered by.
#[utoipa::path(get, path = "/opportunities/facets", tag = "opportunities",
    responses((status = 200, description = "What there is", body = OpportunityFacets)))]
pub(super) async fn facets(State(deals): State<Deals>, Signed(actor): Signed) -> Answer<Json<OpportunityFacets>> {
    Ok(Json(crate::facets(&deals.db, &actor).await?))
}

/// One deal, with its health, what that rests on, and what warns of it.
#[utoipa::path(get, path = "/opportunities/{id}", tag = "opportunities", params(("id" = Uuid, Path, description = "The deal")),
    responses((status = 200, description = "The deal", body = OpportunityDetails),
        (status = 404, description = "There is no such deal, or it is not yours to see", body = ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn show(
    State(deals): State<Deals>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
) -> Answer<Json<OpportunityDetails>> {
    Ok(Json(crate::get(&deals.db, &actor, id).await?))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TimelineOf {
    /// Calls or e-mails alone.
    #[param(inline)]
    kind: Option<Kind>,
    /// With this person: a name or mail address, without regard to case.
    #[param(max_length = 200)]
    person: Option<String>,
    /// At most so many, 1 to 200; 20 where it is left out.
    #[param(minimum = 1, maximum = 200, default = 20)]
    limit: Option<i64>,
    /// What comes before: `next_cursor` of the answer before.
    cursor: Option<String>,
}

/// The calls and e-mails of a deal in one order, the latest first; of its calls those that I may see. What was said in a call is told by
/// `GET /calls/{id}/transcript`.
#[utoipa::path(get, path = "/opportunities/{id}/timeline", tag = "opportunities",
    params(("id" = Uuid, Path, description = "The deal"), TimelineOf),
    responses((status = 200, description = "A page of the timeline", body = Page<Entry>),
        (status = 404, description = "There is no such deal, or it is not yours to see", body = ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn timeline(
    State(deals): State<Deals>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
    Params(wanted): Params<TimelineOf>,
) -> Answer<Json<Page<Entry>>> {
    let page = PageParams { limit: wanted.limit.or(Some(USUAL)), cursor: wanted.cursor, ..PageParams::default() };
    let (limit, from) = page.read()?;
    let after = match from {
        Cursor::After(keys) => Some(web::time_and_id(&keys)?),
        Cursor::Offset(_) => None,
    };
    if !crate::opportunities::sees(&deals.db, &actor, id).await? {
        return Err(DealError::Unknown("opportunity").into());
    }
    let filter = Filter { kind: wanted.kind, person: sought("person", wanted.person)?, after, limit: limit + 1 };
    let found = crate::timeline(&deals.db, &actor, id, &filter).await?;
    Ok(Json(Page::of(found, limit, None, |entry| {
        let (at, id) = entry.key();
        vec![at.to_rfc3339(), id.to_string()]
    })))
}

/// What the calls of a deal have in common: checks that several of them missed, objections that nobody closed, how the dimensions went, who took part and
/// who is missing, and which next steps were followed by something. Found by code, out of the calls that I may see; all of it leads to the words. It is told
/// in sentences (`points`): those of the model that judges where somebody had it word exactly this, else the program's.
#[utoipa::path(get, path = "/opportunities/{id}/coaching", tag = "opportunities", params(("id" = Uuid, Path, description = "The deal")),
    responses((status = 200, description = "What they have in common", body = DealCoaching),
        (status = 404, description = "There is no such deal, or it is not yours to see", body = ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn coached(
    State(deals): State<Deals>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
) -> Answer<Json<DealCoaching>> {
    Ok(Json(crate::coaching(&deals, &actor, id).await?))
}

/// Has the model that judges word what the calls of a deal have in common, from what is stored of those that I may see: at most 6,000 tokens. Waits for it, at
/// most 90 seconds. Its words are shown by `GET /opportunities/{id}/coaching` to whoever sees the same calls, as long as what they rest on stays as it is;
/// nothing is asked twice about the same. Nothing of calls that are not mine to see is given to it. Where the
/// model does not answer, or nothing of its answer can be shown, the answer says why and the program's own words stay.
#[utoipa::path(post, path = "/opportunities/{id}/coaching/write", tag = "opportunities", params(("id" = Uuid, Path, description = "The deal")),
    responses((status = 200, description = "What became of it", body = Writing),
        (status = 404, description = "There is no such deal, or it is not yours to see", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "No model judges, or there is nothing to word", body = ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn write_coached(
    State(deals): State<Deals>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
) -> Answer<Json<Writing>> {
    to_the_end(async move { crate::write_coaching(&deals, &actor, id).await }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_for_has_a_limit_and_no_more_than_blanks_is_nothing() {
        assert_eq!(sought("q", Some("é".repeat(200))).unwrap(), Some("é".repeat(200)));
        let refused = sought("q", Some("0".repeat(201))).unwrap_err();
        assert_eq!(refused.to_string(), "q: at most 200 characters");
        assert_eq!(sought("q", Some(" \0".to_owned())).unwrap(), None);
        assert_eq!(sought("q", None).unwrap(), None);
    }
}
