//! Fireflies' JSON: the answer of its GraphQL interface, the transcript alone, or the bare list of its sentences.

use super::scalar::{Scalar, or_default};
use super::time::{rfc3339, take_clock};
use super::{Builder, Found, ParseError, from_json};
use crate::Participant;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::borrow::Cow;

/// A transcript, or what one is wrapped in: `data`, `transcript` or a list of `transcripts`.
#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Document<'a> {
    data: Option<Box<Document<'a>>>,
    transcript: Option<Box<Document<'a>>>,
    #[serde(deserialize_with = "or_default")]
    transcripts: Vec<Document<'a>>,
    #[serde(deserialize_with = "or_default")]
    errors: Vec<Failure<'a>>,
    id: Scalar<'a>,
    title: Scalar<'a>,
    /// Milliseconds since 1970 or text.
    date: Scalar<'a>,
    #[serde(rename = "dateString")]
    date_string: Scalar<'a>,
    #[serde(deserialize_with = "or_default")]
    meeting_attendees: Vec<Attendee<'a>>,
    #[serde(deserialize_with = "or_default")]
    speakers: Vec<Speaker<'a>>,
    #[serde(deserialize_with = "or_default")]
    sentences: Vec<Sentence<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Failure<'a> {
    message: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Attendee<'a> {
    #[serde(rename = "displayName")]
    display_name: Scalar<'a>,
    name: Scalar<'a>,
    email: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Speaker<'a> {
    id: Scalar<'a>,
    name: Scalar<'a>,
}

/// A sentence; times are seconds as numbers, as text, or as a clock.
#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Sentence<'a> {
    speaker_id: Scalar<'a>,
    speaker_name: Scalar<'a>,
    #[serde(alias = "sentence")]
    text: Scalar<'a>,
    raw_text: Scalar<'a>,
    #[serde(alias = "startTime")]
    start_time: Scalar<'a>,
    #[serde(alias = "endTime")]
    end_time: Scalar<'a>,
}

/// Reads the transcript in the file, of which there must be one.
pub(crate) fn parse(text: &str, builder: &mut Builder) -> Result<(), ParseError> {
    let document = if text.trim_start().starts_with('[') {
        Document { sentences: from_json(text)?, ..Document::default() }
    } else {
        unwrap(from_json(text)?)?
    };
    let call = builder.call();
    call.external_id = document.id.into_string();
    call.title = document.title.into_string();
    call.started_at = document.date_string.into_string().or_else(|| match document.date.number() {
        Some(ms) => rfc3339(ms),
        None => document.date.into_string(),
    });
    let mut emails: FxHashMap<String, String> = FxHashMap::default();
    let mut attendees: Vec<String> = Vec::new();
    for attendee in document.meeting_attendees {
        let Some(name) = attendee.display_name.into_string().or_else(|| attendee.name.into_string()) else { continue };
        emails.extend(attendee.email.into_string().map(|email| (name.clone(), email)));
        attendees.push(name);
    }
    let names: FxHashMap<Cow<'_, str>, Scalar<'_>> =
        document.speakers.into_iter().filter_map(|speaker| Some((speaker.id.text()?, speaker.name))).collect();
    let mut speaker = |name: &str, builder: &mut Builder| match emails.remove(name) {
        Some(email) if !builder.has_speaker(name) => Some(builder.participant(Participant {
            name: name.to_owned(),
            email: Some(email),
            ..Participant::default()
        })),
        _ => builder.speaker(name),
    };
    for sentence in document.sentences {
        let id = sentence.speaker_id.text();
        let listed = || id.as_ref().and_then(|id| names.get(id)).and_then(|name| name.clone().text());
        let numbered = || id.as_ref().map(|id| Cow::Owned(format!("Speaker {id}")));
        let name = sentence.speaker_name.text().or_else(listed).or_else(numbered);
        let found = Found {
            speaker: name.and_then(|name| speaker(&name, builder)),
            start_ms: time(&sentence.start_time),
            end_ms: time(&sentence.end_time),
            text: sentence.text.into_string().or_else(|| sentence.raw_text.into_string()).unwrap_or_default(),
            ..Found::default()
        };
        builder.push(0, found);
    }
    for name in attendees {
        speaker(&name, builder);
    }
    Ok(())
}

/// The transcript within its wrappings.
fn unwrap(mut document: Document<'_>) -> Result<Document<'_>, ParseError> {
    let mut failure = None;
    loop {
        let errors = std::mem::take(&mut document.errors);
        failure = failure.or_else(|| errors.into_iter().find_map(|error| error.message.text()));
        match document.data.take().or_else(|| document.transcript.take()) {
            Some(inner) => document = *inner,
            None => break,
        }
    }
    if document.transcripts.len() > 1 {
        let count = document.transcripts.len();
        let names: Vec<String> = document.transcripts.into_iter().take(10).map(told).collect();
        let more = if count > names.len() { ", …" } else { "" };
        let message = format!("{count} calls in one file: {}{more}; expected one call a file", names.join(", "));
        return Err(ParseError { line: 0, message });
    }
    let document = document.transcripts.pop().unwrap_or(document);
    match failure {
        Some(what) if document.sentences.is_empty() => {
            let message = format!("this is an error of Fireflies ({what}); expected a transcript with `sentences`");
            Err(ParseError { line: 0, message })
        }
        _ => Ok(document),
    }
}

/// Id and title of a transcript.
fn told(document: Document<'_>) -> String {
    let id = document.id.text().unwrap_or(Cow::Borrowed("without id"));
    match document.title.text() {
        Some(title) => format!("{id} ({title})"),
        None => id.into_owned(),
    }
}

/// Milliseconds of a time in seconds or as a clock.
fn time(time: &Scalar<'_>) -> Option<u64> {
    let clock = || match time {
        Scalar::Text(text) => take_clock(text.trim()).filter(|(_, rest)| rest.is_empty()).map(|(ms, _)| ms),
        _ => None,
    };
    time.seconds_as_ms().or_else(clock)
}

#[cfg(test)]
mod tests {
    use crate::Format::FirefliesJson;
    use crate::formats::testing::{check, read, said};
    use crate::parse;

    const SENTENCES: &str = r#"[{"index":0,"speaker_id":0,"speaker_name":"Ann Bee","text":"Hello, Carl.","raw_text":"hello carl","start_time":"0.5","end_time":"1.25"},
        {"index":1,"speaker_id":1,"speaker_name":null,"text":"Hi.","raw_text":"hi","start_time":1.5,"end_time":2},
        {"index":2,"speaker_id":7,"speaker_name":null,"text":null,"raw_text":"who","start_time":"2","end_time":"2.5"}]"#;
    const SAID: &[&str] = &["Ann Bee 500-1250 Hello, Carl.", "Carl Dee 1500-2000 Hi.", "Speaker 7 2000-2500 who"];

    fn transcript() -> String {
        format!(
            r#"{{"id":"ff-1","title":"Pricing","date":1793613600500,"duration":12.5,"participants":["ann@acme.com"],
                "meeting_attendees":[{{"displayName":null,"name":"Silent Sue","email":"sue@dee.org"}},
                  {{"displayName":"Carl Dee","name":"carl","email":"carl@dee.org"}},{{"displayName":null,"name":null,"email":"x@y.z"}}],
                "speakers":[{{"id":0,"name":"Ann Bee"}},{{"id":1,"name":"Carl Dee"}}],"sentences":{SENTENCES}}}"#
        )
    }

    #[test]
    fn however_it_is_wrapped() {
        let bare = transcript();
        for text in [
            bare.clone(),
            format!(r#"{{"transcript":{bare}}}"#),
            format!(r#"{{"data":{{"transcript":{bare}}}}}"#),
            format!(r#"{{"data":{{"transcripts":[{bare}]}}}}"#),
        ] {
            check(&text, FirefliesJson, SAID);
            let transcript = read(&text);
            assert_eq!(
                (transcript.title.as_deref(), transcript.external_id.as_deref()),
                (Some("Pricing"), Some("ff-1"))
            );
            assert_eq!(transcript.started_at.as_deref(), Some("2026-11-02T10:00:00.500Z"));
            let people: Vec<_> =
                transcript.participants.iter().map(|p| (p.name.as_str(), p.email.as_deref())).collect();
            assert_eq!(
                people,
                [
                    ("Ann Bee", None),
                    ("Carl Dee", Some("carl@dee.org")),
                    ("Speaker 7", None),
                    ("Silent Sue", Some("sue@dee.org"))
                ]
            );
        }
    }

    #[test]
    fn bare_sentences() {
        assert_eq!(said(&read(SENTENCES)), ["Ann Bee 500-1250 Hello, Carl.", "Speaker 1 1500-2000 Hi.", SAID[2]]);
        check(
            r#"[{"sentence":"Hello.","startTime":"00:05","endTime":"00:07","speaker_name":"Ann","speaker_id":0}]"#,
            FirefliesJson,
            &["Ann 5000-7000 Hello."],
        );
    }

    #[test]
    fn a_date_that_is_text_stays_as_it_is() {
        let text = transcript().replace("1793613600500", "\"2026-11-02T10:00:00+01:00\"");
        assert_eq!(read(&text).started_at.as_deref(), Some("2026-11-02T10:00:00+01:00"));
    }

    #[test]
    fn several_transcripts_and_errors_are_told() {
        let refused = |text: &str, what: &str| {
            let error = parse(text.as_bytes(), None).expect_err(text);
            assert_eq!(error.to_string(), what);
        };
        let several = format!(r#"{{"data":{{"transcripts":[{0},{{"id":"ff-2","sentences":[]}}]}}}}"#, transcript());
        refused(&several, "2 calls in one file: ff-1 (Pricing), ff-2; expected one call a file");
        refused(
            r#"{"errors":[{"message":"Transcript not found"}],"data":{"transcript":null}}"#,
            "this is an error of Fireflies (Transcript not found); expected a transcript with `sentences`",
        );
        refused(
            r#"{"data":{"transcript":{"sentences":[]}}}"#,
            "no speech in the file: not one cue, sentence or line with words",
        );
    }
}
