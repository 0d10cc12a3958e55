//! `/deal-warnings`: what warns of a deal, and from when on.

use crate::{DealError, Deals, Rule, WarningKind, change_rules};
use axum::extract::State;
use kernel::Role;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Answer, Body, Json, ProblemBody, Signed, only};

pub(super) fn routes() -> OpenApiRouter<Deals> {
    OpenApiRouter::new().routes(routes!(list, change))
}

/// The rules by which deals are warned of.
#[utoipa::path(get, path = "/deal-warnings", tag = "opportunities",
    responses((status = 200, description = "The rules", body = Vec<Rule>)))]
pub(super) async fn list(State(deals): State<Deals>, Signed(_actor): Signed) -> Answer<Json<Vec<Rule>>> {
    Ok(Json(crate::rules(&deals.db).await?))
}

/// Rules to be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DealWarningChanges, example = json!({"rules": [{"kind": "stalled", "enabled": true, "threshold": 21}]}))]
pub(super) struct Changes {
    /// Each with all that it is set to; those that are left out stay.
    #[schema(max_items = 8)]
    rules: Vec<Change>,
}

/// What a rule is set to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DealWarningChange, example = json!({"kind": "stalled", "enabled": true, "threshold": 21}))]
pub(super) struct Change {
    /// What warns.
    kind: WarningKind,
    /// Whether it does.
    enabled: bool,
    /// From how many days, calls or contacts on.
    #[schema(minimum = 1, maximum = 365)]
    threshold: i64,
}

/// Changes rules (admins and managers); all open deals are reckoned anew by them, within seconds.
#[utoipa::path(put, path = "/deal-warnings", tag = "opportunities", request_body = Changes,
    responses((status = 200, description = "The rules", body = Vec<Rule>),
        (status = 403, description = "Only admins and managers may", body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn change(
    State(deals): State<Deals>,
    Signed(actor): Signed,
    Body(changes): Body<Changes>,
) -> Answer<Json<Vec<Rule>>> {
    only(&actor, &[Role::Admin, Role::Manager])?;
    if changes.rules.len() > WarningKind::ALL.len() {
        return Err(DealError::Field("rules", "there are eight kinds; name each once".to_owned()).into());
    }
    let changes: Vec<_> =
        changes.rules.into_iter().map(|change| (change.kind, change.enabled, change.threshold)).collect();
    change_rules(&deals, &actor, &changes).await?;
    Ok(Json(crate::rules(&deals.db).await?))
}
