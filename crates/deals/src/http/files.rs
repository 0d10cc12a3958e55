//! `/opportunities/import`: deals, e-mails and links out of files.

use crate::import::{Brought, What, kind_of};
use crate::{Deals, bring};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use kernel::{Problem, Role};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Answer, Json, Params, ProblemBody, Signed, only};

/// Bytes of a file.
const MOST: usize = 50 << 20;

pub(super) fn routes() -> OpenApiRouter<Deals> {
    OpenApiRouter::new().routes(routes!(import)).layer(DefaultBodyLimit::max(MOST))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// What the file brings.
    #[param(inline)]
    what: What,
}

/// Takes deals, e-mails or links out of a file (admins): all of it, or nothing. What was brought before under the same id is replaced. The columns of a CSV
/// are the names of the JSON. Deals: `id`, `name`, `stage`; `account`, `account_domain`, `owner` (mail address or name), `status` (`open`, `won`, `lost`),
/// `stage_since`, `product`, `segment`, `amount`, `currency`, `close_date`, `opened_at`, `closed_at`, `health` (0 to 100), `gong_opportunity_id`; what
/// else there is, is kept beside. E-mails: `id`, `sender`, `sent_at`; `opportunity_id`, `recipients`, `subject`, `body`, `incoming`; without an opportunity
/// they go to the deals of the firm whose mail domain is in them. Links: `call_id`, `opportunity_id`.
#[utoipa::path(post, path = "/opportunities/import", tag = "opportunities", params(Wanted),
    request_body(description = "The file, as `text/csv` or a JSON list of objects", content(
        (Vec<serde_json::Value> = "application/json", example = json!([{"id": "D-1", "name": "Acme: dock doors", "stage": "Demo", "amount": "12500.00"}])),
        (String = "text/csv", example = "id,name,stage,amount\nD-1,Acme: dock doors,Demo,12500.00\n"))),
    responses((status = 200, description = "It was taken in", body = Brought),
        (status = 415, description = "It is neither CSV nor JSON", body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn import(
    State(deals): State<Deals>,
    Signed(actor): Signed,
    Params(wanted): Params<Wanted>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<Brought>> {
    only(&actor, &[Role::Admin])?;
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind_of(media_type).ok_or_else(|| {
        Problem::media_type("send the file as text/csv or application/json, and say which in Content-Type")
    })?;
    Ok(Json(bring(&deals, &actor.trail(), wanted.what, kind, &body).await?))
}
