//! What browsers are told, so that pages of others cannot misuse the program; and paths that nobody means.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    AUTHORIZATION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, LOCATION, REFERRER_POLICY,
    RETRY_AFTER, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use kernel::Problem;
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::timeout::TimeoutBody;
use web::Fault;

/// The longest pause within a body.
const PAUSE: Duration = Duration::from_secs(30);
/// What data may do in a browser: nothing.
const DATA: &str = "default-src 'none'; frame-ancestors 'none'";
/// What the page of the documentation may do: be itself. Its styles are written into it.
const PAGE: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

/// Headers for browsers; `tls` where the program is reached by TLS.
pub async fn headers(tls: bool, request: Request, next: Next) -> Response {
    let policy = if request.uri().path().starts_with("/docs") { PAGE } else { DATA };
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(policy));
    if tls {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// Refuses addresses with the character NUL: no text here has one, and PostgreSQL keeps none. Lets go of whoever begins to send a body and stops.
pub async fn check(request: Request, next: Next) -> Response {
    let uri = request.uri();
    if uri.path().contains("%00") {
        return Fault(Problem::not_found("page")).into_response();
    }
    if uri.query().is_some_and(|query| query.contains("%00")) {
        return Fault(Problem::invalid("a parameter holds the character NUL, which no text here can")).into_response();
    }
    next.run(request.map(|body| Body::new(TimeoutBody::new(PAUSE, body)))).await
}

/// Which pages of others may ask from a browser.
pub fn cors(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            IF_NONE_MATCH,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("last-event-id"),
        ])
        .expose_headers([ETAG, LOCATION, RETRY_AFTER, HeaderName::from_static("x-request-id")])
        .max_age(Duration::from_hours(1))
}
