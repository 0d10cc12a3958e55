//! Embeddings of a service that speaks `OpenAI`'s protocol.

use crate::numeric::to_unit;
use crate::side::{batches, side_by_side};
use crate::{EmbedError, Settings};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::Secret;
use remote::http::{self, Unread};
use remote::retry::{self, Decision, Hints, Outcome, Rule};
use remote::{Breaker, BreakerState, Sign, words};
use reqwest::Response;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use url::Url;

/// Texts of a request: far below what services take, so that one that breaks off is little lost.
const TEXTS: usize = 64;

/// Bytes of the texts of a request, unless one alone has more.
const BYTES: usize = 128 << 10;

/// Bytes of the largest answer that is read.
const LARGEST: usize = 64 << 20;

/// A service that asks for a longer wait than this is not asked again.
const LONGEST_WAIT: Duration = Duration::from_mins(2);

/// A client of one service.
#[derive(Debug)]
pub(crate) struct Service {
    inner: Arc<Inner>,
    /// What is kept beside vectors.
    name: String,
}

#[derive(Debug)]
struct Inner {
    settings: Settings,
    dimensions: usize,
    url: Url,
    http: reqwest::Client,
    places: Semaphore,
    breaker: Breaker,
}

/// A request that failed.
#[derive(Debug)]
struct Failed {
    error: EmbedError,
    outcome: Outcome,
    hints: Hints,
}

impl Failed {
    fn new(error: EmbedError, outcome: Outcome) -> Self {
        Self { error, outcome, hints: Hints::default() }
    }

    fn last(error: EmbedError) -> Self {
        Self::new(error, Outcome::Final)
    }
}

impl Service {
    pub fn new(settings: Settings) -> Result<Self, EmbedError> {
        let (settings, dimensions) = settings.checked()?;
        let mut headers = HeaderMap::new();
        if let Some(key) = &settings.key {
            let value = http::sensitive(&format!("Bearer {}", key.expose())).ok_or_else(|| {
                EmbedError::Settings(
                    "the key has characters that no key has: copy it again from the console".to_owned(),
                )
            })?;
            headers.insert(AUTHORIZATION, value);
        }
        let http = http::builder(&[&settings.base_url], settings.connect).default_headers(headers).build();
        let http = http.map_err(|_| EmbedError::Settings(http::NO_CERTIFICATES.to_owned()))?;
        let mut url = settings.base_url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("embeddings");
        }
        let name = match settings.own_dimensions() {
            Some(own) if own != dimensions => format!("openai:{}@{dimensions}", settings.model),
            _ => format!("openai:{}", settings.model),
        };
        let places = Semaphore::new(settings.at_once.clamp(1, Semaphore::MAX_PERMITS));
        let breaker = Breaker::new(settings.rest);
        Ok(Self { inner: Arc::new(Inner { settings, dimensions, url, http, places, breaker }), name })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn dimensions(&self) -> usize {
        self.inner.dimensions
    }

    pub fn state(&self) -> BreakerState {
        self.inner.breaker.state()
    }

    pub async fn embed(&self, mut texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
        // No service embeds nothing.
        texts.iter_mut().filter(|text| text.is_empty()).for_each(|text| text.push(' '));
        let batches: Vec<_> = batches(&texts, String::len, TEXTS, BYTES).map(<[String]>::to_vec).collect();
        side_by_side(batches, |batch| {
            let inner = self.inner.clone();
            async move { inner.embed(&batch).await }
        })
        .await
    }
}

impl Inner {
    /// One request with all its repetitions.
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let settings = &self.settings;
        self.breaker.look()?;
        let _place = self.places.acquire().await.map_err(|_| EmbedError::Stopped)?;
        let mut body = json!({ "model": settings.model, "input": texts, "encoding_format": "base64" });
        if settings.own_dimensions().is_some_and(|own| own != self.dimensions) {
            body["dimensions"] = self.dimensions.into();
        }
        let body = body.to_string();
        let rule =
            Rule { retries: settings.retries, backoff: settings.backoff, longest: Some(LONGEST_WAIT), makes: false };
        let deadline = Instant::now() + settings.deadline;
        let mut sent = 0;
        loop {
            let pass = self.breaker.enter()?;
            let answer = tokio::time::timeout_at(deadline, self.send(&body, texts)).await;
            let failed = match answer {
                Ok(Ok(vectors)) => {
                    pass.tell(Sign::Alive);
                    return Ok(vectors);
                }
                Ok(Err(failed)) => failed,
                Err(_) => Failed::new(EmbedError::TimedOut { within: settings.deadline }, Outcome::NoAnswer),
            };
            pass.tell(sign(&failed.error));
            let left = deadline.saturating_duration_since(Instant::now());
            let (host, error) = (http::host(&self.url), failed.error.kind());
            match retry::after(failed.outcome, failed.hints, &rule, sent, left, retry::chance()) {
                // A service that is left alone now is not asked again, and the error says more than that it rests.
                Decision::Wait(wait) if self.breaker.look().is_ok() => {
                    let wait_ms = wait.as_millis() as u64;
                    tracing::info!(host, error, wait_ms, "the service for embeddings failed and is asked again");
                    tokio::time::sleep(wait).await;
                    if self.breaker.look().is_err() {
                        return Err(failed.error);
                    }
                    sent += 1;
                }
                _ => {
                    tracing::warn!(host, error, "the service for embeddings failed");
                    return Err(failed.error);
                }
            }
        }
    }

    async fn send(&self, body: &str, texts: &[String]) -> Result<Vec<Vec<f32>>, Failed> {
        let request = self.http.post(self.url.clone()).header(CONTENT_TYPE, "application/json").body(body.to_owned());
        let response = request.send().await.map_err(|error| {
            let outcome = if error.is_connect() { Outcome::NoConnection } else { Outcome::NoAnswer };
            let (host, why) = (http::host(&self.url), http::why(&error, self.settings.connect));
            Failed::new(EmbedError::Unreachable { host, why }, outcome)
        })?;
        let status = response.status();
        if status.is_client_error() || status.is_server_error() {
            return Err(self.refused(response, texts).await);
        }
        if !status.is_success() {
            let what = "it sends the request elsewhere, where the key does not follow";
            return Err(Failed::last(EmbedError::NotUnderstood { what }));
        }
        let document = http::read_json(response, LARGEST).await.map_err(|unread| match unread {
            Unread::Unfinished => Failed::new(EmbedError::Unfinished, Outcome::Midst),
            Unread::TooLarge => Failed::last(EmbedError::NotUnderstood { what: "it has no end" }),
            Unread::NotUnderstood(what) => Failed::last(EmbedError::NotUnderstood { what }),
        })?;
        vectors(&document, texts.len(), self.dimensions).map_err(Failed::last)
    }

    /// An answer that is no success.
    async fn refused(&self, response: Response, texts: &[String]) -> Failed {
        let status = response.status().as_u16();
        let headers = response.headers();
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let hints = Hints::read(header, self.settings.clock.now());
        let document = http::read_failure(response).await;
        let told = |field: &str| match &document["error"] {
            Value::String(message) if field == "message" => Some(message.as_str()),
            error => error[field].as_str().or(document[field].as_str()),
        };
        let is_quota = ["type", "code"].into_iter().any(|field| told(field) == Some("insufficient_quota"));
        let message = told("message").unwrap_or_default();
        let says_too_long = ["context length", "context size", "too long", "too large", "maximum context"];
        let error = match status {
            _ if is_quota => EmbedError::Billing,
            401 | 403 => EmbedError::Key { status },
            402 => EmbedError::Billing,
            404 => EmbedError::Model { model: self.settings.model.clone() },
            413 => EmbedError::TooLarge,
            429 => EmbedError::Limited { retry_after: hints.wait },
            408 | 409 | 500.. => EmbedError::Server { status },
            400..500 if says_too_long.iter().any(|words| message.contains(words)) => EmbedError::TooLarge,
            _ => {
                let secrets = texts.iter().map(String::as_str).chain(self.settings.key.as_ref().map(Secret::expose));
                let message = words::tellable(message, &secrets.collect::<Vec<_>>());
                EmbedError::Invalid { status, message: message.unwrap_or_else(|| "it does not say why".to_owned()) }
            }
        };
        // Money does not come back by asking again, whatever the status.
        let outcome = if error == EmbedError::Billing { Outcome::Final } else { Outcome::Status(status) };
        Failed { error, outcome, hints }
    }
}

/// What an error says about the service.
fn sign(error: &EmbedError) -> Sign {
    match error {
        EmbedError::Server { status: 409 } => Sign::Alive,
        EmbedError::Server { .. }
        | EmbedError::Unfinished
        | EmbedError::TimedOut { .. }
        | EmbedError::Unreachable { .. } => Sign::Failing,
        EmbedError::Limited { .. } | EmbedError::NotUnderstood { .. } => Sign::Unclear,
        _ => Sign::Alive,
    }
}

/// The vectors of an answer in the order of the texts, each as long as one.
fn vectors(document: &Value, count: usize, dimensions: usize) -> Result<Vec<Vec<f32>>, EmbedError> {
    let not_understood = |what| EmbedError::NotUnderstood { what };
    let data = document["data"].as_array().ok_or(not_understood("it has no list of embeddings"))?;
    if data.len() != count {
        return Err(EmbedError::Count { wanted: count, found: data.len() });
    }
    let mut all = vec![Vec::new(); count];
    for (at, entry) in data.iter().enumerate() {
        // Some leave the index out, and keep the order.
        let at =
            entry.get("index").map_or(Some(at), |index| index.as_u64().and_then(|index| usize::try_from(index).ok()));
        let place = at.and_then(|at| all.get_mut(at)).filter(|place| place.is_empty());
        let place = place.ok_or(not_understood("its embeddings are not numbered as the texts"))?;
        let mut vector = numbers(&entry["embedding"]).ok_or(not_understood("an embedding has no numbers"))?;
        if vector.len() != dimensions {
            return Err(EmbedError::Dimensions { wanted: dimensions, found: vector.len() });
        }
        to_unit(&mut vector);
        if !vector.iter().all(|number| number.is_finite()) || vector.iter().all(|number| number.abs() < f32::EPSILON) {
            return Err(not_understood("an embedding has no direction"));
        }
        *place = vector;
    }
    Ok(all)
}

/// An embedding as a list of numbers, or as their bytes in base64.
fn numbers(embedding: &Value) -> Option<Vec<f32>> {
    match embedding {
        Value::String(text) => {
            let bytes = STANDARD.decode(text).ok()?;
            let (numbers, rest) = bytes.as_chunks();
            rest.is_empty().then(|| numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
        }
        Value::Array(list) => list.iter().map(|number| number.as_f64().map(|number| number as f32)).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(data: &Value, count: usize) -> Result<Vec<Vec<f32>>, EmbedError> {
        vectors(&json!({ "object": "list", "data": data }), count, 2)
    }

    fn near(found: &[f32], expected: [f32; 2]) -> bool {
        found.len() == 2 && found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-6)
    }

    #[test]
    fn vectors_are_put_in_order_and_made_as_long_as_one() {
        let coded: Vec<u8> = [0.0_f32, -5.0].iter().flat_map(|number| number.to_le_bytes()).collect();
        let data = json!([
            { "index": 1, "embedding": STANDARD.encode(coded) },
            { "index": 0, "embedding": [3, 4.0] },
        ]);
        let found = read(&data, 2).unwrap();
        assert!(near(&found[0], [0.6, 0.8]) && near(&found[1], [0.0, -1.0]), "{found:?}");
        let unnumbered = read(&json!([{ "embedding": [1, 0] }, { "embedding": [0, 2] }]), 2).unwrap();
        assert!(near(&unnumbered[0], [1.0, 0.0]) && near(&unnumbered[1], [0.0, 1.0]), "{unnumbered:?}");
        assert_eq!(read(&json!([]), 0), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_vector_is_refused() {
        let one = |embedding: Value| read(&json!([{ "index": 0, "embedding": embedding }]), 1).unwrap_err();
        assert_eq!(one(json!([1, 2, 3])), EmbedError::Dimensions { wanted: 2, found: 3 });
        assert_eq!(one(json!([])), EmbedError::Dimensions { wanted: 2, found: 0 });
        let nan: Vec<u8> = [f32::NAN, 1.0].iter().flat_map(|number| number.to_le_bytes()).collect();
        for bad in [
            json!(null),
            json!([1, "2"]),
            json!("no base64"),
            json!("AAAA"),
            json!([0, 0]),
            json!(STANDARD.encode(nan)),
        ] {
            assert_eq!(one(bad.clone()).kind(), "not_understood", "{bad}");
        }
        let two = |first: Value, second: Value| {
            read(&json!([{ "index": first, "embedding": [1, 0] }, { "index": second, "embedding": [0, 1] }]), 2)
        };
        assert!(two(json!(1), json!(0)).is_ok());
        for (first, second) in
            [(json!(0), json!(0)), (json!(0), json!(2)), (json!(-1), json!(0)), (json!(0), json!("1"))]
        {
            assert_eq!(two(first, second).unwrap_err().kind(), "not_understood");
        }
        assert_eq!(read(&json!([]), 1), Err(EmbedError::Count { wanted: 1, found: 0 }));
        assert_eq!(read(&json!({}), 0).unwrap_err().kind(), "not_understood");
    }
}
