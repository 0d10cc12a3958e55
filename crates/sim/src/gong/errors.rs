//! How the API refuses.

use super::answer;
use crate::Refuse;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::json;

/// A refusal: status, sentence, and the seconds after which it may be tried again.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    status: u16,
    message: String,
    retry_after: Option<u64>,
}

impl Refused {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), retry_after: None }
    }

    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    pub(super) fn denied(message: &str) -> Self {
        Self::new(401, message)
    }

    /// A filter that matches no call.
    pub(super) fn no_calls() -> Self {
        Self::new(404, "No calls found corresponding to the provided filters")
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(404, format!("{what} not found"))
    }

    /// A limit is reached; whole seconds until it is not.
    pub(super) fn limited(message: &str, retry_after: u64) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(429, message) }
    }

    /// As a test scripted it.
    pub(super) fn scripted(refuse: &Refuse) -> Self {
        let status = StatusCode::from_u16(refuse.status).ok();
        Self::new(refuse.status, status.and_then(|status| status.canonical_reason()).unwrap_or("Failed"))
    }

    /// `{"requestId", "errors": ["…"]}`
    pub(super) fn response(&self, request_id: &str) -> Response {
        let mut response = answer(&json!({"requestId": request_id, "errors": [self.message]}));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert("retry-after", HeaderValue::from(seconds));
        }
        response
    }
}
