//! How the servers refuse.

use super::Flavour;
use crate::{Cause, Refuse};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

/// A refusal: status, type, sentence, and what `OpenAI` adds.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    status: u16,
    kind: String,
    message: String,
    param: Option<String>,
    code: Option<String>,
}

impl Refused {
    pub(super) fn new(status: u16, kind: &str, message: impl Into<String>) -> Self {
        Self { status, kind: kind.to_owned(), message: message.into(), param: None, code: None }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// What the simulator itself cannot answer for.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "server_error", message)
    }

    pub(super) fn code(self, code: &str) -> Self {
        Self { code: Some(code.to_owned()), ..self }
    }

    pub(super) fn param(self, param: &str) -> Self {
        Self { param: Some(param.to_owned()), ..self }
    }

    /// As a test scripted it.
    pub(super) fn scripted(refuse: &Refuse, flavour: Flavour) -> Self {
        if refuse.cause != Cause::Status {
            let message = "You exceeded your current quota, please check your plan and billing details.";
            return Self::new(429, "insufficient_quota", message).code("insufficient_quota");
        }
        let local = matches!(flavour, Flavour::Ollama);
        let refused = |kind, message: &str| Self::new(refuse.status, kind, message);
        match refuse.status {
            401 => refused("invalid_request_error", "Incorrect API key provided.").code("invalid_api_key"),
            404 => refused(if local { "not_found_error" } else { "invalid_request_error" }, "Not found."),
            429 if local => refused("api_error", "server busy, please try again"),
            429 => refused("requests", "Rate limit reached for requests.").code("rate_limit_exceeded"),
            400..=499 => refused("invalid_request_error", "Invalid request."),
            _ if local => refused("api_error", "internal error"),
            503 if flavour == Flavour::LlamaCpp => refused("unavailable_error", "Loading model"),
            _ => refused("server_error", "The server had an error while processing your request."),
        }
    }

    /// An error of this type in the midst of a stream, or instead of one.
    pub(super) fn of_kind(kind: &str) -> Self {
        let status = match kind {
            "rate_limit_exceeded" | "rate_limit_error" | "requests" => 429,
            "overloaded_error" => 503,
            "invalid_request_error" => 400,
            _ => 500,
        };
        Self::new(status, kind, "The server had an error while processing your request.")
    }

    /// `{"error": {"message", "type", "param", "code"}}`; llama.cpp and vLLM put the status for a code.
    pub(super) fn json(&self, flavour: Flavour) -> Value {
        let code = match flavour {
            Flavour::LlamaCpp | Flavour::Vllm => json!(self.status),
            Flavour::OpenAi | Flavour::Ollama => json!(self.code),
        };
        json!({"error": {"message": self.message, "type": self.kind, "param": self.param, "code": code}})
    }

    pub(super) fn response(&self, flavour: Flavour) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [("content-type", "application/json")], self.json(flavour).to_string()).into_response()
    }
}
