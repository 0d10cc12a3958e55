//! `GET /calls/{id}`, its transcript and its original.

use super::Door;
use crate::{CallDetails, CallError, Original, SegmentItem, Stretch};
use axum::extract::State;
use axum::response::Response;
use kernel::Actor;
use serde::Deserialize;
use uuid::Uuid;
use web::{Answer, At, Cursor, Json, Page, PageParams, Params, Signed};

async fn seen(door: &Door, actor: &Actor, who: &str) -> Answer<Uuid> {
    Ok(crate::seen(&door.db, actor, who).await?)
}

/// One call: who takes part, how it was read, what was replaced, by which rubric it was judged.
///
/// The id is ours, or the one in the source: Gong's, where it came from there. Where several have it, it is the call that came in first.
#[utoipa::path(get, path = "/calls/{id}", tag = "calls",
    params(("id" = String, Path, description = "The call: our id, or the one in its source")),
    responses((status = 200, description = "The call", body = CallDetails)))]
pub(super) async fn get(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<String>,
) -> Answer<Json<CallDetails>> {
    let id = seen(&door, &actor, &id).await?;
    Ok(Json(crate::details(&door.db, id).await?))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Between {
    /// Only what is said at this time or later, from the start of the recording.
    #[param(minimum = 0)]
    from_ms: Option<i64>,
    /// Only what is said before this time. What has no times is in no stretch of time.
    #[param(minimum = 0)]
    to_ms: Option<i64>,
}

/// What was said, page by page.
#[utoipa::path(get, path = "/calls/{id}/transcript", tag = "calls",
    params(("id" = String, Path, description = "The call: our id, or the one in its source"), Between, PageParams),
    responses((status = 200, description = "A page of segments", body = Page<SegmentItem>)))]
pub(super) async fn transcript(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<String>,
    Params(between): Params<Between>,
    Params(page): Params<PageParams>,
) -> Answer<Json<Page<SegmentItem>>> {
    let (limit, from) = page.read()?;
    for (field, value) in [("from_ms", between.from_ms), ("to_ms", between.to_ms)] {
        if value.is_some_and(|ms| ms < 0) {
            return Err(CallError::Field(field, "it is 0 or more".to_owned()).into());
        }
    }
    let mut wanted = Stretch { from_ms: between.from_ms, to_ms: between.to_ms, limit: limit + 1, ..Stretch::default() };
    match from {
        Cursor::Offset(offset) => wanted.offset = offset,
        Cursor::After(keys) => {
            let none = || CallError::Field("cursor", "it is none of ours".to_owned());
            let [last] = &keys[..] else { return Err(none().into()) };
            wanted.after = last.parse().map_err(|_| none())?;
        }
    }
    let id = seen(&door, &actor, &id).await?;
    let found = crate::segments(&door.db, id, wanted, page.total).await;
    let (found, total) = found?;
    Ok(Json(Page::of(found, limit, total, |segment| vec![segment.id.to_string()])))
}

/// The file as it is kept: as it came, or as JSON where something in it was replaced.
#[utoipa::path(get, path = "/calls/{id}/original", tag = "calls",
    params(("id" = String, Path, description = "The call: our id, or the one in its source")),
    responses((status = 200, description = "The file", content((String = "text/plain"), (String = "text/vtt"),
            (String = "application/x-subrip"), (String = "text/csv"), (serde_json::Value = "application/json"),
            (String = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")))))]
pub(super) async fn original(State(door): State<Door>, Signed(actor): Signed, At(id): At<String>) -> Answer<Response> {
    let id = seen(&door, &actor, &id).await?;
    let Original { file_name, media_type, bytes } = crate::original(&door.db, &door.blobs, id).await?;
    Ok(web::file(bytes, media_type, &file_name))
}
