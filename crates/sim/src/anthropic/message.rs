//! Messages, whole and streamed, and the counting of tokens.

use super::errors::{Refused, words};
use super::request::{Wanted, read};
use super::{Desk, has, json};
use crate::model::cache::Share;
use crate::model::speech::{Speech, Stop, speak};
use crate::model::stream::Reel;
use crate::model::tokens::{pieces, tokens};
use crate::{Fault, ModelFault};
use axum::response::Response;
use serde_json::{Value, json as value};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Counts the tokens of a request.
pub(super) fn count(desk: &Desk, body: &Value, version: &str) -> Result<Response, Refused> {
    let wanted = read(body, version, &desk.settings, true)?;
    Ok(json(&value!({"input_tokens": wanted.blocks.total()})))
}

/// Lets the model answer.
pub(super) async fn create(
    desk: &Arc<Desk>,
    body: &Value,
    version: &str,
    faults: &[Fault],
) -> Result<Response, Refused> {
    let arrived = Instant::now();
    let wanted = read(body, version, &desk.settings, false)?;
    let latency = desk.settings.latency;
    let share =
        desk.cache.marked(&wanted.blocks, desk.settings.cache_minimum, desk.settings.time.now(), arrived, |cached| {
            latency.first(cached)
        });
    let (teller, scripted, ask) = (desk.clone(), faults.to_vec(), wanted.ask.clone());
    // Judging takes a while, and the others must not wait for it.
    let said = tokio::task::spawn_blocking(move || speak(&ask, &teller.judging, &scripted)).await;
    let speech = said.map_err(|error| Refused::internal(error.to_string()))?.map_err(Refused::internal)?;
    tokio::time::sleep_until((arrived + latency.first(share.read > 0)).into()).await;
    let message = Message { id: desk.id("msg"), model: &wanted.model, share, speech: &speech, batch: false };
    if wanted.stream {
        return Ok(message.stream(body, faults, latency.per_token, || desk.id("toolu")).response());
    }
    if let Some(kind) = error_in_stream(faults) {
        return Err(Refused::of_kind(kind));
    }
    tokio::time::sleep(latency.per_token * speech.tokens() as u32).await;
    let mut whole = message.json(body, &desk.id("toolu"));
    if has(faults, &ModelFault::UnknownEvent)
        && let Some(content) = whole["content"].as_array_mut()
    {
        content.insert(0, value!({"type": "novelty", "novelty": 1}));
    }
    Ok(json(&whole))
}

/// The answer to a request within a batch.
pub(super) fn batched(desk: &Desk, params: &Value, version: &str) -> Result<Value, Refused> {
    let Wanted { model, ask, blocks, .. } = read(params, version, &desk.settings, false)?;
    let now = desk.settings.time.now();
    let share = desk.cache.marked(&blocks, desk.settings.cache_minimum, now, Instant::now(), |_| Duration::ZERO);
    let speech = speak(&ask, &desk.judging, &[]).map_err(Refused::internal)?;
    let message = Message { id: desk.id("msg"), model: &model, share, speech: &speech, batch: true };
    Ok(message.json(params, &desk.id("toolu")))
}

fn error_in_stream(faults: &[Fault]) -> Option<&str> {
    faults.iter().find_map(|fault| match fault {
        Fault::Model(ModelFault::ErrorInStream(kind)) => Some(kind.as_str()),
        _ => None,
    })
}

/// An answer in the form of the API.
struct Message<'a> {
    id: String,
    model: &'a str,
    share: Share,
    speech: &'a Speech,
    batch: bool,
}

impl Message<'_> {
    fn usage(&self, output: u64) -> Value {
        let Share { input, short, long, read } = self.share;
        value!({
            "input_tokens": input,
            "cache_creation_input_tokens": short + long,
            "cache_read_input_tokens": read,
            "cache_creation": {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long},
            "output_tokens": output,
            "service_tier": if self.batch { "batch" } else { "standard" },
            "inference_geo": "not_available",
        })
    }

    fn stop_reason(&self) -> &'static str {
        match self.speech.stop {
            Stop::End => "end_turn",
            Stop::Length => "max_tokens",
            Stop::Sequence(_) => "stop_sequence",
            Stop::Tool => "tool_use",
            Stop::Refused | Stop::Filtered => "refusal",
        }
    }

    fn stop_sequence(&self) -> Option<&str> {
        match &self.speech.stop {
            Stop::Sequence(stop) => Some(stop),
            _ => None,
        }
    }

    fn stop_details(&self) -> Value {
        match self.speech.stop {
            Stop::Refused | Stop::Filtered => value!({
                "type": "refusal",
                "category": "general_harms",
                "explanation": "The simulator was told to refuse this request.",
            }),
            _ => Value::Null,
        }
    }

    /// The thoughts as the request wants to see them.
    fn thinking(&self, body: &Value) -> Option<String> {
        let shown = body["thinking"]["display"] != "omitted";
        self.speech.thinking.as_ref().map(|thinking| if shown { thinking.clone() } else { String::new() })
    }

    fn json(&self, body: &Value, tool_id: &str) -> Value {
        let mut content = Vec::new();
        if let Some(thinking) = self.thinking(body) {
            content.push(value!({"type": "thinking", "thinking": thinking, "signature": SIGNATURE}));
        }
        if !self.speech.text.is_empty() {
            content.push(value!({"type": "text", "text": self.speech.text, "citations": null}));
        }
        if let Some((name, input)) = &self.speech.call {
            content.push(value!({"type": "tool_use", "id": tool_id, "name": name, "input": input}));
        }
        value!({
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": content,
            "stop_reason": self.stop_reason(),
            "stop_sequence": self.stop_sequence(),
            "stop_details": self.stop_details(),
            "usage": self.usage(self.speech.tokens()),
            // Something that no client has heard of.
            "novelty": {"since": "2026-11"},
        })
    }

    /// The events of the answer, a token at a time.
    fn stream(&self, body: &Value, faults: &[Fault], per_token: Duration, tool_id: impl Fn() -> String) -> Reel {
        let mut events = Events { reel: Reel::default(), per_token, said: 0, index: 0 };
        let mut begin = self.json(body, "");
        begin["content"] = value!([]);
        for field in ["stop_reason", "stop_sequence", "stop_details"] {
            begin[field] = Value::Null;
        }
        begin["usage"] = self.usage(u64::from(self.speech.tokens() > 0));
        events.push(&value!({"type": "message_start", "message": begin}));
        if let Some(thinking) = self.thinking(body) {
            events.begin(&value!({"type": "thinking", "thinking": "", "signature": ""}));
            events.say("thinking_delta", "thinking", &thinking);
            events.delta(&value!({"type": "signature_delta", "signature": SIGNATURE}));
            events.end();
        }
        if !self.speech.text.is_empty() {
            events.begin(&value!({"type": "text", "text": ""}));
            events.push(&value!({"type": "ping"}));
            events.say("text_delta", "text", &self.speech.text);
            events.end();
        }
        if let Some((name, input)) = &self.speech.call {
            events.begin(&value!({"type": "tool_use", "id": tool_id(), "name": name, "input": {}}));
            events.delta(&value!({"type": "input_json_delta", "partial_json": ""}));
            events.say("input_json_delta", "partial_json", &input.to_string());
            events.end();
        }
        let delta = value!({
            "stop_reason": self.stop_reason(),
            "stop_sequence": self.stop_sequence(),
            "stop_details": self.stop_details(),
            "container": null,
        });
        let usage = self.usage(self.speech.tokens());
        events.push(&value!({"type": "message_delta", "delta": delta, "usage": usage}));
        events.push(&value!({"type": "message_stop"}));
        spoil(events.reel, faults)
    }
}

const SIGNATURE: &str = "c2ltdWxhdGVk";

/// What is scripted to go wrong within a stream.
fn spoil(mut reel: Reel, faults: &[Fault]) -> Reel {
    if has(faults, &ModelFault::UnknownEvent) {
        reel.insert(1, frame(&value!({"type": "novelty", "novelty": {"x": 1}})));
        if reel.len() > 5 {
            let delta = value!({"type": "novelty_delta", "novelty": "x"});
            reel.insert(5, frame(&value!({"type": "content_block_delta", "index": 0, "delta": delta})));
        }
    }
    if faults.contains(&Fault::TruncateJson) {
        reel.halve(reel.len() / 2);
    }
    if has(faults, &ModelFault::NoEnd) {
        reel.cut(reel.len() - 1);
    }
    if let Some(kind) = error_in_stream(faults) {
        let at = reel.cut(reel.len() / 2);
        reel.push(at, frame(&value!({"type": "error", "error": {"type": kind, "message": words(kind)}})));
    }
    reel
}

fn frame(event: &Value) -> String {
    format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap_or_default())
}

/// Events as they are written.
struct Events {
    reel: Reel,
    per_token: Duration,
    said: u64,
    index: usize,
}

impl Events {
    fn push(&mut self, event: &Value) {
        self.reel.push(self.per_token * self.said.saturating_sub(1) as u32, frame(event));
    }

    fn begin(&mut self, block: &Value) {
        self.push(&value!({"type": "content_block_start", "index": self.index, "content_block": block}));
    }

    fn delta(&mut self, delta: &Value) {
        self.push(&value!({"type": "content_block_delta", "index": self.index, "delta": delta}));
    }

    fn say(&mut self, kind: &str, field: &str, text: &str) {
        for piece in pieces(text) {
            self.said += tokens(piece);
            let mut delta = value!({"type": kind});
            delta[field] = piece.into();
            self.delta(&delta);
        }
    }

    fn end(&mut self) {
        self.push(&value!({"type": "content_block_stop", "index": self.index}));
        self.index += 1;
    }
}
