//! The doors of this area over HTTP: `/connections`, `/webhook-events`, `/cron`, and where a call came from, below `/api/v1`; and beside them the addresses to
//! which services deliver.

mod connections;
mod cron;
mod events;
mod sources;
pub mod webhooks;

use crate::Intake;
use kernel::Secret;
use utoipa_axum::router::OpenApiRouter;

pub use cron::DAILY_SYNC;

/// What the doors need. Clones share it.
#[derive(Debug, Clone)]
pub struct Door {
    /// What everything here needs.
    pub intake: Intake,
    /// By what a scheduler proves itself; nobody gets in where there is none.
    pub cron_secret: Option<Secret>,
}

/// All of them, below `/api/v1`.
pub fn router(door: Door) -> OpenApiRouter {
    let doors = OpenApiRouter::new()
        .merge(connections::routes())
        .merge(events::routes())
        .merge(sources::routes())
        .merge(cron::routes())
        .with_state(door);
    web::strict(doors)
}
