//! Where a call came from.

use super::Door;
use crate::views::{self, CallSource};
use crate::{IntakeError, connection, source};
use axum::extract::State;
use kernel::Problem;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Answer, At, Json, ProblemBody, Signed};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(show)).routes(routes!(media))
}

/// Where a call came from.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SourceView {
    /// How it came in; null where somebody brought it, or its connection was removed.
    source: Option<CallSource>,
}

/// Where a call came from, and the steps by which it came in.
#[utoipa::path(get, path = "/calls/{id}/source", tag = "calls", params(("id" = String, Path, description = "The call")),
    responses((status = 200, description = "Where it came from", body = SourceView)))]
pub(super) async fn show(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<String>,
) -> Answer<Json<SourceView>> {
    let id = calls::seen(&door.intake.db, &actor, &id).await?;
    Ok(Json(SourceView { source: views::source_of(&door.intake.db, id).await? }))
}

/// Where the recording of a call is, for eight hours. Whoever has an address can hear it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Recording {
    /// The sound.
    audio_url: Option<String>,
    /// The picture.
    video_url: Option<String>,
}

/// Asks the service that a call came from where its recording is. Nothing of it is kept here.
#[utoipa::path(post, path = "/calls/{id}/recording", tag = "calls", params(("id" = String, Path, description = "The call")),
    responses((status = 200, description = "Where it is", body = Recording),
        (status = 409, description = "It came from no service, or that does not tell", body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn media(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<String>,
) -> Answer<Json<Recording>> {
    let intake = &door.intake;
    let id = calls::seen(&intake.db, &actor, &id).await?;
    let found = views::source_of(&intake.db, id).await?;
    let none = || Problem::conflict("nothing leads from this call to a service that may have its recording");
    let found = found.ok_or_else(none)?;
    let connection = connection::get(intake, found.call.connection_id).await?;
    let media = source::media(intake, &connection, &found.call.external_id).await?;
    let url = |secret: Option<kernel::Secret>| secret.map(|url| url.expose().to_owned());
    let recording = Recording { audio_url: url(media.audio_url), video_url: url(media.video_url) };
    if recording.audio_url.is_none() && recording.video_url.is_none() {
        let why = "its service tells no recording of this call: there is none, or the key may not see it";
        return Err(IntakeError::Service(why.to_owned()).into());
    }
    Ok(Json(recording))
}
