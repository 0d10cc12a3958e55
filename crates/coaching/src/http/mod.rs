//! The doors of this area over HTTP: what is done with a call, what was found in it.

mod calls;
#[cfg(test)]
mod tests;
mod transcripts;

use ::calls::Blobs;
use chrono_tz::Tz;
use db::Db;
use kernel::Clock;
use transcript::redact::RedactKinds;
use utoipa_axum::router::OpenApiRouter;

/// What these doors need.
#[derive(Debug, Clone)]
pub struct Door {
    /// The database.
    pub db: Db,
    /// The originals.
    pub blobs: Blobs,
    /// The clock.
    pub clock: Clock,
    /// What is replaced in what people write.
    pub redact: RedactKinds,
    /// Where the team is: days and weeks begin there.
    pub zone: Tz,
    /// Id of the usual rubric.
    pub rubric: String,
}

/// All of them, below `/api/v1`.
pub fn router(door: Door) -> OpenApiRouter {
    OpenApiRouter::new().merge(calls::routes()).merge(transcripts::routes()).with_state(door)
}
