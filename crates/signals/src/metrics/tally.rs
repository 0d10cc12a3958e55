//! Sums over the segments, sentences and turns of a speaker; those of a side are the sums of its speakers.

use super::Speech;
use crate::interval::{self, Interval};
use crate::labels::QuestionKind;
use std::cmp::Reverse;

/// What a speaker or a side did.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Segments, backchannels included.
    pub segments: u32,
    /// Union of the speech.
    pub speech: Vec<Interval>,
    pub words: u32,
    pub open_questions: u32,
    pub factual_questions: u32,
    pub closed_questions: u32,
    pub fillers: u32,
    pub turns: u32,
    /// Length of the longest turn and its index; of several the first.
    pub longest_turn: Option<(u64, Reverse<usize>)>,
    pub sentiment: Mean,
    pub sentiment_spoken: Mean,
    pub interruptions: u32,
    pub interruption_ms: u64,
}

impl Tally {
    pub fn ask(&mut self, question: QuestionKind) {
        *match question {
            QuestionKind::Open => &mut self.open_questions,
            QuestionKind::Factual => &mut self.factual_questions,
            QuestionKind::Closed => &mut self.closed_questions,
        } += 1;
    }

    /// The sum of `tallies`; [`Tally::speech`] is the union.
    pub fn sum<'a>(tallies: impl Iterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        for tally in tallies {
            sum.segments += tally.segments;
            sum.speech.extend_from_slice(&tally.speech);
            sum.words += tally.words;
            sum.open_questions += tally.open_questions;
            sum.factual_questions += tally.factual_questions;
            sum.closed_questions += tally.closed_questions;
            sum.fillers += tally.fillers;
            sum.turns += tally.turns;
            sum.longest_turn = sum.longest_turn.max(tally.longest_turn);
            sum.sentiment.merge(tally.sentiment);
            sum.sentiment_spoken.merge(tally.sentiment_spoken);
            sum.interruptions += tally.interruptions;
            sum.interruption_ms += tally.interruption_ms;
        }
        sum.speech = interval::union(sum.speech);
        sum
    }

    pub fn talk_ms(&self) -> u64 {
        interval::total(&self.speech)
    }

    pub fn questions(&self) -> u32 {
        self.open_questions + self.factual_questions + self.closed_questions
    }

    /// `count` per minute of the own speech, or `None` where that has no length.
    pub fn per_own_minute(&self, count: u32, digits: i32) -> Option<f64> {
        let talk = self.talk_ms();
        (talk > 0).then(|| round(f64::from(count) * 60_000.0 / talk as f64, digits))
    }

    /// The measures as published. `all_talk` is the talk of the whole call, `None` where times do not support it.
    pub fn publish(&self, all_talk: Option<u64>, interruptions_known: bool, understood: bool) -> Speech {
        let timed = all_talk.is_some();
        let talk = self.talk_ms();
        Speech {
            talk_ms: timed.then_some(talk),
            talk_share: all_talk.filter(|all| *all > 0).map(|all| round(talk as f64 / all as f64, 4)),
            word_count: self.words,
            turn_count: self.turns,
            longest_turn_ms: self.longest_turn.filter(|_| timed).map(|(length, _)| length),
            question_count: understood.then_some(self.questions()),
            open_question_count: understood.then_some(self.open_questions),
            factual_question_count: understood.then_some(self.factual_questions),
            closed_question_count: understood.then_some(self.closed_questions),
            words_per_minute: self.per_own_minute(self.words, 1).filter(|_| timed),
            filler_count: understood.then_some(self.fillers),
            filler_per_min: self.per_own_minute(self.fillers, 2).filter(|_| timed && understood),
            interruption_count: interruptions_known.then_some(self.interruptions),
            interruption_ms: interruptions_known.then_some(self.interruption_ms),
        }
    }
}

/// A mean weighted by words.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mean {
    sum: f64,
    words: u64,
}

impl Mean {
    pub fn add(&mut self, value: f64, words: u32) {
        self.merge(Self { sum: value * f64::from(words), words: u64::from(words) });
    }

    fn merge(&mut self, other: Self) {
        self.sum += other.sum;
        self.words += other.words;
    }

    /// The mean; `None` without words.
    pub fn value(self) -> Option<f64> {
        (self.words > 0).then(|| round(self.sum / self.words as f64, 4))
    }
}

/// Rounds to `digits` places, so that JSON carries no noise.
pub(super) fn round(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}
