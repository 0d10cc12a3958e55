//! What a request to the model is made of: its blocks in the order of the cache, and what the judge reads.

use super::check;
use super::errors::Refused;
use super::{Settings, models};
use crate::judge::{Prompt, Turn};
use crate::model::blocks::{Blocks, Ttl};
use crate::model::schema::unsupported;
use crate::model::speech::{Ask, Tool};
use serde_json::{Value, json};

/// A request that was understood.
pub(super) struct Wanted {
    pub model: String,
    pub ask: Ask,
    pub blocks: Blocks,
    pub stream: bool,
}

/// Most breakpoints of a request.
const MOST_BREAKPOINTS: usize = 4;

/// The breakpoint that a block carries.
fn mark(block: &Value, place: &str) -> Result<Option<Ttl>, Refused> {
    let Some(control) = block.get("cache_control").filter(|control| !control.is_null()) else { return Ok(None) };
    if control["type"] != "ephemeral" {
        return Err(Refused::invalid(format!("{place}.cache_control.type: Input should be 'ephemeral'")));
    }
    match control.get("ttl").map(|ttl| ttl.as_str().unwrap_or_default()) {
        None | Some("5m") => Ok(Some(Ttl::Short)),
        Some("1h") => Ok(Some(Ttl::Long)),
        Some(_) => Err(Refused::invalid(format!("{place}.cache_control.ttl: Input should be '5m' or '1h'"))),
    }
}

/// Adds a block: text by its words, anything else by its JSON.
fn push(blocks: &mut Blocks, what: &str, block: &Value, place: &str) -> Result<(), Refused> {
    let mark = mark(block, place)?;
    match block["text"].as_str().filter(|_| block["type"] == "text") {
        Some("") if mark.is_some() => {
            return Err(Refused::invalid(format!("{place}: cache_control cannot be set for empty text blocks")));
        }
        Some(text) => blocks.push(&format!("{what} text"), text, mark),
        None => {
            let mut bare = block.clone();
            if let Some(fields) = bare.as_object_mut() {
                fields.remove("cache_control");
            }
            blocks.push(what, &bare.to_string(), mark);
        }
    }
    Ok(())
}

/// Content as blocks; a string is one of text.
pub(super) fn content(content: &Value) -> Vec<Value> {
    match content {
        Value::String(text) => vec![json!({"type": "text", "text": text})],
        Value::Array(blocks) => blocks.clone(),
        _ => Vec::new(),
    }
}

/// The text of content.
fn text(blocks: &[Value]) -> String {
    let texts = blocks.iter().filter_map(|block| block["text"].as_str());
    texts.collect::<Vec<_>>().join("\n")
}

/// The schema of the answer, where it has one.
fn format(body: &Value) -> Result<Option<Value>, Refused> {
    let told = body.pointer("/output_config/format").or_else(|| body.get("output_format"));
    let Some(format) = told.filter(|format| !format.is_null()) else { return Ok(None) };
    if format["type"] != "json_schema" {
        return Err(Refused::invalid("output_config.format.type: Input should be 'json_schema'"));
    }
    match unsupported(&format["schema"]) {
        Some(wrong) => Err(Refused::invalid(format!("output_config.format.{wrong}"))),
        None => Ok(Some(format["schema"].clone())),
    }
}

/// The tool that the model is to call now: the one that is named, else the first, until its result is there.
fn tool(body: &Value, messages: &[Value]) -> Result<Option<Tool>, Refused> {
    let tools = body["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (index, tool) in tools.iter().enumerate() {
        let schema = &tool["input_schema"];
        if schema["type"] != "object" {
            return Err(Refused::invalid(format!("tools.{index}.custom.input_schema.type: Input should be 'object'")));
        }
        if let Some(wrong) = (tool["strict"] == true).then(|| unsupported(schema)).flatten() {
            return Err(Refused::invalid(format!("tools.{index}.custom.input_{wrong}")));
        }
    }
    let choice = &body["tool_choice"];
    let wanted = match choice["type"].as_str() {
        None | Some("auto" | "any") => tools.first(),
        Some("none") => None,
        Some("tool") => {
            let named = tools.iter().find(|tool| tool["name"] == choice["name"]);
            if named.is_none() {
                return Err(Refused::invalid(format!("Tool '{}' not found in provided tools", choice["name"])));
            }
            named
        }
        Some(_) => return Err(Refused::invalid("tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'")),
    };
    let last = messages.last().map(|message| content(&message["content"])).unwrap_or_default();
    let answered = last.iter().any(|block| block["type"] == "tool_result");
    let tool = |tool: &Value| Tool {
        name: tool["name"].as_str().unwrap_or_default().to_owned(),
        schema: tool["input_schema"].clone(),
    };
    Ok(wanted.filter(|_| !answered).map(tool))
}

/// Reads a request; one that only counts tokens wants no `max_tokens`.
pub(super) fn read(body: &Value, version: &str, settings: &Settings, counts: bool) -> Result<Wanted, Refused> {
    check::fields(body, counts)?;
    let model = body["model"].as_str().ok_or_else(|| Refused::invalid("model: Field required"))?;
    if !settings.models.iter().any(|known| known == model) {
        return Err(Refused::not_found(format!("model: {model}")));
    }
    check::sampling(body, version, models::samples(model))?;
    let most = if counts { None } else { Some(check::max_tokens(body)?) };
    let messages = check::messages(body, version, models::is_old(model))?;
    check::thinking(body, most)?;
    let schema = format(body)?;
    let tool = tool(body, &messages)?;

    let config = body.get("output_config").or_else(|| body.get("output_format")).filter(|_| settings.schema_in_prefix);
    let mut blocks = Blocks::new(&format!("{}\n{model}\n{}", settings.key, config.unwrap_or(&Value::Null)));
    let told = schema.as_ref().map(Value::to_string);
    if let Some(schema) = told.as_ref().filter(|_| settings.schema_in_prefix) {
        blocks.push("format", schema, None);
    }
    for (index, tool) in body["tools"].as_array().into_iter().flatten().enumerate() {
        push(&mut blocks, "tool", tool, &format!("tools.{index}"))?;
    }
    let system = content(&body["system"]);
    for (index, block) in system.iter().enumerate() {
        push(&mut blocks, "system", block, &format!("system.{index}"))?;
    }
    let mut turns = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or_default();
        let parts = content(&message["content"]);
        for (index, block) in parts.iter().enumerate() {
            // Where a message begins makes a difference, although it costs nothing here.
            let what = if index == 0 { format!("message {role}") } else { role.to_owned() };
            push(&mut blocks, &what, block, &format!("messages.{at}.content.{index}"))?;
        }
        for result in parts.iter().filter(|block| block["type"] == "tool_result") {
            turns.push(Turn { role: "tool".to_owned(), text: text(&content(&result["content"])) });
        }
        let said = text(&parts);
        if !said.is_empty() {
            turns.push(Turn { role: role.to_owned(), text: said });
        }
    }
    if let (Some(ttl), Some(last)) = (mark(body, "")?, blocks.list.last_mut()) {
        last.mark = last.mark.or(Some(ttl));
    }
    if let Some(schema) = told.filter(|_| !settings.schema_in_prefix) {
        blocks.push("format", &schema, None);
    }
    breakpoints(&blocks)?;
    if blocks.total() > settings.context {
        let total = blocks.total();
        return Err(Refused::invalid(format!("prompt is too long: {total} tokens > {} maximum", settings.context)));
    }
    let stops = body["stop_sequences"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let thinks = matches!(body["thinking"]["type"].as_str(), Some("adaptive" | "enabled"));
    let prompt = Prompt { system: text(&system), turns, schema };
    let stops = stops.map(str::to_owned).collect();
    let stream = body["stream"] == true;
    Ok(Wanted { model: model.to_owned(), ask: Ask { prompt, most, stops, tool, thinks }, blocks, stream })
}

/// Not too many breakpoints, and those that live longer first.
fn breakpoints(blocks: &Blocks) -> Result<(), Refused> {
    let marks: Vec<Ttl> = blocks.list.iter().filter_map(|block| block.mark).collect();
    if marks.len() > MOST_BREAKPOINTS {
        return Err(Refused::invalid(format!(
            "A maximum of {MOST_BREAKPOINTS} blocks with cache_control may be provided. Found {}.",
            marks.len()
        )));
    }
    if marks.windows(2).any(|pair| pair[0] < pair[1]) {
        return Err(Refused::invalid(
            "cache_control: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block",
        ));
    }
    Ok(())
}
