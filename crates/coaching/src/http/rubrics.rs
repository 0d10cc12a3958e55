//! `/rubrics`: what good looks like. Everybody reads them; admins write them.

use super::Door;
use crate::{KeptRubric, Source};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use kernel::Role;
use rubric::Rubric;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, At, Document, Json, Params, Signed};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get, change, remove))
        .routes(routes!(versions))
        .routes(routes!(restore))
}

/// A rubric as it is listed.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "default", "version": 1, "name": "Sales call", "description": "A first or second conversation.",
    "source": "builtin", "dimensions": 4, "checks": 20, "created_at": null, "created_by": null, "retired_at": null, "usual": true}))]
pub(super) struct RubricHead {
    /// Its id.
    id: String,
    /// The version.
    version: u32,
    /// Its name.
    name: String,
    /// What kind of call it is for.
    description: String,
    /// Who wrote it.
    source: Source,
    /// How many dimensions it has.
    dimensions: usize,
    /// How many checks it has.
    checks: usize,
    /// When this version was written; of a built-in one, when it first judged a call.
    created_at: Option<DateTime<Utc>>,
    /// Who wrote this version.
    created_by: Option<Uuid>,
    /// Since when it is not offered any more.
    retired_at: Option<DateTime<Utc>>,
    /// Whether calls are judged by it now where nobody names another one.
    usual: bool,
}

impl RubricHead {
    /// `usual` is the rubric by which calls are judged where nobody names one.
    fn of(kept: KeptRubric, usual: Option<&Rubric>) -> Self {
        Self {
            usual: usual.is_some_and(|usual| usual.id == kept.id && usual.version == kept.version),
            dimensions: kept.document.dimensions.len(),
            checks: kept.document.dimensions.iter().map(|dimension| dimension.checks.len()).sum(),
            id: kept.id,
            version: kept.version,
            name: kept.name,
            description: kept.description,
            source: kept.source,
            created_at: kept.created_at,
            created_by: kept.created_by,
            retired_at: kept.retired_at,
        }
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Listed {
    /// Also those that were retired.
    #[param(default = false)]
    retired: Option<bool>,
}

/// The latest version of each rubric that is offered, the built-in ones first.
#[utoipa::path(get, path = "/rubrics", tag = "rubrics", params(Listed),
    responses((status = 200, description = "Rubrics", body = Vec<RubricHead>)))]
pub(super) async fn list(
    State(door): State<Door>,
    _who: Signed,
    Params(listed): Params<Listed>,
) -> Answer<Json<Vec<RubricHead>>> {
    heads(&door, crate::rubrics(&door.db, listed.retired.unwrap_or(false)).await?).await
}

async fn heads(door: &Door, kept: Vec<KeptRubric>) -> Answer<Json<Vec<RubricHead>>> {
    let usual = crate::usual(&door.db, &door.rubric).await?;
    Ok(Json(kept.into_iter().map(|kept| RubricHead::of(kept, usual.as_ref())).collect()))
}

/// A rubric document, as in a rubric file; its JSON Schema, down to the checks, is what `sideline rubric schema` prints.
#[derive(ToSchema)]
#[schema(example = json!({
    "id": "renewals", "name": "Renewal call", "version": 1, "description": "A customer decides whether to stay.",
    "dimensions": [{
        "id": "next_step", "name": "Next step", "weight": 1, "description": "Whether it is clear what comes next.",
        "levels": {"1": "It ends vaguely.", "3": "A step without a date.", "5": "A step with a date and an owner."},
        "checks": [{"id": "next_step_dated", "name": "Dated next step", "sentence": "A next step has a date.", "kind": "presence",
            "advice": "Put a date on the next step before you hang up."}]
    }]
}))]
#[expect(dead_code, reason = "it describes what is read as a document")]
pub(super) struct RubricDocument {
    /// Lower-case letters, digits and underscores.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z0-9_]+$")]
    id: String,
    /// Name shown to people.
    #[schema(min_length = 1)]
    name: String,
    /// Counted up with every change.
    #[schema(minimum = 1, maximum = 1_000_000)]
    version: u32,
    /// What kind of call it is for, in a sentence.
    description: String,
    /// The dimensions with their checks.
    #[schema(min_items = 1, value_type = Vec<Object>)]
    dimensions: Vec<serde_json::Value>,
}

/// Keeps a new rubric (admins). A mistake is told with its line and key.
#[utoipa::path(post, path = "/rubrics", tag = "rubrics",
    request_body(content((RubricDocument = "application/json"), (String = "application/yaml"))),
    responses((status = 201, description = "The rubric", body = KeptRubric)))]
pub(super) async fn add(State(door): State<Door>, Signed(actor): Signed, document: Document) -> Answer<Response> {
    web::only(&actor, &[Role::Admin])?;
    let rubric = crate::read_rubric(&document.text, document.is_json)?;
    let kept = crate::add_rubric(&door.db, &door.clock, &actor, rubric).await?;
    let place = format!("/api/v1/rubrics/{}", kept.id);
    Ok((StatusCode::CREATED, [(LOCATION, place)], Json(kept)).into_response())
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// The version; the latest where it is left out.
    #[param(minimum = 1)]
    version: Option<u32>,
}

/// A rubric with its dimensions and checks, also one that is not offered any more: calls may rest on it.
#[utoipa::path(get, path = "/rubrics/{id}", tag = "rubrics", params(("id" = String, Path, description = "The rubric"), Wanted),
    responses((status = 200, description = "The rubric", body = KeptRubric)))]
pub(super) async fn get(
    State(door): State<Door>,
    _who: Signed,
    At(id): At<String>,
    Params(wanted): Params<Wanted>,
) -> Answer<Json<KeptRubric>> {
    Ok(Json(crate::rubric_version(&door.db, &id, wanted.version).await?))
}

/// All versions of a rubric, the latest first.
#[utoipa::path(get, path = "/rubrics/{id}/versions", tag = "rubrics", params(("id" = String, Path, description = "The rubric")),
    responses((status = 200, description = "Its versions", body = Vec<RubricHead>)))]
pub(super) async fn versions(
    State(door): State<Door>,
    _who: Signed,
    At(id): At<String>,
) -> Answer<Json<Vec<RubricHead>>> {
    heads(&door, crate::rubric_versions(&door.db, &id).await?).await
}

/// Keeps the next version of a rubric (admins): `version` is one more than the latest. Calls that were judged keep the version that judged them.
#[utoipa::path(put, path = "/rubrics/{id}", tag = "rubrics", params(("id" = String, Path, description = "The rubric")),
    request_body(content((RubricDocument = "application/json"), (String = "application/yaml"))),
    responses((status = 200, description = "The new version", body = KeptRubric)))]
pub(super) async fn change(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<String>,
    document: Document,
) -> Answer<Json<KeptRubric>> {
    web::only(&actor, &[Role::Admin])?;
    let rubric = crate::read_rubric(&document.text, document.is_json)?;
    Ok(Json(crate::change_rubric(&door.db, &door.clock, &actor, &id, rubric).await?))
}

/// Retires a rubric (admins): it is not offered any more. Calls that it has judged keep it.
#[utoipa::path(delete, path = "/rubrics/{id}", tag = "rubrics", params(("id" = String, Path, description = "The rubric")),
    responses((status = 204, description = "Retired")))]
pub(super) async fn remove(State(door): State<Door>, Signed(actor): Signed, At(id): At<String>) -> Answer<StatusCode> {
    web::only(&actor, &[Role::Admin])?;
    crate::retire_rubric(&door.db, &door.clock, &actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a rubric that was retired back into use (admins), with all its versions.
#[utoipa::path(post, path = "/rubrics/{id}/restore", tag = "rubrics", params(("id" = String, Path, description = "The rubric")),
    responses((status = 200, description = "The rubric", body = KeptRubric)))]
pub(super) async fn restore(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<String>,
) -> Answer<Json<KeptRubric>> {
    web::only(&actor, &[Role::Admin])?;
    Ok(Json(crate::restore_rubric(&door.db, &door.clock, &actor, &id).await?))
}
