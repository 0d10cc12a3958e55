//! Servers that speak `OpenAI`'s protocol, from their public descriptions: chat completions, streamed and not, embeddings, models.
//!
//! Four flavours differ as the servers do that they are named after. A cache of prefixes works by itself; a [`Judge`] answers; tokens are counted
//! by [`crate::tokens()`].

mod chat;
mod embeddings;
mod errors;
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
use serde_json::{Value, json as value};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The key that is taken unless the settings name another.
pub const API_KEY: &str = "sk-simulated-key";

/// Whose server it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// `OpenAI`'s own.
    OpenAi,
    /// Ollama.
    Ollama,
    /// The server of llama.cpp.
    LlamaCpp,
    /// vLLM.
    Vllm,
}

impl FromStr for Flavour {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "openai" => Ok(Self::OpenAi),
            "ollama" => Ok(Self::Ollama),
            "llamacpp" => Ok(Self::LlamaCpp),
            "vllm" => Ok(Self::Vllm),
            _ => Err(format!("no flavour is called `{name}`; there are openai, ollama, llamacpp and vllm")),
        }
    }
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OpenAi => "openai",
            Self::Ollama => "ollama",
            Self::LlamaCpp => "llamacpp",
            Self::Vllm => "vllm",
        })
    }
}

impl Flavour {
    /// Its models, those for embeddings last.
    fn models(self) -> &'static [&'static str] {
        match self {
            Self::OpenAi => &[
                "gpt-6.1-sol",
                "gpt-6-luna",
                "gpt-5.5",
                "gpt-5-mini",
                "gpt-4.1",
                "text-embedding-3-small",
                "text-embedding-3-large",
            ],
            Self::Ollama => &["qwen3:8b", "llama3.2:latest", "nomic-embed-text:latest"],
            Self::LlamaCpp => &["local.gguf"],
            Self::Vllm => &["Qwen/Qwen3-8B", "BAAI/bge-small-en-v1.5"],
        }
    }

    /// Whether it wants its key.
    fn wants_key(self) -> bool {
        matches!(self, Self::OpenAi | Self::Vllm)
    }
}

/// How the server behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens; 0 is a free port.
    pub port: u16,
    /// The time of day that it goes by.
    pub time: Time,
    /// Whose server it is.
    pub flavour: Flavour,
    /// The key that it takes, where it wants one.
    pub key: String,
    /// The models that it has; those of the flavour where there are none.
    pub models: Vec<String>,
    /// Who answers.
    pub judge: Judge,
    /// How long that takes.
    pub latency: Latency,
    /// Tokens of the shortest prefix that counts as cached.
    pub cache_minimum: u64,
    /// Tokens of the longest prompt.
    pub context: u64,
    /// Requests that llama.cpp answers with 503 because the model is still being loaded.
    pub loading: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            time: Time::default(),
            flavour: Flavour::OpenAi,
            key: API_KEY.to_owned(),
            models: Vec::new(),
            judge: Judge::Scripted,
            latency: Latency::default(),
            cache_minimum: 1_024,
            context: 400_000,
            loading: 0,
        }
    }
}

/// A running server.
#[derive(Debug)]
pub struct OpenAi {
    server: Server,
    desk: Arc<Desk>,
}

impl OpenAi {
    /// Starts with this flavour and this judge.
    pub fn start(flavour: Flavour, judge: Judge) -> Self {
        Self::with(Settings { flavour, judge, ..Settings::default() })
    }

    /// Starts with these settings.
    pub fn with(mut settings: Settings) -> Self {
        if settings.models.is_empty() {
            settings.models = settings.flavour.models().iter().map(|model| (*model).to_owned()).collect();
        }
        let flavour = settings.flavour;
        let plan = Plan {
            port: settings.port,
            time: settings.time.clone(),
            refusing: Arc::new(move |refuse| Refused::scripted(refuse, flavour).response(flavour)),
        };
        let desk = Arc::new(Desk {
            judging: Judging::new(settings.judge.clone()),
            cache: Cache::default(),
            ids: AtomicU64::default(),
            loading: AtomicUsize::new(settings.loading),
            settings,
        });
        let router = Router::new().fallback(answer).with_state(desk.clone());
        Self { server: Server::open(router, plan), desk }
    }

    /// Its base URL, which ends in `/v1`.
    pub fn url(&self) -> String {
        format!("{}/v1", self.server.url())
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
    ids: AtomicU64,
    /// Requests until the model is loaded.
    loading: AtomicUsize,
}

impl Desk {
    /// The next id of this kind; ids count up.
    fn id(&self, kind: &str) -> String {
        format!("{kind}-sim{:018}", self.ids.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn admit(&self, headers: &HeaderMap) -> Result<(), Refused> {
        if !self.settings.flavour.wants_key() {
            return Ok(());
        }
        let given = headers.get("authorization").and_then(|value| value.to_str().ok());
        match given.and_then(|value| value.strip_prefix("Bearer ")) {
            None => Err(Refused::new(401, "invalid_request_error", "You didn't provide an API key.")),
            Some(key) if key == self.settings.key => Ok(()),
            Some(_) => {
                Err(Refused::new(401, "invalid_request_error", "Incorrect API key provided.").code("invalid_api_key"))
            }
        }
    }

    fn model(&self, id: &str) -> Value {
        value!({"id": id, "object": "model", "created": 1_760_000_000, "owned_by": self.settings.flavour.to_string()})
    }

    /// Refuses a model that the server does not have; llama.cpp has one and does not care what it is called.
    fn has_model(&self, model: &str) -> Result<(), Refused> {
        let known = self.settings.models.iter().any(|known| known == model);
        match self.settings.flavour {
            Flavour::LlamaCpp => Ok(()),
            _ if known => Ok(()),
            Flavour::OpenAi => Err(Refused::new(
                404,
                "invalid_request_error",
                format!("The model `{model}` does not exist or you do not have access to it."),
            )
            .code("model_not_found")),
            Flavour::Ollama => {
                Err(Refused::new(404, "not_found_error", format!("model \"{model}\" not found, try pulling it first")))
            }
            Flavour::Vllm => {
                Err(Refused::new(404, "NotFoundError", format!("The model `{model}` does not exist.")).param("model"))
            }
        }
    }

    async fn route(self: &Arc<Self>, head: &Parts, body: &Bytes, faults: &[Fault]) -> Result<Response, Refused> {
        self.admit(&head.headers)?;
        let still = |left: usize| left.checked_sub(1);
        if self.loading.fetch_update(Ordering::SeqCst, Ordering::SeqCst, still).is_ok() {
            return Err(Refused::new(503, "unavailable_error", "Loading model"));
        }
        let read = || serde_json::from_slice::<Value>(body).ok().filter(Value::is_object);
        let read = || {
            let wrong = "We could not parse the JSON body of your request.";
            read().ok_or_else(|| Refused::invalid(wrong))
        };
        match (&head.method, head.uri.path().trim_end_matches('/')) {
            (&Method::POST, "/v1/chat/completions") => chat::create(self, &read()?, faults).await,
            (&Method::POST, "/v1/embeddings") => embeddings::create(self, &read()?, faults),
            (&Method::GET, "/v1/models") => {
                let data: Vec<_> = self.settings.models.iter().map(|id| self.model(id)).collect();
                Ok(json(&value!({"object": "list", "data": data})))
            }
            (&Method::GET, path) if path.starts_with("/v1/models/") => {
                let id = path.trim_start_matches("/v1/models/").replace("%2F", "/");
                self.has_model(&id)?;
                Ok(json(&self.model(&id)))
            }
            (method, path) => {
                Err(Refused::new(404, "invalid_request_error", format!("Unknown request URL: {method} {path}")))
            }
        }
    }
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
    let answered = match to_bytes(body, usize::MAX).await {
        Ok(body) => desk.route(&head, &body, &faults.0).await,
        Err(_) => Err(Refused::invalid("the request broke off")),
    };
    let flavour = desk.settings.flavour;
    let mut response = answered.unwrap_or_else(|refused| refused.response(flavour));
    if flavour == Flavour::OpenAi {
        let id = desk.id("req");
        let told = [
            ("x-request-id", id.as_str()),
            ("openai-processing-ms", "12"),
            ("x-ratelimit-limit-requests", "10000"),
            ("x-ratelimit-remaining-requests", "9999"),
            ("x-ratelimit-reset-requests", "6ms"),
        ];
        for (name, value) in told {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    response
}
