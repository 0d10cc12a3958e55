//! JSON schemas, as far as structured output and tools use them: whether an answer fits, and an answer that does.

mod sample;
mod supported;

pub(crate) use sample::{sample, shape};
pub(crate) use supported::{closed, unsupported};

use serde_json::{Map, Value};
use std::fmt;

/// A step into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into a property.
    Key(String),
    /// Into an item.
    Index(usize),
}

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// Where.
    pub path: Vec<Step>,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        for step in &self.path {
            match step {
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        write!(f, ": {}", self.what)
    }
}

/// The schema that a `$ref` leads to, or the schema itself.
fn resolve<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let mut schema = schema;
    // A chain of references ends; a circle is given up.
    for _ in 0..16 {
        let Some(path) = schema.get("$ref").and_then(Value::as_str) else { return schema };
        match path.strip_prefix('#').and_then(|path| root.pointer(path)) {
            Some(found) => schema = found,
            None => return schema,
        }
    }
    schema
}

/// Everything in which a value does not fit a schema.
pub(crate) fn misfits(value: &Value, schema: &Value) -> Vec<Misfit> {
    let mut check = Check { root: schema, path: Vec::new(), found: Vec::new() };
    check.check(value, schema);
    check.found
}

/// Whether a value fits.
fn fits(value: &Value, schema: &Value, root: &Value) -> bool {
    let mut check = Check { root, path: Vec::new(), found: Vec::new() };
    check.check(value, schema);
    check.found.is_empty()
}

struct Check<'a> {
    root: &'a Value,
    path: Vec<Step>,
    found: Vec<Misfit>,
}

impl<'a> Check<'a> {
    fn wrong(&mut self, what: impl Into<String>) {
        self.found.push(Misfit { path: self.path.clone(), what: what.into() });
    }

    fn within(&mut self, step: Step, value: &Value, schema: &'a Value) {
        self.path.push(step);
        self.check(value, schema);
        self.path.pop();
    }

    fn check(&mut self, value: &Value, schema: &'a Value) {
        let Some(object) = resolve(schema, self.root).as_object() else {
            if schema == &Value::Bool(false) {
                self.wrong("nothing is allowed here");
            }
            return;
        };
        if let Some(types) = object.get("type")
            && !types_of(types).any(|name| is(value, name))
        {
            self.wrong(format!("expected {types}"));
            return;
        }
        if object.get("enum").and_then(Value::as_array).is_some_and(|of| !of.contains(value)) {
            self.wrong("not one of the enum");
        }
        if object.get("const").is_some_and(|only| only != value) {
            self.wrong("not the constant");
        }
        for name in ["anyOf", "oneOf"] {
            if let Some(of) = object.get(name).and_then(Value::as_array)
                && !of.iter().any(|schema| fits(value, schema, self.root))
            {
                self.wrong(format!("fits none of {name}"));
            }
        }
        for schema in object.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.check(value, schema);
        }
        self.bounds(value, object);
        match value {
            Value::Object(fields) => self.object(fields, object),
            Value::Array(items) => {
                if let Some(schema) = object.get("items") {
                    for (index, item) in items.iter().enumerate() {
                        self.within(Step::Index(index), item, schema);
                    }
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, fields: &Map<String, Value>, schema: &'a Map<String, Value>) {
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                self.wrong(format!("`{name}` is missing"));
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, field) in fields {
            if let Some(schema) = properties.and_then(|properties| properties.get(name)) {
                self.within(Step::Key(name.clone()), field, schema);
            } else if let Some(schema) = schema.get("additionalProperties") {
                self.within(Step::Key(name.clone()), field, schema);
            }
        }
    }

    fn bounds(&mut self, value: &Value, schema: &Map<String, Value>) {
        let size = match value {
            Value::Number(number) => number.as_f64().map(|size| ("minimum", "maximum", size)),
            Value::String(text) => Some(("minLength", "maxLength", text.chars().count() as f64)),
            Value::Array(items) => Some(("minItems", "maxItems", items.len() as f64)),
            _ => None,
        };
        let Some((least, most, size)) = size else { return };
        let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
        if bound(least).is_some_and(|least| size < least) {
            self.wrong(format!("below {least}"));
        }
        if bound(most).is_some_and(|most| size > most) {
            self.wrong(format!("above {most}"));
        }
    }
}

/// The names of a `type`, which is one or a list.
fn types_of(types: &Value) -> impl Iterator<Item = &str> {
    let one = types.as_str();
    one.into_iter().chain(types.as_array().into_iter().flatten().filter_map(Value::as_str))
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
