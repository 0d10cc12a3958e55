//! What is in an item of a page, as far as it is there and of the kind that is expected. What is unknown stays unknown.

use chrono::{DateTime, Utc};
use kernel::Secret;
use serde_json::Value;
use std::fmt;

/// Which way a call went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direction {
    /// They called.
    Inbound,
    /// We called.
    Outbound,
    /// A web conference.
    Conference,
    /// Gong does not know, or says something that is not known here.
    #[default]
    Unknown,
}

/// On whose side somebody is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Affiliation {
    /// Of the company that uses Gong.
    Internal,
    /// Of another.
    External,
    /// Gong does not know, or says something that is not known here.
    #[default]
    Unknown,
}

/// Somebody who was invited to a call or took part in it. `Debug` shows no name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Party {
    /// The name.
    pub name: Option<String>,
    /// The mail address.
    pub email: Option<String>,
    /// The id as a user of Gong.
    pub user_id: Option<String>,
    /// The id as a speaker in the transcript; none where nothing was said.
    pub speaker_id: Option<String>,
    /// The side.
    pub affiliation: Affiliation,
    /// The title at work.
    pub title: Option<String>,
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Party")
            .field("user_id", &self.user_id)
            .field("speaker_id", &self.speaker_id)
            .field("affiliation", &self.affiliation)
            .finish_non_exhaustive()
    }
}

/// Where a recording is. Whoever has an address can hear the call, for eight hours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Media {
    /// The sound.
    pub audio_url: Option<Secret>,
    /// The picture.
    pub video_url: Option<Secret>,
}

/// A call. `Debug` shows no title and no name.
#[derive(Clone, Default, PartialEq)]
pub struct CallView {
    /// The id, a decimal number of up to 20 digits.
    pub id: Option<String>,
    /// The page of the call in Gong.
    pub url: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// When it began.
    pub started: Option<DateTime<Utc>>,
    /// When it was to begin.
    pub scheduled: Option<DateTime<Utc>>,
    /// How long it took, in seconds.
    pub duration_s: Option<f64>,
    /// The user of Gong whose call it is.
    pub primary_user_id: Option<String>,
    /// Which way it went.
    pub direction: Direction,
    /// The language in three letters: `eng`.
    pub language: Option<String>,
    /// Whether it is for a few alone.
    pub is_private: Option<bool>,
    /// Who was there, or was to be.
    pub parties: Vec<Party>,
    /// The recordings.
    pub media: Media,
}

impl fmt::Debug for CallView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallView")
            .field("id", &self.id)
            .field("started", &self.started)
            .field("duration_s", &self.duration_s)
            .field("parties", &self.parties.len())
            .finish_non_exhaustive()
    }
}

impl CallView {
    /// Reads an item of [`crate::Client::calls`], or what a webhook brings as `callData`; also a call without the rest, as `GET /v2/calls` lists
    /// them.
    pub fn of(item: &Value) -> Self {
        let call = meta(item);
        let direction = match call["direction"].as_str() {
            Some("Inbound") => Direction::Inbound,
            Some("Outbound") => Direction::Outbound,
            Some("Conference") => Direction::Conference,
            _ => Direction::Unknown,
        };
        let address = |name: &str| text(&item["media"][name]).map(Secret::new);
        Self {
            id: number(&call["id"]),
            url: text(&call["url"]),
            title: text(&call["title"]),
            started: time(&call["started"]),
            scheduled: time(&call["scheduled"]),
            duration_s: call["duration"].as_f64().filter(|seconds| *seconds >= 0.0),
            primary_user_id: number(&call["primaryUserId"]),
            direction,
            language: text(&call["language"]),
            is_private: call["isPrivate"].as_bool(),
            parties: list(&item["parties"]).iter().map(Party::of).collect(),
            media: Media { audio_url: address("audioUrl"), video_url: address("videoUrl") },
        }
    }
}

impl Party {
    fn of(item: &Value) -> Self {
        let affiliation = match item["affiliation"].as_str() {
            Some("Internal") => Affiliation::Internal,
            Some("External") => Affiliation::External,
            _ => Affiliation::Unknown,
        };
        Self {
            name: text(&item["name"]),
            email: text(&item["emailAddress"]),
            user_id: number(&item["userId"]),
            speaker_id: number(&item["speakerId"]),
            affiliation,
            title: text(&item["title"]),
        }
    }
}

/// A transcript, without its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptView {
    /// The id of its call.
    pub call_id: Option<String>,
    is_empty: bool,
}

impl TranscriptView {
    /// Reads an item of [`crate::Client::transcripts`].
    pub fn of(item: &Value) -> Self {
        let mut sentences = list(&item["transcript"]).iter().flat_map(|monologue| list(&monologue["sentences"]));
        let has_words = |sentence: &Value| sentence["text"].as_str().is_some_and(|text| !text.trim().is_empty());
        Self { call_id: number(&item["callId"]), is_empty: !sentences.any(has_words) }
    }

    /// Whether there is no word in it: it may come yet.
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }
}

/// The id of an item of any list.
pub(crate) fn id(item: &Value) -> Option<String> {
    number(&item["callId"]).or_else(|| number(&meta(item)["id"]))
}

fn meta(item: &Value) -> &Value {
    item.get("metaData").unwrap_or(item)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// An id, which is a text, though some write numbers.
fn number(value: &Value) -> Option<String> {
    text(value).or_else(|| value.as_u64().map(|number| number.to_string()))
}

/// A time with its offset, written with or without a colon in it.
fn time(value: &Value) -> Option<DateTime<Utc>> {
    let text = value.as_str()?;
    let at = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    at.ok().map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_call_is_read_as_it_is_described() {
        let item = json!({
            "metaData": {
                "id": "12345678901234567890", "url": "https://app.gong.io/call?id=1", "title": "Pricing", "scheduled": "2026-11-20T09:00:00+01:00",
                "started": "2026-11-20T08:01:02.5Z", "duration": 1800, "primaryUserId": "12", "direction": "Conference", "language": "eng",
                "isPrivate": false, "novelty": [1],
            },
            "parties": [
                {
                    "id": "1", "name": "Ann", "emailAddress": "ann@example.com", "userId": "12", "speakerId": "901", "affiliation": "Internal",
                    "title": "AE",
                },
                { "id": "2", "speakerId": null, "affiliation": "Martian" },
            ],
            "media": { "audioUrl": "https://media/sesame" },
        });
        let call = CallView::of(&item);
        assert_eq!(call.id.as_deref(), Some("12345678901234567890"));
        assert_eq!(call.started, Some("2026-11-20T08:01:02.5Z".parse().unwrap()));
        assert_eq!(call.scheduled, Some("2026-11-20T08:00:00Z".parse().unwrap()));
        assert_eq!(
            (call.duration_s, call.is_private, call.direction),
            (Some(1800.0), Some(false), Direction::Conference)
        );
        assert_eq!(
            (call.url.as_deref(), call.title.as_deref()),
            (Some("https://app.gong.io/call?id=1"), Some("Pricing"))
        );
        assert_eq!((call.primary_user_id.as_deref(), call.language.as_deref()), (Some("12"), Some("eng")));
        let ann = Party {
            name: Some("Ann".to_owned()),
            email: Some("ann@example.com".to_owned()),
            user_id: Some("12".to_owned()),
            speaker_id: Some("901".to_owned()),
            affiliation: Affiliation::Internal,
            title: Some("AE".to_owned()),
        };
        assert_eq!(call.parties, [ann, Party::default()]);
        assert_eq!(call.media.audio_url.as_ref().map(Secret::expose), Some("https://media/sesame"));
        assert_eq!(
            CallView { parties: Vec::new(), media: Media::default(), ..call.clone() },
            CallView::of(&item["metaData"])
        );
        let shown = format!("{call:?} {:?} {:?}", call.parties, call.media);
        for secret in ["Pricing", "Ann", "ann@", "sesame"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn what_is_missing_or_of_another_kind_is_unknown() {
        let odd = json!({
            "metaData": {
                "id": 77, "title": ["x"], "started": "soon", "scheduled": "2026-11-20T09:00:00+0100", "duration": "long", "isPrivate": "no",
                "direction": 1, "url": " ",
            },
            "parties": { "name": "Ann" },
            "media": null,
        });
        let scheduled = Some("2026-11-20T08:00:00Z".parse().unwrap());
        assert_eq!(CallView::of(&odd), CallView { id: Some("77".to_owned()), scheduled, ..CallView::default() });
        for nothing in [json!(null), json!([]), json!("x"), json!({}), json!({ "metaData": null })] {
            assert_eq!(CallView::of(&nothing), CallView::default(), "{nothing}");
            assert_eq!(TranscriptView::of(&nothing), TranscriptView { call_id: None, is_empty: true }, "{nothing}");
        }
    }

    #[test]
    fn a_transcript_is_empty_without_a_word() {
        let with = |monologues: Value| json!({ "callId": "77", "transcript": monologues });
        let sentence = |text: Value| json!([{ "speakerId": "1", "sentences": [] }, { "sentences": [{ "start": 1, "text": text }] }]);
        for (monologues, is_empty) in [
            (json!([]), true),
            (json!(null), true),
            (json!([null, { "sentences": null }]), true),
            (sentence(json!(" ")), true),
            (sentence(json!(null)), true),
            (sentence(json!("Hello.")), false),
        ] {
            let item = with(monologues);
            let view = TranscriptView::of(&item);
            assert_eq!((view.call_id.as_deref(), view.is_empty()), (Some("77"), is_empty), "{item}");
        }
    }
}
