//! The call as the judges see it: sentences with labels, grouped into turns of a side.

use super::values::Value;
use super::words::Prepared;
use crate::Evidence;
use rustc_hash::FxHashMap;
use signals::figures::clock;
use signals::labels::{CallLabels, Label, Labeler, Sentence};
use signals::metrics::Metrics;
use signals::text::Class;
use std::ops::Range;
use transcript::turns::is_backchannel;
use transcript::{Side, Transcript};

/// A run of sentences of one side, colleagues taken together.
pub(super) struct SideTurn {
    pub side: Option<Side>,
    /// Indices into [`CallLabels::sentences`].
    pub sentences: Range<usize>,
    /// Whether it consists of backchannels only.
    pub backchannel: bool,
}

/// Everything a judge may look at.
pub(super) struct View<'a> {
    pub transcript: &'a Transcript,
    pub labels: &'a CallLabels,
    pub metrics: &'a Metrics,
    pub labeler: &'a Labeler,
    pub turns: Vec<SideTurn>,
    /// Turn of each sentence.
    turn_of: Vec<u32>,
    /// What judges compare of each sentence; made once, since they come back to it again and again.
    prepared: Prepared,
    /// Whether it is known of every speaker on which side they are.
    pub sides_known: bool,
    /// Whether the words are.
    pub understood: bool,
}

impl<'a> View<'a> {
    /// `prepared` comes from the same transcript and labels.
    pub fn new(
        transcript: &'a Transcript,
        labels: &'a CallLabels,
        metrics: &'a Metrics,
        labeler: &'a Labeler,
        prepared: Prepared,
    ) -> Self {
        let mut turns: Vec<SideTurn> = Vec::new();
        let mut turn_of = Vec::with_capacity(labels.sentences.len());
        for (index, sentence) in labels.sentences.iter().enumerate() {
            let backchannel = is_backchannel(&transcript.segments[sentence.segment()]);
            match turns.last_mut() {
                Some(turn) if turn.side == sentence.side => {
                    turn.sentences.end = index + 1;
                    turn.backchannel &= backchannel;
                }
                _ => turns.push(SideTurn { side: sentence.side, sentences: index..index + 1, backchannel }),
            }
            turn_of.push(turns.len() as u32 - 1);
        }
        let sides_known =
            !transcript.segments.is_empty() && transcript.segments.iter().all(|s| transcript.side(s).is_some());
        Self {
            transcript,
            labels,
            metrics,
            labeler,
            turns,
            turn_of,
            prepared,
            sides_known,
            understood: signals::is_english(transcript),
        }
    }

    pub fn sentence(&self, index: usize) -> &'a Sentence {
        &self.labels.sentences[index]
    }

    pub fn word_count(&self, index: usize) -> usize {
        self.sentence(index).tokens().len()
    }

    /// Everything that a word of a sentence is.
    pub fn classes(&self, index: usize) -> Class {
        self.prepared.classes(index)
    }

    /// The words of a sentence in lower case, contractions in full: "can't" is `can`, `not`.
    pub fn full_words(&self, index: usize) -> Vec<&str> {
        self.prepared.words(index)
    }

    /// Stems of the words that carry meaning, sorted.
    pub fn content(&self, index: usize) -> &[u32] {
        self.prepared.content(index)
    }

    /// Content words of the turn a sentence belongs to, sorted.
    pub fn turn_content(&self, index: usize) -> Vec<u32> {
        let sentences = self.turns[self.turn(index)].sentences.clone();
        let mut all: Vec<u32> = sentences.flat_map(|i| self.content(i).iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The comparable values of a sentence.
    pub fn values(&self, index: usize) -> &[Value] {
        self.prepared.values(index)
    }

    /// All numbers of a sentence.
    pub fn numbers(&self, index: usize) -> &[u64] {
        self.prepared.numbers(index)
    }

    /// Indices of the sentences of `side`.
    pub fn of_side(&self, side: Side) -> impl Iterator<Item = usize> + '_ {
        (0..self.labels.sentences.len()).filter(move |&index| self.sentence(index).side == Some(side))
    }

    /// Index of the turn a sentence belongs to.
    pub fn turn(&self, sentence: usize) -> usize {
        self.turn_of[sentence] as usize
    }

    /// How far into the call a sentence is said, 0..1, by its place among all sentences.
    pub fn position(&self, sentence: usize) -> f64 {
        sentence as f64 / self.labels.sentences.len().max(1) as f64
    }

    /// The next `count` turns of `side` behind `turn` that are more than a backchannel.
    pub fn next_turns(&self, turn: usize, side: Side, count: usize) -> impl Iterator<Item = &SideTurn> + '_ {
        self.turns[(turn + 1).min(self.turns.len())..]
            .iter()
            .filter(move |t| t.side == Some(side) && !t.backchannel)
            .take(count)
    }

    /// The same as indices of turns, backchannels included.
    pub fn next_turn_any(&self, turn: usize, side: Side) -> Option<&SideTurn> {
        self.turns[(turn + 1).min(self.turns.len())..].iter().find(|t| t.side == Some(side))
    }

    /// The last turn of `side` before `turn` that is more than a backchannel.
    pub fn previous_turn(&self, turn: usize, side: Side) -> Option<&SideTurn> {
        self.turns[..turn].iter().rev().find(|t| t.side == Some(side) && !t.backchannel)
    }

    /// Log odds of a label above the threshold at which it counts; 0 is the threshold.
    pub fn margin(&self, index: usize, label: Label) -> f32 {
        self.sentence(index).scores.get(label as usize) - self.labeler.threshold(label)
    }

    /// Content words of the customer → the first sentence in which one was said.
    pub fn heard(&self) -> FxHashMap<u32, usize> {
        let mut heard = FxHashMap::default();
        for index in self.of_side(Side::External) {
            for word in self.content(index) {
                heard.entry(*word).or_insert(index);
            }
        }
        heard
    }

    /// Evidence that quotes a whole sentence.
    pub fn evidence(&self, index: usize) -> Evidence {
        let sentence = self.sentence(index);
        Evidence::cut(self.transcript, sentence.segment(), sentence.span())
    }

    /// "at 2:31", or "in segment 12" where there are no times.
    pub fn when(&self, index: usize) -> String {
        let segment = &self.transcript.segments[self.sentence(index).segment()];
        segment.start_ms.map_or_else(|| format!("in segment {}", segment.id), |ms| format!("at {}", clock(ms)))
    }

    /// Name of who says a sentence, or "the rep" / "the customer".
    pub fn who(&self, index: usize) -> &'a str {
        let sentence = self.sentence(index);
        self.transcript.speaker_name(&self.transcript.segments[sentence.segment()]).unwrap_or(match sentence.side {
            Some(Side::Internal) => "the rep",
            _ => "the customer",
        })
    }
}
