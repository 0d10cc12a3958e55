//! One request over HTTP, and how it fails.

use crate::GongError;
use crate::error::not_understood;
use chrono::{DateTime, Utc};
use remote::http::{self, Unread};
use remote::retry::{Hints, Outcome};
use remote::words::{gives_away, tellable};
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// Time to connect.
pub(crate) const CONNECT: Duration = Duration::from_secs(5);

/// Bytes of the largest answer that is read.
const LARGEST: usize = 64 << 20;

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
    http::read_json(response, LARGEST).await.map(Some).map_err(|unread| match unread {
        Unread::Unfinished => Failed::new(GongError::Unfinished, Outcome::Midst),
        Unread::TooLarge => Failed::new(GongError::TooLarge { most: LARGEST }, Outcome::Final),
        Unread::NotUnderstood(what) => Failed::new(not_understood(what), Outcome::Midst),
    })
}

/// An answer that is no success.
async fn told(response: Response, place: &Place<'_>) -> Result<Option<Value>, Failed> {
    let status = response.status().as_u16();
    let headers = response.headers();
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let wait = Hints::read(header, place.now).wait.map(|wait| wait.min(BELIEVED));
    let words = http::read_failure(response).await;
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
    let mut message = tellable(&errors.join("; "), secrets).map(|told| format!(": {told}")).unwrap_or_default();
    let id = words["requestId"].as_str().unwrap_or_default();
    let is_id = (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if is_id && !gives_away(id, secrets) {
        message = format!("{message} (request {id}, which Gong's support can look up)");
    }
    message
}

fn unreachable(error: &reqwest::Error, place: &Place<'_>) -> Failed {
    let outcome = if error.is_connect() { Outcome::NoConnection } else { Outcome::NoAnswer };
    let (host, why) = (http::host(place.url), http::why(error, CONNECT));
    Failed::new(GongError::Unreachable { host, why }, outcome)
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
        assert_eq!(long.chars().count(), 2 + remote::words::LONGEST);
    }
}
