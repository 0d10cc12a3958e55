//! `ETag`: whoever has an answer already is told that it is still right.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use kernel::Problem;
use sha2::{Digest as _, Sha256};
use web::Fault;

/// Marks JSON that was asked for by what is in it, and answers 304 to whoever has it. Private, and to be asked for again: it is about people.
pub async fn tag(request: Request, next: Next) -> Response {
    let reading = [Method::GET, Method::HEAD].contains(request.method());
    let asked = reading.then(|| request.headers().get(IF_NONE_MATCH).cloned());
    let mut response = next.run(request).await;
    let private = HeaderValue::from_static(if asked.is_some() { "private, no-cache" } else { "no-store" });
    response.headers_mut().entry(CACHE_CONTROL).or_insert(private);
    let json = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    let (Some(known), StatusCode::OK, true) = (asked, response.status(), json) else { return response };
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else { return Fault(Problem::internal()).into_response() };
    let mark = mark(&bytes);
    parts.headers.insert(ETAG, HeaderValue::from_str(&mark).expect("hexadecimal in quotes"));
    if known.is_some_and(|known| matches(&known, &mark)) {
        let mut headers = HeaderMap::new();
        std::mem::swap(&mut headers, &mut parts.headers);
        headers.remove(CONTENT_TYPE);
        headers.remove(CONTENT_LENGTH);
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        *response.headers_mut() = headers;
        *response.extensions_mut() = parts.extensions;
        return response;
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn mark(bytes: &[u8]) -> String {
    format!("\"{}\"", kernel::hex(&Sha256::digest(bytes)[..16]))
}

fn matches(known: &HeaderValue, mark: &str) -> bool {
    let known = known.to_str().unwrap_or_default();
    known.split(',').map(|one| one.trim().trim_start_matches("W/")).any(|one| one == mark || one == "*")
}
