//! The call as the judges see it: sentences with labels, grouped into turns of a side.

use super::facts::{self, Value};
use crate::Evidence;
use rustc_hash::FxHashMap;
use signals::labels::{CallLabels, Label, Labeler, Sentence};
use signals::metrics::Metrics;
use signals::text::{Token, expand, word_hash};
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

/// A sentence's words as judges compare them. Kept in one string: calls of 100 MB are judged too.
struct Prepared {
    /// Lower case, contractions in full ("can't" is "can not"), parted by single spaces.
    words: Box<str>,
    content: Box<[u32]>,
    values: Box<[Value]>,
    numbers: Box<[u64]>,
}

impl Prepared {
    fn new(text: &str, tokens: &[Token]) -> Self {
        let mut words = String::new();
        // Both halves of a contraction stand at the place of the whole word.
        let whole = tokens.iter().enumerate().filter(|(i, token)| *i == 0 || tokens[i - 1].start != token.start);
        for (_, token) in whole {
            let word = token.text(text).to_lowercase().replace('’', "'");
            let (first, second) = expand(&word).unwrap_or((&word, ""));
            for part in [first, second] {
                if !part.is_empty() {
                    if !words.is_empty() {
                        words.push(' ');
                    }
                    words.push_str(part);
                }
            }
        }
        let list: Vec<&str> = words.split(' ').collect();
        Self {
            content: content_of(&list).into(),
            values: facts::values(&list).into(),
            numbers: facts::numbers(&list).into(),
            words: words.into(),
        }
    }
}

/// Everything a judge may look at.
pub(super) struct View<'a> {
    pub transcript: &'a Transcript,
    pub labels: &'a CallLabels,
    pub metrics: &'a Metrics,
    pub labeler: &'a Labeler,
    pub turns: Vec<SideTurn>,
    /// Turn of each sentence.
    turn_of: Vec<usize>,
    /// What judges compare of each sentence; made once, since they come back to it again and again.
    prepared: Vec<Prepared>,
    /// Whether it is known of every speaker on which side they are.
    pub sides_known: bool,
}

impl<'a> View<'a> {
    pub fn new(transcript: &'a Transcript, labels: &'a CallLabels, metrics: &'a Metrics, labeler: &'a Labeler) -> Self {
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
            turn_of.push(turns.len() - 1);
        }
        let sides_known =
            !transcript.segments.is_empty() && transcript.segments.iter().all(|s| transcript.side(s).is_some());
        let prepared = labels
            .sentences
            .iter()
            .map(|s| Prepared::new(&transcript.segments[s.segment()].text, labels.words(s)))
            .collect();
        Self { transcript, labels, metrics, labeler, turns, turn_of, prepared, sides_known }
    }

    pub fn sentence(&self, index: usize) -> &'a Sentence {
        &self.labels.sentences[index]
    }

    pub fn words(&self, index: usize) -> &'a [Token] {
        self.labels.words(self.sentence(index))
    }

    /// The words of a sentence in lower case, contractions in full: "can't" is `can`, `not`.
    pub fn full_words(&self, index: usize) -> Vec<&str> {
        self.prepared[index].words.split(' ').collect()
    }

    /// Stems of the words that carry meaning, sorted.
    pub fn content(&self, index: usize) -> &[u32] {
        &self.prepared[index].content
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
        &self.prepared[index].values
    }

    /// All numbers of a sentence.
    pub fn numbers(&self, index: usize) -> &[u64] {
        &self.prepared[index].numbers
    }

    /// Indices of the sentences of `side`.
    pub fn of_side(&self, side: Side) -> impl Iterator<Item = usize> + '_ {
        (0..self.labels.sentences.len()).filter(move |&index| self.sentence(index).side == Some(side))
    }

    /// Index of the turn a sentence belongs to.
    pub fn turn(&self, sentence: usize) -> usize {
        self.turn_of[sentence]
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

    /// "at 02:31", or "in segment 12" where there are no times.
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

/// `mm:ss` or `h:mm:ss`, as in the report's quotes.
pub(super) fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes:02}:{seconds:02}") }
}

/// Function words and words that occur in every call.
const STOP_WORDS: &[&str] = &[
    "a",
    "about",
    "actually",
    "again",
    "ago",
    "ah",
    "all",
    "already",
    "alright",
    "also",
    "am",
    "an",
    "and",
    "any",
    "anything",
    "are",
    "as",
    "at",
    "be",
    "because",
    "been",
    "but",
    "by",
    "bye",
    "can",
    "come",
    "could",
    "did",
    "do",
    "does",
    "doing",
    "done",
    "each",
    "else",
    "er",
    "ever",
    "for",
    "from",
    "get",
    "give",
    "go",
    "going",
    "good",
    "got",
    "great",
    "had",
    "has",
    "have",
    "he",
    "hello",
    "help",
    "her",
    "here",
    "hi",
    "him",
    "his",
    "hm",
    "hmm",
    "how",
    "i",
    "i'd",
    "i'll",
    "i'm",
    "i've",
    "if",
    "in",
    "into",
    "is",
    "it",
    "it's",
    "its",
    "just",
    "kind",
    "know",
    "let",
    "like",
    "look",
    "ma'am",
    "madam",
    "make",
    "may",
    "maybe",
    "me",
    "mean",
    "might",
    "mm",
    "more",
    "much",
    "my",
    "need",
    "no",
    "not",
    "now",
    "of",
    "oh",
    "ok",
    "okay",
    "on",
    "one",
    "or",
    "our",
    "out",
    "please",
    "really",
    "right",
    "said",
    "say",
    "see",
    "she",
    "should",
    "sir",
    "so",
    "some",
    "something",
    "sorry",
    "sort",
    "still",
    "sure",
    "take",
    "tell",
    "thank",
    "thanks",
    "that",
    "that's",
    "the",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "thing",
    "things",
    "think",
    "this",
    "those",
    "to",
    "today",
    "too",
    "uh",
    "um",
    "up",
    "us",
    "very",
    "want",
    "was",
    "we",
    "we're",
    "well",
    "were",
    "what",
    "what's",
    "when",
    "where",
    "which",
    "who",
    "why",
    "will",
    "with",
    "would",
    "yeah",
    "yes",
    "you",
    "you're",
    "you've",
    "your",
];

/// Stems of content words, sorted and without duplicates.
pub(super) fn content_of(words: &[&str]) -> Vec<u32> {
    let mut stems: Vec<u32> = words
        .iter()
        .filter(|word| STOP_WORDS.binary_search(word).is_err() && word.len() > 1)
        .map(|word| word_hash(stem(word)))
        .collect();
    stems.sort_unstable();
    stems.dedup();
    stems
}

/// A word without its commonest endings; enough to tell "transferred" from "transfer" is the same and "card" is not "care".
fn stem(word: &str) -> &str {
    let word = word.strip_suffix("'s").unwrap_or(word);
    for ending in ["ing", "ied", "ies", "ed", "es", "s", "e"] {
        if let Some(stem) = word.strip_suffix(ending)
            && stem.len() >= 3
        {
            return stem;
        }
    }
    word
}

/// Number of common elements of two sorted lists.
pub(super) fn common(a: &[u32], b: &[u32]) -> usize {
    a.iter().filter(|x| b.binary_search(x).is_ok()).count()
}

/// Jaccard similarity of two sorted lists, 0..1.
pub(super) fn jaccard(a: &[u32], b: &[u32]) -> f64 {
    let both = common(a, b);
    let either = a.len() + b.len() - both;
    if either == 0 { 0.0 } else { both as f64 / either as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_are_sorted_for_their_search() {
        assert!(STOP_WORDS.is_sorted(), "{:?}", STOP_WORDS.windows(2).find(|w| w[0] > w[1]));
    }

    #[test]
    fn similar_questions_share_their_content() {
        let content = |text: &str| content_of(&text.split(' ').collect::<Vec<_>>());
        assert!(
            jaccard(&content("what is your account number please"), &content("can i have your account number again"))
                > 0.99
        );
        assert!(jaccard(&content("what day would you like"), &content("what time would you like")) < 0.01);
    }

    #[test]
    fn times_read_like_a_clock() {
        assert_eq!((clock(61_000), clock(3_661_000)), ("01:01".into(), "1:01:01".into()));
    }
}
