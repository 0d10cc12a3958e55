//! Anthropic's Messages API, version 2026-10-21. No sampling parameters: that version refuses them.

use super::fault::Told;
use super::{Bad, Gathered, Step, read};
use crate::{CacheFor, LlmError, Part, Request, Stop, Usage};
use serde::Deserialize;
use serde_json::{Value, json};

/// The version of the protocol, in the header `anthropic-version`.
pub(crate) const VERSION: &str = "2026-10-21";

/// Parts of a request that the service can be asked to remember.
const MOST_CACHED: usize = 4;

/// Names of the events that say something.
const KNOWN: [&str; 6] =
    ["message_start", "content_block_start", "content_block_delta", "message_delta", "message_stop", "error"];

/// What is sent to be counted: the question without how long the answer may be.
pub(crate) fn countable(request: &Request) -> Result<Value, LlmError> {
    let cached = request.system.iter().chain(request.messages.iter().flat_map(|message| &message.parts));
    let cached = cached.filter(|part| part.cache.is_some() && !part.text.is_empty()).count();
    if cached > MOST_CACHED {
        let message = format!("at most {MOST_CACHED} parts can be marked to be remembered, here {cached} are");
        return Err(LlmError::Invalid { status: None, message });
    }
    let messages = request
        .messages
        .iter()
        .map(|message| json!({ "role": message.role.as_str(), "content": blocks(&message.parts) }));
    let mut body = json!({ "model": request.model, "messages": messages.collect::<Vec<_>>() });
    let system = blocks(&request.system);
    if !system.is_empty() {
        body["system"] = system.into();
    }
    if let Some(schema) = &request.schema {
        body["output_config"] = json!({ "format": { "type": "json_schema", "schema": schema.document } });
    }
    Ok(body)
}

/// What is sent for an answer in one piece, as in batches.
pub(crate) fn body(request: &Request) -> Result<Value, LlmError> {
    let mut body = countable(request)?;
    body["max_tokens"] = request.max_tokens.into();
    Ok(body)
}

/// What is sent for a streamed answer.
pub(crate) fn streamed(request: &Request) -> Result<Value, LlmError> {
    let mut body = body(request)?;
    body["stream"] = true.into();
    Ok(body)
}

fn blocks(parts: &[Part]) -> Vec<Value> {
    let said = parts.iter().filter(|part| !part.text.is_empty());
    said.map(|part| {
        let mut block = json!({ "type": "text", "text": part.text });
        match part.cache {
            None => {}
            // Five minutes is what is meant where nothing is said.
            Some(CacheFor::FiveMinutes) => block["cache_control"] = json!({ "type": "ephemeral" }),
            Some(CacheFor::OneHour) => block["cache_control"] = json!({ "type": "ephemeral", "ttl": "1h" }),
        }
        block
    })
    .collect()
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    MessageStart {
        message: Message,
    },
    ContentBlockStart {
        content_block: Block,
    },
    ContentBlockDelta {
        delta: Delta,
    },
    MessageDelta {
        delta: Last,
        #[serde(default)]
        usage: Figures,
    },
    MessageStop,
    Error,
    // `ping`, `content_block_stop`, and what is yet to be invented.
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text {
        #[serde(default)]
        text: String,
    },
    // Thoughts, tools, and what is yet to be invented.
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Delta {
    TextDelta {
        text: String,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Default, Deserialize)]
struct Last {
    stop_reason: Option<String>,
    stop_details: Option<Details>,
}

#[derive(Debug, Deserialize)]
struct Details {
    category: Option<String>,
    explanation: Option<String>,
}

/// A message in one piece, or the start of one.
#[derive(Debug, Deserialize)]
struct Message {
    model: Option<String>,
    #[serde(default)]
    content: Vec<Block>,
    #[serde(flatten)]
    last: Last,
    #[serde(default)]
    usage: Figures,
}

/// Figures so far; each is told anew, not added to.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
struct Figures {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation: Option<Written>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
struct Written {
    ephemeral_5m_input_tokens: Option<u64>,
    ephemeral_1h_input_tokens: Option<u64>,
}

impl Figures {
    /// Takes over what is told later.
    fn update(&mut self, later: Self) {
        self.input_tokens = later.input_tokens.or(self.input_tokens);
        self.output_tokens = later.output_tokens.or(self.output_tokens);
        self.cache_creation_input_tokens = later.cache_creation_input_tokens.or(self.cache_creation_input_tokens);
        self.cache_read_input_tokens = later.cache_read_input_tokens.or(self.cache_read_input_tokens);
        self.cache_creation = later.cache_creation.or(self.cache_creation);
    }

    fn usage(self) -> Option<Usage> {
        let (input, output) = (self.input_tokens?, self.output_tokens?);
        let split = self.cache_creation.unwrap_or_default();
        let hour = split.ephemeral_1h_input_tokens.unwrap_or(0);
        let known = split.ephemeral_5m_input_tokens.unwrap_or(0) + hour;
        // The sum goes before its parts: the end of a stream tells the sum alone.
        let written = self.cache_creation_input_tokens.unwrap_or(known);
        let hour = hour.min(written);
        let cache_read = self.cache_read_input_tokens.unwrap_or(0);
        Some(Usage {
            input,
            cache_write_5m: written - hour,
            cache_write_1h: hour,
            cache_read,
            output,
            estimated: false,
        })
    }
}

fn stop(last: Last) -> Option<Stop> {
    let reason = last.stop_reason?;
    Some(match reason.as_str() {
        "end_turn" | "stop_sequence" => Stop::End,
        "max_tokens" => Stop::Cut,
        "model_context_window_exceeded" => Stop::ContextFull,
        "refusal" => {
            let (category, explanation) =
                last.stop_details.map_or((None, None), |details| (details.category, details.explanation));
            Stop::Refused { category, explanation }
        }
        _ => Stop::Other(reason),
    })
}

/// Puts the events of a stream together.
#[derive(Debug, Default)]
pub(crate) struct Gather {
    text: String,
    model: Option<String>,
    last: Last,
    tokens: Figures,
    is_whole: bool,
}

impl Gather {
    pub fn event(&mut self, name: Option<&str>, data: &str) -> Result<Step, Bad> {
        // What is yet to be invented need not even be JSON.
        if name.is_some_and(|name| !KNOWN.contains(&name)) {
            return Ok(Step::Other);
        }
        let event: Event = read(data.as_bytes(), "an event of the stream").map_err(Bad::Unreadable)?;
        let before = self.text.len();
        match event {
            Event::MessageStart { message } => {
                self.model = message.model;
                self.tokens.update(message.usage);
            }
            Event::ContentBlockStart { content_block: Block::Text { text } }
            | Event::ContentBlockDelta { delta: Delta::TextDelta { text } } => self.text.push_str(&text),
            Event::ContentBlockStart { .. } | Event::ContentBlockDelta { .. } | Event::Other => {}
            Event::MessageDelta { delta, usage } => {
                self.tokens.update(usage);
                self.last = delta;
            }
            Event::MessageStop => {
                self.is_whole = true;
                return Ok(Step::End);
            }
            Event::Error => return Err(Bad::Told(Told::in_stream(data))),
        }
        Ok(if self.text.len() > before { Step::Text } else { Step::Other })
    }

    /// What was told and written so far, once an answer has begun.
    pub fn so_far(&self) -> Option<(Option<Usage>, &str)> {
        let is_begun = self.model.is_some() || self.tokens.input_tokens.is_some();
        is_begun.then(|| (self.tokens.usage(), self.text.as_str()))
    }

    pub fn finish(&mut self) -> Result<Gathered, LlmError> {
        let stop = stop(std::mem::take(&mut self.last)).filter(|_| self.is_whole).ok_or(LlmError::Unfinished)?;
        let (text, model) = (std::mem::take(&mut self.text), self.model.take());
        Ok(Gathered { text, stop, usage: self.tokens.usage(), model })
    }
}

/// Reads an answer in one piece.
pub(crate) fn whole(message: Value) -> Result<Gathered, LlmError> {
    let message: Message = serde_json::from_value(message)
        .map_err(|_| crate::error::not_understood("a message of the batch has other fields than expected"))?;
    let text =
        message.content.into_iter().map(|block| if let Block::Text { text } = block { text } else { String::new() });
    let text = text.collect();
    let stop = stop(message.last).ok_or(LlmError::Unfinished)?;
    Ok(Gathered { text, stop, usage: message.usage.usage(), model: message.model })
}
