//! What is asked for page by page, and the pages.

use crate::{GongError, view};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use std::fmt;

/// Which calls are meant; all where nothing is set. Gong compares the times with the scheduled time of a web conference and the start of any
/// other call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// At or after this time.
    pub from: Option<DateTime<Utc>>,
    /// Before this time.
    pub to: Option<DateTime<Utc>>,
    /// In this workspace alone, by its id.
    pub workspace: Option<String>,
    /// These alone, by their ids.
    pub calls: Vec<String>,
}

impl Filter {
    pub(crate) fn body(&self) -> Value {
        let mut body = Map::new();
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true).into();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                body.insert(name.to_owned(), value);
            }
        };
        set("fromDateTime", self.from.map(time));
        set("toDateTime", self.to.map(time));
        set("workspaceId", self.workspace.as_deref().map(Value::from));
        set("callIds", (!self.calls.is_empty()).then(|| self.calls.clone().into()));
        Value::Object(body)
    }
}

/// A selector of everything that Gong tells of a call. The addresses of its `media` need a scope of their own (`api:calls:read:media-url`).
pub fn everything(media: bool) -> Value {
    json!({
        "context": "Extended",
        "contextTiming": ["Now", "TimeOfCall"],
        "exposedFields": {
            "parties": true,
            "content": {
                "structure": true, "topics": true, "trackers": true, "trackerOccurrences": true, "pointsOfInterest": true, "brief": true,
                "outline": true, "highlights": true, "callOutcome": true, "keyPoints": true,
            },
            "interaction": { "speakers": true, "video": true, "personInteractionStats": true, "questions": true },
            "collaboration": { "publicComments": true },
            "media": media,
        },
    })
}

/// A page of a list. `Debug` shows how much is on it, and nothing of it.
#[derive(Clone, Default, PartialEq)]
pub struct Page {
    /// What is listed, each as it came.
    pub items: Vec<Value>,
    /// The mark of the next page; none on the last.
    pub cursor: Option<String>,
    /// How many there are on all pages, if Gong says so.
    pub total: Option<u64>,
    /// Whether Gong answered that there is nothing (404): no such call, or a mark that is too old.
    pub none: bool,
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("items", &self.items.len())
            .field("has_next", &self.cursor.is_some())
            .field("total", &self.total)
            .field("none", &self.none)
            .finish()
    }
}

/// Where somebody came along who reads a list page by page, so that a list that goes in circles ends.
#[derive(Debug, Clone, Default)]
pub struct Trail(remote::Trail);

impl Trail {
    /// The mark of the page after this one; none after the last. `what` is listed: `calls`.
    ///
    /// # Errors
    /// [`GongError::Circle`] when a page with this mark, or these very items, was read before. Marks alone do not tell: they can be new each time.
    pub fn next(&mut self, page: &Page, what: &'static str) -> Result<Option<String>, GongError> {
        let Some(cursor) = &page.cursor else { return Ok(None) };
        // By their ids, as other things of an item may be new each time, such as the addresses of its media.
        let is_new = self.0.goes_on(cursor, page.items.iter().filter_map(view::id));
        if is_new { Ok(Some(cursor.clone())) } else { Err(GongError::Circle { what }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_says_what_is_set_and_no_more() {
        assert_eq!(Filter::default().body(), json!({}));
        let filter = Filter {
            from: Some("2026-11-01T01:00:00+01:00".parse().unwrap()),
            to: Some("2026-11-02T00:00:00.25Z".parse().unwrap()),
            workspace: Some("62".to_owned()),
            calls: vec!["18446744073709551615".to_owned()],
        };
        let body = json!({
            "fromDateTime": "2026-11-01T00:00:00Z", "toDateTime": "2026-11-02T00:00:00.250Z", "workspaceId": "62",
            "callIds": ["18446744073709551615"],
        });
        assert_eq!(filter.body(), body);
    }

    #[test]
    fn a_trail_ends_where_marks_or_pages_come_again() {
        let page = |cursor: Option<&str>, id: u64| Page {
            items: if id == 0 { Vec::new() } else { vec![json!({ "id": id })] },
            cursor: cursor.map(str::to_owned),
            total: None,
            none: false,
        };
        let circle = Err(GongError::Circle { what: "calls" });
        let mut trail = Trail::default();
        assert_eq!(trail.next(&page(Some("a"), 1), "calls"), Ok(Some("a".to_owned())));
        assert_eq!(trail.next(&page(Some("b"), 2), "calls"), Ok(Some("b".to_owned())));
        assert_eq!(trail.clone().next(&page(Some("a"), 3), "calls"), circle, "a mark of two pages ago");
        assert_eq!(trail.clone().next(&page(Some("c"), 1), "calls"), circle, "page 1 with a mark of its own each time");
        assert_eq!(trail.next(&page(Some("c"), 0), "calls"), Ok(Some("c".to_owned())));
        assert_eq!(
            trail.next(&page(Some("d"), 0), "calls"),
            Ok(Some("d".to_owned())),
            "an empty page is like no other"
        );
        assert_eq!(trail.next(&page(None, 1), "calls"), Ok(None), "there is no next");
    }

    #[test]
    fn a_page_is_not_shown() {
        let page = Page {
            items: vec![json!("ninety thousand")],
            cursor: Some("sesame".to_owned()),
            total: Some(7),
            none: false,
        };
        assert_eq!(format!("{page:?}"), "Page { items: 1, has_next: true, total: Some(7), none: false }");
    }
}
