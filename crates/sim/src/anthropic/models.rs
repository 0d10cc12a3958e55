//! The list of models.

use super::errors::Refused;
use super::{Desk, json};
use axum::response::Response;
use serde_json::{Value, json as value};

/// The models that the SDK of November 2026 names.
pub(super) const KNOWN: &[&str] = &[
    "claude-fable-5-2",
    "claude-fable-5-1",
    "claude-fable-5",
    "claude-opus-5-5",
    "claude-sonnet-5-5",
    "claude-haiku-5-5",
    "claude-opus-5",
    "claude-sonnet-5",
    "claude-opus-4-8",
    "claude-opus-4-7",
    "claude-opus-4-6",
    "claude-sonnet-4-6",
    "claude-opus-4-5",
    "claude-sonnet-4-5",
    "claude-haiku-4-5",
];

/// Models of the generation 4.5, which still take a beginning of the answer and sampling parameters.
pub(super) fn is_old(model: &str) -> bool {
    model.contains("-4-5")
}

/// Models that take sampling parameters under the old version of the API.
pub(super) fn samples(model: &str) -> bool {
    is_old(model) || model.contains("-4-6")
}

fn told(desk: &Desk, model: &str) -> Value {
    let words = model.split('-').map(|word| {
        let (first, rest) = word.split_at(usize::from(!word.is_empty()));
        first.to_uppercase() + rest
    });
    value!({
        "id": model,
        "type": "model",
        "display_name": words.collect::<Vec<_>>().join(" "),
        "created_at": "2026-09-01T00:00:00Z",
        "lifecycle": if is_old(model) { "deprecated" } else { "active" },
        "max_input_tokens": desk.settings.context,
        "max_tokens": 128_000,
        "capabilities": {"structured_outputs": {"supported": true}, "batch": {"supported": true}},
    })
}

/// The page of a list that a query wants: `limit`, `after_id`, `before_id`.
pub(super) fn page(entries: &[(String, Value)], query: &str) -> Result<Value, Refused> {
    let asked = |name: &str| query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
    let limit = match asked("limit").map(|(_, limit)| limit.parse::<usize>()) {
        None => 20,
        Some(Ok(limit @ 1..=1_000)) => limit,
        Some(_) => return Err(Refused::invalid("limit: Input should be between 1 and 1000")),
    };
    let place = |name: &str| match asked(name) {
        None => Ok(None),
        Some((_, id)) => match entries.iter().position(|(known, _)| known == id) {
            Some(place) => Ok(Some(place)),
            None => Err(Refused::invalid(format!("{name}: `{id}` is not in the list"))),
        },
    };
    let (from, to) = match (place("after_id")?, place("before_id")?) {
        (Some(after), _) => (after + 1, entries.len()),
        (None, Some(before)) => (before.saturating_sub(limit), before),
        (None, None) => (0, entries.len()),
    };
    let end = to.min(from + limit);
    let shown = &entries[from..end];
    let more = if asked("before_id").is_some() { from > 0 } else { end < entries.len() };
    Ok(value!({
        "data": shown.iter().map(|(_, entry)| entry).collect::<Vec<_>>(),
        "has_more": more,
        "first_id": shown.first().map(|(id, _)| id),
        "last_id": shown.last().map(|(id, _)| id),
    }))
}

pub(super) fn list(desk: &Desk, query: &str) -> Result<Response, Refused> {
    let models: Vec<_> = desk.settings.models.iter().map(|model| (model.clone(), told(desk, model))).collect();
    Ok(json(&page(&models, query)?))
}

pub(super) fn get(desk: &Desk, id: &str) -> Result<Response, Refused> {
    match desk.settings.models.iter().find(|model| *model == id) {
        Some(model) => Ok(json(&told(desk, model))),
        None => Err(Refused::not_found(format!("model: {id}"))),
    }
}
