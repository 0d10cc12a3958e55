//! `POST /transcripts/process` and `GET /transcripts/{id}/status`.

use super::Door;
use super::calls::seen;
use crate::Asked;
use axum::extract::State;
use axum::http::StatusCode;
use calls::{CallError, CallParticipant, Status, analysis_key, people};
use chrono::{DateTime, Utc};
use kernel::{Actor, Problem, Role};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, At, Body, Json, ProblemBody, Signed, only};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(process)).routes(routes!(status))
}

/// Transcripts of one request.
const MOST: usize = 200;

/// What is to be judged, and how.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"transcript_ids": ["0199c0ff-ee12-7000-8000-00000000ca11"], "internal": ["Dana Whitlock"]}))]
pub(super) struct Process {
    /// The calls, by our ids; 1 to 200.
    #[schema(min_items = 1, max_items = 200)]
    transcript_ids: Vec<Uuid>,
    /// Who is on our side in all of them, by name, mail address or `@domain` (not for coaches).
    #[schema(min_items = 1)]
    internal: Option<Vec<String>>,
    /// The rubric, by its id; the usual one where it is left out.
    rubric: Option<String>,
    /// Judge again, also where nothing has changed.
    #[serde(default)]
    force: bool,
}

/// What becomes of a transcript.
#[derive(Serialize, ToSchema)]
pub(super) struct Processing {
    /// The call.
    id: Uuid,
    /// The job that judges it; left out where it is up to date, or cannot be judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    job_id: Option<Uuid>,
    /// Whether it was judged like this already.
    up_to_date: bool,
    /// Why it cannot be judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ProblemBody>)]
    problem: Option<Problem>,
}

/// Has transcripts judged that came in before, and says who is on our side in them where that is not known.
///
/// If one of them is not there or not yours to see, nothing is done. If none of them can be judged, the answer is a problem with an error for
/// each.
#[utoipa::path(post, path = "/transcripts/process", tag = "calls", request_body = Process,
    responses((status = 202, description = "The jobs", body = Vec<Processing>),
        (status = 404, description = "One is not there, or not yours to see", body = ProblemBody,
            content_type = "application/problem+json")))]
pub(super) async fn process(
    State(door): State<Door>,
    Signed(actor): Signed,
    Body(mut wanted): Body<Process>,
) -> Answer<(StatusCode, Json<Vec<Processing>>)> {
    let mut once = BTreeSet::new();
    wanted.transcript_ids.retain(|id| once.insert(*id));
    if wanted.transcript_ids.is_empty() || wanted.transcript_ids.len() > MOST {
        return Err(CallError::Field("transcript_ids", format!("give 1 to {MOST}")).into());
    }
    if let Some(names) = &wanted.internal {
        only(&actor, &[Role::Rep, Role::Manager, Role::Admin])?;
        if names.is_empty() {
            return Err(CallError::Field("internal", "name somebody, or leave it out".to_owned()).into());
        }
    }
    crate::known_rubric(&door.db, wanted.rubric.as_deref(), &door.rubric).await?;
    for id in &wanted.transcript_ids {
        calls::seen(&door.db, &actor, &id.to_string()).await?;
    }
    let mut all = Vec::new();
    for id in &wanted.transcript_ids {
        all.push(one(&door, &actor, &wanted, *id).await);
    }
    if all.iter().any(|one| one.problem.is_none()) {
        return Ok((StatusCode::ACCEPTED, Json(all)));
    }
    let mut refused = Problem::invalid("none of the transcripts can be judged; `errors` says why");
    for Processing { id, problem, .. } in all {
        let Some(problem) = problem else { continue };
        if problem.status >= 500 {
            return Err(problem.into());
        }
        refused = refused.field(&id.to_string(), problem.detail);
    }
    Err(refused.into())
}

async fn one(door: &Door, actor: &Actor, wanted: &Process, id: Uuid) -> Processing {
    match job(door, actor, wanted, id).await {
        Ok(job_id) => Processing { id, job_id, up_to_date: job_id.is_none(), problem: None },
        Err(error) => Processing { id, job_id: None, up_to_date: false, problem: Some(error.into()) },
    }
}

/// The job that judges a call; `None` where nothing has changed since it was judged.
async fn job(door: &Door, actor: &Actor, wanted: &Process, id: Uuid) -> Result<Option<Uuid>, CallError> {
    let (rubric, trail) = (wanted.rubric.as_deref(), actor.trail());
    if let Some(names) = &wanted.internal {
        crate::set_sides(&door.db, &door.clock, id, names, rubric, actor).await?;
        if let Some(job) = queue::unfinished(&door.db, &analysis_key(id)).await? {
            return Ok(Some(job.id));
        }
    }
    let wish = crate::Wish { rubric, usual: &door.rubric, force: wanted.force };
    match crate::ask_unless_current(&door.db, &door.clock, &door.analyst, id, wish, &trail).await? {
        Asked::Current => Ok(None),
        Asked::Job(job) => Ok(Some(job)),
        Asked::NeedsSides => {
            Err(CallError::Conflict("it is not known who is on our side in this call; say it by `internal`".to_owned()))
        }
    }
}

/// The job that judges a call.
#[derive(Serialize, ToSchema)]
pub(super) struct AnalysisJob {
    /// Its id.
    id: Uuid,
    /// `queued`, `running`, `done`, `dead` (given up) or `cancelled`.
    #[schema(value_type = String, example = "queued")]
    state: queue::State,
    /// How often it was begun.
    attempts: i32,
    /// Why the last attempt failed: all of it for admins, for others what becomes of it.
    error: Option<String>,
    /// When it was written down.
    created_at: DateTime<Utc>,
    /// When it was done, given up or cancelled.
    finished_at: Option<DateTime<Utc>>,
}

/// How far a transcript has come.
#[derive(Serialize, ToSchema)]
pub(super) struct TranscriptStatus {
    /// The call.
    id: Uuid,
    /// How far it has come.
    call_status: Status,
    /// Whether somebody has to say who is on our side, of these participants.
    needs_sides: bool,
    /// Who takes part.
    participants: Vec<CallParticipant>,
    /// The latest job that judges it, if there was one in the last days.
    job: Option<AnalysisJob>,
    /// When it was judged last.
    analysed_at: Option<DateTime<Utc>>,
}

/// How far a transcript has come: its job, and whether it waits for somebody to say who is on our side.
#[utoipa::path(get, path = "/transcripts/{id}/status", tag = "calls",
    params(("id" = String, Path, description = "The call: our id, or the one in its source")),
    responses((status = 200, description = "How far it has come", body = TranscriptStatus)))]
pub(super) async fn status(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<String>,
) -> Answer<Json<TranscriptStatus>> {
    let id = seen(&door, &actor, &id).await?;
    Ok(Json(look(&door, id, actor.role).await?))
}

async fn look(door: &Door, id: Uuid, role: Role) -> Result<TranscriptStatus, CallError> {
    let call = calls::get(&door.db, id).await?.ok_or_else(|| CallError::Unknown(id.to_string()))?;
    let job = queue::latest(&door.db, &analysis_key(id)).await?.map(|job| AnalysisJob {
        error: job.error_for(role),
        id: job.id,
        state: job.state,
        attempts: job.attempts,
        created_at: job.created_at,
        finished_at: job.finished_at,
    });
    Ok(TranscriptStatus {
        id,
        call_status: call.status,
        needs_sides: call.status == Status::NeedsSides,
        participants: people(&door.db, id).await?,
        job,
        analysed_at: call.analysed_at,
    })
}
