//! Which schemas a service takes.

use super::types_of;
use serde_json::{Map, Value};

/// Keywords that Anthropic's structured output knows.
const KNOWN: &[&str] = &[
    "$comment",
    "$defs",
    "$id",
    "$ref",
    "$schema",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "default",
    "definitions",
    "description",
    "enum",
    "examples",
    "format",
    "items",
    "pattern",
    "properties",
    "required",
    "title",
    "type",
];

/// Formats of strings that it knows.
const FORMATS: &[&str] = &["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];

/// Calls `visit` with each schema within a schema, and its place, the outermost first.
fn walk(schema: &Value, place: &str, visit: &mut impl FnMut(&Map<String, Value>, &str)) {
    let Some(object) = schema.as_object() else { return };
    visit(object, place);
    for name in ["properties", "$defs", "definitions"] {
        for (key, schema) in object.get(name).and_then(Value::as_object).into_iter().flatten() {
            walk(schema, &format!("{place}.{name}.{key}"), visit);
        }
    }
    for name in ["anyOf", "allOf", "oneOf"] {
        for (index, schema) in object.get(name).and_then(Value::as_array).into_iter().flatten().enumerate() {
            walk(schema, &format!("{place}.{name}.{index}"), visit);
        }
    }
    if let Some(schema) = object.get("items") {
        walk(schema, &format!("{place}.items"), visit);
    }
}

fn is_object(schema: &Map<String, Value>) -> bool {
    schema.get("type").is_some_and(|types| types_of(types).any(|name| name == "object"))
}

/// What Anthropic's structured output does not take in a schema: objects that are not closed, keywords, formats and recursion.
pub(crate) fn unsupported(schema: &Value) -> Option<String> {
    if !schema.is_object() {
        return Some("schema: expected an object".to_owned());
    }
    let mut wrong = None;
    walk(schema, "schema", &mut |object, place| {
        let found = if is_object(object) && object.get("additionalProperties") != Some(&Value::Bool(false)) {
            Some("for 'object' type, 'additionalProperties' must be explicitly set to false".to_owned())
        } else if let Some(format) =
            object.get("format").and_then(Value::as_str).filter(|format| !FORMATS.contains(format))
        {
            Some(format!("string format '{format}' is not supported"))
        } else {
            let unknown = object.keys().find(|name| !KNOWN.contains(&name.as_str()));
            unknown.map(|name| format!("property '{name}' is not supported"))
        };
        if let (None, Some(found)) = (&wrong, found) {
            wrong = Some(format!("{place}: {found}"));
        }
    });
    wrong.or_else(|| recursive(schema).then(|| "schema: recursive schemas are not supported".to_owned()))
}

/// What the strict mode of `OpenAI` does not take: objects that are not closed, properties that are not required.
pub(crate) fn closed(schema: &Value) -> Option<String> {
    let mut wrong = None;
    walk(schema, "schema", &mut |object, place| {
        if wrong.is_none() && is_object(object) {
            wrong = open(object).map(|what| format!("{place}: {what}"));
        }
    });
    wrong
}

/// What keeps the schema of an object from being closed.
fn open(object: &Map<String, Value>) -> Option<String> {
    if object.get("additionalProperties") != Some(&Value::Bool(false)) {
        return Some("'additionalProperties' is required to be supplied and to be false.".to_owned());
    }
    let required = object.get("required").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let properties = object.get("properties").and_then(Value::as_object);
    let missing = properties.into_iter().flatten().map(|(name, _)| name).find(|name| {
        let name = name.as_str();
        !required.iter().any(|required| required == name)
    })?;
    Some(format!(
        "'required' is required to be supplied and to be an array including every key in properties. Missing '{missing}'."
    ))
}

/// Whether a schema leads back into itself.
fn recursive(root: &Value) -> bool {
    fn leads<'a>(schema: &'a Value, root: &'a Value, seen: &mut Vec<&'a str>) -> bool {
        match schema {
            Value::Object(object) => {
                if let Some(path) = object.get("$ref").and_then(Value::as_str) {
                    if seen.contains(&path) || path == "#" {
                        return true;
                    }
                    seen.push(path);
                    let target = path.strip_prefix('#').and_then(|path| root.pointer(path));
                    let found = target.is_some_and(|target| leads(target, root, seen));
                    seen.pop();
                    return found;
                }
                let within = object.iter().filter(|(name, _)| !matches!(name.as_str(), "$defs" | "definitions"));
                within.map(|(_, schema)| schema).any(|schema| leads(schema, root, seen))
            }
            Value::Array(list) => list.iter().any(|schema| leads(schema, root, seen)),
            _ => false,
        }
    }
    leads(root, root, &mut Vec::new())
}
