//! `/metrics`: figures of the program as Prometheus reads them.

use super::Api;
use super::health::Last;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use db::Db;
use metrics::{describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::Duration;
use tokio::time::timeout;

/// The upper bounds of the histograms in seconds.
const BOUNDS: [f64; 14] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// How long the database may take to count the jobs: whoever scrapes waits for ten seconds, usually.
const PATIENCE: Duration = Duration::from_secs(2);

/// Begins to count, for the whole process; once.
pub fn begin() -> Result<PrometheusHandle, BuildError> {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BOUNDS)?;
    let handle = builder.install_recorder()?;
    describe_histogram!("sideline_request_duration_seconds", "How long requests took, by route, method and status");
    describe_histogram!("sideline_query_duration_seconds", "How long statements took in the database");
    describe_histogram!("sideline_job_duration_seconds", "How long jobs took, by kind and what became of them");
    describe_counter!("sideline_problems_total", "Requests that were answered by a problem, by its type");
    describe_gauge!(
        "sideline_database_up",
        "1 where the database answers, 0 where it does not; then `sideline_jobs` is old"
    );
    describe_counter!(
        "sideline_model_questions_total",
        "Questions to the model, by purpose and outcome; of those that are `cached` a kept answer was used"
    );
    describe_counter!("sideline_model_tokens_total", "Tokens of the model, by kind");
    describe_counter!(
        "sideline_model_cost_micros_total",
        "What the model cost, in millionths of a US dollar, as far as prices are known"
    );
    describe_counter!("sideline_gong_requests_total", "Requests to Gong, by outcome");
    describe_counter!("sideline_fireflies_requests_total", "Requests to Fireflies, by outcome");
    describe_counter!("sideline_webhooks_refused_total", "Deliveries that were not genuine or not understood");
    describe_gauge!("sideline_source_calls", "Calls that connections know, by connection and how far they are");
    describe_gauge!(
        "sideline_connection_failures",
        "Attempts in a row to reach the service of a connection that failed"
    );
    describe_gauge!("sideline_jobs", "Jobs in the queue, by state");
    Ok(HANDLE.get_or_init(|| handle).clone())
}

/// `/metrics`.
pub fn router(api: Api, handle: PrometheusHandle) -> Router {
    Router::new().route("/metrics", get(figures)).with_state((api, handle, Last::default()))
}

async fn figures(State((api, handle, last)): State<(Api, PrometheusHandle, Last<bool>)>) -> Response {
    // Most needed while the database is away: then what it would tell is missing, and no more.
    let up = last.or(async { timeout(PATIENCE, count(&api.db)).await.unwrap_or(false) }).await;
    gauge!("sideline_database_up").set(f64::from(u8::from(up)));
    handle.run_upkeep();
    ([("content-type", "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response()
}

/// Counts what connections know. Whether the database answers.
async fn connected(db: &Db) -> bool {
    let counted = intake::ledger::counts(db).await;
    for (name, failures, counts) in counted.iter().flatten() {
        gauge!("sideline_connection_failures", "connection" => name.clone()).set(*failures as f64);
        for (state, calls) in counts {
            gauge!("sideline_source_calls", "connection" => name.clone(), "state" => state.as_str()).set(*calls as f64);
        }
    }
    counted.is_ok()
}

/// Counts the jobs. Whether the database answers.
async fn count(db: &Db) -> bool {
    match queue::counts(db).await {
        Ok(counts) => {
            for state in queue::State::ALL {
                let n = counts.iter().find(|(of, _)| *of == state).map_or(0, |(_, n)| *n);
                gauge!("sideline_jobs", "state" => state.as_str()).set(n as f64);
            }
            connected(db).await
        }
        Err(error) => {
            tracing::warn!(%error, "the queue cannot be counted");
            false
        }
    }
}
