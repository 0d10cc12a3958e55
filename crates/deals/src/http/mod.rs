//! The doors of this area over HTTP: `/opportunities`, `/deal-warnings`, which deals a call belongs to, `/weekly-reviews`, `/retention` and `/storage`.

mod files;
mod housekeeping;
mod learn;
mod links;
mod opportunities;
mod reviews;
mod rules;

use crate::Deals;
use utoipa_axum::router::OpenApiRouter;

/// All of them, below `/api/v1`.
pub fn router(deals: Deals) -> OpenApiRouter {
    let doors = OpenApiRouter::new()
        .merge(opportunities::routes())
        .merge(links::routes())
        .merge(rules::routes())
        .merge(files::routes())
        .merge(learn::routes())
        .merge(reviews::routes())
        .merge(housekeeping::routes())
        .with_state(deals);
    web::strict(doors)
}
