//! What a test asks the simulator itself: beneath `/__sim/`, neither written down nor subject to faults.
//!
//! - `GET requests`: the journal, `[{"method", "uri", "headers", "body", "bytes", "status", "arrived_ms", "answered_ms"}]`
//! - `POST faults`: a script in words, a request a line ([`crate::Faults::read`]); an empty body clears it
//! - `GET clock`, `POST clock` with `{"advance_s": 301}` or `{"now": "2026-11-20T12:00:00Z"}`, and `{"speed": 600}` alone or beside one of
//!   them: `{"now", "speed"}`

use super::{Asked, Desk};
use crate::time::FASTEST;
use axum::body::Bytes;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value, json};

/// How the clock is asked for what it can do.
const CLOCK: &str =
    "expected {\"advance_s\": 301} or {\"now\": \"2026-11-20T12:00:00Z\"}, or a \"speed\" of 0 to 1000000";

impl Desk {
    /// Answers a request of this path beneath `/__sim/`.
    pub(super) fn admin(&self, method: &Method, what: &str, body: &Bytes) -> Response {
        let text = String::from_utf8_lossy(body);
        let answered = match (method, what) {
            (&Method::GET, "requests") => Ok(self.asked().iter().map(shown).collect()),
            (&Method::POST, "faults") if text.trim().is_empty() => {
                self.faults.clear();
                Ok(json!({}))
            }
            (&Method::POST, "faults") => self.faults.read(&text).map(|()| json!({})),
            (&Method::GET, "clock") => Ok(self.clock()),
            (&Method::POST, "clock") => self.set_clock(&text),
            _ => return StatusCode::NOT_FOUND.into_response(),
        };
        match answered {
            Ok(answer) => ([("content-type", "application/json")], answer.to_string()).into_response(),
            Err(wrong) => (StatusCode::BAD_REQUEST, wrong).into_response(),
        }
    }

    fn clock(&self) -> Value {
        let time = &self.plan.time;
        json!({ "now": time.now().to_rfc3339_opts(SecondsFormat::Micros, true), "speed": time.speed() })
    }

    fn set_clock(&self, text: &str) -> Result<Value, String> {
        let wish: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let now = wish["now"].as_str().and_then(|now| DateTime::parse_from_rfc3339(now).ok());
        let by = wish["advance_s"].as_f64().map(|seconds| TimeDelta::milliseconds((seconds * 1000.0) as i64));
        let speed = wish["speed"].as_f64().filter(|speed| (0.0..=FASTEST).contains(speed));
        let named = |name: &str| !wish[name].is_null();
        let understood =
            [named("now") == now.is_some(), named("advance_s") == by.is_some(), named("speed") == speed.is_some()];
        let wanted = [now.is_some(), by.is_some(), speed.is_some()];
        if understood.contains(&false) || !wanted.contains(&true) || (now.is_some() && by.is_some()) {
            return Err(CLOCK.to_owned());
        }
        if let Some(speed) = speed {
            self.plan.time.run(speed);
        }
        if let Some(now) = now {
            self.plan.time.set(now.with_timezone(&Utc));
        }
        if let Some(by) = by {
            self.plan.time.advance(by);
        }
        Ok(self.clock())
    }
}

fn shown(asked: &Asked) -> Value {
    let mut headers = Map::new();
    for (name, value) in &asked.headers {
        headers.insert(name.to_string(), String::from_utf8_lossy(value.as_bytes()).into());
    }
    json!({
        "method": asked.method.as_str(),
        "uri": asked.uri.to_string(),
        "headers": headers,
        "body": String::from_utf8_lossy(&asked.body),
        "bytes": asked.bytes,
        "status": asked.status.map(|status| status.as_u16()),
        "arrived_ms": asked.arrived.as_secs_f64() * 1000.0,
        "answered_ms": asked.answered.as_secs_f64() * 1000.0,
    })
}
