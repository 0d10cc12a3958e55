//! The doors of this area over HTTP: `/coaching/search`, `/search/…`, `/saved-searches`, and what is like a call or to be done after it.

mod ask;
mod calls;
mod index;
mod saved;
mod search;

use crate::Search;
use deals::Deals;
use utoipa_axum::router::OpenApiRouter;

/// What the doors need.
#[derive(Debug, Clone)]
pub struct Door {
    /// What finds.
    pub search: Search,
    /// Deals: what was agreed in them.
    pub deals: Deals,
}

/// All of them, below `/api/v1`.
pub fn router(door: Door) -> OpenApiRouter {
    let doors = OpenApiRouter::new()
        .merge(search::routes())
        .merge(calls::routes())
        .merge(index::routes())
        .merge(saved::routes())
        .merge(ask::routes())
        .with_state(door);
    web::strict(doors)
}
