//! Which fields there are, with which arguments (docs.fireflies.ai/schema), as far as they are simulated; and what of an object was selected.

use super::errors::Refused;
use super::graphql::{Field, Given, Query, Variable};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// An object of the schema.
#[derive(Debug)]
struct Type {
    name: &'static str,
    entries: &'static [Entry],
}

/// A field of an object.
#[derive(Debug)]
struct Entry {
    name: &'static str,
    /// Names and types.
    arguments: &'static [(&'static str, &'static str)],
    /// The object it is, or a list of them; none for what has no fields.
    of: Option<&'static Type>,
}

const fn leaf(name: &'static str) -> Entry {
    Entry { name, arguments: &[], of: None }
}

const fn node(name: &'static str, of: &'static Type) -> Entry {
    Entry { name, arguments: &[], of: Some(of) }
}

static QUERY: Type = Type {
    name: "Query",
    entries: &[
        Entry {
            name: "transcripts",
            arguments: &[("limit", "Int"), ("skip", "Int"), ("fromDate", "DateTime"), ("toDate", "DateTime")],
            of: Some(&TRANSCRIPT),
        },
        Entry { name: "transcript", arguments: &[("id", "String!")], of: Some(&TRANSCRIPT) },
        Entry { name: "user", arguments: &[("id", "String")], of: Some(&USER) },
    ],
};

static TRANSCRIPT: Type = Type {
    name: "Transcript",
    entries: &[
        leaf("id"),
        leaf("title"),
        leaf("date"),
        leaf("dateString"),
        leaf("duration"),
        leaf("organizer_email"),
        leaf("host_email"),
        leaf("participants"),
        leaf("privacy"),
        leaf("transcript_url"),
        leaf("meeting_link"),
        node("meeting_attendees", &ATTENDEE),
        node("speakers", &SPEAKER),
        node("sentences", &SENTENCE),
    ],
};

static ATTENDEE: Type = Type {
    name: "MeetingAttendee",
    entries: &[leaf("displayName"), leaf("email"), leaf("phoneNumber"), leaf("name"), leaf("location")],
};

static SPEAKER: Type = Type { name: "Speaker", entries: &[leaf("id"), leaf("name")] };

static SENTENCE: Type = Type {
    name: "Sentence",
    entries: &[
        leaf("index"),
        leaf("speaker_id"),
        leaf("speaker_name"),
        leaf("text"),
        leaf("raw_text"),
        leaf("start_time"),
        leaf("end_time"),
    ],
};

static USER: Type = Type {
    name: "User",
    entries: &[
        leaf("user_id"),
        leaf("name"),
        leaf("email"),
        leaf("num_transcripts"),
        leaf("minutes_consumed"),
        leaf("is_admin"),
        leaf("integrations"),
    ],
};

/// The fields that a query asks for, with the values of their arguments.
pub(super) fn check<'a>(
    query: &'a Query,
    variables: &Map<String, Value>,
) -> Result<Vec<(&'a Field, Arguments)>, Refused> {
    let mut used = Vec::new();
    let asked = query.fields.iter().map(|field| {
        let entry = find(&QUERY, field)?;
        Ok((field, Arguments::of(entry, field, query, variables, &mut used)?))
    });
    let asked = asked.collect::<Result<_, Refused>>()?;
    match query.variables.iter().find(|variable| !used.contains(&variable.name.as_str())) {
        Some(variable) => Err(Refused::invalid(format!("Variable \"${}\" is never used.", variable.name))),
        None => Ok(asked),
    }
}

/// The entry of a field, whose own fields must have theirs.
fn find(within: &'static Type, field: &Field) -> Result<&'static Entry, Refused> {
    let (name, entry) = (&field.name, within.entries.iter().find(|entry| entry.name == field.name));
    let entry =
        entry.ok_or_else(|| Refused::invalid(format!("Cannot query field \"{name}\" on type \"{}\".", within.name)))?;
    match (entry.of, field.fields.is_empty()) {
        (Some(of), false) => field.fields.iter().try_for_each(|inner| {
            let entry = find(of, inner)?;
            Arguments::of(entry, inner, &Query::default(), &Map::new(), &mut Vec::new()).map(|_| ())
        })?,
        (None, true) => {}
        (Some(of), true) => {
            let message = format!("Field \"{name}\" of type \"{}\" must have a selection of subfields.", of.name);
            return Err(Refused::invalid(message));
        }
        (None, false) => {
            return Err(Refused::invalid(format!(
                "Field \"{name}\" must not have a selection since it has no subfields."
            )));
        }
    }
    Ok(entry)
}

/// The arguments of a field; what is null is not there.
#[derive(Debug)]
pub(super) struct Arguments(Map<String, Value>);

impl Arguments {
    fn of<'a>(
        entry: &Entry,
        field: &'a Field,
        query: &Query,
        variables: &Map<String, Value>,
        used: &mut Vec<&'a str>,
    ) -> Result<Self, Refused> {
        let mut values = Map::new();
        for (name, given) in &field.arguments {
            let Some((_, of)) = entry.arguments.iter().find(|(known, _)| known == name) else {
                return Err(Refused::invalid(format!("Unknown argument \"{name}\" on field \"{}\".", entry.name)));
            };
            let value = match given {
                Given::Value(value) => value.clone(),
                Given::Variable(name) => {
                    used.push(name);
                    let declared = query.variables.iter().find(|variable| variable.name == *name);
                    let declared =
                        declared.ok_or_else(|| Refused::invalid(format!("Variable \"${name}\" is not defined.")))?;
                    variable(declared, of, variables)?
                }
            };
            let fits = match of.trim_end_matches('!') {
                "Int" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
                _ => value.is_string(),
            };
            if !fits && !value.is_null() {
                return Err(Refused::invalid(format!("{of} cannot represent the value of \"{name}\".")));
            }
            if !value.is_null() {
                values.insert(name.clone(), value);
            }
        }
        match entry.arguments.iter().find(|(name, of)| of.ends_with('!') && !values.contains_key(*name)) {
            Some((name, of)) => Err(Refused::invalid(format!(
                "Field \"{}\" argument \"{name}\" of type \"{of}\" is required, but it was not provided.",
                entry.name
            ))),
            None => Ok(Self(values)),
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Value::as_i64)
    }

    pub(super) fn moment(&self, name: &str) -> Result<Option<DateTime<Utc>>, Refused> {
        let wrong = |_| Refused::argument(name, &format!("{name} must be a Date instance"));
        self.text(name).map(|text| DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).map_err(wrong)).transpose()
    }
}

/// The value of a variable where this type is wanted.
fn variable(declared: &Variable, of: &str, variables: &Map<String, Value>) -> Result<Value, Refused> {
    let Variable { name, of: known, default } = declared;
    let fits = known == of
        || known.strip_suffix('!') == Some(of)
        || (of.strip_suffix('!') == Some(known) && default.is_some());
    if !fits {
        let message = format!("Variable \"${name}\" of type \"{known}\" used in position expecting type \"{of}\".");
        return Err(Refused::invalid(message));
    }
    let value = variables.get(name).or(default.as_ref()).cloned().unwrap_or_default();
    if value.is_null() && known.ends_with('!') {
        return Err(Refused::invalid(format!("Variable \"${name}\" of required type \"{known}\" was not provided.")));
    }
    Ok(value)
}

/// What was selected of a value, and nothing else.
pub(super) fn select(value: &Value, fields: &[Field]) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| select(item, fields)).collect(),
        Value::Object(_) if !fields.is_empty() => {
            fields.iter().map(|field| (field.key().to_owned(), select(&value[&field.name], &field.fields))).collect()
        }
        other => other.clone(),
    }
}
