//! `/samples`: calls that are made up, for whoever wants to see what this program does before their own calls are in it.

use axum::extract::State;
use bytes::Bytes;
use calls::http::Door;
use calls::{CallError, NewCall, Source};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Problem, Role};
use serde::Serialize;
use std::collections::HashSet;
use synth::team;
use transcript::write::to_json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Answer, Json, Signed};

/// How many calls there are: seven of each rep in thirty days, and as many in those before, so that figures and changes show.
const CALLS: u32 = 128;
/// Over how many days until yesterday.
const DAYS: u32 = 70;
/// What they are drawn from.
const SEED: u64 = 2;

/// All of them.
pub fn router(door: Door) -> OpenApiRouter {
    web::strict(OpenApiRouter::new().routes(routes!(count, add, remove)).with_state(door))
}

/// The sample calls.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "calls": 128 }))]
struct Samples {
    /// How many are kept.
    calls: usize,
}

/// How many sample calls there are (admins).
#[utoipa::path(get, path = "/samples", tag = "samples",
    responses((status = 200, description = "How many there are", body = Samples)))]
async fn count(State(door): State<Door>, Signed(actor): Signed) -> Answer<Json<Samples>> {
    web::only(&actor, &[Role::Admin])?;
    Ok(Json(Samples { calls: calls::samples(&door.db).await?.len() }))
}

/// Takes in 128 calls of a made-up team, from ten weeks until yesterday (admins). They are judged by jobs, like all calls; those that are there
/// already stay as they are.
#[utoipa::path(post, path = "/samples", tag = "samples",
    responses((status = 200, description = "How many there are now", body = Samples)))]
async fn add(State(door): State<Door>, Signed(actor): Signed) -> Answer<Json<Samples>> {
    web::only(&actor, &[Role::Admin])?;
    let there: HashSet<String> = calls::samples(&door.db).await?.into_iter().map(|(_, external)| external).collect();
    let now = door.clock.now();
    let made = tokio::task::spawn_blocking(move || make(now, &there)).await.map_err(|_| Problem::internal())??;
    let taking = door.clone();
    // They are taken in also if nobody waits for the answer any more.
    let taken = tokio::spawn(async move {
        for (bytes, call) in made {
            let call = NewCall { who: (&actor).into(), time_zone: taking.zone, redact: taking.redact, ..call };
            calls::import(&taking.db, &taking.blobs, &taking.clock, bytes, &[], &call).await?;
        }
        calls::samples(&taking.db).await.map_err(CallError::from)
    });
    let there = taken.await.map_err(|_| Problem::internal())??;
    Ok(Json(Samples { calls: there.len() }))
}

/// Deletes the sample calls with everything that came of them, and their made-up people (admins).
#[utoipa::path(delete, path = "/samples", tag = "samples",
    responses((status = 200, description = "How many were deleted", body = Samples)))]
async fn remove(State(door): State<Door>, Signed(actor): Signed) -> Answer<Json<Samples>> {
    web::only(&actor, &[Role::Admin])?;
    let removed = tokio::spawn(async move {
        let samples = calls::samples(&door.db).await?;
        for (id, _) in &samples {
            match coaching::delete(&door.db, &door.blobs, &door.clock, *id, &actor.trail()).await {
                Ok((_, Err(error))) => tracing::warn!(%error, "an original is to be deleted later"),
                // The latter: somebody else has deleted it meanwhile.
                Ok((_, Ok(()))) | Err(CallError::Unknown(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let mut tx = door.db.begin().await?;
        calls::forget_sample_people(&mut tx, team::DOMAIN).await?;
        tx.commit().await?;
        Ok(samples.len())
    });
    Ok(Json(Samples { calls: removed.await.map_err(|_| Problem::internal())?? }))
}

/// The calls that are not there yet, as files.
fn make(now: DateTime<Utc>, there: &HashSet<String>) -> Result<Vec<(Bytes, NewCall)>, Problem> {
    let first = now - TimeDelta::days(i64::from(DAYS));
    let options = team::options(SEED, CALLS, first.timestamp().max(0) as u64, DAYS);
    let made = synth::generate(&options).filter(|call| !there.contains(&call.external_id));
    made.map(|made| {
        let bytes = serde_json::to_vec(&to_json(&made.transcript)).map_err(|_| Problem::internal())?;
        let call = NewCall {
            source: Source::Sample,
            customer: made.company,
            ..NewCall::named(format!("{}.json", made.external_id))
        };
        Ok((bytes.into(), call))
    })
    .collect()
}
