//! What of a sentence's words is compared with other sentences.

use super::values::{Value, numbers, values};
use signals::labels::CallLabels;
use signals::text::{Class, Token, expand, word_hash};
use transcript::Transcript;

/// The sentences of a call as judges compare them, each kind of thing in one list: calls of 100 MB are judged too.
#[derive(Default)]
pub(super) struct Prepared {
    /// Lower case, contractions in full ("can't" is "can not"), parted by single spaces.
    words: String,
    content: Vec<u32>,
    values: Vec<Value>,
    numbers: Vec<u64>,
    /// Where each sentence ends in the lists.
    ends: Vec<Ends>,
    /// What the words of each sentence are.
    classes: Vec<Class>,
}

#[derive(Default, Clone, Copy)]
struct Ends {
    words: u32,
    content: u32,
    values: u32,
    numbers: u32,
}

impl Prepared {
    pub fn new(transcript: &Transcript, labels: &CallLabels) -> Self {
        let mut prepared = Self { ends: Vec::with_capacity(labels.sentences.len()), ..Self::default() };
        for sentence in &labels.sentences {
            prepared.add(&transcript.segments[sentence.segment()].text, labels.words(sentence));
        }
        prepared
    }

    fn add(&mut self, text: &str, tokens: &[Token]) {
        let start = self.words.len();
        // Both halves of a contraction stand at the place of the whole word.
        let whole = tokens.iter().enumerate().filter(|(i, token)| *i == 0 || tokens[i - 1].start != token.start);
        for (_, token) in whole {
            let word = token.text(text).to_lowercase().replace('’', "'");
            let (first, second) = expand(&word).unwrap_or((&word, ""));
            for part in [first, second] {
                if !part.is_empty() {
                    if self.words.len() > start {
                        self.words.push(' ');
                    }
                    self.words.push_str(part);
                }
            }
        }
        let list: Vec<&str> = self.words[start..].split(' ').collect();
        self.content.extend(content_of(&list));
        self.values.extend(values(&list));
        self.numbers.extend(numbers(&list));
        self.classes.push(tokens.iter().fold(Class::default(), |all, token| all.with(token.class)));
        self.ends.push(Ends {
            words: self.words.len() as u32,
            content: self.content.len() as u32,
            values: self.values.len() as u32,
            numbers: self.numbers.len() as u32,
        });
    }

    /// Where a sentence begins in the lists, and where it ends.
    fn bounds(&self, index: usize) -> (Ends, Ends) {
        (index.checked_sub(1).map(|before| self.ends[before]).unwrap_or_default(), self.ends[index])
    }

    /// The words of a sentence in lower case, contractions in full: "can't" is `can`, `not`.
    pub fn words(&self, index: usize) -> Vec<&str> {
        let (start, end) = self.bounds(index);
        self.words[start.words as usize..end.words as usize].split(' ').collect()
    }

    /// Stems of the words that carry meaning, sorted.
    pub fn content(&self, index: usize) -> &[u32] {
        let (start, end) = self.bounds(index);
        &self.content[start.content as usize..end.content as usize]
    }

    /// The comparable values of a sentence.
    pub fn values(&self, index: usize) -> &[Value] {
        let (start, end) = self.bounds(index);
        &self.values[start.values as usize..end.values as usize]
    }

    /// Everything that a word of a sentence is.
    pub fn classes(&self, index: usize) -> Class {
        self.classes[index]
    }

    /// All numbers of a sentence.
    pub fn numbers(&self, index: usize) -> &[u64] {
        let (start, end) = self.bounds(index);
        &self.numbers[start.numbers as usize..end.numbers as usize]
    }
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
}
