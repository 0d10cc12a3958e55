//! One request over HTTP, and how it fails.

use crate::GongError;
use crate::error::not_understood;
use chrono::{DateTime, Utc};
use remote::http::{self, read_up_to};
use remote::retry::{Hints, Outcome};
use reqwest::header::CONTENT_TYPE;
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// Time to connect.
pub(crate) const CONNECT: Duration = Duration::from_secs(5);

/// Bytes of the largest answer that is read.
const LARGEST: usize = 64 << 20;

/// Bytes of what is read of the words of a failure.
const LARGEST_FAILURE: usize = 64 << 10;

/// Characters of Gong's words that are told on.
const LONGEST: usize = 300;

/// Bytes in a row that stand also in something secret are taken for a part of it.
const ECHO: usize = 8;

/// A service that names no wait is asked again after this one, once requests stop being repeated here.
const UNNAMED: Duration = Duration::from_mins(1);

/// No longer wait is believed: the limits of Gong are those of a second and of a day.
const BELIEVED: Duration = Duration::from_hours(24);

/// What is asked, and what is to be known to tell how that fails.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    /// The address.
    pub url: &'a Url,
    /// What is asked for: `calls`.
    pub what: &'static str,
    /// A filter that fits nothing is answered by 404.
    pub may_be_none: bool,
    /// What to check when it is denied.
    pub check: fn(u16) -> &'static str,
    /// What no error repeats.
    pub secrets: Vec<&'a str>,
    /// The time of day.
    pub now: DateTime<Utc>,
}

/// A request that failed.
#[derive(Debug)]
pub(crate) struct Failed {
    pub error: GongError,
    pub outcome: Outcome,
    pub hints: Hints,
    /// The kind of failure as OAuth names it: `invalid_grant`. Not to be shown.
    pub code: String,
}

impl Failed {
    pub fn new(error: GongError, outcome: Outcome) -> Self {
        Self { error, outcome, hints: Hints::default(), code: String::new() }
    }
}

/// Sends a request: its document, or none where a filter fits nothing. An answer that is no success is an error.
pub(crate) async fn send(request: RequestBuilder, place: &Place<'_>) -> Result<Option<Value>, Failed> {
    let response = request.send().await.map_err(|error| unreachable(&error, place))?;
    let status = response.status();
    if status.is_redirection() {
        return Err(Failed::new(GongError::Elsewhere { status: status.as_u16() }, Outcome::Final));
    }
    if !status.is_success() {
        return told(response, place).await;
    }
    let media = media_type(&response);
    if !is_json(&media) {
        return Err(Failed::new(not_understood(format!("it is {}", shown(&media))), Outcome::Midst));
    }
    match read_up_to(response, LARGEST).await {
        None => Err(Failed::new(GongError::Unfinished, Outcome::Midst)),
        Some(body) if body.len() > LARGEST => Err(Failed::new(GongError::TooLarge { most: LARGEST }, Outcome::Final)),
        // The reader's own words may repeat what it read.
        Some(body) => serde_json::from_slice(&body).map(Some).map_err(|error| {
            let what = if error.is_eof() { "it ends in the midst" } else { "it is no JSON" };
            Failed::new(not_understood(what), Outcome::Midst)
        }),
    }
}

/// An answer that is no success.
async fn told(response: Response, place: &Place<'_>) -> Result<Option<Value>, Failed> {
    let status = response.status().as_u16();
    let headers = response.headers();
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let wait = Hints::read(header, place.now).wait.map(|wait| wait.min(BELIEVED));
    let body = read_up_to(response, LARGEST_FAILURE).await.unwrap_or_default();
    let words: Value = serde_json::from_slice(&body).unwrap_or_default();
    let error = match status {
        401 | 403 => GongError::Denied { status, check: (place.check)(status) },
        // What is not Gong knows nothing of filters: it would look like a company without calls.
        404 if place.may_be_none && (words["requestId"].is_string() || words["errors"].is_array()) => return Ok(None),
        404 => GongError::NotThere { host: http::host(place.url), what: place.what },
        429 => GongError::Limited { wait: wait.unwrap_or(UNNAMED) },
        500.. => GongError::Server { status },
        _ => GongError::Invalid { status, message: message(&words, &place.secrets) },
    };
    let passes = matches!(error, GongError::Limited { .. } | GongError::Server { .. });
    let outcome = if passes { Outcome::Status(status) } else { Outcome::Final };
    let code = words["error"].as_str().unwrap_or_default().to_owned();
    Err(Failed { error, outcome, hints: Hints { should: None, wait }, code })
}

/// What Gong says about a request that it takes for wrong, as it follows the status.
fn message(words: &Value, secrets: &[&str]) -> String {
    let errors: Vec<_> = words["errors"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let text: String = errors.join("; ").chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    let mut message = String::new();
    if !text.trim().is_empty() && !gives_away(&text, secrets) {
        message = format!(": {}", text.trim());
    }
    let id = words["requestId"].as_str().unwrap_or_default();
    let is_id = (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if is_id && !gives_away(id, secrets) {
        message = format!("{message} (request {id}, which Gong's support can look up)");
    }
    message
}

/// Whether a part of something secret stands in a text.
fn gives_away(text: &str, secrets: &[&str]) -> bool {
    secrets.iter().filter(|secret| !secret.is_empty()).any(|secret| {
        let secret = secret.as_bytes();
        secret.windows(secret.len().min(ECHO)).any(|part| text.as_bytes().windows(part.len()).any(|at| at == part))
    })
}

fn unreachable(error: &reqwest::Error, place: &Place<'_>) -> Failed {
    let outcome = if error.is_connect() { Outcome::NoConnection } else { Outcome::NoAnswer };
    let (host, why) = (http::host(place.url), http::why(error, CONNECT));
    Failed::new(GongError::Unreachable { host, why }, outcome)
}

fn media_type(response: &Response) -> String {
    let media = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_json(media: &str) -> bool {
    media == "application/json" || media.starts_with("application/") && media.ends_with("+json")
}

/// A media type as it can stand in a sentence: only those that are known, as the header can hold anything.
fn shown(media: &str) -> &'static str {
    match media {
        "text/html" => "a page (`text/html`)",
        "text/plain" => "a text (`text/plain`)",
        "" => "of no kind",
        _ => "no JSON",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn gongs_words_are_told_unless_they_give_something_away() {
        let secrets = ["sesame-0123456789", "key"];
        let table = [
            (
                json!({ "requestId": "4al018gz", "errors": ["from is after to", "no such workspace"] }),
                ": from is after to; no such workspace (request 4al018gz, which Gong's support can look up)",
            ),
            (json!({ "errors": ["you sent 23456789"] }), ""),
            (json!({ "errors": ["your key is wrong"] }), ""),
            (json!({ "requestId": "sesame-0", "errors": ["line\nend"] }), ": lineend"),
            (json!({ "requestId": "<b>", "errors": [7, " "] }), ""),
            (json!({ "requestId": 7, "errors": "x" }), ""),
            (json!(null), ""),
        ];
        for (words, told) in table {
            assert_eq!(message(&words, &secrets), told, "{words}");
        }
        let long = message(&json!({ "errors": ["é".repeat(1000)] }), &[]);
        assert_eq!(long.chars().count(), 2 + LONGEST);
    }

    #[test]
    fn json_is_known_by_its_kind() {
        assert!(["application/json", "application/problem+json"].into_iter().all(is_json));
        assert!(!["", "text/html", "application/jsonp", "text/x+json"].into_iter().any(is_json));
    }
}
