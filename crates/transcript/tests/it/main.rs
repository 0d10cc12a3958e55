//! Integration tests of the crate, in one binary.

mod conformance;
mod fuzz;
mod hostile;
mod properties;
mod redaction;
mod round_trips;
mod samples;

use std::collections::HashSet;
use transcript::Transcript;

/// Checks what the documentation of [`Transcript`] promises of every transcript.
fn assert_invariants(transcript: &Transcript) {
    let mut last_start = 0;
    for (id, segment) in (1..).zip(&transcript.segments) {
        assert_eq!(segment.id, id);
        assert!(!segment.text.is_empty());
        let tidy: Vec<&str> = segment.text.split(' ').collect();
        assert!(tidy.iter().all(|word| !word.is_empty() && !word.contains(char::is_whitespace)), "{:?}", segment.text);
        assert!(segment.speaker.is_none_or(|ix| ix < transcript.participants.len()));
        assert!(segment.confidence.is_none_or(|confidence| confidence <= 1000));
        match (segment.start_ms, segment.end_ms) {
            (Some(start), Some(end)) => {
                assert!(last_start <= start && start <= end && end < 1 << 43, "{segment:?} after {last_start}");
                last_start = start;
            }
            (None, None) => assert!(!segment.estimated),
            _ => panic!("half a time: {segment:?}"),
        }
    }
    assert!(!transcript.segments.is_empty());
    let names: HashSet<&str> = transcript.participants.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names.len(), transcript.participants.len(), "names are unique");
    let mut heard = 0;
    for speaker in transcript.segments.iter().filter_map(|segment| segment.speaker) {
        assert!(speaker <= heard, "speakers stand in order of their first words");
        heard = heard.max(speaker + 1);
    }
}
