//! How HubSpot refuses.

use super::answer;
use crate::Refuse;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

/// A refusal.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    status: u16,
    body: Value,
}

impl Refused {
    fn new(status: u16, category: &str, message: &str) -> Self {
        let body = json!({"status": "error", "message": message, "correlationId": "5a3f2c1e-0000-4000-8000-000000000000", "category": category});
        Self { status, body }
    }

    pub(super) fn invalid(message: &str) -> Self {
        Self::new(400, "VALIDATION_ERROR", message)
    }

    pub(super) fn not_found(message: &str) -> Self {
        Self::new(404, "OBJECT_NOT_FOUND", message)
    }

    pub(super) fn method() -> Self {
        Self::new(405, "VALIDATION_ERROR", "HTTP 405 Method Not Allowed")
    }

    /// A token that was never given out.
    pub(super) fn unknown() -> Self {
        Self::new(
            401,
            "INVALID_AUTHENTICATION",
            "Authentication credentials not found. This API supports OAuth 2.0 authentication",
        )
    }

    pub(super) fn expired() -> Self {
        Self::new(401, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired.")
    }

    /// A limit is reached: `SECONDLY`, `TEN_SECONDLY_ROLLING`, `DAILY`.
    pub(super) fn limited(policy: &str, message: &str) -> Self {
        let mut refused = Self::new(429, "RATE_LIMITS", message);
        refused.body["policyName"] = policy.into();
        refused.body["errorType"] = "RATE_LIMIT".into();
        refused
    }

    /// Where tokens are given.
    pub(super) fn oauth(status: &str, message: &str) -> Self {
        Self { status: 400, body: json!({"status": status, "message": message, "correlationId": "5a3f2c1e"}) }
    }

    /// As a test scripted it.
    pub(super) fn scripted(refuse: &Refuse) -> Self {
        match refuse.status {
            401 => Self::expired(),
            403 => {
                Self::new(403, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call.")
            }
            404 => Self::not_found("resource not found"),
            429 => Self::limited("TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit."),
            status => Self::new(status, "INTERNAL_ERROR", "internal error"),
        }
    }

    pub(super) fn response(&self) -> Response {
        let mut response = answer(&self.body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response
    }
}
