//! Each request has an id, a line in the log and its place in the figures.

use super::limits::Meter;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use kernel::{Actor, Problem, new_id};
use metrics::{counter, histogram};
use std::time::Instant;
use tracing::Instrument as _;
use web::{Address, Fault};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Finds out from where a request comes, gives it an id, tells the log what became of it, and counts it. An id that a proxy gave is kept where it is a plain word.
pub async fn observe(State(meter): State<Meter>, mut request: Request, next: Next) -> Response {
    let start = Instant::now();
    let given = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(|id| plain(id));
    let id = given.map_or_else(|| new_id().simple().to_string(), str::to_owned);
    let method = request.method().clone();
    // The pattern, not the path: paths hold ids, and there are too many of them to count by.
    let route = request.extensions().get::<MatchedPath>().map_or("none", |path| path.as_str()).to_owned();
    let address = meter.address(&request);
    request.extensions_mut().insert(Address(address));
    let path = told(request.uri().path());
    let header = HeaderValue::from_str(&id).expect("a plain word");
    request.headers_mut().insert(REQUEST_ID, header.clone());
    let span = tracing::info_span!("request", request_id = id);
    let mut response = next.run(request).instrument(span.clone()).await;
    let problem = response.extensions_mut().remove::<Problem>();
    if let Some(problem) = problem {
        let kind = problem.kind;
        response = with_id(response, problem, &id);
        counter!("sideline_problems_total", "type" => kind).increment(1);
    }
    let seconds = start.elapsed().as_secs_f64();
    let status = response.status().as_u16();
    // Anybody can make methods up.
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    let verb = known.iter().find(|known| **known == method).map_or("other", Method::as_str);
    let labels = [("method", verb.to_owned()), ("route", route), ("status", status.to_string())];
    histogram!("sideline_request_duration_seconds", &labels).record(seconds);
    let _entered = span.enter();
    let actor = response.extensions().get::<Actor>().map(|actor| actor.id);
    let ms = (seconds * 1e4).round() / 10.0;
    tracing::info!(%method, path, status, ms, user = actor.map(tracing::field::display), address = address.map(tracing::field::display));
    response.headers_mut().insert(REQUEST_ID, header);
    response
}

/// The same answer, with the id in its body.
fn with_id(response: Response, mut problem: Problem, id: &str) -> Response {
    problem.request_id = Some(id.into());
    let (parts, _) = response.into_parts();
    let mut told = Fault(problem).into_response();
    // Neither of them is true of this body.
    let of_body = [CONTENT_ENCODING, CONTENT_LENGTH];
    for (name, value) in parts.headers.iter().filter(|(name, _)| !of_body.contains(name)) {
        told.headers_mut().insert(name, value.clone());
    }
    let extensions = parts.extensions;
    told.extensions_mut().extend(extensions);
    told
}

/// A path as the log may show it: the last part of a service's address may be a key.
fn told(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["", "webhooks", service, name, _, ..] => format!("/webhooks/{service}/{name}/…"),
        _ => path.to_owned(),
    }
}

fn plain(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
