//! Values that fit a schema.

use super::{fits, resolve, types_of};
use serde_json::{Map, Value, json};

/// Levels of nesting after which a sample goes no deeper.
const DEEPEST: usize = 12;

/// A value that fits a schema: the first that comes to mind.
pub(crate) fn sample(schema: &Value) -> Value {
    any(schema, schema, "", 0)
}

fn any(schema: &Value, root: &Value, name: &str, depth: usize) -> Value {
    let schema = resolve(schema, root);
    if depth > DEEPEST {
        return Value::Null;
    }
    for key in ["const", "default"] {
        if let Some(value) = schema.get(key) {
            return value.clone();
        }
    }
    if let Some(first) = schema.get("enum").and_then(Value::as_array).and_then(|of| of.first()) {
        return first.clone();
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(of) = schema.get(key).and_then(Value::as_array) {
            let told = of.iter().find(|schema| schema.get("type") != Some(&json!("null")));
            return told.map_or(Value::Null, |schema| any(schema, root, name, depth + 1));
        }
    }
    if let Some(all) = schema.get("allOf").and_then(Value::as_array) {
        let parts = all.iter().map(|schema| any(schema, root, name, depth + 1));
        return parts.reduce(merged).unwrap_or(Value::Null);
    }
    let kind = schema.get("type").and_then(|types| types_of(types).find(|name| *name != "null"));
    match kind {
        Some("object") => object(schema, root, depth),
        None if schema.get("properties").is_some() => object(schema, root, depth),
        Some("array") => match schema.get("items") {
            Some(items) if schema.get("maxItems") != Some(&json!(0)) => {
                let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(1).max(1);
                (0..least).map(|_| any(items, root, name, depth + 1)).collect()
            }
            _ => json!([]),
        },
        Some("string") => string(schema, name).into(),
        Some("integer") => json!(schema.get("minimum").and_then(Value::as_i64).unwrap_or(1)),
        Some("number") => json!(schema.get("minimum").and_then(Value::as_f64).unwrap_or(0.5)),
        Some("boolean") => Value::Bool(true),
        _ => Value::Null,
    }
}

fn object(schema: &Value, root: &Value, depth: usize) -> Value {
    let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    Value::Object(fields.map(|(name, schema)| (name.clone(), any(schema, root, name, depth + 1))).collect())
}

fn merged(left: Value, right: Value) -> Value {
    match (left, right) {
        (Value::Object(mut left), Value::Object(right)) => {
            left.extend(right);
            Value::Object(left)
        }
        (left, _) => left,
    }
}

fn string(schema: &Value, name: &str) -> String {
    let text = match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => "2026-11-20T12:00:00Z",
        Some("date") => "2026-11-20",
        Some("time") => "12:00:00Z",
        Some("duration") => "PT30M",
        Some("email") => "someone@example.com",
        Some("hostname") => "example.com",
        Some("uri") => "https://example.com/",
        Some("ipv4") => "192.0.2.1",
        Some("ipv6") => "2001:db8::1",
        Some("uuid") => "018f0000-0000-7000-8000-000000000001",
        _ => "",
    };
    let mut text = if text.is_empty() { format!("simulated {name}").trim_end().to_owned() } else { text.to_owned() };
    if let Some(most) = schema.get("maxLength").and_then(Value::as_u64) {
        text = text.chars().take(most as usize).collect();
    }
    if let Some(least) = schema.get("minLength").and_then(Value::as_u64) {
        while (text.chars().count() as u64) < least {
            text.push('.');
        }
    }
    text
}

/// The value, made to fit where that is easy: without properties that are not allowed, and with those that are required and missing.
pub(crate) fn shape(value: Value, schema: &Value) -> Value {
    shaped(value, schema, schema, 0)
}

fn shaped(value: Value, schema: &Value, root: &Value, depth: usize) -> Value {
    let schema = resolve(schema, root);
    if depth > DEEPEST {
        return value;
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(of) = schema.get(key).and_then(Value::as_array) {
            let options = || of.iter().map(|schema| shaped(value.clone(), schema, root, depth + 1));
            let fitting = options().zip(of).find(|(shaped, schema)| fits(shaped, schema, root));
            return fitting.map_or(value, |(shaped, _)| shaped);
        }
    }
    match value {
        Value::Object(fields) => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
            let mut kept: Map<String, Value> = fields
                .into_iter()
                .filter_map(|(name, field)| match properties.and_then(|properties| properties.get(&name)) {
                    Some(schema) => Some((name, shaped(field, schema, root, depth + 1))),
                    None if closed => None,
                    None => Some((name, field)),
                })
                .collect();
            let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            for name in required.filter_map(Value::as_str) {
                let schema = properties.and_then(|properties| properties.get(name));
                if let (false, Some(schema)) = (kept.contains_key(name), schema) {
                    let nothing = [Value::Null, json!([]), json!("")];
                    let nothing = nothing.into_iter().find(|nothing| fits(nothing, schema, root));
                    let field = nothing.unwrap_or_else(|| any(schema, root, name, depth + 1));
                    kept.insert(name.to_owned(), field);
                }
            }
            Value::Object(kept)
        }
        Value::Array(items) => match schema.get("items") {
            Some(schema) => items.into_iter().map(|item| shaped(item, schema, root, depth + 1)).collect(),
            None => Value::Array(items),
        },
        value => value,
    }
}
