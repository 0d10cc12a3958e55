//! What a request for a completion is made of, by the flavour of the server.

use super::errors::Refused;
use super::{Desk, Flavour};
use crate::judge::{Prompt, Turn};
use crate::model::blocks::Blocks;
use crate::model::schema::closed;
use crate::model::speech::{Ask, Tool};
use serde_json::{Value, json};

/// Fields that `OpenAI` knows.
const FIELDS: &[&str] = &[
    "audio",
    "frequency_penalty",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "metadata",
    "modalities",
    "model",
    "moderation",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
    "verbosity",
    "web_search_options",
];

/// Characters of the text that the cache keeps or forgets together: 128 tokens of prose.
const PAGE: usize = 512;

/// A request that was understood.
pub(super) struct Wanted {
    pub model: String,
    pub ask: Ask,
    pub blocks: Blocks,
    pub stream: bool,
    pub include_usage: bool,
}

/// The text of content: a string, or parts of which some are text.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

/// Reads a request.
pub(super) fn read(desk: &Desk, body: &Value) -> Result<Wanted, Refused> {
    let flavour = desk.settings.flavour;
    let strict = flavour == Flavour::OpenAi;
    if strict
        && let Some(name) =
            body.as_object().into_iter().flatten().map(|(name, _)| name).find(|name| !FIELDS.contains(&name.as_str()))
    {
        let wrong = format!("Unrecognized request argument supplied: {name}");
        return Err(Refused::invalid(wrong).code("unknown_parameter"));
    }
    let missing = |name: &str| {
        Refused::invalid(format!("you must provide a {name} parameter")).param(name).code("missing_required_parameter")
    };
    let model = body["model"].as_str().or((flavour == Flavour::LlamaCpp).then_some("local.gguf"));
    let model = model.ok_or_else(|| missing("model"))?;
    desk.has_model(model)?;
    let messages = body["messages"].as_array().filter(|messages| !messages.is_empty());
    let messages = messages.ok_or_else(|| missing("messages"))?;
    let turns = turns(messages, strict)?;
    let schema = format(body, flavour, messages)?;
    let tools = body["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    let stream = body["stream"] == true;
    if strict && !stream && body["stream_options"].is_object() {
        let wrong = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        return Err(Refused::invalid(wrong).param("stream_options"));
    }
    if strict && body["n"].as_u64().is_some_and(|n| n > 1) {
        return Err(Refused::invalid("The simulator gives one choice: n is 1.").param("n"));
    }

    let mut all = String::new();
    for part in schema.iter().chain(tools) {
        all.push_str(&part.to_string());
    }
    for message in messages {
        all.push_str(message["role"].as_str().unwrap_or_default());
        all.push('\n');
        all.push_str(&text(&message["content"]));
        all.push_str(&message.get("tool_calls").map(Value::to_string).unwrap_or_default());
        all.push('\n');
    }
    let mut blocks = Blocks::new(&format!("{}\n{model}", desk.settings.key));
    let mut bounds: Vec<usize> = all.char_indices().map(|(at, _)| at).step_by(PAGE).collect();
    bounds.push(all.len());
    for pair in bounds.windows(2) {
        blocks.push("", &all[pair[0]..pair[1]], None);
    }
    if blocks.total() > desk.settings.context {
        let wrong = format!(
            "This model's maximum context length is {} tokens. However, your messages resulted in {} tokens.",
            desk.settings.context,
            blocks.total()
        );
        return Err(Refused::invalid(wrong).param("messages").code("context_length_exceeded"));
    }
    let system = turns.iter().filter(|turn| matches!(turn.role.as_str(), "system" | "developer"));
    let system = system.map(|turn| turn.text.as_str()).collect::<Vec<_>>().join("\n");
    let others = turns.iter().filter(|turn| !matches!(turn.role.as_str(), "system" | "developer")).cloned().collect();
    let thinks = matches!(body["reasoning_effort"].as_str(), Some("low" | "medium" | "high" | "xhigh" | "max"));
    let ask = Ask {
        prompt: Prompt { system, turns: others, schema },
        most: most(body, flavour)?,
        stops: stops(body)?,
        tool: tool(body, tools, flavour, messages)?,
        thinks,
    };
    let include_usage = body["stream_options"]["include_usage"] == true;
    Ok(Wanted { model: model.to_owned(), ask, blocks, stream, include_usage })
}

/// The conversation; with `OpenAI` each result of a tool has its call.
fn turns(messages: &[Value], strict: bool) -> Result<Vec<Turn>, Refused> {
    let mut called: Vec<&str> = Vec::new();
    let mut turns = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or_default();
        if !matches!(role, "developer" | "system" | "user" | "assistant" | "tool") {
            let wrong = format!(
                "Invalid value: '{role}'. Supported values are: 'system', 'developer', 'assistant', 'user', and 'tool'."
            );
            return Err(Refused::invalid(wrong).param(&format!("messages[{at}].role")).code("invalid_value"));
        }
        let calls = message["tool_calls"].as_array().into_iter().flatten();
        called.extend(calls.filter_map(|call| call["id"].as_str()));
        if strict && role == "tool" && !message["tool_call_id"].as_str().is_some_and(|id| called.contains(&id)) {
            let wrong = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
            return Err(Refused::invalid(wrong).param(&format!("messages[{at}].role")));
        }
        turns.push(Turn { role: role.to_owned(), text: text(&message["content"]) });
    }
    Ok(turns)
}

/// Tokens of the longest answer, by the name that the server honours.
fn most(body: &Value, flavour: Flavour) -> Result<Option<u64>, Refused> {
    let (old, new) = (body["max_tokens"].as_u64(), body["max_completion_tokens"].as_u64());
    match flavour {
        Flavour::OpenAi if old.is_some() && new.is_some() => {
            Err(Refused::invalid("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.")
                .code("invalid_parameter_combination"))
        }
        Flavour::Ollama => Ok(old),
        _ => Ok(new.or(old)),
    }
}

fn stops(body: &Value) -> Result<Vec<String>, Refused> {
    let stops: Vec<String> = match &body["stop"] {
        Value::String(stop) => vec![stop.clone()],
        Value::Array(stops) => stops.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    if stops.len() > 4 { Err(Refused::invalid("'stop' takes at most 4 sequences.").param("stop")) } else { Ok(stops) }
}

/// The schema of the answer, where the server goes by one.
fn format(body: &Value, flavour: Flavour, messages: &[Value]) -> Result<Option<Value>, Refused> {
    let format = &body["response_format"];
    let wrong = |what: String, param: &str| Err(Refused::invalid(what).param(param));
    match format["type"].as_str() {
        None | Some("text") => Ok(None),
        Some("json_object") => {
            let told = messages.iter().any(|message| text(&message["content"]).to_lowercase().contains("json"));
            if flavour == Flavour::OpenAi && !told {
                let what = "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
                return wrong(what.to_owned(), "messages");
            }
            let own = format.get("schema").filter(|_| flavour == Flavour::LlamaCpp).cloned();
            Ok(Some(own.unwrap_or_else(|| json!({"type": "object"}))))
        }
        Some("json_schema") => {
            let named = &format["json_schema"];
            if !named["schema"].is_object() {
                return wrong(
                    "Missing required parameter: 'response_format.json_schema.schema'.".to_owned(),
                    "response_format.json_schema.schema",
                );
            }
            if flavour == Flavour::OpenAi {
                let name = named["name"].as_str().unwrap_or_default();
                let sound = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
                if name.is_empty() || name.len() > 64 || !name.chars().all(sound) {
                    return wrong(
                        "Invalid 'response_format.json_schema.name': expected 1 to 64 of [a-zA-Z0-9_-].".to_owned(),
                        "response_format.json_schema.name",
                    );
                }
                if let Some(what) = (named["strict"] == true).then(|| closed(&named["schema"])).flatten() {
                    return wrong(
                        format!("Invalid schema for response_format '{name}': In context={what}"),
                        "response_format",
                    );
                }
            }
            Ok(Some(named["schema"].clone()))
        }
        Some(other) => wrong(format!("Invalid value: '{other}' for 'response_format.type'."), "response_format.type"),
    }
}

/// The tool that the model is to call now: the one that is named, else the first, until its result is there.
fn tool(body: &Value, tools: &[Value], flavour: Flavour, messages: &[Value]) -> Result<Option<Tool>, Refused> {
    let choice = if flavour == Flavour::Ollama { &Value::Null } else { &body["tool_choice"] };
    let name = |tool: &Value| tool["function"]["name"].as_str().unwrap_or_default().to_owned();
    for (index, tool) in tools.iter().enumerate() {
        let function = &tool["function"];
        let loose = (function["strict"] == true).then(|| closed(&function["parameters"])).flatten();
        if let Some(what) = loose.filter(|_| flavour == Flavour::OpenAi) {
            let what = format!("Invalid schema for function '{}': In context={what}", name(tool));
            return Err(Refused::invalid(what).param(&format!("tools[{index}].function.parameters")));
        }
    }
    let wanted = match choice.as_str() {
        Some("none") => None,
        _ => match choice["function"]["name"].as_str() {
            None => tools.first(),
            Some(named) => match tools.iter().find(|tool| name(tool) == named) {
                Some(tool) => Some(tool),
                None => {
                    return Err(
                        Refused::invalid(format!("Tool '{named}' is not among the tools.")).param("tool_choice")
                    );
                }
            },
        },
    };
    let answered = messages.last().is_some_and(|message| message["role"] == "tool");
    let tool = |tool: &Value| Tool { name: name(tool), schema: tool["function"]["parameters"].clone() };
    Ok(wanted.filter(|_| !answered).map(tool))
}
