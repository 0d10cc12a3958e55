//! How the API refuses.

use crate::{Cause, Refuse};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

/// A refusal: status, type, sentence.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    status: u16,
    kind: String,
    message: String,
}

/// The types of errors with their statuses.
const KINDS: &[(u16, &str)] = &[
    (400, "invalid_request_error"),
    (401, "authentication_error"),
    (402, "billing_error"),
    (403, "permission_error"),
    (404, "not_found_error"),
    (409, "conflict_error"),
    (413, "request_too_large"),
    (429, "rate_limit_error"),
    (500, "api_error"),
    (504, "timeout_error"),
    (529, "overloaded_error"),
];

impl Refused {
    pub(super) fn new(status: u16, kind: &str, message: impl Into<String>) -> Self {
        Self { status, kind: kind.to_owned(), message: message.into() }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    pub(super) fn authentication(message: &str) -> Self {
        Self::new(401, "authentication_error", message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "not_found_error", message)
    }

    pub(super) fn too_large() -> Self {
        Self::new(413, "request_too_large", "Request exceeds the maximum size")
    }

    /// What the simulator itself cannot answer for.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "api_error", message)
    }

    /// As a test scripted it.
    pub(super) fn scripted(refuse: &Refuse) -> Self {
        match refuse.cause {
            Cause::SpendCap => Self::new(
                429,
                "rate_limit_error",
                "This request would exceed your organization's monthly spend limit. It resets at the start of next month.",
            ),
            Cause::Quota => Self::new(
                402,
                "billing_error",
                "Your credit balance is too low to access the API. Go to Plans & Billing to purchase credits.",
            ),
            Cause::Status => {
                let known = KINDS.iter().find(|(status, _)| *status == refuse.status);
                let kind = match known {
                    Some((_, kind)) => kind,
                    None if refuse.status < 500 => "invalid_request_error",
                    None => "api_error",
                };
                Self::new(refuse.status, kind, words(kind))
            }
        }
    }

    /// An error of this type, outside of a stream.
    pub(super) fn of_kind(kind: &str) -> Self {
        let status = KINDS.iter().find(|(_, known)| *known == kind).map_or(500, |(status, _)| *status);
        Self::new(status, kind, words(kind))
    }

    /// `{"type": "error", "error": {"type", "message"}}`
    pub(super) fn json(&self) -> Value {
        json!({"type": "error", "error": {"type": self.kind, "message": self.message}})
    }

    pub(super) fn response(&self, request_id: &str) -> Response {
        let mut body = self.json();
        body["request_id"] = request_id.into();
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [("content-type", "application/json"), ("request-id", request_id)], body.to_string()).into_response()
    }
}

/// What the API says to an error of this type.
pub(super) fn words(kind: &str) -> &'static str {
    match kind {
        "overloaded_error" => "Overloaded",
        "rate_limit_error" => "This request would exceed your organization's rate limit.",
        "authentication_error" => "invalid x-api-key",
        "permission_error" => "Your API key does not have permission to use the specified resource.",
        "billing_error" => "Your credit balance is too low to access the API.",
        "not_found_error" => "Not Found",
        "request_too_large" => "Request exceeds the maximum size",
        "timeout_error" => "Request timed out",
        "invalid_request_error" => "Invalid request",
        _ => "Internal server error",
    }
}
