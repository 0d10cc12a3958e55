//! Whether a value is what a schema of the description says: kinds, fields, lists, choices. Formats and bounds are left to those who ask over HTTP.

use serde_json::{Map, Value};

/// What is wrong with the value, and where; `None` where it fits.
pub fn misfit(description: &Value, schema: &Value, value: &Value) -> Option<String> {
    let schema = resolved(description, schema);
    for choice in ["oneOf", "anyOf"] {
        if let Some(all) = schema[choice].as_array() {
            let wrong: Vec<String> = all.iter().filter_map(|one| misfit(description, one, value)).collect();
            return (wrong.len() == all.len()).then(|| format!(": none of {}", wrong.join(" | ")));
        }
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is(value, kind)) {
        return Some(format!(": {value} is no {}", kinds.join(" or ")));
    }
    if schema["enum"].as_array().is_some_and(|all| !all.contains(value)) {
        return Some(format!(": {value} is none of {}", schema["enum"]));
    }
    match value {
        Value::Array(items) => items.iter().enumerate().find_map(|(at, item)| {
            let wrong = misfit(description, schema.get("items")?, item)?;
            Some(format!("[{at}]{wrong}"))
        }),
        Value::Object(fields) => object(description, schema, fields),
        _ => None,
    }
}

fn object(description: &Value, schema: &Value, fields: &Map<String, Value>) -> Option<String> {
    let (mut properties, mut required, mut more) = (Map::new(), Vec::new(), Value::Null);
    gather(description, schema, &mut properties, &mut required, &mut more);
    if let Some(missing) = required.iter().find(|name| !fields.contains_key(*name)) {
        return Some(format!(": {missing} is missing"));
    }
    // What is but an object may hold anything.
    let open = properties.is_empty() && more.is_null();
    fields.iter().find_map(|(name, value)| match properties.get(name) {
        Some(schema) => misfit(description, schema, value).map(|wrong| format!(".{name}{wrong}")),
        None if open || more == true => None,
        None if more.is_object() => misfit(description, &more, value).map(|wrong| format!(".{name}{wrong}")),
        None => Some(format!(".{name} is not described")),
    })
}

/// The fields of a schema, with those of all that it is made of.
fn gather(
    description: &Value,
    schema: &Value,
    properties: &mut Map<String, Value>,
    required: &mut Vec<String>,
    more: &mut Value,
) {
    let schema = resolved(description, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        gather(description, part, properties, required, more);
    }
    properties.extend(schema["properties"].as_object().cloned().unwrap_or_default());
    required.extend(schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
    if let Some(other) = schema.get("additionalProperties") {
        *more = other.clone();
    }
}

fn resolved<'a>(description: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(name) => description.pointer(name.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

#[test]
fn what_does_not_fit_is_found_wherever_it_is() {
    use serde_json::json;
    let description = json!({ "components": { "schemas": { "Deep": {
        "allOf": [{ "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" } } }],
        "properties": { "words": { "type": ["array", "null"], "items": { "enum": ["a", "b"] } } }
    } } } });
    let schema = json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Deep" }] });
    let fits = |value| misfit(&description, &schema, &value);
    assert_eq!((fits(json!(null)), fits(json!({ "id": 1, "words": ["a"] }))), (None, None));
    for (value, wrong) in [
        (json!({}), "id is missing"),
        (json!({ "id": 1.5 }), ".id: 1.5 is no integer"),
        (json!({ "id": 1, "words": ["a", "c"] }), ".words[1]: \"c\" is none of"),
        (json!({ "id": 1, "other": 1 }), ".other is not described"),
    ] {
        let told = fits(value).unwrap_or_default();
        assert!(told.contains(wrong), "{told}");
    }
}
