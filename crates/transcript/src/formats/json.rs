//! Sideline's own JSON: a list of segments, alone or in an object with participants. [`crate::write::to_json`] writes it.

use super::scalar::{Scalar, or_default};
use super::{Builder, Found, ParseError, counted};
use crate::{Participant, SpeakerIx, Warning};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Document<'a> {
    title: Scalar<'a>,
    started_at: Scalar<'a>,
    external_id: Scalar<'a>,
    language: Scalar<'a>,
    #[serde(deserialize_with = "or_default")]
    separate_channels: bool,
    #[serde(deserialize_with = "or_default")]
    participants: Vec<Participant>,
    #[serde(deserialize_with = "or_default")]
    segments: Vec<Line<'a>>,
    #[serde(deserialize_with = "or_default")]
    warnings: Vec<Warning>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Line<'a> {
    speaker: Scalar<'a>,
    start_ms: Scalar<'a>,
    end_ms: Scalar<'a>,
    text: Scalar<'a>,
    #[serde(deserialize_with = "or_default")]
    estimated: bool,
    confidence: Scalar<'a>,
    topic: Scalar<'a>,
}

/// Reads neutral JSON. Times may be missing, a speaker may be named by name or by `external_id`, unknown keys are skipped.
pub(crate) fn parse(text: &str, builder: &mut Builder) -> Result<(), ParseError> {
    let document: Document<'_> = if text.trim_start().starts_with('[') {
        Document { segments: super::from_json(text)?, ..Document::default() }
    } else {
        super::from_json(text)?
    };
    let call = builder.call();
    call.title = document.title.into_string();
    call.started_at = document.started_at.into_string();
    call.external_id = document.external_id.into_string();
    call.language = document.language.into_string();
    call.separate_channels = document.separate_channels;
    call.warnings = document.warnings;
    let mut by_id: FxHashMap<String, SpeakerIx> = FxHashMap::default();
    for participant in document.participants {
        let id = participant.external_id.clone();
        let ix = builder.participant(participant);
        by_id.extend(id.map(|id| (id, ix)));
    }
    let (mut no_text, mut negative, mut no_number) = (0, 0, 0);
    for line in document.segments {
        let speaker = line.speaker.speaker_name().and_then(|name| match by_id.get(name.as_ref()) {
            Some(ix) if !builder.has_speaker(&name) => Some(*ix),
            _ => builder.speaker(&name),
        });
        let text = match line.text {
            Scalar::Text(text) => text.into_owned(),
            Scalar::Absent => String::new(),
            Scalar::Whole(_) | Scalar::Real(_) => {
                no_text += 1;
                continue;
            }
        };
        let times = [&line.start_ms, &line.end_ms];
        negative += usize::from(times.iter().any(|time| time.number().is_some_and(|ms| ms < 0.0)));
        no_number += usize::from(times.iter().any(|time| **time != Scalar::Absent && time.ms().is_none()));
        let found = Found {
            speaker,
            start_ms: line.start_ms.ms(),
            end_ms: line.end_ms.ms(),
            text,
            estimated: line.estimated,
            confidence: line.confidence.number().map(|c| c as u16),
            topic: line.topic.text().map(Arc::from),
        };
        builder.push(0, found);
    }
    let told = [
        (no_text, "whose `text` is a number left out; a string was expected"),
        (negative, "with a time before the recording; taken as 0"),
        (no_number, "with a time that is no number of milliseconds; the time was left out"),
    ];
    for (count, what) in told.into_iter().filter(|(count, _)| *count > 0) {
        let message = format!("{} {what}", counted(count, "segment"));
        if builder.is_empty() {
            return Err(ParseError { line: 0, message: format!("no speech in the file: {message}") });
        }
        builder.warn(0, message);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Format::Json;
    use crate::formats::testing::{check, read, warnings};
    use crate::{Side, parse};

    #[test]
    fn a_bare_list() {
        let text = r#"[{"speaker":"agent","start_ms":3720,"end_ms":6390,"text":"hello"},{"speaker":1,"start_ms":"7000","text":"hi there"},
            {"text":"bye","extra":{"deep":[1]},"end_ms":9}, {"speaker":null,"start_ms":-5.5,"end_ms":2.6,"text":"early"}]"#;
        check(text, Json, &["? 0-3 early", "agent 3720-6390 hello", "Speaker 1 ~7000-7750 hi there", "? - bye"]);
    }

    #[test]
    fn an_object_with_participants() {
        let text = r#"{"title":"Demo","external_id":77,"participants":[
            {"name":"Ann","side":"internal","email":"a@b.c","title":"AE","external_id":"u1","role":"host"},
            {"name":"Ann"},{"name":"Silent"}],
            "segments":[{"speaker":"Ann (2)","text":"one"},{"speaker":"u1","text":"two"},{"speaker":"Bo","text":"three"}]}"#;
        check(text, Json, &["Ann (2) - one", "Ann - two", "Bo - three"]);
        let transcript = read(text);
        assert_eq!(transcript.participants[1].side, Some(Side::Internal));
        assert_eq!(transcript.participants[3].name, "Silent");
        assert_eq!((transcript.title.as_deref(), transcript.external_id.as_deref()), (Some("Demo"), Some("77")));
    }

    #[test]
    fn what_is_no_text_and_what_is_no_time_is_told() {
        let transcript = read(
            r#"[{"text":1},{"start_ms":-40,"end_ms":500,"text":"a"},{"start_ms":"soon","text":"b"},{"start_ms":600,"end_ms":200000000,"text":"c"}]"#,
        );
        assert_eq!(crate::formats::testing::said(&transcript), ["? 0-500 a", "? - b", "? 600-200000000 c"]);
        assert_eq!(
            warnings(&transcript),
            [
                "0: 1 segment whose `text` is a number left out; a string was expected",
                "0: 1 segment with a time before the recording; taken as 0",
                "0: 1 segment with a time that is no number of milliseconds; the time was left out",
                "0: the call lasts 55 hours by its times; check that they are milliseconds from its start",
            ]
        );
        // Written and read again, nothing is told twice.
        let again = serde_json::to_string(&crate::write::to_json(&transcript)).unwrap();
        assert_eq!(read(&again).warnings, transcript.warnings);
    }

    #[test]
    fn absurd_times_are_left_out_aloud() {
        let transcript = read(
            r#"[{"start_ms":1e308,"end_ms":1e308,"text":"a"},{"start_ms":18446744073709551615,"text":"b"},{"start_ms":5,"end_ms":1e300,"text":"c d"}]"#,
        );
        assert_eq!(crate::formats::testing::said(&transcript), ["? - a", "? - b", "? ~5-755 c d"]);
        assert_eq!(warnings(&transcript), ["0: 3 segments with a time beyond 139 years; the time was left out"]);
    }

    #[test]
    fn broken_or_foreign_json_is_refused_with_its_line() {
        let refused = |text: &str, line: usize, what: &str| {
            let error = parse(text.as_bytes(), None).expect_err(text);
            assert!(error.line == line && error.message.contains(what), "{error:?}");
        };
        refused("[\n{\"text\": \"a\"},\n{\"text\": \"b\"", 3, "the file breaks off here");
        refused("{\"segments\":[\n{\"text\": \"a", 2, "the file breaks off here");
        refused("[\n{\"text\": \"a\"},\n{\"text\" \"b\"}]", 3, "the JSON cannot be read: expected `:`");
        for (alone, what) in
            [("null", "`null`"), ("42", "number"), ("-1.5", "number"), ("\"x\"", "text"), (" true\n", "`true`")]
        {
            refused(alone, 1, what);
            refused(alone, 1, "expected `segments`");
        }
        refused("{}", 0, "this JSON is an empty object; expected `segments`");
        refused("{\"segments\":[{\"text\":1},{\"text\":2}]}", 0, "2 segments whose `text` is a number");
        refused("{\"text\":\"all in one\"}", 0, "a transcript without segments");
        refused("{\"foo\":1,\"bar\":{\"baz\":2}}", 0, "its keys are: foo, bar");
        refused("{\"TranscriptionJob\":{\"Transcript\":{\"TranscriptFileUri\":\"x\"}}}", 0, "AWS Transcribe; download");
        refused("{\"results\":{\"items\":[],\"transcripts\":[]}}", 0, "no speech");
        refused("[]", 0, "no speech");
        refused("{\"segments\":[{\"text\":\"  \"}]}", 0, "1 segment without words");
        refused(
            "{\"segments\":[{\"text\":\"a\"}],\"participants\":[{\"side\":\"both\"}]}",
            1,
            "the JSON cannot be read",
        );
    }
}
