//! Chat completions, whole and streamed.

use super::errors::Refused;
use super::request::{Wanted, read};
use super::{Desk, Flavour, has, json};
use crate::model::speech::{REFUSAL, Speech, Stop, speak};
use crate::model::stream::Reel;
use crate::model::tokens::{pieces, tokens};
use crate::{Fault, ModelFault};
use axum::response::Response;
use serde_json::{Value, json as value};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Lets the model answer.
pub(super) async fn create(desk: &Arc<Desk>, body: &Value, faults: &[Fault]) -> Result<Response, Refused> {
    let arrived = Instant::now();
    let Wanted { model, ask, blocks, stream, include_usage } = read(desk, body)?;
    let latency = desk.settings.latency;
    let (least, now) = (desk.settings.cache_minimum, desk.settings.time.now());
    let cached = desk.cache.every(&blocks, least, now, arrived, |cached| latency.first(cached));
    let (teller, scripted) = (desk.clone(), faults.to_vec());
    // Judging takes a while, and the others must not wait for it.
    let said = tokio::task::spawn_blocking(move || speak(&ask, &teller.judging, &scripted)).await;
    let mut speech = said.map_err(|error| Refused::internal(error.to_string()))?.map_err(Refused::internal)?;
    let flavour = desk.settings.flavour;
    if speech.stop == Stop::Refused && flavour != Flavour::OpenAi {
        // Models that run at home refuse in plain words.
        speech = Speech { text: REFUSAL.to_owned(), stop: Stop::End, ..speech };
    }
    tokio::time::sleep_until((arrived + latency.first(cached > 0)).into()).await;
    let completion = Completion {
        flavour,
        id: desk.id("chatcmpl"),
        call_id: desk.id("call"),
        created: now.timestamp(),
        model,
        prompt: blocks.total(),
        cached,
        speech,
        latency: latency.per_token,
    };
    if stream {
        return Ok(completion.stream(faults, include_usage).response());
    }
    if let Some(kind) = error_in_stream(faults) {
        return Err(Refused::of_kind(kind));
    }
    tokio::time::sleep(latency.per_token * completion.speech.tokens() as u32).await;
    Ok(json(&completion.json()))
}

fn error_in_stream(faults: &[Fault]) -> Option<&str> {
    faults.iter().find_map(|fault| match fault {
        Fault::Model(ModelFault::ErrorInStream(kind)) => Some(kind.as_str()),
        _ => None,
    })
}

/// An answer in the form of the protocol.
struct Completion {
    flavour: Flavour,
    id: String,
    call_id: String,
    created: i64,
    model: String,
    prompt: u64,
    cached: u64,
    speech: Speech,
    latency: Duration,
}

impl Completion {
    fn finish_reason(&self) -> &'static str {
        match self.speech.stop {
            Stop::Tool => "tool_calls",
            Stop::Length => "length",
            Stop::Filtered => "content_filter",
            Stop::End | Stop::Sequence(_) | Stop::Refused => "stop",
        }
    }

    /// Where the server puts the thoughts of the model, if it shows them.
    fn thinking(&self) -> Option<(&'static str, &str)> {
        let field = match self.flavour {
            Flavour::OpenAi => return None,
            Flavour::Ollama => "reasoning",
            Flavour::LlamaCpp | Flavour::Vllm => "reasoning_content",
        };
        self.speech.thinking.as_deref().map(|thinking| (field, thinking))
    }

    fn usage(&self) -> Value {
        let said = self.speech.tokens();
        let mut usage = value!({
            "prompt_tokens": self.prompt,
            "completion_tokens": said,
            "total_tokens": self.prompt + said,
        });
        if matches!(self.flavour, Flavour::OpenAi | Flavour::Vllm) {
            usage["prompt_tokens_details"] = value!({"cached_tokens": self.cached, "audio_tokens": 0});
        }
        if self.flavour == Flavour::OpenAi {
            let thought = tokens(self.speech.thinking.as_deref().unwrap_or_default());
            usage["completion_tokens_details"] = value!({"reasoning_tokens": thought, "audio_tokens": 0});
        }
        usage
    }

    /// What only some servers tell, at the level of the answer.
    fn extras(&self, answer: &mut Value) {
        match self.flavour {
            Flavour::OpenAi => {
                answer["service_tier"] = "default".into();
                answer["system_fingerprint"] = Value::Null;
            }
            Flavour::Ollama => answer["system_fingerprint"] = "fp_ollama".into(),
            Flavour::LlamaCpp => answer["system_fingerprint"] = "b6000-simulated".into(),
            Flavour::Vllm => answer["prompt_logprobs"] = Value::Null,
        }
    }

    fn timings(&self) -> Value {
        let said = self.speech.tokens();
        value!({
            "cache_n": self.cached,
            "prompt_n": self.prompt - self.cached,
            "prompt_ms": 1.0,
            "predicted_n": said,
            "predicted_ms": self.latency.as_secs_f64() * 1000.0 * said as f64,
        })
    }

    fn json(&self) -> Value {
        let said = Some(&self.speech.text).filter(|text| self.speech.call.is_none() || !text.is_empty());
        let refused = self.speech.stop == Stop::Refused;
        let mut message = value!({"role": "assistant", "content": said.filter(|_| !refused)});
        if self.flavour == Flavour::OpenAi {
            message["refusal"] = if refused { REFUSAL.into() } else { Value::Null };
            message["annotations"] = value!([]);
        }
        if let Some((field, thinking)) = self.thinking() {
            message[field] = thinking.into();
        }
        if let Some((name, input)) = &self.speech.call {
            let function = value!({"name": name, "arguments": input.to_string()});
            message["tool_calls"] = value!([{"id": self.call_id, "type": "function", "function": function}]);
        }
        let mut answer = value!({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": self.finish_reason()}],
            "usage": self.usage(),
            // Something that no client has heard of.
            "novelty": {"since": "2026-11"},
        });
        self.extras(&mut answer);
        if self.flavour == Flavour::LlamaCpp {
            answer["timings"] = self.timings();
        }
        answer
    }

    fn chunk(&self, delta: &Value, finish: Option<&str>, include_usage: bool) -> Value {
        let mut chunk = value!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}],
        });
        self.extras(&mut chunk);
        if self.flavour == Flavour::OpenAi {
            chunk["obfuscation"] = "x8Fq".into();
            if include_usage {
                chunk["usage"] = Value::Null;
            }
        }
        chunk
    }

    /// The chunks of the answer, a token at a time.
    fn stream(&self, faults: &[Fault], include_usage: bool) -> Reel {
        let mut reel = Reel::default();
        let mut said = 0_u64;
        let mut deltas = vec![(0, value!({"role": "assistant", "content": ""}))];
        let mut say = |text: &str, delta: &dyn Fn(&str) -> Value| {
            for piece in pieces(text) {
                said += tokens(piece);
                deltas.push((said - 1, delta(piece)));
            }
        };
        if let Some((field, thinking)) = self.thinking() {
            say(thinking, &|piece| value!({ field: piece }));
        }
        if self.speech.stop == Stop::Refused {
            say(REFUSAL, &|piece| value!({"refusal": piece}));
        }
        say(&self.speech.text, &|piece| value!({"content": piece}));
        if let Some((name, input)) = &self.speech.call {
            let (id, at) = (&self.call_id, said);
            let call = value!({"index": 0, "id": id, "type": "function", "function": {"name": name, "arguments": ""}});
            deltas.push((at, value!({"tool_calls": [call]})));
            let mut say = |text: &str| {
                for piece in pieces(text) {
                    said += tokens(piece);
                    let call = value!({"index": 0, "function": {"arguments": piece}});
                    deltas.push((said - 1, value!({"tool_calls": [call]})));
                }
            };
            say(&input.to_string());
        }
        // A comment, as servers send to keep a line open.
        reel.push(Duration::ZERO, ": simulated\n\n".to_owned());
        for (said, delta) in &deltas {
            reel.push(self.latency * *said as u32, frame(&self.chunk(delta, None, include_usage)));
        }
        let last = self.latency * said.saturating_sub(1) as u32;
        let mut finish = self.chunk(&value!({}), Some(self.finish_reason()), include_usage);
        if self.flavour == Flavour::LlamaCpp {
            finish["timings"] = self.timings();
        }
        let body = reel.len();
        reel.push(last, frame(&finish));
        if include_usage {
            let mut usage = self.chunk(&Value::Null, None, true);
            usage["choices"] = value!([]);
            usage["usage"] = self.usage();
            reel.push(last, frame(&usage));
        }
        reel.push(last, "data: [DONE]\n\n".to_owned());
        self.spoil(reel, body, faults)
    }

    /// What is scripted to go wrong within a stream whose words end at `body`.
    fn spoil(&self, mut reel: Reel, body: usize, faults: &[Fault]) -> Reel {
        if faults.contains(&Fault::TruncateJson) {
            reel.halve(body / 2);
        }
        if has(faults, &ModelFault::NoEnd) {
            reel.cut(body);
        }
        if let Some(kind) = error_in_stream(faults) {
            let at = reel.cut(body / 2 + 1);
            reel.push(at, frame(&Refused::of_kind(kind).json(self.flavour)));
        }
        if has(faults, &ModelFault::UnknownEvent) {
            let mut chunk = self.chunk(&value!({"novelty": "x"}), None, false);
            chunk["object"] = "chat.completion.novelty".into();
            reel.insert(2, frame(&chunk));
            reel.insert(2, "event: novelty\nid: 7\nretry: 1000\n\n".to_owned());
        }
        reel
    }
}

fn frame(chunk: &Value) -> String {
    format!("data: {chunk}\n\n")
}
