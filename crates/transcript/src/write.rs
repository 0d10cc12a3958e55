//! Transcripts as files: `WebVTT`, `SubRip` and neutral JSON, which [`crate::parse`] reads back.

use crate::formats::markup::escape;
use crate::{Participant, Segment, Transcript, Warning};
use serde::Serialize;
use std::fmt::{self, Write as _};

/// Why a transcript cannot be written as captions: a segment has no times.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("segment {segment} has no times, and {format} cannot do without; write JSON instead")]
pub struct WriteError {
    /// Id of the first segment without times.
    pub segment: u32,
    /// Name of the format.
    pub format: &'static str,
}

/// A transcript as neutral JSON, ready to be serialised; borrows everything.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    /// The format the transcript was read from.
    pub format: &'static str,
    /// Title of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    /// Start of the call as the source wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<&'a str>,
    /// Id of the call in the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<&'a str>,
    /// Language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<&'a str>,
    /// Whether each speaker had a channel of their own; left out if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub separate_channels: bool,
    /// What was said.
    pub segments: Vec<DocumentSegment<'a>>,
    /// Who was in the call.
    pub participants: &'a [Participant],
    /// What was mended or left out when it was read.
    pub warnings: &'a [Warning],
}

/// A segment of neutral JSON.
#[derive(Debug, Serialize)]
pub struct DocumentSegment<'a> {
    /// Id, counted from 1.
    pub id: u32,
    /// Name of the speaker.
    pub speaker: Option<&'a str>,
    /// Start in milliseconds.
    pub start_ms: Option<u64>,
    /// End in milliseconds.
    pub end_ms: Option<u64>,
    /// The words.
    pub text: &'a str,
    /// Whether a time was computed.
    pub estimated: bool,
    /// Confidence in parts of a thousand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u16>,
    /// Topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<&'a str>,
}

/// The transcript as neutral JSON; reading it back gives an equal transcript, but for `format`.
pub fn to_json(transcript: &Transcript) -> Document<'_> {
    let segments = transcript.segments.iter().map(|segment| DocumentSegment {
        id: segment.id,
        speaker: transcript.speaker_name(segment),
        start_ms: segment.start_ms,
        end_ms: segment.end_ms,
        text: &segment.text,
        estimated: segment.estimated,
        confidence: segment.confidence,
        topic: segment.topic.as_deref(),
    });
    Document {
        format: transcript.format.as_str(),
        title: transcript.title.as_deref(),
        started_at: transcript.started_at.as_deref(),
        external_id: transcript.external_id.as_deref(),
        language: transcript.language.as_deref(),
        separate_channels: transcript.separate_channels,
        segments: segments.collect(),
        participants: &transcript.participants,
        warnings: &transcript.warnings,
    }
}

/// The transcript as `WebVTT`, speakers in voice tags.
///
/// # Errors
/// If a segment has no times.
pub fn to_vtt(transcript: &Transcript) -> Result<String, WriteError> {
    let mut out = "WEBVTT\n\n".to_owned();
    for segment in &transcript.segments {
        let (start, end) = times(segment, "WebVTT")?;
        let _ = writeln!(out, "{}\n{} --> {}", segment.id, Clock(start, '.'), Clock(end, '.'));
        let text = escape(&segment.text);
        let _ = match transcript.speaker_name(segment) {
            Some(name) => {
                // `-->` would end the cue: a name that ends with the half of it gets a space, which readers drop.
                let gap = if name.ends_with("--") { " " } else { "" };
                write!(out, "<v {}{gap}>{text}</v>\n\n", escape(name))
            }
            None => write!(out, "{text}\n\n"),
        };
    }
    Ok(out)
}

/// The transcript as `SubRip`, `Name: ` before the words. Nothing is escaped, since most players would show the escapes.
///
/// # Errors
/// If a segment has no times.
pub fn to_srt(transcript: &Transcript) -> Result<String, WriteError> {
    let mut out = String::new();
    for segment in &transcript.segments {
        let (start, end) = times(segment, "SRT")?;
        let _ = writeln!(out, "{}\n{} --> {}", segment.id, Clock(start, ','), Clock(end, ','));
        let _ = match transcript.speaker_name(segment) {
            Some(name) => write!(out, "{name}: {}\n\n", segment.text),
            None => write!(out, "{}\n\n", segment.text),
        };
    }
    Ok(out)
}

fn times(segment: &Segment, format: &'static str) -> Result<(u64, u64), WriteError> {
    segment.start_ms.zip(segment.end_ms).ok_or(WriteError { segment: segment.id, format })
}

/// Milliseconds as `00:01:02.345`, with this character before the fraction.
struct Clock(u64, char);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(ms, point) = self;
        let seconds = ms / 1000;
        write!(f, "{:02}:{:02}:{:02}{point}{:03}", seconds / 3600, seconds / 60 % 60, seconds % 60, ms % 1000)
    }
}
