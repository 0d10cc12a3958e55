//! Servers that speak as those of language models do, and clients that ask them.

use llm::{Client, Message, Part, Provider, Request, Settings};
pub use remote::testing::{Answer, Piece, Server, answer, chunk, json, stream, stream_end, stream_head};
use serde_json::Value;
use std::time::Duration;

/// The key of all tests, which nobody may show.
pub const KEY: &str = "sk-sesame-0123456789";

/// Words of the prompt of all tests, which nobody may show.
pub const SECRET_WORDS: &str = "our floor is ninety thousand";

/// What asks a server.
pub trait Asked {
    /// Settings that are patient enough for a slow machine and wait little between requests.
    fn settings(&self, provider: Provider) -> Settings;

    /// A client with them.
    fn client(&self, provider: Provider) -> Client {
        Client::new(self.settings(provider)).unwrap()
    }
}

impl Asked for Server {
    fn settings(&self, provider: Provider) -> Settings {
        let path = if provider == Provider::Anthropic { "" } else { "v1" };
        Settings {
            base_url: self.url().join(path).unwrap(),
            key: Some(kernel::Secret::new(KEY)),
            deadline: Duration::from_secs(20),
            backoff: Duration::from_millis(5),
            ..Settings::new(provider)
        }
    }
}

/// Events of Anthropic, each with its type as its name.
pub fn events(all: &[Value]) -> String {
    let event = |event: &Value| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap());
    all.iter().map(event).collect::<Vec<_>>().concat()
}

/// A short answer of Anthropic.
pub fn good_anthropic(text: &str) -> String {
    use serde_json::json;
    let usage = json!({ "input_tokens": 7, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 90, "output_tokens": 1 });
    events(&[
        json!({ "type": "message_start", "message": { "id": "msg_1", "model": "claude-x-1", "content": [], "usage": usage } }),
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
        json!({ "type": "ping" }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": text } }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 5 } }),
        json!({ "type": "message_stop" }),
    ])
}

/// Chunks of chat completions with their end.
pub fn chunks(all: &[Value]) -> String {
    all.iter().map(|chunk| format!("data: {chunk}\n\n")).chain(["data: [DONE]\n\n".to_owned()]).collect()
}

/// A short answer of chat completions.
pub fn good_openai(text: &str) -> String {
    use serde_json::json;
    let usage = json!({ "prompt_tokens": 97, "completion_tokens": 5, "total_tokens": 102, "prompt_tokens_details": { "cached_tokens": 90 } });
    chunks(&[
        json!({ "model": "m-1", "choices": [{ "index": 0, "delta": { "role": "assistant", "content": "" }, "finish_reason": null }], "usage": null }),
        json!({ "model": "m-1", "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": null }] }),
        json!({ "model": "m-1", "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] }),
        json!({ "model": "m-1", "choices": [], "usage": usage }),
    ])
}

/// A short answer of whichever.
pub fn good(provider: Provider, text: &str) -> Answer {
    stream(&if provider == Provider::Anthropic { good_anthropic(text) } else { good_openai(text) }, 4096)
}

pub fn question() -> Request {
    Request {
        model: "m-1".to_owned(),
        system: vec![Part::new("You judge calls.")],
        messages: vec![Message::user(vec![Part::new(format!("#1 0:00 A: {SECRET_WORDS}")), Part::new("Was it good?")])],
        schema: None,
        max_tokens: 500,
    }
}
