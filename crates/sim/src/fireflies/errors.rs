//! How Fireflies refuses (docs.fireflies.ai/fundamentals/errors, docs.fireflies.ai/miscellaneous/error-codes).

use super::answer;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// What is said beside each code.
const WORDS: [(u16, &str, &str); 9] = [
    (400, "invalid_arguments", "Invalid argument(s) were provided"),
    (401, "auth_failed", "Invalid API key"),
    (402, "require_ai_credits", "You need AI credits to perform this action"),
    (403, "forbidden", "You are not authorized to perform this action"),
    (404, "object_not_found", "Transcript not found"),
    (408, "request_timeout", "Request timed out. Please try again or contact support"),
    (429, "too_many_requests", "Too many requests"),
    (500, "invariant_violation", "Something unexpected happened. Please try again"),
    (503, "INTERNAL_SERVER_ERROR", "Internal server error"),
];

/// A refusal.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    status: u16,
    code: &'static str,
    message: String,
    metadata: Value,
    path: Option<String>,
}

impl Refused {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), metadata: Value::Null, path: None }
    }

    /// With the code and the words of a status.
    pub(super) fn by_status(status: u16) -> Self {
        let known = WORDS.iter().find(|(known, ..)| *known == status).unwrap_or(&WORDS[WORDS.len() - 1]);
        Self::new(status, known.1, known.2)
    }

    pub(super) fn unparsed(message: impl Into<String>) -> Self {
        Self::new(400, "GRAPHQL_PARSE_FAILED", message)
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "GRAPHQL_VALIDATION_FAILED", message)
    }

    /// An argument has a value that it cannot have.
    pub(super) fn argument(name: &str, message: &str) -> Self {
        let metadata = json!({"fields": [{"name": name, "message": message, "constraints": [{"type": "value", "message": message}]}]});
        Self { metadata, ..Self::by_status(400) }
    }

    pub(super) fn not_found(what: &str) -> Self {
        let metadata = json!({"objectType": what});
        Self { message: format!("{what} not found"), metadata, ..Self::by_status(404) }
    }

    pub(super) fn limited(until: DateTime<Utc>) -> Self {
        let message = format!("Too many requests. Please retry after {} (UTC)", until.format("%-I:%M:%S %p"));
        Self { message, metadata: json!({"retryAfter": until.timestamp_millis()}), ..Self::by_status(429) }
    }

    /// The same of this field of the query.
    pub(super) fn at(self, field: &str) -> Self {
        Self { path: Some(field.to_owned()), ..self }
    }

    /// As it goes out; `in_ok`: with the status 200.
    pub(super) fn response(&self, in_ok: bool) -> Response {
        let Self { status, code, message, metadata, path } = self;
        let mut extensions = json!({
            "code": code, "status": status, "helpUrls": [format!("https://docs.fireflies.ai/miscellaneous/error-codes#{code}")],
        });
        if !metadata.is_null() {
            extensions["metadata"] = metadata.clone();
        }
        let friendly = *status < 500 && code.bytes().all(|byte| !byte.is_ascii_uppercase());
        let mut error = json!({"message": message, "friendly": friendly, "code": code, "extensions": extensions});
        if let Some(path) = path {
            error["path"] = json!([path]);
        }
        let mut response = answer(&json!({"errors": [error], "data": null}));
        if !in_ok {
            *response.status_mut() = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        }
        response
    }
}
