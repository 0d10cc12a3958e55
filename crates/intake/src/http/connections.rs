//! `/connections`: where calls come from by themselves (admins).

use super::Door;
use crate::SourceCall;
use crate::connection::{self, ConnectionChange, NewConnection};
use crate::ledger::{self, Backlog, State};
use crate::oauth;
use crate::sync::{self, SyncRun};
use crate::{Connection, source};
use axum::extract::State as Shared;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use kernel::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, At, Body, Json, Params, ProblemBody, Signed, only};

const ADMINS: [Role; 1] = [Role::Admin];
/// Rounds that are shown.
const RUNS: i64 = 20;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(show, change, remove))
        .routes(routes!(test))
        .routes(routes!(begin))
        .routes(routes!(runs))
        .routes(routes!(known))
        .routes(routes!(retry))
        .routes(routes!(authorize))
}

/// A connection with how it is doing.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConnectionView {
    #[serde(flatten)]
    connection: Connection,
    /// How many of its calls are where.
    backlog: Backlog,
    /// Up to when all of its calls are here or are not to come; null before the first round.
    watermark: Option<DateTime<Utc>>,
    /// The latest round in which its calls were listed.
    last_sync: Option<SyncRun>,
    /// Whether it failed so often in a row that somebody is to look.
    alarming: bool,
}

/// The connections.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Connections {
    /// By name.
    items: Vec<ConnectionView>,
}

async fn view(door: &Door, connection: Connection) -> Answer<ConnectionView> {
    let db = &door.intake.db;
    let backlog = ledger::backlog(db, connection.id).await?;
    let watermark = sync::watermark(db, &connection).await?;
    let last_sync = sync::latest(db, connection.id).await?;
    let failures = sync::failures(db, connection.id).await?.max(i64::from(connection.failures));
    let alarming = failures >= connection::ALARM;
    Ok(ConnectionView { connection, backlog, watermark, last_sync, alarming })
}

/// The connections through which calls come in, with how they are doing (admins).
#[utoipa::path(get, path = "/connections", tag = "connections",
    responses((status = 200, description = "The connections", body = Connections)))]
pub(super) async fn list(Shared(door): Shared<Door>, Signed(actor): Signed) -> Answer<Json<Connections>> {
    only(&actor, &ADMINS)?;
    let mut items = Vec::new();
    for connection in connection::list(&door.intake).await? {
        items.push(view(&door, connection).await?);
    }
    Ok(Json(Connections { items }))
}

/// Makes a connection (admins). Calls come in from today on, unless `since` says otherwise.
#[utoipa::path(post, path = "/connections", tag = "connections", request_body = NewConnection,
    responses((status = 201, description = "It is made", body = ConnectionView),
        (status = 409, description = "There is one with this name", body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn add(
    Shared(door): Shared<Door>,
    Signed(actor): Signed,
    Body(new): Body<NewConnection>,
) -> Answer<(StatusCode, Json<ConnectionView>)> {
    only(&actor, &ADMINS)?;
    let made = connection::add(&door.intake, new, &actor.trail()).await?;
    Ok((StatusCode::CREATED, Json(view(&door, made).await?)))
}

/// A connection, with how it is doing (admins).
#[utoipa::path(get, path = "/connections/{id}", tag = "connections", params(("id" = Uuid, Path, description = "The connection")),
    responses((status = 200, description = "The connection", body = ConnectionView)))]
pub(super) async fn show(
    Shared(door): Shared<Door>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
) -> Answer<Json<ConnectionView>> {
    only(&actor, &ADMINS)?;
    let found = connection::get(&door.intake, id).await?;
    Ok(Json(view(&door, found).await?))
}

/// Changes a connection (admins). What waits for its time is tried at once.
#[utoipa::path(patch, path = "/connections/{id}", tag = "connections", params(("id" = Uuid, Path, description = "The connection")),
    request_body = ConnectionChange, responses((status = 200, description = "The connection", body = ConnectionView)))]
pub(super) async fn change(
    Shared(door): Shared<Door>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
    Body(change): Body<ConnectionChange>,
) -> Answer<Json<ConnectionView>> {
    only(&actor, &ADMINS)?;
    let changed = connection::change(&door.intake, id, change, &actor.trail()).await?;
    Ok(Json(view(&door, changed).await?))
}

/// Removes a connection with its events and the ledger of its calls (admins). Calls that came in stay.
#[utoipa::path(delete, path = "/connections/{id}", tag = "connections", params(("id" = Uuid, Path, description = "The connection")),
    responses((status = 204, description = "It is gone")))]
pub(super) async fn remove(Shared(door): Shared<Door>, Signed(actor): Signed, At(id): At<Uuid>) -> Answer<StatusCode> {
    only(&actor, &ADMINS)?;
    connection::remove(&door.intake, id, &actor.trail()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a service answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConnectionTest)]
pub(super) struct Tested {
    /// Whether it lets this program in.
    works: bool,
    /// A sentence: what it knows of this program, or what is wrong.
    #[schema(example = "Gong answers: 12 users")]
    told: String,
}

/// Asks the service of a connection whether it lets this program in (admins). It costs one request.
#[utoipa::path(post, path = "/connections/{id}/test", tag = "connections", params(("id" = Uuid, Path, description = "The connection")),
    responses((status = 200, description = "What it answered", body = Tested)))]
pub(super) async fn test(Shared(door): Shared<Door>, Signed(actor): Signed, At(id): At<Uuid>) -> Answer<Json<Tested>> {
    only(&actor, &ADMINS)?;
    let found = connection::get(&door.intake, id).await?;
    Ok(Json(match source::test(&door.intake, &found).await? {
        Ok(told) => Tested { works: true, told },
        Err(told) => Tested { works: false, told },
    }))
}

/// Which calls are to be listed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = SyncWish, example = json!({"since": "2026-09-01T00:00:00Z"}))]
pub(super) struct Wish {
    /// Calls from this time on; what is new where it is left out.
    since: Option<DateTime<Utc>>,
}

/// Has the calls of a connection listed, and those brought in that are not here (admins). A round that is under way is answered where it does the same.
#[utoipa::path(post, path = "/connections/{id}/sync", tag = "connections", params(("id" = Uuid, Path, description = "The connection")),
    request_body = Wish, responses((status = 202, description = "The round", body = SyncRun),
        (status = 409, description = "It is paused, or another round is under way", body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn begin(
    Shared(door): Shared<Door>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
    Body(wish): Body<Wish>,
) -> Answer<(StatusCode, Json<SyncRun>)> {
    only(&actor, &ADMINS)?;
    let found = connection::get(&door.intake, id).await?;
    let run = sync::begin(&door.intake, &found, wish.since, Some(&actor.trail())).await?;
    Ok((StatusCode::ACCEPTED, Json(run)))
}

/// The latest rounds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SyncRuns {
    /// The newest first, at most 20.
    items: Vec<SyncRun>,
}

/// The latest rounds in which the calls of a connection were listed (admins).
#[utoipa::path(get, path = "/connections/{id}/runs", tag = "connections", params(("id" = Uuid, Path, description = "The connection")),
    responses((status = 200, description = "The rounds", body = SyncRuns)))]
pub(super) async fn runs(
    Shared(door): Shared<Door>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
) -> Answer<Json<SyncRuns>> {
    only(&actor, &ADMINS)?;
    let found = connection::get(&door.intake, id).await?;
    Ok(Json(SyncRuns { items: sync::list(&door.intake.db, found.id, RUNS).await? }))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// In this state.
    state: Option<State>,
    /// At most so many, 1 to 200; 50 where it is left out.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

/// Calls of a connection.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SourceCalls {
    /// Those first that became known last.
    items: Vec<SourceCall>,
}

/// The calls that a connection knows, those first that became known last (admins).
#[utoipa::path(get, path = "/connections/{id}/calls", tag = "connections", params(("id" = Uuid, Path, description = "The connection"), Wanted),
    responses((status = 200, description = "The calls", body = SourceCalls)))]
pub(super) async fn known(
    Shared(door): Shared<Door>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
    Params(wanted): Params<Wanted>,
) -> Answer<Json<SourceCalls>> {
    only(&actor, &ADMINS)?;
    let found = connection::get(&door.intake, id).await?;
    let limit = web::limit(wanted.limit)?;
    Ok(Json(SourceCalls { items: ledger::list(&door.intake.db, found.id, wanted.state, limit).await? }))
}

/// Has a call tried again that did not come in (admins).
#[utoipa::path(post, path = "/connections/{id}/calls/{source_call}/retry", tag = "connections",
    params(("id" = Uuid, Path, description = "The connection"), ("source_call" = Uuid, Path, description = "The call in its ledger")),
    responses((status = 202, description = "It is tried again"),
        (status = 409, description = "It is here already", body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn retry(
    Shared(door): Shared<Door>,
    Signed(actor): Signed,
    At((id, call)): At<(Uuid, Uuid)>,
) -> Answer<StatusCode> {
    only(&actor, &ADMINS)?;
    ledger::retry(&door.intake, id, call, &actor.trail()).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Where somebody comes back who let this program in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthorizeWish, example = json!({"redirect_uri": "https://coach.example.com/oauth/gong/callback"}))]
pub(super) struct Return {
    /// This program's address `/oauth/gong/callback`, as it is registered with the service.
    redirect_uri: String,
}

/// Where to go to let this program in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Authorize {
    /// A page of the service.
    url: String,
}

/// Where an administrator of the service lets this program in, for connections that are set to OAuth (admins). Good for ten minutes.
#[utoipa::path(post, path = "/connections/{id}/authorize", tag = "connections", params(("id" = Uuid, Path, description = "The connection")),
    request_body = Return, responses((status = 200, description = "Where to go", body = Authorize),
        (status = 409, description = "It is not set to OAuth", body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn authorize(
    Shared(door): Shared<Door>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
    Body(back): Body<Return>,
) -> Answer<Json<Authorize>> {
    only(&actor, &ADMINS)?;
    let found = connection::get(&door.intake, id).await?;
    Ok(Json(Authorize { url: oauth::authorize(&door.intake, &found, &back.redirect_uri, &actor.trail())? }))
}
