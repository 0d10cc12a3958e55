//! Embeddings: of unit length, the same for the same text, near for texts that share words.

use super::errors::Refused;
use super::{Desk, Flavour, has, json};
use crate::judge::Dice;
use crate::model::tokens::tokens;
use crate::{Fault, ModelFault};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json as value};
use sha2::{Digest as _, Sha256};

/// Most texts of a request.
const MOST: usize = 2_048;
/// Tokens of the longest text.
const LONGEST: u64 = 8_192;

/// Dimensions of a model's embeddings.
fn dimensions(model: &str) -> usize {
    match model {
        "text-embedding-3-small" => 1_536,
        "text-embedding-3-large" => 3_072,
        "nomic-embed-text:latest" => 768,
        _ => 384,
    }
}

/// The texts to embed, with the tokens of each; lists of tokens stand for the text that their numbers are.
fn texts(input: &Value) -> Option<Vec<(String, u64)>> {
    let counted = |text: &str| (text.to_owned(), tokens(text));
    let ids = |ids: &[Value]| {
        let all: Option<Vec<String>> = ids.iter().map(|id| id.as_u64().map(|id| id.to_string())).collect();
        all.map(|ids| (ids.join(" "), ids.len() as u64))
    };
    match input {
        Value::String(text) => Some(vec![counted(text)]),
        Value::Array(list) if list.first().is_some_and(Value::is_number) => Some(vec![ids(list)?]),
        Value::Array(list) => list
            .iter()
            .map(|one| match one {
                Value::String(text) => Some(counted(text)),
                Value::Array(list) => ids(list),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

/// The embedding of a text: the sum of what its words are worth, and a little of the text itself.
fn embedding(text: &str, dimensions: usize) -> Vec<f32> {
    let mut sum = vec![0.0_f64; dimensions];
    let mut add = |part: &str, weight: f64| {
        let digest = Sha256::digest(part.as_bytes());
        let half =
            |range: std::ops::Range<usize>| digest[range].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let mut dice = Dice::new(half(0..8), half(8..16));
        for place in &mut sum {
            *place += weight * (dice.unit() - 0.5);
        }
    };
    for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        add(&word.to_lowercase(), 1.0);
    }
    add(&format!("text {text}"), 0.2);
    let length = sum.iter().map(|place| place * place).sum::<f64>().sqrt();
    sum.iter().map(|place| (place / length) as f32).collect()
}

/// Embeds texts; they come back in another order, each with its index.
pub(super) fn create(desk: &Desk, body: &Value, faults: &[Fault]) -> Result<Response, Refused> {
    let strict = desk.settings.flavour == Flavour::OpenAi;
    let model = body["model"].as_str().unwrap_or_default();
    desk.has_model(model)?;
    let texts = texts(&body["input"]).filter(|texts| !texts.is_empty());
    let texts = texts.ok_or_else(|| Refused::invalid("'$.input' is invalid.").param("input"))?;
    if texts.len() > MOST {
        return Err(Refused::invalid(format!("'$.input' is invalid: at most {MOST} inputs.")).param("input"));
    }
    if strict && texts.iter().any(|(text, _)| text.is_empty()) {
        return Err(Refused::invalid("'$.input' is invalid: an input cannot be an empty string.").param("input"));
    }
    if let Some((_, count)) = texts.iter().find(|(_, count)| *count > LONGEST) {
        let wrong =
            format!("This model's maximum context length is {LONGEST} tokens, however you requested {count} tokens.");
        return Err(Refused::invalid(wrong).param("input"));
    }
    let most = dimensions(model);
    let dimensions = match body.get("dimensions").filter(|dimensions| !dimensions.is_null()) {
        None => most,
        Some(wanted) => match wanted.as_u64() {
            Some(wanted) if wanted > 0 && wanted <= most as u64 => wanted as usize,
            _ => return Err(Refused::invalid(format!("'dimensions' must be from 1 to {most}.")).param("dimensions")),
        },
    };
    let coded = match body["encoding_format"].as_str() {
        None | Some("float") => false,
        Some("base64") => true,
        Some(_) => {
            return Err(Refused::invalid("'encoding_format' must be 'float' or 'base64'.").param("encoding_format"));
        }
    };
    let told = |text: &str| {
        let mut embedding = embedding(text, dimensions);
        if has(faults, &ModelFault::ShortEmbedding) {
            embedding.truncate(dimensions / 2);
        }
        if coded {
            let bytes: Vec<u8> = embedding.iter().flat_map(|place| place.to_le_bytes()).collect();
            value!(STANDARD.encode(bytes))
        } else {
            value!(embedding)
        }
    };
    let entry = |(index, (text, _)): (usize, &(String, u64))| value!({"object": "embedding", "index": index, "embedding": told(text)});
    let mut data: Vec<Value> = texts.iter().enumerate().map(entry).collect();
    // The order is not the one of the inputs, by which nobody may go.
    data.reverse();
    if data.len() > 2 {
        data.swap(0, 1);
    }
    if has(faults, &ModelFault::MissingEmbedding) {
        data.pop();
    }
    let count: u64 = texts.iter().map(|(_, count)| count).sum();
    Ok(json(&value!({
        "object": "list",
        "data": data,
        "model": model,
        "usage": {"prompt_tokens": count, "total_tokens": count},
    })))
}
