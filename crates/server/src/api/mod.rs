//! Everything over HTTP: the routes of the areas, put together, and what surrounds them.

mod docs;
mod events;
mod figures;
mod fresh;
mod guard;
mod health;
mod installation;
mod jobs;
mod limits;
mod observe;
mod pages;
mod repeat;
mod report;
mod review;
mod samples;
mod settings;
mod sign;
#[cfg(test)]
mod tests;

use accounts::Auth;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use calls::Blobs;
use chrono_tz::Tz;
use coaching::Analyst;
use db::Db;
use deals::Deals;
use events::Feed;
use intake::{Intake, Patience, Sealer, Watch};
use kernel::{Clock, Problem, Secret};
use limits::Meter;
use repeat::Memory;
pub use review::is_base;
use search::{Meaning, Search};
use std::net::IpAddr;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tower::util::option_layer;
use tower_http::catch_panic::CatchPanicLayer;
use transcript::redact::RedactKinds;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// Below this lies everything that programs use.
const BASE: &str = "/api/v1";
/// Bytes of a body, but for uploads.
const BODY: usize = 2 << 20;
/// How often who has not asked for a while is forgotten.
const TIDY: Duration = Duration::from_mins(1);

/// What a listener is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How often somebody may ask.
    pub limits: Limits,
    /// Whose pages may ask from a browser.
    pub cors_origins: Vec<String>,
    /// Whether the program answers by TLS.
    pub tls: bool,
    /// Where the team is.
    pub zone: Tz,
    /// What is replaced before anything is kept.
    pub redact: RedactKinds,
    /// Id of the usual rubric.
    pub rubric: String,
    /// Bytes of an upload.
    pub upload: usize,
    /// Who judges.
    pub analyst: Analyst,
    /// Seals the secrets of connections.
    pub sealer: Sealer,
    /// How long a transcript is waited for.
    pub patience: Patience,
    /// The folder from which transcripts are taken.
    pub watch: Option<Watch>,
    /// By what a scheduler proves itself.
    pub cron_secret: Option<Secret>,
    /// What finds what was said; by words alone where it is `None`.
    pub search: Option<Search>,
}

/// How often somebody may ask; 0 for any number.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests of a user in a minute.
    pub user: u32,
    /// Requests from an address in a minute, of those who are not logged in.
    pub address: u32,
    /// Who is believed about where a request comes from.
    pub proxies: Vec<IpAddr>,
}

/// What the program answers with. Clones share it.
#[derive(Clone)]
pub struct Api {
    db: Db,
    blobs: Blobs,
    clock: Clock,
    auth: Auth,
    feed: Feed,
    meter: Meter,
    search: Search,
    stop: CancellationToken,
}

impl Api {
    /// On an open installation. What goes on beside requests ends with `stop`.
    pub fn new(auth: Auth, blobs: Blobs, settings: &Settings, stop: CancellationToken) -> Self {
        let (db, clock) = (auth.db().clone(), auth.clock().clone());
        let meter = Meter::new(&settings.limits);
        let (tidied, ended) = (meter.clone(), stop.clone());
        tokio::spawn(async move {
            while tokio::time::timeout(TIDY, ended.cancelled()).await.is_err() {
                tidied.tidy();
            }
        });
        let feed = Feed::begin(db.clone(), stop.clone());
        let search = settings.search.clone().unwrap_or_else(|| {
            Search::new(db.clone(), clock.clone(), settings.zone, settings.analyst.clone(), Meaning::Unwanted)
        });
        Self { db, blobs, clock, auth, feed, meter, search, stop }
    }

    /// The areas' doors, and what they say of themselves. The one table of routes.
    fn areas(&self, settings: &Settings, connected: intake::http::Door) -> (Router, OpenApi) {
        let (db, blobs, clock, zone) = (self.db.clone(), self.blobs.clone(), self.clock.clone(), settings.zone);
        let (redact, max_upload) = (settings.redact, settings.upload);
        let kept = calls::http::Door { db, blobs, clock, redact, zone, max_upload };
        let (db, blobs, clock, rubric) =
            (self.db.clone(), self.blobs.clone(), self.clock.clone(), settings.rubric.clone());
        let coached =
            coaching::http::Door { db, blobs, clock, redact, zone, rubric, analyst: settings.analyst.clone() };
        let rubric = settings.rubric.clone();
        let analyst = settings.analyst.clone();
        let dealt = Deals { db: self.db.clone(), clock: self.clock.clone(), redact, zone, rubric, analyst };
        let search = self.search.clone();
        let areas = OpenApiRouter::new()
            .merge(accounts::http::router(self.auth.clone()))
            .merge(samples::router(kept.clone(), dealt.clone()))
            .merge(calls::http::router(kept))
            .merge(coaching::http::router(coached))
            .merge(intake::http::router(connected))
            .merge(deals::http::router(dealt.clone()))
            .merge(search::http::router(search::http::Door { search, deals: dealt }))
            .merge(installation::router(self.clone(), zone))
            .merge(report::router(self.clone()))
            .merge(review::router(self.clone()))
            .merge(settings::router(self.clone()))
            .merge(jobs::router(self.clone()))
            .merge(events::router(self.clone()));
        let (router, mut api) = OpenApiRouter::with_openapi(docs::head()).nest(BASE, areas).split_for_parts();
        web::describe(&mut api, open);
        docs::illustrate(&mut api);
        (router, api)
    }

    /// What the doors of connections need.
    fn connected(&self, settings: &Settings) -> intake::http::Door {
        let intake = Intake::new(self.db.clone(), self.blobs.clone(), self.clock.clone(), settings.sealer.clone());
        let intake = intake.with(settings.redact, settings.zone, settings.patience).watching(settings.watch.clone());
        intake::http::Door { intake, cron_secret: settings.cron_secret.clone() }
    }

    /// The whole of it. Layers are passed from the last to the first.
    ///
    /// # Errors
    /// When counting cannot begin.
    pub fn router(&self, settings: &Settings) -> Result<Router, metrics_exporter_prometheus::BuildError> {
        let connected = self.connected(settings);
        let (areas, api) = self.areas(settings, connected.clone());
        let tls = settings.tls;
        let memory = Memory { db: self.db.clone(), clock: self.clock.clone() };
        let signed = areas
            .layer(DefaultBodyLimit::max(BODY))
            .layer(from_fn_with_state(memory, repeat::once))
            .layer(from_fn(fresh::tag))
            .layer(from_fn_with_state(self.clone(), sign::sign));
        Ok(signed
            .merge(intake::http::webhooks::router(connected))
            .merge(health::router(self.clone()))
            .merge(figures::router(self.clone(), figures::begin()?))
            .merge(docs::router(&api))
            .fallback(pages::serve)
            .method_not_allowed_fallback(docs::no_such_method)
            .layer(CatchPanicLayer::custom(|_| {
                tracing::error!("a door panicked");
                axum::response::IntoResponse::into_response(web::Fault(Problem::internal()))
            }))
            .layer(from_fn(guard::check))
            .layer(option_layer((!settings.cors_origins.is_empty()).then(|| guard::cors(&settings.cors_origins))))
            .layer(from_fn(move |request, next| guard::headers(tls, request, next)))
            .layer(from_fn_with_state(self.meter.clone(), observe::observe)))
    }
}

/// Whether somebody who is not logged in may go there.
fn open(path: &str) -> bool {
    accounts::http::OPEN.contains(&path) || path == intake::http::DAILY_SYNC
}
