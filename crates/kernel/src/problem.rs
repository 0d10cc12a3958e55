//! What clients are told when something cannot be done: RFC 9457.

use serde::Serialize;
use std::collections::BTreeMap;

/// A problem as clients see it. Internal detail never gets here: it is logged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    /// A stable name, as a path: `/problems/not-found`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The kind of problem in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong here and what to do.
    pub detail: String,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub errors: BTreeMap<String, Vec<String>>,
    /// Where to find it in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Box<str>>,
    /// Seconds after which to try again.
    #[serde(skip)]
    pub retry_after: Option<u64>,
}

impl Problem {
    fn new(kind: &'static str, title: &'static str, status: u16, detail: impl Into<String>) -> Self {
        Self {
            kind,
            title,
            status,
            detail: detail.into(),
            errors: BTreeMap::new(),
            request_id: None,
            retry_after: None,
        }
    }

    /// 400: the request is not understood.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new("/problems/bad-request", "The request is not understood", 400, detail)
    }

    /// 401: who asks is not known.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new("/problems/unauthorized", "Log in first", 401, detail)
    }

    /// 403: who asks may not.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new("/problems/forbidden", "Not allowed", 403, detail)
    }

    /// 404: it is not there, or not for who asks; which of the two is not told.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            "/problems/not-found",
            "Not found",
            404,
            format!("there is no such {what}, or it is not yours to see"),
        )
    }

    /// 405: it is there, but not for this method.
    pub fn no_such_method(method: &str) -> Self {
        Self::new(
            "/problems/method-not-allowed",
            "Another method is needed",
            405,
            format!("{method} is not for this page; `Allow` says what is"),
        )
    }

    /// 409: it does not fit what is there.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new("/problems/conflict", "It does not fit what is there", 409, detail)
    }

    /// 413: too much at once.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new("/problems/too-large", "Too large", 413, detail)
    }

    /// 415: a media type that is not taken.
    pub fn media_type(detail: impl Into<String>) -> Self {
        Self::new("/problems/media-type", "Another media type is needed", 415, detail)
    }

    /// 422: understood, but a field is wrong.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new("/problems/invalid", "A value is wrong", 422, detail)
    }

    /// 429: too often.
    pub fn too_many(detail: impl Into<String>, retry_after: u64) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new("/problems/too-many-requests", "Too many requests", 429, detail)
        }
    }

    /// 500: our fault; the log has it.
    pub fn internal() -> Self {
        Self::new(
            "/problems/internal",
            "It went wrong here",
            500,
            "it went wrong on this side; the log has it by the request id",
        )
    }

    /// 503: something that is needed is away.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self { retry_after: Some(5), ..Self::new("/problems/unavailable", "Not available now", 503, detail) }
    }

    /// With what is wrong with a field.
    #[must_use]
    pub fn field(mut self, name: &str, error: impl Into<String>) -> Self {
        self.errors.entry(name.to_owned()).or_default().push(error.into());
        self
    }
}
