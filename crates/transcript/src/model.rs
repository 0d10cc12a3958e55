//! The conversation itself, whatever file it came from.

use crate::Format;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Whose side a participant is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Our own people: the rep, the agent, the sales engineer.
    Internal,
    /// The customer's people.
    External,
}

impl Side {
    /// The other side.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Internal => Self::External,
            Self::External => Self::Internal,
        }
    }

    /// `"internal"` or `"external"`, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::External => "external",
        }
    }
}

/// Index of a speaker in [`Transcript::participants`].
pub type SpeakerIx = usize;

/// Somebody who was in the call, whether they spoke or not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Participant {
    /// Display name, unique within the transcript: a second "John Smith" is called "John Smith (2)".
    pub name: String,
    /// Side, where the file says so or somebody set it.
    #[serde(default)]
    pub side: Option<Side>,
    /// Mail address, where the file has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Job title, where the file has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The speaker's id in the source, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

/// One stretch of speech by one speaker, as the source cut it: a cue, a sentence, an utterance, a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Position in the transcript, counted from 1. Evidence refers to it.
    pub id: u32,
    /// Who spoke, or `None` where the source does not say.
    pub speaker: Option<SpeakerIx>,
    /// Offset of the first word from the start of the recording, in milliseconds; `None` where the source has no times.
    pub start_ms: Option<u64>,
    /// Offset of the end of the last word, in milliseconds; never before `start_ms`.
    pub end_ms: Option<u64>,
    /// The words, without markup; runs of white space are single spaces; never empty.
    pub text: String,
    /// Whether a time of this segment was computed rather than read.
    pub estimated: bool,
    /// The transcriber's confidence in parts of a thousand, where the source has one.
    pub confidence: Option<u16>,
    /// The topic the source files this segment under, where it has one.
    pub topic: Option<Arc<str>>,
}

/// Something in the file that was mended or left out, told with the line where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Line of the file, counted from 1; 0 where no line can be named (JSON).
    pub line: usize,
    /// What was found and what was done.
    pub message: String,
}

/// A conversation read from a file.
///
/// Invariants, which every parser keeps (by [`crate::formats::Builder`]): segments are ordered by `start_ms` where they have
/// times, otherwise as in the file; ids count from 1 without gaps; no text is empty; speaker indices are valid; participant names are unique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// The format it was read from.
    pub format: Format,
    /// Everybody who was in the call; speakers in order of their first words.
    pub participants: Vec<Participant>,
    /// What was said.
    pub segments: Vec<Segment>,
    /// What was mended or left out.
    pub warnings: Vec<Warning>,
    /// Title of the call, where the source has one.
    pub title: Option<String>,
    /// Start of the call as the source writes it (RFC 3339 in Gong and neutral JSON).
    pub started_at: Option<String>,
    /// Id of the call in the source.
    pub external_id: Option<String>,
    /// Language tag as the source writes it.
    pub language: Option<String>,
    /// Whether each speaker was recorded on a channel of their own, so that an absence of overlap is a fact.
    pub separate_channels: bool,
}

impl Transcript {
    /// Name of the segment's speaker.
    pub fn speaker_name(&self, segment: &Segment) -> Option<&str> {
        segment.speaker.map(|ix| self.participants[ix].name.as_str())
    }

    /// Side of the segment's speaker.
    pub fn side(&self, segment: &Segment) -> Option<Side> {
        segment.speaker.and_then(|ix| self.participants[ix].side)
    }

    /// Whether every segment has a start and an end.
    pub fn has_times(&self) -> bool {
        self.segments.iter().all(|s| s.start_ms.is_some() && s.end_ms.is_some())
    }

    /// Whether every segment has times that were read, not computed.
    pub fn has_measured_times(&self) -> bool {
        self.has_times() && self.segments.iter().all(|s| !s.estimated)
    }

    /// First start and last end of speech in milliseconds, where all times are known.
    pub fn span_ms(&self) -> Option<(u64, u64)> {
        if !self.has_times() {
            return None;
        }
        let start = self.segments.iter().filter_map(|s| s.start_ms).min()?;
        let end = self.segments.iter().filter_map(|s| s.end_ms).max()?;
        Some((start, end))
    }

    /// The segment with this id.
    pub fn segment(&self, id: u32) -> Option<&Segment> {
        self.segments.get((id as usize).checked_sub(1)?)
    }
}

/// Turns a byte offset within `text` into an offset in characters (Unicode scalar values), the unit of all offsets in JSON.
pub fn char_offset(text: &str, byte_offset: usize) -> usize {
    if text.is_ascii() { byte_offset } else { text[..byte_offset].chars().count() }
}
