//! `/jobs`: work that is being done, for those who wait for it and those who look after it.

use super::Api;
use accounts::audit::{self, Action};
use axum::extract::State;
use chrono::{DateTime, Utc};
use db::{DbError, Tx};
use kernel::{Actor, Clock, Problem, Role};
use queue::{Filter, Job};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, At, Cursor, Fault, Json, Page, PageParams, Params, Signed};

/// All of them.
pub fn router(api: Api) -> OpenApiRouter {
    let doors = OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(retry))
        .routes(routes!(cancel))
        .with_state(api);
    web::strict(doors)
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum JobState {
    /// Waits for its time and a worker.
    Queued,
    /// A worker has it.
    Running,
    /// Finished.
    Done,
    /// Given up.
    Dead,
    /// Taken back.
    Cancelled,
}

/// A job.
#[derive(Serialize, ToSchema)]
struct JobView {
    id: Uuid,
    /// What is to be done.
    #[schema(example = "analyse_call")]
    kind: String,
    #[schema(value_type = JobState)]
    state: queue::State,
    /// The call it is about.
    call_id: Option<Uuid>,
    /// How often it was begun.
    attempts: i32,
    /// How often it is begun at most.
    max_attempts: i32,
    /// Why the last attempt failed: all of it for admins, for others what becomes of it.
    error: Option<String>,
    /// Not before this time.
    run_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

impl JobView {
    fn of(job: Job, role: Role) -> Self {
        Self {
            call_id: call(&job),
            error: job.error_for(role),
            id: job.id,
            kind: job.kind,
            state: job.state,
            attempts: job.attempts,
            max_attempts: job.max_attempts,
            run_at: job.run_at,
            created_at: job.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
        }
    }
}

fn call(job: &Job) -> Option<Uuid> {
    job.payload.get("call_id")?.as_str()?.parse().ok()
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// In this state.
    #[param(value_type = Option<JobState>)]
    state: Option<queue::State>,
    /// Of this kind.
    kind: Option<String>,
    /// At most so many, 1 to 200; 50 where it is left out.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// The page after this one: `next_cursor` of the answer before.
    cursor: Option<String>,
}

/// The jobs that were written down last (admins).
#[utoipa::path(get, path = "/jobs", tag = "jobs", params(Wanted),
    responses((status = 200, description = "A page of jobs", body = Page<JobView>)))]
async fn list(
    State(api): State<Api>,
    Signed(actor): Signed,
    Params(wanted): Params<Wanted>,
) -> Answer<Json<Page<JobView>>> {
    web::only(&actor, &[Role::Admin])?;
    let page = PageParams { limit: wanted.limit, cursor: wanted.cursor, ..PageParams::default() };
    let (limit, from) = page.read()?;
    let after = match from {
        Cursor::After(keys) => Some(web::time_and_id(&keys)?),
        Cursor::Offset(_) => None,
    };
    let filter = Filter { state: wanted.state, kind: wanted.kind, limit: limit + 1, after };
    let jobs = queue::list(&api.db, &filter).await?;
    let keys = |job: &JobView| vec![job.created_at.to_rfc3339(), job.id.to_string()];
    Ok(Json(Page::of(jobs.into_iter().map(|job| JobView::of(job, actor.role)).collect(), limit, None, keys)))
}

/// One job: any for an admin, for others those about a call that they may see.
#[utoipa::path(get, path = "/jobs/{id}", tag = "jobs", params(("id" = Uuid, Path, description = "The job")),
    responses((status = 200, description = "The job", body = JobView)))]
async fn get(State(api): State<Api>, Signed(actor): Signed, At(id): At<Uuid>) -> Answer<Json<JobView>> {
    Ok(Json(JobView::of(known(&api, &actor, id).await?, actor.role)))
}

/// Queues a job again that is dead or cancelled (admins).
#[utoipa::path(post, path = "/jobs/{id}/retry", tag = "jobs", params(("id" = Uuid, Path, description = "The job")),
    responses((status = 200, description = "The job", body = JobView)))]
async fn retry(State(api): State<Api>, Signed(actor): Signed, At(id): At<Uuid>) -> Answer<Json<JobView>> {
    web::only(&actor, &[Role::Admin])?;
    let job = known(&api, &actor, id).await?;
    let mut tx = api.db.begin().await?;
    let done = match queue::retry(&mut tx, &api.clock, id).await {
        Err(DbError::Duplicate) => return Err(Problem::conflict("a newer job does the same").into()),
        other => other?,
    };
    if done {
        intake::retried(&mut tx, &api.clock, &job).await?;
    }
    finish(
        &api,
        tx,
        &actor,
        done,
        Action::JobRetry,
        id,
        "it is neither dead nor cancelled, or a newer one has taken its place",
    )
    .await
}

/// Takes a job back that is queued or running (admins).
#[utoipa::path(post, path = "/jobs/{id}/cancel", tag = "jobs", params(("id" = Uuid, Path, description = "The job")),
    responses((status = 200, description = "The job", body = JobView)))]
async fn cancel(State(api): State<Api>, Signed(actor): Signed, At(id): At<Uuid>) -> Answer<Json<JobView>> {
    web::only(&actor, &[Role::Admin])?;
    let job = known(&api, &actor, id).await?;
    let mut tx = api.db.begin().await?;
    let done = queue::cancel(&mut tx, &api.clock, id).await?;
    if done {
        intake::cancelled(&mut tx, &api.clock, &job).await?;
    }
    finish(&api, tx, &actor, done, Action::JobCancel, id, "it is neither queued nor running").await
}

async fn finish(
    api: &Api,
    mut tx: Tx,
    actor: &Actor,
    done: bool,
    action: Action,
    id: Uuid,
    otherwise: &str,
) -> Answer<Json<JobView>> {
    if !done {
        return Err(Problem::conflict(otherwise).into());
    }
    let clock: &Clock = &api.clock;
    audit::record(&mut tx, clock, &actor.trail(), action, id, json!({})).await?;
    tx.commit().await?;
    Ok(Json(JobView::of(known(api, actor, id).await?, actor.role)))
}

async fn known(api: &Api, actor: &Actor, id: Uuid) -> Answer<Job> {
    let nothing = || Fault(Problem::not_found("job"));
    let job = queue::get(&api.db, id).await?.ok_or_else(nothing)?;
    let seen = match (actor.role, call(&job)) {
        (Role::Admin, _) => true,
        (_, Some(call)) => calls::events::sees(&api.db, actor, call).await?,
        (_, None) => false,
    };
    if seen { Ok(job) } else { Err(nothing()) }
}
