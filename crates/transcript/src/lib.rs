//! What a conversation is: participants, segments, turns, and the file formats it arrives in.
//!
//! This crate is pure: bytes and strings in, values out; no files, no clock, no async. Reading a file is the caller's work.
//!
//! ```
//! let parsed = transcript::parse(b"WEBVTT\n\n00:01.000 --> 00:02.500\n<v Ann>Good morning.</v>\n", None).unwrap();
//! assert_eq!(parsed.segments[0].text, "Good morning.");
//! assert_eq!(parsed.speaker_name(&parsed.segments[0]), Some("Ann"));
//! ```

mod encoding;
pub mod formats;
mod model;
pub mod redact;
mod roles;
pub mod sides;
pub mod turns;
pub mod write;

pub use encoding::decode;
pub use formats::{Format, ParseError, parse, parse_text};
pub use model::{Participant, Segment, Side, SpeakerIx, Transcript, Warning, char_offset};
pub use roles::names_somebody;
