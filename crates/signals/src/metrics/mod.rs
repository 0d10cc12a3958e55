//! The conversation metrics: numbers computed from timed segments and labels alone; no model is asked.
//!
//! A number that the source cannot support is `None`, and [`Metrics::unavailable`] says why. The definitions for people stand in
//! `docs/metrics.md`. Time grows with the number of segments (times the logarithm, for sorting intervals), whatever the number of speakers.

mod floors;
mod gather;
mod known;
mod measure;
mod tally;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use crate::labels::CallLabels;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use transcript::{Side, Transcript};

/// Shortest overlap that counts as an interruption, in milliseconds.
pub const INTERRUPTION_MIN_MS: u64 = 800;
/// A pause of a speaker up to this long, in which nobody of the other side begins, does not end their speech, so that going on after a
/// breath interrupts nobody; in milliseconds. Deepgram ends an utterance after as much silence by default (`utt_split`, 0.8 s).
pub const BREATH_MAX_MS: u64 = 800;
/// A mutual silence counts as non-talk when it is longer than this, in milliseconds.
pub const NON_TALK_MIN_MS: u64 = 3000;

/// The metrics of one call. Ratios are 0..1, times milliseconds, sentiment −1..1. The counts on this level are those of our side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metrics {
    /// First start to last end of speech.
    pub duration_ms: Option<u64>,
    /// Time in which somebody of either side speaks, each side's union added up.
    pub talk_ms: Option<u64>,
    /// Internal talk / (internal talk + external talk).
    pub talk_ratio: Option<f64>,
    /// Longest internal turn, first start to last end; the customer's backchannels do not split it.
    pub longest_monologue_ms: Option<u64>,
    /// The same for the customer's side.
    pub longest_customer_story_ms: Option<u64>,
    /// Changes of side per minute of the call.
    pub interactivity_per_min: Option<f64>,
    /// Median gap from the end of the external turns to the start of the internal turn after them; overlapping answers left out.
    pub patience_ms: Option<u64>,
    /// Share of the internal answers that began before the customer had finished.
    pub overlapped_answer_ratio: Option<f64>,
    /// Median of the same gap after turns in which the customer objected.
    pub pause_after_objection_ms: Option<u64>,
    /// Questions of our side.
    pub question_count: Option<u32>,
    /// Open questions of our side.
    pub open_question_count: Option<u32>,
    /// Factual questions of our side.
    pub factual_question_count: Option<u32>,
    /// All other questions of our side.
    pub closed_question_count: Option<u32>,
    /// Questions of our side per 30 minutes of call.
    pub questions_per_30_min: Option<f64>,
    /// Open questions of our side per 30 minutes of call.
    pub open_questions_per_30_min: Option<f64>,
    /// Questions of the customer's side.
    pub customer_question_count: Option<u32>,
    /// Words of our side per minute of its own speech.
    pub words_per_minute: Option<f64>,
    /// Filler words of our side per minute of its own speech.
    pub filler_per_min: Option<f64>,
    /// Times somebody of our side began inside the customer's turn and both spoke for 800 ms or more; no backchannels.
    pub interruption_count: Option<u32>,
    /// Sum of these overlaps.
    pub interruption_ms: Option<u64>,
    /// Time in which two or more people speak at once / duration.
    pub overtalk_ratio: Option<f64>,
    /// Sum of the whole of every mutual silence longer than 3 s.
    pub non_talk_ms: Option<u64>,
    /// Longest mutual silence; 0 where there is none.
    pub longest_silence_ms: Option<u64>,
    /// Sentiment (VADER) by side; the same values stand in [`Metrics::sides`].
    pub sentiment: BySide<Option<f64>>,
    /// The sentiment reading made for spoken conversation, beside VADER's.
    pub sentiment_spoken: BySide<Option<f64>>,
    /// The same measures a side.
    pub sides: BySide<SideMetrics>,
    /// The same measures a speaker, in order of their first words.
    pub speakers: Vec<SpeakerMetrics>,
    /// Sentiment turn by turn; none where the words are not understood.
    pub turns: Vec<TurnMetrics>,
    /// Where the longest turns and silences are.
    pub moments: Moments,
    /// Where either side asks, in order; none where the words are not understood.
    pub questions: Vec<Words>,
    /// Where the customer's side objects, likewise.
    pub objections: Vec<Words>,
    /// Why a field is null: field name → sentence.
    pub unavailable: BTreeMap<&'static str, String>,
}

/// A value for each side.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct BySide<T> {
    /// Our side.
    pub internal: T,
    /// The customer's side.
    pub external: T,
}

impl<T> BySide<T> {
    fn of(mut value: impl FnMut(Side) -> T) -> Self {
        Self { internal: value(Side::Internal), external: value(Side::External) }
    }

    fn get_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Internal => &mut self.internal,
            Side::External => &mut self.external,
        }
    }

    /// The value of `side`.
    pub fn get(&self, side: Side) -> &T {
        match side {
            Side::Internal => &self.internal,
            Side::External => &self.external,
        }
    }
}

/// What one side said and how.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SideMetrics {
    #[serde(flatten)]
    #[expect(missing_docs, reason = "flattened")]
    pub speech: Speech,
    /// VADER sentiment: mean of the turns weighted by words, backchannels left out.
    pub sentiment: Option<f64>,
    /// The same for each quarter of the call (a turn counts where it starts).
    pub sentiment_quarters: Option<[Option<f64>; 4]>,
    /// The reading for spoken conversation, weighted likewise.
    pub sentiment_spoken: Option<f64>,
    /// The same a quarter.
    pub sentiment_spoken_quarters: Option<[Option<f64>; 4]>,
}

/// What one speaker said and how.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpeakerMetrics {
    /// Name as in the transcript; `None` for speech that the source gives to nobody.
    pub name: Option<String>,
    /// Side, where it is known.
    pub side: Option<Side>,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "flattened")]
    pub speech: Speech,
    /// VADER sentiment: mean of the turns weighted by words, backchannels left out.
    pub sentiment: Option<f64>,
    /// The reading for spoken conversation.
    pub sentiment_spoken: Option<f64>,
}

/// The measures that exist for a speaker and for a side alike.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Speech {
    /// Union of the speech intervals.
    pub talk_ms: Option<u64>,
    /// Share of all talk, 0..1.
    pub talk_share: Option<f64>,
    /// Words said.
    pub word_count: u32,
    /// Turns taken.
    pub turn_count: u32,
    /// Longest turn.
    pub longest_turn_ms: Option<u64>,
    /// All questions.
    pub question_count: Option<u32>,
    /// How, what, why, tell me, walk me through, describe, help me understand.
    pub open_question_count: Option<u32>,
    /// How many, when, where, who, which and the like.
    pub factual_question_count: Option<u32>,
    /// The rest.
    pub closed_question_count: Option<u32>,
    /// Words per minute of own speech.
    pub words_per_minute: Option<f64>,
    /// Filler words.
    pub filler_count: Option<u32>,
    /// Filler words per minute of own speech.
    pub filler_per_min: Option<f64>,
    /// Times this speaker or side interrupted the other side.
    pub interruption_count: Option<u32>,
    /// Sum of the overlaps of these.
    pub interruption_ms: Option<u64>,
}

/// One turn and its mood.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TurnMetrics {
    /// Id of the first segment.
    pub segment_id: u32,
    /// Id of the last segment.
    pub last_segment_id: u32,
    /// Who spoke.
    pub speaker: Option<Arc<str>>,
    /// On which side.
    pub side: Option<Side>,
    /// Start of the turn.
    pub start_ms: Option<u64>,
    /// End of the turn.
    pub end_ms: Option<u64>,
    /// Words said.
    pub word_count: u32,
    /// VADER sentiment of the turn's text.
    pub sentiment: f64,
    /// The reading for spoken conversation.
    pub sentiment_spoken: f64,
}

/// A stretch of the call that a metric speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// First segment (of a silence: the last one before it).
    pub segment_id: u32,
    /// Last segment (of a silence: the first one after it).
    pub last_segment_id: u32,
    /// Start of the stretch.
    pub start_ms: u64,
    /// End of the stretch.
    pub end_ms: u64,
}

/// Words of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Words {
    /// The segment.
    pub segment_id: u32,
    /// On which side they were said, where it is known.
    pub side: Option<Side>,
    /// Characters (Unicode scalar values) of the segment before them.
    pub offset: usize,
    /// Their characters.
    pub length: usize,
}

/// Where the extremes are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Moments {
    /// The longest internal turn.
    pub longest_monologue: Option<Moment>,
    /// The longest external turn.
    pub longest_customer_story: Option<Moment>,
    /// The longest mutual silence.
    pub longest_silence: Option<Moment>,
}

/// Filler words are a tracker of this id; the labels count its hits.
pub const FILLER_TRACKER: &str = "fillers";

/// Computes the metrics of a call from its segments and labels.
pub fn metrics(transcript: &Transcript, labels: &CallLabels) -> Metrics {
    measure::Measure::new(transcript, labels).publish()
}
