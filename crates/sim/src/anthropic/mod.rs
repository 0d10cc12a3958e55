//! The Messages API of Anthropic, from its public reference: messages, streamed and not, counting of tokens, models, batches.
//!
//! It refuses what the API refuses (keys, versions, fields, breakpoints, schemas), keeps a cache of prefixes by the breakpoints of requests,
//! and lets a [`Judge`] answer. Tokens are counted by [`crate::tokens()`]. In `x-sim-fault` it also knows `errored=ID` and `expired=ID` for the
//! requests of a batch.

mod batches;
mod check;
mod errors;
mod message;
mod models;
mod request;

use crate::judge::Judging;
use crate::model::cache::Cache;
use crate::server::Scripted;
use crate::{Asked, Fault, Faults, Judge, Latency, ModelFault, Plan, Server, Time};
use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::{IntoResponse as _, Response};
use errors::Refused;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// The key that is taken unless the settings name another.
pub const API_KEY: &str = "sk-ant-simulated-key";

/// The versions of the API.
const VERSIONS: &[&str] = &["2026-10-21", "2023-06-01"];

/// Bytes of the largest request, and of the largest batch.
const LARGEST: (usize, usize) = (32 << 20, 256 << 20);

/// How the service behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens; 0 is a free port.
    pub port: u16,
    /// The time of day that it goes by.
    pub time: Time,
    /// The key that it takes.
    pub key: String,
    /// The models that it has.
    pub models: Vec<String>,
    /// Who answers.
    pub judge: Judge,
    /// How long that takes.
    pub latency: Latency,
    /// Tokens of the shortest prefix that is cached.
    pub cache_minimum: u64,
    /// Whether `output_config` belongs to the beginning of a prompt, so that requests with different schemas share no prefix. It is so at the
    /// real service, by what its users measured.
    pub schema_in_prefix: bool,
    /// Tokens of the longest prompt.
    pub context: u64,
    /// How often a batch is asked for in vain before it has ended.
    pub batch_polls: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            time: Time::default(),
            key: API_KEY.to_owned(),
            models: models::KNOWN.iter().map(|model| (*model).to_owned()).collect(),
            judge: Judge::Scripted,
            latency: Latency::default(),
            cache_minimum: 1_024,
            schema_in_prefix: true,
            context: 1_000_000,
            batch_polls: 2,
        }
    }
}

/// A running service.
#[derive(Debug)]
pub struct Anthropic {
    server: Server,
    desk: Arc<Desk>,
}

impl Anthropic {
    /// Starts with this judge.
    pub fn start(judge: Judge) -> Self {
        Self::with(Settings { judge, ..Settings::default() })
    }

    /// Starts with these settings.
    pub fn with(settings: Settings) -> Self {
        let plan = Plan {
            port: settings.port,
            time: settings.time.clone(),
            refusing: Arc::new(|refuse| Refused::scripted(refuse).response("req_scripted")),
        };
        let desk = Arc::new(Desk::new(settings));
        let router = Router::new().fallback(answer).with_state(desk.clone());
        Self { server: Server::open(router, plan), desk }
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The script of its faults.
    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }

    /// Everything it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.server.asked()
    }

    /// The most requests that it answered at a time.
    pub fn most_at_once(&self) -> usize {
        self.server.most_at_once()
    }

    /// Its time of day.
    pub fn time(&self) -> &Time {
        self.server.time()
    }

    /// From now on somebody else answers.
    pub fn set_judge(&self, judge: Judge) {
        self.desk.judging.set(judge);
    }
}

/// What requests share.
#[derive(Debug)]
struct Desk {
    settings: Settings,
    judging: Judging,
    cache: Cache,
    batches: Mutex<Vec<batches::Batch>>,
    ids: AtomicU64,
}

impl Desk {
    fn new(settings: Settings) -> Self {
        Self {
            judging: Judging::new(settings.judge.clone()),
            cache: Cache::default(),
            batches: Mutex::default(),
            ids: AtomicU64::default(),
            settings,
        }
    }

    /// The next id of this kind; ids count up.
    fn id(&self, kind: &str) -> String {
        format!("{kind}_sim{:018}", self.ids.fetch_add(1, Ordering::SeqCst) + 1)
    }

    /// The version of the API that a request may use, if it may use any.
    fn admit(&self, headers: &HeaderMap) -> Result<String, Refused> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let bearer = text("authorization").and_then(|value| value.strip_prefix("Bearer "));
        match text("x-api-key").or(bearer) {
            None => return Err(Refused::authentication("x-api-key header is required")),
            Some(key) if key != self.settings.key => return Err(Refused::authentication("invalid x-api-key")),
            Some(_) => {}
        }
        match text("anthropic-version") {
            None => Err(Refused::invalid("anthropic-version: header is required")),
            Some(version) if VERSIONS.contains(&version) => Ok(version.to_owned()),
            Some(version) => Err(Refused::invalid(format!("anthropic-version: \"{version}\" is not a valid version"))),
        }
    }

    async fn route(self: &Arc<Self>, head: &Parts, body: &Bytes, faults: &[Fault]) -> Result<Response, Refused> {
        let version = self.admit(&head.headers)?;
        let path = head.uri.path().trim_end_matches('/');
        let query = head.uri.query().unwrap_or_default();
        if let Some(rest) = path.strip_prefix("/v1/messages/batches") {
            let rest = rest.trim_start_matches('/');
            return batches::route(self, head, rest, body, &version, faults).await;
        }
        match (&head.method, path) {
            (&Method::POST, "/v1/messages") => message::create(self, &read(body)?, &version, faults).await,
            (&Method::POST, "/v1/messages/count_tokens") => message::count(self, &read(body)?, &version),
            (&Method::GET, "/v1/models") => models::list(self, query),
            (&Method::GET, path) if path.starts_with("/v1/models/") => {
                models::get(self, path.trim_start_matches("/v1/models/"))
            }
            (_, "/v1/messages" | "/v1/messages/count_tokens" | "/v1/models") => {
                Err(Refused::new(405, "invalid_request_error", "Method Not Allowed"))
            }
            _ => Err(Refused::not_found("Not Found")),
        }
    }
}

/// The JSON of a request that is not too large.
fn read(body: &Bytes) -> Result<Value, Refused> {
    if body.len() > LARGEST.0 {
        return Err(Refused::too_large());
    }
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| Refused::invalid(format!("The request body is not valid JSON: {error}")))?;
    if value.is_object() { Ok(value) } else { Err(Refused::invalid("The request body is not a JSON object")) }
}

fn json(value: &Value) -> Response {
    ([("content-type", "application/json")], value.to_string()).into_response()
}

/// Whether the model is scripted to do this.
fn has(faults: &[Fault], wanted: &ModelFault) -> bool {
    faults.iter().any(|fault| matches!(fault, Fault::Model(model) if model == wanted))
}

async fn answer(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let faults = head.extensions.get::<Scripted>().cloned().unwrap_or_default();
    let id = desk.id("req");
    let answered = match to_bytes(body, usize::MAX).await {
        Ok(body) => desk.route(&head, &body, &faults.0).await,
        Err(_) => Err(Refused::invalid("the request broke off")),
    };
    let mut response = answered.unwrap_or_else(|refused| refused.response(&id));
    let reset = desk.settings.time.now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let told = [
        ("request-id", id.as_str()),
        ("anthropic-ratelimit-requests-limit", "4000"),
        ("anthropic-ratelimit-requests-remaining", "3999"),
        ("anthropic-ratelimit-requests-reset", &reset),
    ];
    for (name, value) in told {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
