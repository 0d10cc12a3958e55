//! One request over HTTP, and how it fails.

use crate::client::Inner;
use crate::error::not_understood;
use crate::wire::fault::{Subject, Told};
use crate::{LlmError, Request};
use bytes::Bytes;
use remote::http::{self, read_up_to};
use remote::retry::{Hints, Outcome};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Response};
use serde_json::Value;
use url::Url;

/// Bytes of the largest document that is read.
const LARGEST: usize = 64 << 20;

/// Bytes of what is read of the words of a failure.
const LARGEST_FAILURE: usize = 64 << 10;

/// What is sent, as often as it needs.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    method: Method,
    url: Url,
    body: Option<Bytes>,
    subject: Subject<'a>,
    /// What no error repeats.
    prompts: Vec<&'a Request>,
    /// It makes something that must not be made twice.
    pub makes: bool,
}

impl<'a> Call<'a> {
    pub fn new(method: Method, url: Url, subject: Subject<'a>) -> Self {
        Self { method, url, body: None, subject, prompts: Vec::new(), makes: false }
    }

    pub fn post(url: Url, body: &Value, subject: Subject<'a>, prompts: Vec<&'a Request>) -> Self {
        Self { body: Some(body.to_string().into()), prompts, ..Self::new(Method::POST, url, subject) }
    }

    /// The same with a parameter in its address.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// The same, but to delete what is there.
    pub fn deleting(self) -> Self {
        Self { method: Method::DELETE, ..self }
    }

    /// Bytes that are sent.
    pub fn size(&self) -> usize {
        self.body.as_ref().map_or(0, Bytes::len)
    }
}

/// A request that failed.
#[derive(Debug)]
pub(crate) struct Failed {
    pub error: LlmError,
    pub outcome: Outcome,
    pub hints: Hints,
}

impl Failed {
    fn new(error: LlmError, outcome: Outcome) -> Self {
        Self { error, outcome, hints: Hints::default() }
    }

    /// It would fail again.
    pub fn last(error: LlmError) -> Self {
        Self::new(error, Outcome::Final)
    }

    /// The answer had begun well.
    pub fn midst(error: LlmError) -> Self {
        Self::new(error, Outcome::Midst)
    }
}

impl Inner {
    /// Sends a request; an answer that is no success is an error.
    pub async fn send(&self, call: &Call<'_>) -> Result<Response, Failed> {
        let mut request = self.http.request(call.method.clone(), call.url.clone());
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        if !status.is_client_error() && !status.is_server_error() {
            let what =
                format!("it sends the request elsewhere (HTTP {}), where the key does not follow", status.as_u16());
            return Err(Failed::last(not_understood(what)));
        }
        let headers = response.headers();
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let hints = Hints::read(header, self.settings.clock.now());
        let body = read_up_to(response, LARGEST_FAILURE).await.unwrap_or_default();
        let error = self.told(call, &Told::in_answer(status.as_u16(), &body), hints);
        // Money does not come back by asking again, whatever the status.
        let outcome = if error == LlmError::Billing { Outcome::Final } else { Outcome::Status(status.as_u16()) };
        Err(Failed { error, outcome, hints })
    }

    /// What the service told, as an error that repeats neither prompt nor key.
    pub fn told(&self, call: &Call<'_>, told: &Told, hints: Hints) -> LlmError {
        let prompt = call.prompts.iter().flat_map(|request| request.texts());
        told.error(hints, call.subject, prompt, self.settings.key.as_ref().map(kernel::Secret::expose))
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failed {
        let outcome = if error.is_connect() { Outcome::NoConnection } else { Outcome::NoAnswer };
        let why = http::why(error, self.settings.connect);
        let host = http::host(&self.settings.base_url);
        Failed::new(LlmError::Unreachable { host, why }, outcome)
    }
}

/// The whole body of a document.
pub(crate) async fn read(response: Response) -> Result<Bytes, Failed> {
    match read_up_to(response, LARGEST).await {
        None => Err(Failed::midst(LlmError::Unfinished)),
        Some(body) if body.len() > LARGEST => Err(Failed::last(not_understood("the document has no end"))),
        Some(body) => Ok(body),
    }
}
