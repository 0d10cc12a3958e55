//! How Salesforce refuses: an array of errors; where tokens are given, as OAuth has it.

use super::answer;
use crate::Refuse;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

/// A refusal.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    status: u16,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    Json(Value),
    Text(&'static str),
}

impl Refused {
    fn new(status: u16, code: &str, message: &str) -> Self {
        Self { status, body: Body::Json(json!([{"message": message, "errorCode": code}])) }
    }

    /// A query that cannot be parsed.
    pub(super) fn malformed(message: &str) -> Self {
        Self::new(400, "MALFORMED_QUERY", message)
    }

    /// A field that the object does not have, or that cannot be compared so.
    pub(super) fn field(message: &str) -> Self {
        Self::new(400, "INVALID_FIELD", message)
    }

    pub(super) fn object(name: &str) -> Self {
        Self::new(400, "INVALID_TYPE", &format!("sObject type '{name}' is not supported."))
    }

    /// A value that cannot stand there.
    pub(super) fn filter(message: &str) -> Self {
        Self::new(400, "INVALID_QUERY_FILTER_OPERATOR", message)
    }

    pub(super) fn locator() -> Self {
        Self::new(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "NOT_FOUND", "The requested resource does not exist")
    }

    pub(super) fn session() -> Self {
        Self::new(401, "INVALID_SESSION_ID", "Session expired or invalid")
    }

    pub(super) fn limited() -> Self {
        Self::new(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    }

    pub(super) fn method() -> Self {
        Self::new(405, "METHOD_NOT_ALLOWED", "HTTP Method not allowed. Allowed are GET")
    }

    /// An address longer than one may be.
    pub(super) fn too_long() -> Self {
        Self { status: 414, body: Body::Text("URI Too Long") }
    }

    /// Who a token belongs to is not told.
    pub(super) fn bad_token() -> Self {
        Self { status: 403, body: Body::Text("Bad_OAuth_Token") }
    }

    /// Where tokens are given.
    pub(super) fn oauth(error: &str, description: &str) -> Self {
        Self { status: 400, body: Body::Json(json!({"error": error, "error_description": description})) }
    }

    /// As a test scripted it.
    pub(super) fn scripted(refuse: &Refuse) -> Self {
        match refuse.status {
            401 => Self::session(),
            403 => Self::new(403, "INSUFFICIENT_ACCESS", "The user is not allowed to do this"),
            404 => Self::not_found(),
            429 => Self { status: 429, ..Self::limited() },
            503 => Self::new(503, "SERVER_UNAVAILABLE", "Server is too busy"),
            status => Self::new(status, "UNKNOWN_EXCEPTION", "An unexpected error occurred"),
        }
    }

    pub(super) fn response(&self) -> Response {
        let mut response = match &self.body {
            Body::Json(told) => answer(told),
            Body::Text(text) => text.into_response(),
        };
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response
    }
}
