//! `/webhook-events`: what services sent by themselves (admins).

use super::Door;
use crate::ledger;
use crate::views::{self, EventFilter, EventStatus, WebhookEvent};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Problem, Role};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, At, Cursor, Json, Page, PageParams, Params, ProblemBody, Signed, only};

const ADMINS: [Role; 1] = [Role::Admin];

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(replay))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Of this connection.
    connection_id: Option<Uuid>,
    /// With this status.
    status: Option<EventStatus>,
    /// Of this call, as its service names it.
    external_id: Option<String>,
    /// At most so many, 1 to 200; 50 where it is left out.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// The page after this one: `next_cursor` of the answer before.
    cursor: Option<String>,
}

/// What services sent by themselves, the latest first (admins).
#[utoipa::path(get, path = "/webhook-events", tag = "connections", params(Wanted),
    responses((status = 200, description = "A page of events", body = Page<WebhookEvent>)))]
pub(super) async fn list(
    State(door): State<Door>,
    Signed(actor): Signed,
    Params(wanted): Params<Wanted>,
) -> Answer<Json<Page<WebhookEvent>>> {
    only(&actor, &ADMINS)?;
    let page = PageParams { limit: wanted.limit, cursor: wanted.cursor, ..PageParams::default() };
    let (limit, from) = page.read()?;
    let after = match from {
        Cursor::After(keys) => Some(web::time_and_id(&keys)?),
        Cursor::Offset(_) => None,
    };
    let filter = EventFilter {
        connection: wanted.connection_id,
        status: wanted.status,
        // What the database could not even be asked for is not there.
        external_id: wanted.external_id.map(|id| id.replace('\0', "")),
        limit: limit + 1,
        after,
    };
    let events = views::events(&door.intake.db, &filter).await?;
    let keys = |event: &WebhookEvent| vec![event.received_at.to_rfc3339(), event.id.to_string()];
    Ok(Json(Page::of(events, limit, None, keys)))
}

/// An event with what was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventPayload {
    #[serde(flatten)]
    event: WebhookEvent,
    /// What was sent, redacted as it is kept; null where it was refused, or its call was deleted.
    payload: Option<Value>,
}

/// An event with what was sent (admins).
#[utoipa::path(get, path = "/webhook-events/{id}", tag = "connections", params(("id" = Uuid, Path, description = "The event")),
    responses((status = 200, description = "The event", body = EventPayload)))]
pub(super) async fn show(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
) -> Answer<Json<EventPayload>> {
    only(&actor, &ADMINS)?;
    let (event, payload) = views::event(&door.intake.db, id).await?;
    Ok(Json(EventPayload { event, payload }))
}

/// Has the call of an event tried again that did not come in (admins).
#[utoipa::path(post, path = "/webhook-events/{id}/replay", tag = "connections", params(("id" = Uuid, Path, description = "The event")),
    responses((status = 202, description = "Its call is tried again"),
        (status = 409, description = "Its call is here already, or it has none", body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn replay(State(door): State<Door>, Signed(actor): Signed, At(id): At<Uuid>) -> Answer<StatusCode> {
    only(&actor, &ADMINS)?;
    let (event, _) = views::event(&door.intake.db, id).await?;
    let call =
        event.source_call_id.ok_or_else(|| Problem::conflict("this event tells of no call that could come in"))?;
    ledger::retry(&door.intake, event.connection_id, call, &actor.trail()).await?;
    Ok(StatusCode::ACCEPTED)
}
