//! What is in a transcript, as far as it is there and of the kind that is expected. What is unknown stays unknown.

use crate::refusal::moment;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::fmt;

/// A transcript without its words. `Debug` shows no title and no name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TranscriptView {
    /// The id.
    pub id: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// When the call began.
    pub started: Option<DateTime<Utc>>,
    /// The mail address of whoever organized it; else of its host.
    pub organizer: Option<String>,
    /// Who was invited or took part, each with a name or a mail address: those that the calendar names, then the others.
    pub people: Vec<(Option<String>, Option<String>)>,
    /// Whether a word of it is written.
    pub has_sentences: bool,
}

impl fmt::Debug for TranscriptView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TranscriptView")
            .field("id", &self.id)
            .field("started", &self.started)
            .field("people", &self.people.len())
            .field("has_sentences", &self.has_sentences)
            .finish_non_exhaustive()
    }
}

impl TranscriptView {
    /// Reads a transcript of [`crate::Client::transcripts`], which has no sentences, or of [`crate::Client::transcript`].
    pub fn of(transcript: &Value) -> Self {
        let attendee =
            |item: &Value| (text(&item["displayName"]).or_else(|| text(&item["name"])), text(&item["email"]));
        let attendees = list(&transcript["meeting_attendees"]).iter().map(attendee);
        let mut people: Vec<_> = attendees.filter(|person| *person != (None, None)).collect();
        // Some items of the list are lists themselves, divided by commas.
        let participants = list(&transcript["participants"]).iter().filter_map(Value::as_str);
        for participant in participants.flat_map(|item| item.split(',')).map(str::trim).filter(|item| !item.is_empty())
        {
            let is =
                |known: &Option<String>| known.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(participant));
            if !people.iter().any(|(name, email)| is(name) || is(email)) {
                let participant = Some(participant.to_owned());
                let has_address = participant.as_ref().is_some_and(|text| text.contains('@'));
                people.push(if has_address { (None, participant) } else { (participant, None) });
            }
        }
        let has_words = |sentence: &Value| {
            ["text", "raw_text"].iter().any(|name| sentence[name].as_str().is_some_and(|text| !text.trim().is_empty()))
        };
        Self {
            id: text(&transcript["id"]),
            title: text(&transcript["title"]),
            started: moment(&transcript["date"]),
            organizer: text(&transcript["organizer_email"]).or_else(|| text(&transcript["host_email"])),
            people,
            has_sentences: list(&transcript["sentences"]).iter().any(has_words),
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn some(name: &str, email: &str) -> (Option<String>, Option<String>) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (some(name), some(email))
    }

    #[test]
    fn a_transcript_is_read_as_it_is_described() {
        let item = json!({
            "id": "ASxwZxCstx", "title": "Pricing", "date": 1_699_570_138_000_u64, "duration": 30.5, "organizer_email": "ann@example.com",
            "host_email": "host@example.com", "participants": ["Ann@example.com", "bob@example.org,cy@example.org", "Dee"],
            "meeting_attendees": [
                { "displayName": "Ann", "email": "ann@example.com", "name": null },
                { "displayName": null, "email": "bob@example.org", "name": "Bob" },
                { "displayName": null, "email": null, "name": null },
            ],
            "sentences": [{ "index": 0, "text": "Our floor is ninety.", "start_time": "0.5", "end_time": 2 }], "novel": [1],
        });
        let view = TranscriptView::of(&item);
        assert_eq!((view.id.as_deref(), view.title.as_deref()), (Some("ASxwZxCstx"), Some("Pricing")));
        assert_eq!(view.started, Some("2023-11-09T22:48:58Z".parse().unwrap()));
        assert_eq!((view.organizer.as_deref(), view.has_sentences), (Some("ann@example.com"), true));
        let people = [
            some("Ann", "ann@example.com"),
            some("Bob", "bob@example.org"),
            some("", "cy@example.org"),
            some("Dee", ""),
        ];
        assert_eq!(view.people, people);
        let shown = format!("{view:?}");
        for secret in ["Pricing", "Ann", "ann@", "ninety", "Dee"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn a_date_is_milliseconds_or_a_time() {
        let at = |date: Value| TranscriptView::of(&json!({ "date": date })).started;
        let started = Some("2026-11-20T08:00:00.250Z".parse().unwrap());
        for date in [
            json!(1_795_161_600_250_u64),
            json!(1_795_161_600_250.0),
            json!("1795161600250"),
            json!("2026-11-20T08:00:00.250Z"),
            json!("2026-11-20T09:00:00.250+01:00"),
        ] {
            assert_eq!(at(date.clone()), started, "{date}");
        }
        for date in [json!(null), json!("soon"), json!([1]), json!(true), json!(1e300), json!("NaN"), json!("inf")] {
            assert_eq!(at(date.clone()), None, "{date}");
        }
    }

    #[test]
    fn what_is_missing_or_of_another_kind_is_unknown() {
        let odd = json!({
            "id": 77, "title": ["x"], "date": {}, "organizer_email": " ", "host_email": "host@example.com", "participants": [7, " , ", null],
            "meeting_attendees": [null, 7, "Ann", {}], "sentences": { "text": "x" },
        });
        let organizer = Some("host@example.com".to_owned());
        assert_eq!(TranscriptView::of(&odd), TranscriptView { organizer, ..TranscriptView::default() });
        for nothing in [json!(null), json!([]), json!("x"), json!(7), json!({})] {
            assert_eq!(TranscriptView::of(&nothing), TranscriptView::default(), "{nothing}");
        }
    }

    #[test]
    fn it_has_sentences_once_a_word_is_written() {
        for (sentences, has) in [
            (json!(null), false),
            (json!([]), false),
            (json!([null, 7, { "text": null }, { "text": " " }]), false),
            (json!([{ "text": "", "raw_text": "Hello." }]), true),
            (json!([{ "text": " " }, { "text": "Hello." }]), true),
        ] {
            assert_eq!(TranscriptView::of(&json!({ "sentences": sentences })).has_sentences, has, "{sentences}");
        }
    }
}
