//! `PATCH` and `DELETE /calls/{id}`, what was measured and judged in it, and `POST /coaching/analyze-call`.

use super::Door;
use crate::sessions::{CoachingSession, Measured, SessionHead};
use crate::{Asked, CallChanges, Wish};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse as _, Response};
use calls::{CallDetails, CallError, Status};
use chrono::{DateTime, Utc};
use kernel::{Actor, Problem, Role};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, At, Body, Json, Params, ProblemBody, Signed, only};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(change, remove))
        .routes(routes!(metrics))
        .routes(routes!(analyses))
        .routes(routes!(sessions))
        .routes(routes!(analyze))
}

/// The call that the actor means, if they may see it.
pub(super) async fn seen(door: &Door, actor: &Actor, who: &str) -> Answer<Uuid> {
    Ok(calls::seen(&door.db, actor, who).await?)
}

/// What is to be said of a call; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Acme: second meeting", "customer": "Acme"}))]
pub(super) struct ChangeCall {
    #[schema(min_length = 1, max_length = 300)]
    title: Option<String>,
    /// The customer; null forgets who it was.
    #[expect(clippy::option_option, reason = "left out is not null")]
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 300)]
    customer: Option<Option<String>>,
    /// Who is on our side, by name, mail address or `@domain`; all others are the customer's. The call is judged again; whose it is stays
    /// where a rep says this, and follows where a manager or an admin does.
    #[schema(min_items = 1)]
    internal: Option<Vec<String>>,
    /// Whose call it is (managers and admins); sides that are said later do not change it any more.
    rep_id: Option<Uuid>,
}

/// What is there, also where it is null.
#[expect(clippy::option_option, reason = "left out is not null")]
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Says of a call what it is called, who the customer is, who is on our side (reps, managers, admins), or whose it is (managers, admins).
///
/// Sums and averages move with the rep at once. New sides have the call judged again.
#[utoipa::path(patch, path = "/calls/{id}", tag = "calls",
    params(("id" = String, Path, description = "The call: our id, or the one in its source")),
    request_body = ChangeCall, responses((status = 200, description = "The call", body = CallDetails)))]
pub(super) async fn change(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<String>,
    Body(wanted): Body<ChangeCall>,
) -> Answer<Json<CallDetails>> {
    only(&actor, &[Role::Rep, Role::Manager, Role::Admin])?;
    let id = seen(&door, &actor, &id).await?;
    if let Some(rep) = wanted.rep_id {
        only(&actor, &[Role::Manager, Role::Admin])?;
        let there = accounts::sees(&door.db, &actor, rep).await?;
        if !there {
            return Err(
                CallError::Field("rep_id", "there is no such user, or they are not yours to see".to_owned()).into()
            );
        }
    }
    let changes = CallChanges {
        call: calls::CallChange { title: wanted.title, customer: wanted.customer, rep: wanted.rep_id },
        internal: wanted.internal,
    };
    crate::change(&door.db, &door.clock, id, changes, door.redact, &actor).await?;
    // Read by the id alone: the call may be somebody's by now whose calls the actor does not see.
    Ok(Json(calls::details(&door.db, id).await?))
}

/// What was deleted with a call.
#[derive(Serialize, ToSchema)]
pub(super) struct DeletionReceipt {
    /// The call.
    call_id: Uuid,
    /// When.
    deleted_at: DateTime<Utc>,
    /// Rows by table.
    rows: BTreeMap<String, u64>,
    /// Bytes of the original.
    original_bytes: i64,
    /// Whether the original is gone; otherwise a job deletes it as soon as its store answers.
    original_deleted: bool,
}

/// Deletes a call with everything that came of it (managers and admins), and gives a receipt.
#[utoipa::path(delete, path = "/calls/{id}", tag = "calls",
    params(("id" = String, Path, description = "The call: our id, or the one in its source")),
    responses((status = 200, description = "What was deleted", body = DeletionReceipt)))]
pub(super) async fn remove(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<String>,
) -> Answer<Json<DeletionReceipt>> {
    only(&actor, &[Role::Manager, Role::Admin])?;
    let id = seen(&door, &actor, &id).await?;
    let (receipt, original) = crate::delete(&door.db, &door.blobs, &door.clock, id, &actor.trail()).await?;
    if let Err(error) = &original {
        tracing::warn!(%error, "an original is to be deleted later");
    }
    Ok(Json(DeletionReceipt {
        call_id: receipt.call_id,
        deleted_at: receipt.deleted_at,
        rows: receipt.rows.into_iter().collect(),
        original_bytes: receipt.original_bytes,
        original_deleted: original.is_ok(),
    }))
}

/// What was measured in a call: talk ratio, questions, pauses, sentiment, trackers.
#[utoipa::path(get, path = "/calls/{id}/metrics", tag = "calls",
    params(("id" = String, Path, description = "The call: our id, or the one in its source")),
    responses((status = 200, description = "Its metrics", body = Measured)))]
pub(super) async fn metrics(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<String>,
) -> Answer<Json<Measured>> {
    let id = seen(&door, &actor, &id).await?;
    Ok(Json(crate::sessions::measured(&door.db, id).await?))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// This session instead of the latest one.
    session_id: Option<Uuid>,
}

/// What was judged in a call.
#[derive(Serialize, ToSchema)]
pub(super) struct CallAnalyses {
    /// The call.
    call_id: Uuid,
    /// How far it has come.
    status: Status,
    /// What was found; null where it was not judged yet.
    session: Option<CoachingSession>,
}

/// What was judged in a call: dimensions, checks with the words they rest on, flags; of the latest session, or of an earlier one.
#[utoipa::path(get, path = "/calls/{id}/analyses", tag = "calls",
    params(("id" = String, Path, description = "The call: our id, or the one in its source"), Which),
    responses((status = 200, description = "What was found", body = CallAnalyses)))]
pub(super) async fn analyses(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<String>,
    Params(which): Params<Which>,
) -> Answer<Json<CallAnalyses>> {
    let id = seen(&door, &actor, &id).await?;
    let session = found(&door, id, which.session_id).await?.map(|session| session.seen_by(actor.role));
    if which.session_id.is_some() && session.is_none() {
        return Err(Problem::not_found("session").into());
    }
    Ok(Json(CallAnalyses { call_id: id, status: status(&door, id).await?, session }))
}

async fn found(door: &Door, call: Uuid, session: Option<Uuid>) -> Answer<Option<CoachingSession>> {
    let found = crate::sessions::session(&door.db, call, session).await;
    Ok(found?)
}

async fn status(door: &Door, call: Uuid) -> Answer<Status> {
    let kept = calls::get(&door.db, call).await?;
    Ok(kept.ok_or_else(|| CallError::Unknown(call.to_string()))?.status)
}

/// When and by what a call was judged, the latest first; at most 200.
#[utoipa::path(get, path = "/calls/{id}/sessions", tag = "calls",
    params(("id" = String, Path, description = "The call: our id, or the one in its source")),
    responses((status = 200, description = "Its sessions", body = Vec<SessionHead>)))]
pub(super) async fn sessions(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<String>,
) -> Answer<Json<Vec<SessionHead>>> {
    let id = seen(&door, &actor, &id).await?;
    let sessions = crate::sessions::sessions(&door.db, id).await;
    Ok(Json(sessions?))
}

/// Which call is to be judged: `call_id` or `gong_call_id`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"gong_call_id": "7782342274025937895", "focus_area": "discovery"}))]
pub(super) struct Analyze {
    /// Our id.
    call_id: Option<Uuid>,
    /// Its id in Gong, or in whichever source it came from.
    gong_call_id: Option<String>,
    /// Only this dimension of the rubric in the answer, by its id.
    focus_area: Option<String>,
    /// The rubric, by its id; the usual one where it is left out.
    rubric: Option<String>,
    /// Judge again, also where nothing has changed.
    #[serde(default)]
    force: bool,
}

/// A call that is up to date.
#[derive(Serialize, ToSchema)]
pub(super) struct AnalyzedCall {
    /// The call.
    call_id: Uuid,
    /// What was found.
    session: CoachingSession,
}

/// A call that is being judged.
#[derive(Serialize, ToSchema)]
pub(super) struct AnalyzingCall {
    /// The call.
    call_id: Uuid,
    /// The job that judges it.
    job_id: Uuid,
}

/// Judges a call: the answer is what was found where transcript, sides and rubric are what they were then (200), else a job to follow (202).
#[utoipa::path(post, path = "/coaching/analyze-call", tag = "coaching", request_body = Analyze,
    responses((status = 200, description = "What was found; it is up to date", body = AnalyzedCall),
        (status = 202, description = "It is being judged", body = AnalyzingCall,
            headers(("Location" = String, description = "The job"))),
        (status = 404, description = "There is no such call, or it is not yours to see", body = ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn analyze(
    State(door): State<Door>,
    Signed(actor): Signed,
    Body(wanted): Body<Analyze>,
) -> Answer<Response> {
    let who = match (wanted.call_id, &wanted.gong_call_id) {
        (Some(id), None) => id.to_string(),
        (None, Some(id)) => id.clone(),
        _ => return Err(CallError::Field("call_id", "give either call_id or gong_call_id".to_owned()).into()),
    };
    let id = seen(&door, &actor, &who).await?;
    let rubric = crate::known_rubric(&door.db, wanted.rubric.as_deref(), &door.rubric).await?;
    if let Some(focus) = &wanted.focus_area
        && !rubric.dimensions.iter().any(|dimension| dimension.id == *focus)
    {
        let all: Vec<&str> = rubric.dimensions.iter().map(|dimension| dimension.id.as_str()).collect();
        let why = format!("the rubric {} has {}", rubric.id, all.join(", "));
        return Err(CallError::Field("focus_area", why).into());
    }
    let rubric = wanted.rubric.as_deref();
    let wish = Wish { rubric, usual: &door.rubric, force: wanted.force };
    match crate::ask_unless_current(&door.db, &door.clock, &door.analyst, id, wish, &actor.trail()).await? {
        Asked::NeedsSides => {
            let why = "it is not known who is on our side in this call; say it by `internal` with PATCH /calls/{id} or POST /transcripts/process";
            Err(CallError::Conflict(why.to_owned()).into())
        }
        Asked::Job(job_id) => {
            let body = Json(AnalyzingCall { call_id: id, job_id });
            Ok((StatusCode::ACCEPTED, [(LOCATION, format!("/api/v1/jobs/{job_id}"))], body).into_response())
        }
        Asked::Current => {
            let gone = || CallError::Unknown(id.to_string());
            let mut session = found(&door, id, None).await?.ok_or_else(gone)?.seen_by(actor.role);
            if let Some(focus) = &wanted.focus_area {
                session.dimensions.retain(|dimension| dimension.dimension == *focus);
            }
            Ok(Json(AnalyzedCall { call_id: id, session }).into_response())
        }
    }
}
