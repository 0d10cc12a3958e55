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
use kernel::Clock;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use transcript::redact::RedactKinds;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

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
    let doors = OpenApiRouter::new()
        .routes(routes!(search::list))
        .routes(routes!(search::neighbours))
        .routes(routes!(read::get))
        .routes(routes!(read::transcript))
        .routes(routes!(read::original))
        .with_state(door)
        .merge(intake);
    web::strict(doors)
}
