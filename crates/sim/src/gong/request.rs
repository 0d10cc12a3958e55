//! What requests say: filters, and which parts of a call are wanted.

use super::errors::Refused;
use crate::world::World;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Which calls are meant; what is absent restricts nothing.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub(super) from: Option<DateTime<Utc>>,
    pub(super) to: Option<DateTime<Utc>>,
    pub(super) workspace: Option<String>,
    pub(super) ids: Option<Vec<String>>,
    pub(super) users: Option<Vec<String>>,
}

impl Filter {
    /// Of the field `filter` of a body.
    pub(super) fn read(body: &Value) -> Result<Self, Refused> {
        let filter = body.get("filter").filter(|filter| filter.is_object());
        let filter = filter.ok_or_else(|| Refused::malformed("filter: a JSON object is required"))?;
        let (from, to) = window(text(filter, "fromDateTime")?, text(filter, "toDateTime")?)?;
        Ok(Self {
            from,
            to,
            workspace: text(filter, "workspaceId")?.map(str::to_owned),
            ids: texts(filter, "callIds")?,
            users: texts(filter, "primaryUserIds")?,
        })
    }

    /// The calls that it means, of those that had finished by then, in the order in which they did.
    pub(super) fn matching(&self, world: &World, by: DateTime<Utc>) -> Vec<u32> {
        let there = world.finished(by);
        if self.workspace.as_ref().is_some_and(|id| *id != world.workspace_id()) {
            return Vec::new();
        }
        let fits = |number: &u32| {
            let head = world.head(*number);
            self.from.is_none_or(|from| from <= head.moment())
                && self.to.is_none_or(|to| head.moment() < to)
                && self.users.as_ref().is_none_or(|users| users.contains(&world.user_id(head.user)))
        };
        match &self.ids {
            Some(ids) => {
                let mut numbers: Vec<u32> = ids.iter().filter_map(|id| world.number(id)).collect();
                numbers.sort_unstable();
                numbers.dedup();
                numbers.into_iter().filter(|number| *number < there).filter(fits).collect()
            }
            None => world.around(self.from, self.to, there).filter(fits).collect(),
        }
    }
}

/// From (inclusive) and to (exclusive), where they are given.
type Window = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// A window as a request writes it.
pub(super) fn window(from: Option<&str>, to: Option<&str>) -> Result<Window, Refused> {
    let (from, to) = (moment("fromDateTime", from)?, moment("toDateTime", to)?);
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        return Err(Refused::malformed("fromDateTime must be before toDateTime"));
    }
    Ok((from, to))
}

fn moment(name: &str, text: Option<&str>) -> Result<Option<DateTime<Utc>>, Refused> {
    let wrong = |_| Refused::malformed(format!("{name}: not a date and time of ISO 8601 with its offset"));
    text.map(|text| DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).map_err(wrong)).transpose()
}

/// A field that is a string, if it is there.
pub(super) fn text<'a>(object: &'a Value, name: &str) -> Result<Option<&'a str>, Refused> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refused::malformed(format!("{name}: not a string"))),
    }
}

/// A field that is a list of strings, if it is there and not empty.
pub(super) fn texts(object: &Value, name: &str) -> Result<Option<Vec<String>>, Refused> {
    let wrong = || Refused::malformed(format!("{name}: not a list of strings"));
    let list = match object.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(list) => list.as_array().ok_or_else(wrong)?,
    };
    let texts = list.iter().map(|text| text.as_str().map(str::to_owned).ok_or_else(wrong));
    let texts = texts.collect::<Result<Vec<_>, _>>()?;
    Ok((!texts.is_empty()).then_some(texts))
}

/// How much is told of what the CRM knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    None,
    Basic,
    Extended,
}

/// Which parts of a call are wanted.
#[derive(Debug)]
pub(super) struct Selector {
    pub(super) context: Context,
    /// `Now`, `TimeOfCall`.
    pub(super) timings: Vec<String>,
    /// Whether addresses of recordings are wanted.
    pub(super) media: bool,
    exposed: Value,
}

impl Selector {
    /// Of the field `contentSelector` of a body.
    pub(super) fn read(body: &Value) -> Result<Self, Refused> {
        let none = json!({});
        let selector = body.get("contentSelector").filter(|selector| !selector.is_null()).unwrap_or(&none);
        if !selector.is_object() {
            return Err(Refused::malformed("contentSelector: not a JSON object"));
        }
        let context = match text(selector, "context")? {
            None | Some("None") => Context::None,
            Some("Basic") => Context::Basic,
            Some("Extended") => Context::Extended,
            Some(_) => return Err(Refused::malformed("contentSelector.context: one of None, Basic, Extended")),
        };
        let timings = texts(selector, "contextTiming")?;
        if timings.is_some() && context != Context::Extended {
            return Err(Refused::malformed("contentSelector.contextTiming: only with the context Extended"));
        }
        let timings = timings.unwrap_or_else(|| vec!["Now".to_owned()]);
        if timings.iter().any(|timing| timing != "Now" && timing != "TimeOfCall") {
            return Err(Refused::malformed("contentSelector.contextTiming: of Now, TimeOfCall"));
        }
        let exposed = selector.get("exposedFields").cloned().unwrap_or_default();
        let media = exposed.get("media").and_then(Value::as_bool).unwrap_or(false);
        Ok(Self { context, timings, media, exposed })
    }

    /// All there is.
    pub(super) fn everything() -> Self {
        let all = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), Value::Bool(true))).collect::<Value>();
        let content = all(&[
            "structure",
            "topics",
            "trackers",
            "trackerOccurrences",
            "pointsOfInterest",
            "brief",
            "outline",
            "highlights",
            "callOutcome",
            "keyPoints",
        ]);
        let interaction = all(&["speakers", "video", "personInteractionStats", "questions"]);
        Self {
            context: Context::Extended,
            timings: vec!["Now".to_owned(), "TimeOfCall".to_owned()],
            media: true,
            exposed: json!({
                "parties": true,
                "content": content,
                "interaction": interaction,
                "collaboration": {"publicComments": true},
            }),
        }
    }

    /// Whether this is wanted, such as `/content/brief`.
    pub(super) fn wants(&self, what: &str) -> bool {
        self.exposed.pointer(what).and_then(Value::as_bool).unwrap_or(false)
    }
}
