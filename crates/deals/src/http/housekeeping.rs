//! `/retention` and `/storage`: what is not kept for ever, and how much room the rest takes.

use crate::storage::{StorageKind, measure_soon};
use crate::{Deals, Retention, Storage, retention, run_retention, storage};
use axum::extract::State;
use kernel::Role;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Answer, Json, Signed, only};

pub(super) fn routes() -> OpenApiRouter<Deals> {
    #[derive(utoipa::OpenApi)]
    #[openapi(components(schemas(StorageKind)))]
    struct Words;
    OpenApiRouter::with_openapi(<Words as utoipa::OpenApi>::openapi())
        .routes(routes!(would_go, go))
        .routes(routes!(room))
}

/// What is not kept for ever, and what of it would go now (admins). Nothing is changed. Days are set by `PATCH /settings`; what is due goes every night.
#[utoipa::path(get, path = "/retention", tag = "settings",
    responses((status = 200, description = "What would go", body = Retention)))]
pub(super) async fn would_go(State(deals): State<Deals>, Signed(actor): Signed) -> Answer<Json<Retention>> {
    only(&actor, &[Role::Admin])?;
    Ok(Json(retention(&deals).await?))
}

/// Takes away now what would go by night (admins). It does not come back.
#[utoipa::path(post, path = "/retention", tag = "settings",
    responses((status = 200, description = "What is gone; bytes as they were counted just before", body = Retention)))]
pub(super) async fn go(State(deals): State<Deals>, Signed(actor): Signed) -> Answer<Json<Retention>> {
    only(&actor, &[Role::Admin])?;
    let gone = run_retention(&deals, Some(&actor)).await?;
    measure_soon(&deals, true).await?;
    Ok(Json(gone))
}

/// How much room things take, as it was measured last (admins): every night, and after `POST /retention`.
#[utoipa::path(get, path = "/storage", tag = "settings",
    responses((status = 200, description = "How much room things take", body = Storage)))]
pub(super) async fn room(State(deals): State<Deals>, Signed(actor): Signed) -> Answer<Json<Storage>> {
    only(&actor, &[Role::Admin])?;
    Ok(Json(storage(&deals.db).await?))
}
