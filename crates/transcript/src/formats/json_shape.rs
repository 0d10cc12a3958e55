//! Which JSON a file is, told by its keys; no tree of values is built.

use super::{Format, ParseError, from_json};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Levels of nesting looked at.
const DEPTH: usize = 4;
/// Elements of a list looked at; the first segment may lack what the others have.
const ELEMENTS: usize = 8;
/// Most paths kept, should a file have keys without end.
const MAX_PATHS: usize = 256;

/// For each format, in the order of asking, the paths of which one must exist; `[]` is an element of a list.
const SHAPES: &[(Format, &[&str])] = &[
    (
        Format::GongJson,
        &[
            "callTranscripts[]",
            "transcript.callTranscripts[]",
            "transcript[].sentences",
            "transcript[].speakerId",
            "[].sentences",
            "calls[].metaData",
            "calls[].parties",
            "metaData",
            "parties",
        ],
    ),
    (Format::DeepgramJson, &["results.channels", "results.utterances"]),
    (Format::AwsTranscribeJson, &["results.items[]", "results.audio_segments[]", "results.transcripts[]"]),
    (
        Format::FirefliesJson,
        &[
            "data.transcript",
            "data.transcripts[]",
            "transcript.sentences",
            "transcripts[].sentences",
            "sentences[].start_time",
            "sentences[].speaker_name",
            "[].speaker_name",
            "[].raw_text",
            "[].sentence",
        ],
    ),
    (Format::WhisperCppJson, &["transcription[].offsets", "transcription[].timestamps"]),
    (Format::Json, &["segments[].start_ms", "[].start_ms"]),
    (Format::WhisperJson, &["segments[].start", "segments[].words", "[].start"]),
    (Format::Json, &["segments[].text", "[].text", "segments", "[]"]),
];

/// What a refused file is told.
pub(super) const EXPECTED: &str = "expected `segments` with speaker, start_ms, end_ms and text, or the JSON of Gong, Deepgram, \
     Whisper, AWS Transcribe or Fireflies";

/// JSON of other services that people have, and how to get something that can be read.
const KNOWN_STRANGERS: &[(&str, &str)] = &[
    (
        "TranscriptionJob.Transcript",
        "the description of a job of AWS Transcribe; download the file at its `TranscriptFileUri` and import that",
    ),
    ("text", "a transcript without segments; ask the transcriber for `verbose_json`, `srt` or `vtt`"),
];

/// Whether a text begins like JSON; `[00:01] Ann: hello` does not.
pub(super) fn looks_like_json(text: &str) -> bool {
    let text = text.trim_start();
    let inside =
        |rest: &str, expected: &[char]| rest.trim_start().is_empty() || rest.trim_start().starts_with(expected);
    text.strip_prefix('{').is_some_and(|rest| inside(rest, &['"', '}']))
        || text.strip_prefix('[').is_some_and(|rest| inside(rest, &['{', '[', ']']))
}

/// What a text is that is one JSON value, neither list nor object: no words of anybody.
pub(super) fn lone_scalar(text: &str) -> Option<String> {
    let text = text.trim();
    match text {
        "null" | "true" | "false" => Some(format!("`{text}`")),
        _ if text.starts_with('"') => {
            serde_json::from_str::<IgnoredAny>(text).is_ok().then(|| "one piece of text in JSON".to_owned())
        }
        _ => text.parse::<f64>().is_ok().then(|| "one number".to_owned()),
    }
}

/// The format of a JSON text.
pub(super) fn detect(text: &str) -> Result<Format, ParseError> {
    let Paths(paths) = from_json(text)?;
    let has = |wanted: &str| paths.iter().any(|path| path == wanted);
    // An empty list is a transcript in which nobody speaks.
    if let Some((format, _)) = SHAPES.iter().find(|(_, wanted)| wanted.iter().any(|path| has(path))) {
        return Ok(*format);
    }
    let what = KNOWN_STRANGERS.iter().find(|(path, _)| has(path)).map(|(_, what)| (*what).to_owned());
    let what = what.unwrap_or_else(|| {
        let keys: Vec<&str> =
            paths.iter().map(String::as_str).filter(|path| !path.contains(['.', '['])).take(8).collect();
        if keys.is_empty() {
            return "an empty object".to_owned();
        }
        format!("of a kind that is not known (its keys are: {})", keys.join(", "))
    });
    Err(ParseError { line: 0, message: format!("this JSON is {what}; {EXPECTED}") })
}

/// Paths of the keys in a document, like `results.channels[].alternatives`.
struct Paths(Vec<String>);

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut paths = Vec::new();
        Walk { path: String::new(), depth: 0, paths: &mut paths }.deserialize(deserializer)?;
        Ok(Self(paths))
    }
}

struct Walk<'p> {
    path: String,
    depth: usize,
    paths: &'p mut Vec<String>,
}

impl Walk<'_> {
    fn below(&mut self, step: &str) -> Walk<'_> {
        let dot = if self.path.is_empty() || step == "[]" { "" } else { "." };
        let path = format!("{}{dot}{step}", self.path);
        if self.paths.len() < MAX_PATHS && !self.paths.contains(&path) {
            self.paths.push(path.clone());
        }
        Walk { path, depth: self.depth + 1, paths: self.paths }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.depth < DEPTH {
            deserializer.deserialize_any(self)
        } else {
            IgnoredAny::deserialize(deserializer).map(|_| ())
        }
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            map.next_value_seed(self.below(&key))?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        // The list itself counts as seen even if it is empty.
        drop(self.below("[]"));
        for _ in 0..ELEMENTS {
            if seq.next_element_seed(self.below("[]"))?.is_none() {
                return Ok(());
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}
