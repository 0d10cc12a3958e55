//! Whether the program lives, and whether it is ready to work.

use super::Api;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use search::Meaning;
use serde::Serialize;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio::time::timeout;
use web::Json;

/// How long a dependency may take to give a sign of life.
const PATIENCE: Duration = Duration::from_secs(2);

/// For so long an answer is good: whoever asks more often, and anybody may, asks nobody behind the program.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// The last answer to what anybody may ask, and when it was found. Clones share it.
#[derive(Clone)]
pub(super) struct Last<T>(Arc<Mutex<Option<(Instant, T)>>>);

impl<T> Default for Last<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Clone> Last<T> {
    /// The last answer while it is good, else the one that `look` finds. Those who ask at once wait for one.
    pub(super) async fn or(&self, look: impl Future<Output = T>) -> T {
        let mut last = self.0.lock().await;
        match &*last {
            Some((at, answer)) if at.elapsed() < GOOD_FOR => answer.clone(),
            _ => {
                let answer = look.await;
                *last = Some((Instant::now(), answer.clone()));
                answer
            }
        }
    }
}

/// `/health`, `/health/live`, `/health/ready`.
pub fn router(api: Api) -> Router {
    Router::new()
        .route("/health", get(live))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .with_state((api, Last::default()))
}

#[derive(Serialize)]
struct Live {
    status: &'static str,
    version: &'static str,
}

async fn live() -> Json<Live> {
    Json(Live { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// One dependency.
#[derive(Clone, Serialize)]
struct Part {
    name: &'static str,
    ok: bool,
    /// How long it took to answer.
    ms: f64,
    /// What is wrong, without the inside of it: the log has that.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'static str>,
}

/// Whether all of them are well, and each.
type Found = (bool, Vec<Part>);

#[derive(Serialize)]
struct Ready {
    status: &'static str,
    version: &'static str,
    dependencies: Vec<Part>,
}

async fn ready(State((api, last)): State<(Api, Last<Found>)>) -> (StatusCode, Json<Ready>) {
    let (ok, dependencies) = last.or(look(&api)).await;
    let (code, status) = if ok { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "unavailable") };
    (code, Json(Ready { status, version: env!("CARGO_PKG_VERSION"), dependencies }))
}

async fn look(api: &Api) -> Found {
    let (db, blobs) = tokio::join!(
        part("database", api.db.ping(), "it does not answer"),
        part("originals", api.blobs.ping(), "they cannot be reached"),
    );
    let ok = db.ok && blobs.ok;
    let mut dependencies = vec![db, blobs];
    dependencies.extend(meaning(api).await);
    (ok, dependencies)
}

/// Whether things are found by what they mean, where they are to be. Without it the program works, and finds them by words.
async fn meaning(api: &Api) -> Option<Part> {
    if matches!(api.search.meaning(), Meaning::Unwanted) {
        return None;
    }
    let start = Instant::now();
    let problem = match timeout(PATIENCE, api.search.embedder()).await {
        Ok(Ok(Ok(embedder))) if matches!(embedder.state(), Some(embed::BreakerState::Open { .. })) => {
            Some("what computes vectors does not answer: new words are found by words, and vectors wait")
        }
        Ok(Ok(Ok(_))) => None,
        Ok(Ok(Err(_))) => Some("searching by meaning is off, by words it goes on; `sideline doctor` says why"),
        // The database, which is told of already.
        Ok(Err(_)) | Err(_) => Some("the database does not answer"),
    };
    let ms = (start.elapsed().as_secs_f64() * 1e4).round() / 10.0;
    Some(Part { name: "meaning", ok: problem.is_none(), ms, problem })
}

async fn part<E: std::fmt::Display>(
    name: &'static str,
    asked: impl Future<Output = Result<(), E>>,
    why: &'static str,
) -> Part {
    let start = Instant::now();
    let answer = timeout(PATIENCE, asked).await;
    let ms = (start.elapsed().as_secs_f64() * 1e4).round() / 10.0;
    let problem = match answer {
        Ok(Ok(())) => None,
        Ok(Err(error)) => {
            tracing::warn!(%error, "{name} is not ready");
            Some(why)
        }
        Err(_) => Some("it takes too long"),
    };
    Part { name, ok: problem.is_none(), ms, problem }
}
