//! The doors of this area over HTTP: `GET /calls` and what hangs from it, `POST /calls`, `/transcripts/upload`.

mod arrivals;
mod read;
mod search;
mod spool;
#[cfg(test)]
mod tests;
mod upload;

use crate::Blobs;
use arrivals::Arrivals;
use axum::extract::DefaultBodyLimit;
use chrono_tz::Tz;
use db::Db;
use kernel::{Clock, Problem};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use transcript::redact::RedactKinds;
use url::form_urlencoded;
use utoipa::IntoParams;
use utoipa::openapi::path::Parameter;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::Answer;

/// What these doors need.
#[derive(Debug, Clone)]
pub struct Door {
    /// The database.
    pub db: Db,
    /// The originals.
    pub blobs: Blobs,
    /// The clock.
    pub clock: Clock,
    /// What is replaced before anything is kept.
    pub redact: RedactKinds,
    /// Where the team is: days begin there.
    pub zone: Tz,
    /// Bytes of a request that brings transcripts, at most; a single file may have as many.
    pub max_upload: usize,
}

/// So many transcripts at a time are read from the disk, taken apart and kept: one of 100 MB takes a core and most of a gigabyte meanwhile.
const AT_ONCE: usize = 2;

/// What the doors need through which calls come in.
#[derive(Debug, Clone)]
struct Intake {
    door: Door,
    /// Whoever waits for one of these waits with what they bring on the disk.
    turns: Arc<Semaphore>,
    arrivals: Arrivals,
}

impl Intake {
    fn new(door: Door) -> Self {
        Self { door, turns: Arc::new(Semaphore::new(AT_ONCE)), arrivals: Arrivals::new() }
    }

    /// Waits until there is room for one more. Who came first is first.
    async fn turn(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.turns).acquire_owned().await.expect("nobody closes it")
    }
}

/// Refuses parameters that an operation does not have: whoever misspells a filter would take all for what it finds. Where an operation has
/// one struct of parameters, `deny_unknown_fields` on it does the same.
///
/// # Errors
/// 422 with the first name that is not one of these parameters.
pub fn known(query: Option<&str>, params: &[Vec<Parameter>]) -> Answer<()> {
    let known = |name: &str| params.iter().flatten().any(|param| param.name == name);
    match form_urlencoded::parse(query.unwrap_or_default().as_bytes()).find(|(name, _)| !known(name)) {
        None => Ok(()),
        Some((name, _)) => {
            let name: String = name.chars().take(100).collect();
            let problem = Problem::invalid(format!("there is no parameter `{name}` here"));
            Err(problem.field(&name, "there is no such parameter").into())
        }
    }
}

/// The parameters of a struct of them, for [`known`].
pub fn names<T: IntoParams>() -> Vec<Parameter> {
    T::into_params(|| None)
}

/// All of them, below `/api/v1`.
pub fn router(door: Door) -> OpenApiRouter {
    routes(&Intake::new(door))
}

fn routes(intake: &Intake) -> OpenApiRouter {
    let door = intake.door.clone();
    let intake = OpenApiRouter::new()
        .routes(routes!(upload::add))
        .routes(routes!(upload::upload))
        .layer(DefaultBodyLimit::max(door.max_upload))
        .with_state(intake.clone());
    OpenApiRouter::new()
        .routes(routes!(search::list))
        .routes(routes!(read::get))
        .routes(routes!(read::transcript))
        .routes(routes!(read::original))
        .with_state(door)
        .merge(intake)
}
