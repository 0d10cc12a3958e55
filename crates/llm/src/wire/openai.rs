//! Chat completions, as `OpenAI` and the local servers speak them.

use super::fault::Told;
use super::{Bad, Gathered, Step, read};
use crate::{LlmError, Part, Provider, Request, Schema, Stop, Usage};
use serde::Deserialize;
use serde_json::{Value, json};

/// Characters of the longest name of a schema.
const LONGEST_NAME: usize = 64;

/// What is sent for a streamed answer.
pub(crate) fn streamed(request: &Request, provider: Provider) -> Value {
    // The role `system` is understood by all of them, `developer` by OpenAI alone.
    let system = said(&request.system).map(|text| json!({ "role": "system", "content": text }));
    let messages = request
        .messages
        .iter()
        .map(|message| json!({ "role": message.role.as_str(), "content": said(&message.parts).unwrap_or_default() }));
    let mut body = json!({
        "model": request.model,
        "messages": system.into_iter().chain(messages).collect::<Vec<_>>(),
        "stream": true,
        "stream_options": { "include_usage": true },
    });
    let limit = if provider == Provider::OpenAi { "max_completion_tokens" } else { "max_tokens" };
    body[limit] = request.max_tokens.into();
    if let Some(schema) = &request.schema {
        let format = json!({ "name": name(schema), "schema": schema.document, "strict": true });
        body["response_format"] = json!({ "type": "json_schema", "json_schema": format });
    }
    body
}

/// Parts as one text: not all servers take several, and those that do join them each in its own way.
fn said(parts: &[Part]) -> Option<String> {
    let texts: Vec<_> = parts.iter().map(|part| part.text.as_str()).filter(|text| !text.is_empty()).collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

fn name(schema: &Schema) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' };
    let name: String = schema.name.chars().map(allowed).take(LONGEST_NAME).collect();
    if name.is_empty() { "answer".to_owned() } else { name }
}

#[derive(Debug, Deserialize)]
struct Chunk {
    model: Option<String>,
    /// `error` where the whole event is one.
    object: Option<String>,
    choices: Option<Vec<Choice>>,
    usage: Option<Figures>,
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    #[serde(default)]
    index: u32,
    delta: Option<Delta>,
    finish_reason: Option<String>,
}

/// Thoughts (`reasoning`, `reasoning_content`) and tools are left out.
#[derive(Debug, Deserialize)]
struct Delta {
    content: Option<String>,
    refusal: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Figures {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    total_tokens: Option<u64>,
    prompt_tokens_details: Option<Details>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Details {
    cached_tokens: Option<u64>,
}

impl Figures {
    fn usage(self) -> Option<Usage> {
        let (prompt, output) = (self.prompt_tokens?, self.completion_tokens?);
        // Some leave thoughts out of the completion, but none out of the total.
        let output = output.max(self.total_tokens.unwrap_or(0).saturating_sub(prompt));
        let cache_read = self.prompt_tokens_details.and_then(|details| details.cached_tokens).unwrap_or(0).min(prompt);
        Some(Usage { input: prompt - cache_read, cache_read, output, ..Usage::default() })
    }
}

/// Puts the chunks of a stream together.
#[derive(Debug, Default)]
pub(crate) struct Gather {
    text: String,
    refusal: String,
    model: Option<String>,
    reason: Option<String>,
    usage: Option<Usage>,
    is_whole: bool,
}

impl Gather {
    pub fn event(&mut self, data: &str) -> Result<Step, Bad> {
        if data.trim() == "[DONE]" {
            self.is_whole = true;
            return Ok(Step::End);
        }
        let chunk: Chunk = read(data.as_bytes(), "an event of the stream").map_err(Bad::Unreadable)?;
        if chunk.error.is_some_and(|error| !error.is_null()) || chunk.object.as_deref() == Some("error") {
            return Err(Bad::Told(Told::in_stream(data)));
        }
        self.model = self.model.take().or(chunk.model);
        self.usage = chunk.usage.and_then(Figures::usage).or(self.usage);
        let before = self.text.len();
        for choice in chunk.choices.into_iter().flatten().filter(|choice| choice.index == 0) {
            if let Some(delta) = choice.delta {
                self.text.push_str(&delta.content.unwrap_or_default());
                self.refusal.push_str(&delta.refusal.unwrap_or_default());
            }
            self.reason = choice.finish_reason.filter(|reason| !reason.is_empty()).or(self.reason.take());
        }
        Ok(if self.text.len() > before { Step::Text } else { Step::Other })
    }

    /// What was told and written so far, once an answer has begun.
    pub fn so_far(&self) -> Option<(Option<Usage>, &str)> {
        let is_begun = self.model.is_some() || !self.text.is_empty();
        is_begun.then_some((self.usage, self.text.as_str()))
    }

    pub fn finish(&mut self) -> Result<Gathered, LlmError> {
        let stop = match self.reason.as_deref() {
            None if !self.is_whole || self.text.is_empty() && self.refusal.is_empty() => {
                return Err(LlmError::Unfinished);
            }
            _ if !self.refusal.is_empty() => {
                Stop::Refused { category: None, explanation: Some(std::mem::take(&mut self.refusal)) }
            }
            None | Some("stop") => Stop::End,
            Some("length") => Stop::Cut,
            Some("content_filter") => Stop::Refused { category: Some("content_filter".to_owned()), explanation: None },
            Some(other) => Stop::Other(other.to_owned()),
        };
        Ok(Gathered { text: std::mem::take(&mut self.text), stop, usage: self.usage, model: self.model.take() })
    }
}
