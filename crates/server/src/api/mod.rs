//! Everything over HTTP: the routes of the areas, put together, and what surrounds them.

mod docs;
mod health;
mod sign;

use accounts::Auth;
use axum::Router;
use axum::middleware::from_fn_with_state;
use calls::Blobs;
use db::Db;
use kernel::Clock;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// What the program answers with. Clones share it.
#[derive(Clone)]
pub struct Api {
    /// The database.
    pub db: Db,
    /// The originals.
    pub blobs: Blobs,
    /// The clock.
    pub clock: Clock,
    /// Who comes in.
    pub auth: Auth,
}

/// Below this lies everything that programs use.
const BASE: &str = "/api/v1";

impl Api {
    /// The areas' doors, and what they say of themselves.
    fn areas(&self) -> (Router, OpenApi) {
        let areas = OpenApiRouter::new().merge(accounts::http::router(self.auth.clone()));
        let (router, mut api) = OpenApiRouter::with_openapi(docs::head()).nest(BASE, areas).split_for_parts();
        web::describe(&mut api, |path| open(path));
        (router, api)
    }

    /// The description of the interface, as it is published.
    pub fn description(&self) -> OpenApi {
        self.areas().1
    }

    /// The whole of it.
    pub fn router(&self) -> Router {
        let (areas, api) = self.areas();
        areas
            .layer(from_fn_with_state(self.auth.clone(), sign::sign))
            .merge(health::router(self.clone()))
            .merge(docs::router(api))
            .fallback(docs::nothing)
    }
}

/// Whether somebody who is not logged in may go there.
fn open(path: &str) -> bool {
    accounts::http::OPEN.contains(&path)
}
