//! `/samples`: deals and calls that are made up, for whoever wants to see what this program does before their own calls are in it.

use axum::extract::State;
use bytes::Bytes;
use calls::http::Door;
use calls::{CallError, NewCall, Source};
use chrono::{DateTime, TimeDelta, Utc};
use deals::{Deals, What};
use kernel::{Problem, Role};
use serde::Serialize;
use std::collections::HashSet;
use synth::deals::{WorldOptions, outline};
use synth::team;
use transcript::write::to_json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, Json, Signed};

/// How many deals there are, with about three calls each: enough that won ones can be set beside lost ones, few enough to be judged in minutes.
const DEALS: u32 = 64;
/// Over how many days until yesterday.
const DAYS: u32 = 120;
/// What they are drawn from.
const SEED: u64 = 7;

/// What is needed for deals and their calls.
#[derive(Clone)]
struct Shelf {
    door: Door,
    deals: Deals,
}

/// All of them.
pub fn router(door: Door, deals: Deals) -> OpenApiRouter {
    web::strict(OpenApiRouter::new().routes(routes!(count, add, remove)).with_state(Shelf { door, deals }))
}

/// The sample calls.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "calls": 190 }))]
struct Samples {
    /// How many are kept.
    calls: usize,
}

/// How many sample calls there are (admins).
#[utoipa::path(get, path = "/samples", tag = "samples",
    responses((status = 200, description = "How many there are", body = Samples)))]
async fn count(State(Shelf { door, .. }): State<Shelf>, Signed(actor): Signed) -> Answer<Json<Samples>> {
    web::only(&actor, &[Role::Admin])?;
    Ok(Json(Samples { calls: calls::samples(&door.db).await?.len() }))
}

/// Takes in some sixty deals of a made-up team, from four months until yesterday, with their e-mails and about 190 calls (admins). They are judged by
/// jobs, like all calls; those that are there already stay as they are.
#[utoipa::path(post, path = "/samples", tag = "samples",
    responses((status = 200, description = "How many there are now", body = Samples)))]
async fn add(State(shelf): State<Shelf>, Signed(actor): Signed) -> Answer<Json<Samples>> {
    web::only(&actor, &[Role::Admin])?;
    let Shelf { door, deals } = shelf;
    let there: HashSet<String> = calls::samples(&door.db).await?.into_iter().map(|(_, external)| external).collect();
    // What is missing of a world that is there is made of the same world.
    let now = deals::samples_since(&door.db).await?.unwrap_or_else(|| door.clock.now());
    let made = tokio::task::spawn_blocking(move || make(now, &there)).await.map_err(|_| Problem::internal())??;
    let taking = door.clone();
    // They are taken in also if nobody waits for the answer any more.
    let taken = tokio::spawn(async move {
        let by = actor.trail();
        deals::bring_samples(&deals, &by, What::Opportunities, &made.deals).await?;
        deals::bring_samples(&deals, &by, What::Emails, &made.emails).await?;
        for (bytes, call) in made.calls {
            let call = NewCall { who: (&actor).into(), time_zone: taking.zone, redact: taking.redact, ..call };
            calls::import(&taking.db, &taking.blobs, &taking.clock, bytes, &[], &call).await?;
        }
        deals::bring_samples(&deals, &by, What::Links, &made.links).await?;
        Ok::<_, Problem>(calls::samples(&taking.db).await?)
    });
    let there = taken.await.map_err(|_| Problem::internal())??;
    Ok(Json(Samples { calls: there.len() }))
}

/// Deletes the sample calls and deals with everything that came of them, and their made-up people (admins).
#[utoipa::path(delete, path = "/samples", tag = "samples",
    responses((status = 200, description = "How many were deleted", body = Samples)))]
async fn remove(State(Shelf { door, .. }): State<Shelf>, Signed(actor): Signed) -> Answer<Json<Samples>> {
    web::only(&actor, &[Role::Admin])?;
    let removed = tokio::spawn(async move {
        let samples: Vec<Uuid> = calls::samples(&door.db).await?.into_iter().map(|(id, _)| id).collect();
        let (_, originals) = coaching::delete_all(&door.db, &door.blobs, &door.clock, &samples, &actor.trail()).await?;
        if let Err(error) = originals {
            tracing::warn!(%error, "an original is to be deleted later");
        }
        let mut tx = door.db.begin().await?;
        deals::remove_samples(&mut tx).await?;
        calls::forget_sample_people(&mut tx, team::DOMAIN).await?;
        tx.commit().await?;
        Ok::<_, CallError>(samples.len())
    });
    Ok(Json(Samples { calls: removed.await.map_err(|_| Problem::internal())?? }))
}

/// A made-up world as files.
struct Made {
    deals: Vec<u8>,
    emails: Vec<u8>,
    links: Vec<u8>,
    calls: Vec<(Bytes, NewCall)>,
}

/// The world that ends on the day of `now`, without the calls that are there.
fn make(now: DateTime<Utc>, there: &HashSet<String>) -> Result<Made, Problem> {
    let first = now - TimeDelta::days(i64::from(DAYS));
    let options = WorldOptions {
        seed: SEED,
        deals: DEALS,
        epoch_s: first.timestamp().max(0) as u64,
        days: DAYS,
        ..WorldOptions::default()
    };
    let world = outline(&options);
    let calls = (0..world.len()).filter_map(|number| world.call(number)).map(|made| made.call);
    let calls = calls.filter(|call| !there.contains(&call.external_id)).map(|made| {
        let call = NewCall {
            source: Source::Sample,
            customer: made.company,
            ..NewCall::named(format!("{}.json", made.external_id))
        };
        Ok((file(&to_json(&made.transcript))?.into(), call))
    });
    let calls = calls.collect::<Result<_, Problem>>()?;
    Ok(Made {
        deals: file(&world.deal_rows().collect::<Vec<_>>())?,
        emails: file(&world.email_rows().collect::<Vec<_>>())?,
        links: file(&world.link_rows().collect::<Vec<_>>())?,
        calls,
    })
}

fn file(what: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(what).map_err(|_| Problem::internal())
}
