//! Values that may not be known, and the reasons.

use std::collections::BTreeMap;
use transcript::{Side, Transcript};

/// A value, or why there is none, as a sentence for people.
pub(super) type Known<T> = Result<T, &'static str>;

pub(super) const EMPTY: &str = "Nobody speaks.";
pub(super) const NO_TIMES: &str = "The source gives no times.";
pub(super) const SOME_TIMES: &str = "The source gives times for some of the segments only.";
pub(super) const ESTIMATED: &str = "The times of this source are estimated, so gaps and lengths are not known.";
pub(super) const NO_LENGTH: &str = "The call has no length.";
pub(super) const NO_SPEECH_LENGTH: &str = "The speech has no length.";
pub(super) const NO_SPEAKERS: &str = "The source does not say who speaks.";
pub(super) const NO_SIDES: &str = "It is not known who is on our side and who is the customer.";
pub(super) const NOT_ENGLISH: &str =
    "The call is not in English, and only English words are understood without a language model.";
pub(super) const ONE_SIDE: &str = "Only one side speaks.";
pub(super) const OURS_SILENT: &str = "Nobody of our side speaks.";
pub(super) const THEIRS_SILENT: &str = "Nobody of the customer's side speaks.";
pub(super) const NO_ANSWER: &str = "No turn of the customer is followed by one of ours.";
pub(super) const NO_CLEAN_ANSWER: &str = "No turn of the customer is followed by one of ours without overlap.";
pub(super) const NO_OBJECTION: &str = "No objection was heard that our side answered without overlap.";
pub(super) const NO_OVERLAP: &str = "The source shows no overlapping speech at all, as a recording on one channel would; it cannot be told whether anybody interrupted.";

/// Why there is no turn of a side that speaks.
pub(super) fn no_turn(side: Side) -> &'static str {
    match side {
        Side::Internal => "Our side only acknowledges and takes no turn.",
        Side::External => "The customer's side only acknowledges and takes no turn.",
    }
}

/// Whether the times of all segments are known and measured.
pub(super) fn times(transcript: &Transcript) -> Known<()> {
    let segments = &transcript.segments;
    if segments.is_empty() {
        Err(EMPTY)
    } else if segments.iter().all(|s| s.start_ms.is_none()) {
        Err(NO_TIMES)
    } else if !transcript.has_times() {
        Err(SOME_TIMES)
    } else if !transcript.has_measured_times() {
        Err(ESTIMATED)
    } else {
        Ok(())
    }
}

/// Whether the source says of any segment who speaks.
pub(super) fn speakers(transcript: &Transcript) -> Known<()> {
    if transcript.segments.is_empty() {
        Err(EMPTY)
    } else if transcript.segments.iter().all(|s| s.speaker.is_none()) {
        Err(NO_SPEAKERS)
    } else {
        Ok(())
    }
}

/// Whether it is known of all segments on which side they were said.
pub(super) fn sides(transcript: &Transcript) -> Known<()> {
    speakers(transcript)?;
    if transcript.segments.iter().any(|s| transcript.side(s).is_none()) { Err(NO_SIDES) } else { Ok(()) }
}

/// Whether the words are understood.
pub(super) fn words(transcript: &Transcript) -> Known<()> {
    if crate::is_english(transcript) { Ok(()) } else { Err(NOT_ENGLISH) }
}

/// Why fields are null: field name → sentence.
#[derive(Default)]
pub(super) struct Reasons(pub(super) BTreeMap<&'static str, String>);

impl Reasons {
    /// The value as it stands in the JSON; where it is null, notes the reason under `field`.
    pub(super) fn note<T>(&mut self, field: &'static str, value: Known<T>) -> Option<T> {
        value.map_err(|reason| self.0.insert(field, reason.to_owned())).ok()
    }
}
