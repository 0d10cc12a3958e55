//! What the API does not take.

use super::errors::Refused;
use super::request::content;
use serde_json::Value;

/// Fields of a request to the model.
const FIELDS: &[&str] = &[
    "cache_control",
    "container",
    "diagnostics",
    "inference_geo",
    "max_tokens",
    "messages",
    "metadata",
    "model",
    "output_config",
    "output_format",
    "service_tier",
    "speed",
    "stop_sequences",
    "stream",
    "system",
    "temperature",
    "thinking",
    "tool_choice",
    "tools",
    "top_k",
    "top_p",
];

/// Fields that counting tokens does not take.
const NOT_COUNTED: &[&str] = &["max_tokens", "metadata", "service_tier", "stop_sequences", "stream"];

/// Kinds of blocks in messages.
const BLOCKS: &[&str] = &["text", "image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking"];

/// Tokens of the longest answer.
const LONGEST: u64 = 128_000;

/// No field that nobody knows.
pub(super) fn fields(body: &Value, counts: bool) -> Result<(), Refused> {
    let known = |name: &str| FIELDS.contains(&name) && !(counts && NOT_COUNTED.contains(&name));
    match body.as_object().into_iter().flatten().map(|(name, _)| name).find(|name| !known(name)) {
        Some(name) => Err(Refused::invalid(format!("{name}: Extra inputs are not permitted"))),
        None => Ok(()),
    }
}

/// No sampling parameters in the new version of the API; in the old one only the usual ones for newer models.
pub(super) fn sampling(body: &Value, version: &str, samples: bool) -> Result<(), Refused> {
    for name in ["temperature", "top_p", "top_k"] {
        let Some(value) = body.get(name).filter(|value| !value.is_null()) else { continue };
        if version != "2023-06-01" {
            return Err(Refused::invalid(format!("{name}: Extra inputs are not permitted")));
        }
        let usual = name != "top_k" && value.as_f64().is_some_and(|value| (value - 1.0).abs() < f64::EPSILON);
        if !samples && !usual {
            return Err(Refused::invalid(format!("`{name}` may only be set to its default value for this model.")));
        }
    }
    Ok(())
}

/// The tokens that the answer may have.
pub(super) fn max_tokens(body: &Value) -> Result<u64, Refused> {
    match body.get("max_tokens") {
        None => Err(Refused::invalid("max_tokens: Field required")),
        Some(most) => match most.as_u64() {
            Some(most) if most <= LONGEST => Ok(most),
            Some(most) => Err(Refused::invalid(format!(
                "max_tokens: {most} > {LONGEST}, which is the maximum allowed number of output tokens for this model"
            ))),
            None => Err(Refused::invalid("max_tokens: Input should be a valid integer greater than or equal to 0")),
        },
    }
}

/// A budget of thinking that fits the answer.
pub(super) fn thinking(body: &Value, most: Option<u64>) -> Result<(), Refused> {
    let Some(kind) = body.get("thinking").map(|thinking| thinking["type"].as_str().unwrap_or_default()) else {
        return Ok(());
    };
    match (kind, body["thinking"]["budget_tokens"].as_u64()) {
        ("adaptive" | "disabled" | "between_tools", _) => Ok(()),
        ("enabled", Some(budget)) if budget >= 1024 && most.is_none_or(|most| budget < most) => Ok(()),
        ("enabled", Some(_)) => {
            Err(Refused::invalid("thinking.enabled.budget_tokens: must be at least 1024 and less than max_tokens"))
        }
        ("enabled", None) => Err(Refused::invalid("thinking.enabled.budget_tokens: Field required")),
        _ => Err(Refused::invalid("thinking.type: Input should be 'adaptive', 'enabled' or 'disabled'")),
    }
}

/// The messages, if they are such as the API takes.
pub(super) fn messages(body: &Value, version: &str, old: bool) -> Result<Vec<Value>, Refused> {
    let messages = body["messages"].as_array().ok_or_else(|| Refused::invalid("messages: Field required"))?;
    let role = |at: usize| messages.get(at).and_then(|message| message["role"].as_str()).unwrap_or_default();
    if messages.is_empty() {
        return Err(Refused::invalid("messages: at least one message is required"));
    }
    if role(0) != "user" {
        return Err(Refused::invalid("messages: first message must use the \"user\" role"));
    }
    if role(messages.len() - 1) == "assistant" && !old {
        return Err(Refused::invalid(
            "This model does not support assistant message prefill. The conversation must end with a user message.",
        ));
    }
    for (at, message) in messages.iter().enumerate() {
        let wrong = |what: &str| Err(Refused::invalid(format!("messages.{at}.{what}")));
        match role(at) {
            "user" | "assistant" => {}
            "system" if role(at.wrapping_sub(1)) == "user" => {}
            _ => return wrong("role: Input should be 'user' or 'assistant'"),
        }
        let blocks = content(&message["content"]);
        if blocks.is_empty() {
            return wrong("content: Field required");
        }
        for (index, block) in blocks.iter().enumerate() {
            if let Some(what) = wrong_block(block, role(at), version) {
                return wrong(&format!("content.{index}{what}"));
            }
        }
        results(messages, at, &blocks)?;
    }
    Ok(messages.clone())
}

/// What is wrong with a block in a message of this role.
fn wrong_block(block: &Value, role: &str, version: &str) -> Option<&'static str> {
    let kind = block["type"].as_str().unwrap_or_default();
    let new = version != "2023-06-01";
    let cited = block["citations"].as_array().is_some_and(|citations| !citations.is_empty());
    match kind {
        kind if !BLOCKS.contains(&kind) => Some(".type: Input tag does not match any of the expected tags"),
        "text" if !block["text"].is_string() => Some(".text.text: Field required"),
        "text" if block["text"] == "" => Some(": text content blocks must be non-empty"),
        "text" if new && role == "user" && cited => Some(".text.citations: not permitted in user messages"),
        "document" if new && role == "assistant" => Some(": document blocks are not permitted in assistant messages"),
        "tool_use" if role != "assistant" => Some(": tool_use blocks can only be in assistant messages"),
        "tool_result" if role != "user" => Some(": tool_result blocks can only be in user messages"),
        _ => None,
    }
}

/// Each call of a tool has its result at the beginning of the next message, and each result its call.
fn results(messages: &[Value], at: usize, blocks: &[Value]) -> Result<(), Refused> {
    let ids = |blocks: &[Value], kind: &str, id: &str| -> Vec<String> {
        let found = blocks.iter().filter(|block| block["type"] == kind);
        found.map(|block| block[id].as_str().unwrap_or_default().to_owned()).collect()
    };
    let given = ids(blocks, "tool_result", "tool_use_id");
    let before = at.checked_sub(1).map(|before| content(&messages[before]["content"])).unwrap_or_default();
    let called = ids(&before, "tool_use", "id");
    if let Some(stranger) = given.iter().find(|id| !called.contains(id)) {
        return Err(Refused::invalid(format!(
            "messages.{at}.content: unexpected `tool_use_id` found in `tool_result` blocks: {stranger}. Each `tool_result` \
             block must have a corresponding `tool_use` block in the previous message."
        )));
    }
    let first = blocks.iter().take(given.len()).all(|block| block["type"] == "tool_result");
    if let (false, Some(missing)) = (called.iter().all(|id| given.contains(id)) && first, called.first()) {
        return Err(Refused::invalid(format!(
            "messages.{}: `tool_use` ids were found without `tool_result` blocks immediately after: {missing}. Each \
             `tool_use` block must have a corresponding `tool_result` block at the start of the next message.",
            at.wrapping_sub(1)
        )));
    }
    Ok(())
}
