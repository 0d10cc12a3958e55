//! How much of a call a model can hold at a time.

use super::MOST_ANSWER;
use rubric::model::prompt::{self, Section};
use std::ops::Range;
use std::sync::Arc;
use transcript::Transcript;

/// What a model counts more than we do, at most: our tokens are those of another family of models.
pub(super) const COUNTED_MORE: f64 = 1.3;
/// Tokens of rules, task and schema, beside the words of the call.
const BESIDE: u64 = 3_000;
/// Tokens that an answer needs at least.
const LEAST_ANSWER: u64 = 1_024;
/// Tokens of a call that are read at a time however little a model can hold: with less nothing can be judged.
const LEAST_WORDS: usize = 500;

/// How much of what a model can hold is for what, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    /// The longest answer.
    pub(super) answer: u32,
    /// Words of the call, counted by us.
    pub(super) words: usize,
    /// What stands beside them in a prompt.
    pub(super) beside: u64,
}

impl Room {
    pub(super) fn in_context(context: u64, knowledge: &[Section]) -> Self {
        // A small model gets a quarter for its answer: some servers refuse what does not fit together with the longest answer.
        let answer = u64::from(MOST_ANSWER).min(context / 4).max(LEAST_ANSWER);
        let known: usize =
            knowledge.iter().map(|section| llm::tokens(&section.title) + llm::tokens(&section.text)).sum();
        let beside = BESIDE + (known as f64 * COUNTED_MORE) as u64;
        let words = context.saturating_sub(answer + beside) as f64 / COUNTED_MORE;
        Self { answer: answer as u32, words: (words as usize).max(LEAST_WORDS), beside }
    }

    /// Tokens of the longest prompt about a call with so many tokens of words, at most.
    pub(super) fn prompt(&self, words: usize) -> u64 {
        (words.min(self.words) as f64 * COUNTED_MORE) as u64 + self.beside
    }
}

/// Tokens of each segment as the model sees it. Counting a long call takes a while: not on a thread that others wait for.
pub(super) async fn tokens_of(transcript: &Arc<Transcript>, shown: &Range<usize>) -> Vec<usize> {
    let (transcript, shown) = (Arc::clone(transcript), shown.clone());
    let count = move || transcript.segments[shown].iter().map(|segment| llm::tokens(&prompt::line(segment))).collect();
    tokio::task::spawn_blocking(count).await.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_model_gets_short_pieces_and_room_to_answer() {
        let text = "twelve ".repeat(800);
        let section = Section { id: "k".to_owned(), title: "Price".to_owned(), text };
        assert_eq!(Room::in_context(200_000, &[]), Room { answer: 8_192, words: 145_236, beside: 3_000 });
        assert_eq!(Room::in_context(8_192, &[]), Room { answer: 2_048, words: 2_418, beside: 3_000 });
        let room = Room::in_context(8_192, &[section]);
        let all = f64::from(room.answer) + room.beside as f64 + room.words as f64 * COUNTED_MORE;
        assert!(room.words > 1_000 && all <= 8_192.0, "{room:?}");
        assert_eq!(Room::in_context(0, &[]), Room { answer: 1_024, words: 500, beside: 3_000 });
    }
}
