//! What the services say when they fail, made into our errors.

use crate::LlmError;
use remote::retry::Hints;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashSet;

/// Characters of a service's words that are told on.
const LONGEST: usize = 300;

/// Bytes of a service's words that are looked at.
const READ: usize = 2000;

/// Bytes in a row that stand also in the prompt are taken for a repetition of it.
const ECHO: usize = 12;

/// What a service says about its failure; empty where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// The status, or the one that the type of error stands for.
    pub status: u16,
    kind: String,
    code: String,
    message: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    #[serde(rename = "type")]
    kind: Option<Value>,
    code: Option<Value>,
    message: Option<Value>,
}

impl Told {
    /// As the body of an answer that is no success tells it.
    pub fn in_answer(status: u16, body: &[u8]) -> Self {
        let document: Value = serde_json::from_slice(body).unwrap_or_default();
        Self { status, ..Self::read(document) }
    }

    /// As an event of a stream tells it.
    pub fn in_stream(data: &str) -> Self {
        let told = Self::read(serde_json::from_str(data).unwrap_or_default());
        let status = match told.kind.as_str() {
            _ if told.code.parse().is_ok_and(|code: u16| (400..600).contains(&code)) => {
                told.code.parse().unwrap_or(500)
            }
            "overloaded_error" => 529,
            "timeout_error" => 504,
            "authentication_error" => 401,
            "billing_error" => 402,
            "permission_error" => 403,
            "not_found_error" => 404,
            "request_too_large" => 413,
            "rate_limit_error" | "rate_limit_exceeded" | "insufficient_quota" | "tokens" | "requests" => 429,
            "invalid_request_error" => 400,
            _ => 500,
        };
        Self { status, ..told }
    }

    /// Fields stand in `error`, at the top with some, or `error` is the message itself.
    fn read(mut document: Value) -> Self {
        let inner = document.get_mut("error").map(Value::take);
        let (fields, message) = match inner {
            Some(Value::String(message)) => (Fields::default(), Some(message)),
            Some(object @ Value::Object(_)) => (serde_json::from_value(object).unwrap_or_default(), None),
            _ => (serde_json::from_value(document).unwrap_or_default(), None),
        };
        let text = |value: Option<Value>| match value {
            Some(Value::String(text)) => text,
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let message = message.unwrap_or_else(|| text(fields.message));
        Self { status: 0, kind: text(fields.kind), code: text(fields.code), message }
    }

    /// The error, for a request about `subject`; what the service repeats of `prompt` and of the key is taken out of its words.
    pub fn error<'a>(
        &self,
        hints: Hints,
        subject: Subject<'_>,
        prompt: impl Iterator<Item = &'a str>,
        key: Option<&str>,
    ) -> LlmError {
        let words = self.message.to_lowercase();
        let says = |any: &[&str]| any.iter().any(|what| words.contains(what));
        let is = |name: &str| self.kind == name || self.code == name;
        let status = self.status;
        let too_long = ["prompt is too long", "context length", "context window", "context size", "maximum context"];
        // Without a wait there is nothing to wait for: the month's money is spent.
        let money = ["spend", "billing", "credit", "monthly", "usage limit", "budget", "current quota"];
        match status {
            _ if is("insufficient_quota") || is("billing_error") || is("billing_hard_limit_reached") => {
                LlmError::Billing
            }
            401 | 403 => LlmError::Key { status },
            402 => LlmError::Billing,
            404 => match subject {
                Subject::Model(model) => LlmError::Model { model: model.to_owned() },
                Subject::Other(what) => LlmError::NotThere { what },
            },
            413 => LlmError::TooLarge,
            400 | 422 if is("context_length_exceeded") || is("exceed_context_size_error") || says(&too_long) => {
                LlmError::TooLarge
            }
            400 if says(&["credit balance"]) => LlmError::Billing,
            429 if hints.wait.is_none() && says(&money) => LlmError::Billing,
            429 => LlmError::Limited { retry_after: hints.wait },
            503 | 529 => LlmError::Overloaded { status },
            408 | 409 | 500.. => LlmError::Server { status },
            _ => {
                let message = without(&self.message, prompt, key);
                let message = if message.is_empty() { "it does not say why".to_owned() } else { message };
                LlmError::Invalid { status: Some(status), message }
            }
        }
    }
}

/// What a request is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject<'a> {
    Model(&'a str),
    Other(&'static str),
}

/// A service's words on one line, cut to what is told on; each run of them that stands also in the prompt, or is the key, is `…`.
fn without<'a>(message: &str, prompt: impl Iterator<Item = &'a str>, key: Option<&str>) -> String {
    let mut message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    message.truncate(message.floor_char_boundary(READ));
    if let Some(key) = key {
        message = message.replace(key, "…");
    }
    let bytes = message.as_bytes();
    let mine: HashSet<&[u8]> = bytes.windows(ECHO).collect();
    let mut heard: HashSet<&[u8]> = HashSet::new();
    // The prompt is long and the message short, so the prompt is gone through once.
    for text in prompt.filter(|_| !mine.is_empty()) {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        heard.extend(words.as_bytes().windows(ECHO).filter_map(|window| mine.get(window).copied()));
    }
    let mut is_echo = vec![false; bytes.len()];
    for (at, window) in bytes.windows(ECHO).enumerate() {
        // What is written in escapes can be anything.
        if heard.contains(window) {
            is_echo[at..at + ECHO].fill(true);
        }
    }
    for (at, _) in message.match_indices("\\u") {
        is_echo[at..bytes.len().min(at + 6)].fill(true);
    }
    let mut clean = String::new();
    for (at, c) in message.char_indices() {
        if !is_echo[at..at + c.len_utf8()].contains(&true) {
            clean.push(c);
        } else if !clean.ends_with('…') {
            clean.push('…');
        }
    }
    match clean.char_indices().nth(LONGEST - 1) {
        Some((cut, c)) if cut + c.len_utf8() < clean.len() => {
            clean.truncate(cut);
            clean.push('…');
            clean
        }
        _ => clean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn error(status: u16, body: &str, hints: Hints) -> LlmError {
        Told::in_answer(status, body.as_bytes()).error(hints, Subject::Model("m-1"), std::iter::empty(), None)
    }

    #[test]
    fn each_failure_has_its_error() {
        let none = Hints::default();
        let wait = Hints { wait: Some(Duration::from_secs(9)), ..none };
        let quota = r#"{"error":{"message":"You exceeded it","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#;
        let cap = r#"{"type":"error","error":{"type":"rate_limit_error","message":"This organization has reached its monthly spend limit"}}"#;
        let long =
            r#"{"error":{"message":"too many","type":"invalid_request_error","code":"context_length_exceeded"}}"#;
        let told = r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}}"#;
        let local = r#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}"#;
        let poor =
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}"#;
        let table = [
            (401, "", none, LlmError::Key { status: 401 }),
            (403, "<html>", none, LlmError::Key { status: 403 }),
            (402, "", none, LlmError::Billing),
            (404, "", none, LlmError::Model { model: "m-1".to_owned() }),
            (413, "", none, LlmError::TooLarge),
            (400, long, none, LlmError::TooLarge),
            (400, told, none, LlmError::TooLarge),
            (400, local, none, LlmError::TooLarge),
            (400, poor, none, LlmError::Billing),
            (429, "", none, LlmError::Limited { retry_after: None }),
            (429, cap, none, LlmError::Billing),
            (429, cap, wait, LlmError::Limited { retry_after: wait.wait }),
            (429, quota, wait, LlmError::Billing),
            (503, "", none, LlmError::Overloaded { status: 503 }),
            (529, "", none, LlmError::Overloaded { status: 529 }),
            (500, "", none, LlmError::Server { status: 500 }),
            (408, "", none, LlmError::Server { status: 408 }),
            (400, "", none, LlmError::Invalid { status: Some(400), message: "it does not say why".to_owned() }),
            (
                400,
                r#"{"error":"no such\n field"}"#,
                none,
                LlmError::Invalid { status: Some(400), message: "no such field".to_owned() },
            ),
            (
                422,
                r#"{"message":"at top","type":"x"}"#,
                none,
                LlmError::Invalid { status: Some(422), message: "at top".to_owned() },
            ),
        ];
        for (status, body, hints, expected) in table {
            assert_eq!(error(status, body, hints), expected, "{status} {body}");
        }
    }

    #[test]
    fn an_error_in_a_stream_stands_for_a_status() {
        let status = |data: &str| Told::in_stream(data).status;
        assert_eq!(status(r#"{"type":"error","error":{"type":"overloaded_error","message":"x"}}"#), 529);
        assert_eq!(status(r#"{"type":"error","error":{"type":"api_error","message":"x"}}"#), 500);
        assert_eq!(status(r#"{"error":{"message":"x","type":"server_error","code":null}}"#), 500);
        assert_eq!(status(r#"{"error":{"message":"x","type":"BadRequestError","code":400}}"#), 400);
        assert_eq!(
            status(r#"{"error":{"message":"x","type":"rate_limit_exceeded","code":"rate_limit_exceeded"}}"#),
            429
        );
    }

    #[test]
    fn the_words_of_a_service_are_told_without_the_prompt_and_the_key() {
        let prompt = ["Judge the call.", "#1 0:00 A: Dana Whitlock here, our margin is 31 percent\nand falling"];
        let clean = |message: &str| without(message, prompt.into_iter(), Some("sk-sesame"));
        let told =
            clean("messages.0: 'Dana Whitlock here, our margin is 31 percent and falling' is bad; key sk-sesame");
        assert_eq!(told, "messages.0: '…' is bad; key …");
        assert_eq!(clean("input: 'margin is 31' and \\u0041\\u0042c"), "input: '…' and …c");
        assert_eq!(clean("max_tokens: must be positive"), "max_tokens: must be positive");
        assert_eq!(clean(""), "");
        let long = clean(&"ö".repeat(900));
        assert_eq!((long.chars().count(), long.ends_with("ö…")), (300, true));
        assert_eq!(clean(&"ö".repeat(300)), "ö".repeat(300));
    }
}
