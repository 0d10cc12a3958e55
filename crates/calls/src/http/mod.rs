//! The doors of this area over HTTP: `GET /calls` and what hangs from it, `POST /calls`, `/transcripts/upload`.

mod read;
mod search;
mod spool;
#[cfg(test)]
mod tests;
mod upload;

use crate::Blobs;
use axum::extract::DefaultBodyLimit;
use chrono_tz::Tz;
use db::Db;
use kernel::Clock;
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

/// All of them, below `/api/v1`.
pub fn router(door: Door) -> OpenApiRouter {
    let uploads = OpenApiRouter::new().routes(routes!(upload::upload)).layer(DefaultBodyLimit::max(door.max_upload));
    OpenApiRouter::new()
        .routes(routes!(search::list))
        .routes(routes!(read::get))
        .routes(routes!(read::transcript))
        .routes(routes!(read::original))
        .merge(OpenApiRouter::new().routes(routes!(upload::add)).layer(DefaultBodyLimit::max(door.max_upload)))
        .merge(uploads)
        .with_state(door)
}
