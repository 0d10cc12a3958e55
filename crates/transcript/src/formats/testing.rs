//! A short way to write what a file should give.

use crate::{Transcript, parse};

/// Reads a text that must be readable.
pub(crate) fn read(text: &str) -> Transcript {
    parse(text.as_bytes(), None).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The segments as `Ann 1000-2000 Hello.`; `~` before the times if one is estimated, `-` for no time, `?` for no speaker.
pub(crate) fn said(transcript: &Transcript) -> Vec<String> {
    let ms = |time: Option<u64>| time.map(|ms| ms.to_string()).unwrap_or_default();
    let line = |segment: &crate::Segment| {
        let name = transcript.speaker_name(segment).unwrap_or("?");
        let estimated = if segment.estimated { "~" } else { "" };
        format!("{name} {estimated}{}-{} {}", ms(segment.start_ms), ms(segment.end_ms), segment.text)
    };
    transcript.segments.iter().map(line).collect()
}

/// The messages of the warnings with their lines.
pub(crate) fn warnings(transcript: &Transcript) -> Vec<String> {
    transcript.warnings.iter().map(|warning| format!("{}: {}", warning.line, warning.message)).collect()
}

/// Checks what a text gives, and that it was read as this format.
#[track_caller]
pub(crate) fn check(text: &str, format: crate::Format, expected: &[&str]) {
    let transcript = read(text);
    assert_eq!(said(&transcript), expected, "{text}");
    assert_eq!(transcript.format, format);
}
