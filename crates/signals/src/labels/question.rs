//! Questions: whether a sentence asks, and how.

use crate::pattern::{Hit, PatternError, PatternSet, PatternSetBuilder, Signature, Words};
use crate::text::{SentenceSpan, Token, Vocabulary, WordId};
use crate::tracker::{TrackerError, TrackerFile, TrackerSet};
use serde::Serialize;

/// The three kinds of DOMAIN §1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// How, what, why, tell me, walk me through, describe, help me understand.
    Open,
    /// How many/much/long/often, when, where, who, which, what is your name/mail/number.
    Factual,
    /// Everything else.
    Closed,
}

impl QuestionKind {
    /// Name as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Factual => "factual",
            Self::Closed => "closed",
        }
    }
}

/// The groups of questions.yaml; of two that start at one word the one earlier in this list decides.
const GROUPS: [(&str, QuestionKind); 4] = [
    ("q_phatic", QuestionKind::Closed),
    ("q_factual", QuestionKind::Factual),
    ("q_open", QuestionKind::Open),
    ("q_closed", QuestionKind::Closed),
];

/// Fewest words between the beginnings of two questions of an unpunctuated line.
const MIN_QUESTION_WORDS: usize = 4;

/// Most words before "tell me …" for it to be a request: "So, um, tell me about it." but not "I'd want them to tell me about it."
const MAX_WORDS_BEFORE_REQUEST: usize = 3;

#[derive(Debug)]
pub(super) struct QuestionRules {
    /// The forms; the last of all in the set of patterns, so that they can be looked for alone.
    pub rules: TrackerSet,
    /// Place in [`GROUPS`] of each of the rules.
    ranks: Vec<usize>,
    /// Words with which a request for an account begins: "tell", "walk" … count as questions without a question mark.
    requests: Vec<WordId>,
    /// Words after which an inversion is no question: "neither do I", "so do we".
    no_question: Vec<WordId>,
    what_how_why: Vec<WordId>,
    fact_words: Vec<WordId>,
}

impl QuestionRules {
    /// Compiles the forms of questions into `patterns`, where they own the numbers from `first` on.
    pub fn compile(
        vocabulary: &mut Vocabulary,
        patterns: &mut PatternSetBuilder,
        first: u16,
        file: TrackerFile,
    ) -> Result<Self, TrackerError> {
        let rules = TrackerSet::compile(vocabulary, patterns, first, vec![file])?;
        for (group, _) in GROUPS {
            if rules.index(group).is_none() {
                let source = PatternError {
                    pattern: group.to_owned(),
                    message: "this group of questions is missing".to_owned(),
                };
                return Err(TrackerError::Phrase { tracker: group.to_owned(), source });
            }
        }
        let rank = |id: &str| GROUPS.iter().position(|(group, _)| *group == id).unwrap_or(GROUPS.len() - 1);
        let ranks = rules.trackers().iter().map(|tracker| rank(&tracker.id)).collect();
        let mut intern = |words: &[&str]| words.iter().map(|w| vocabulary.intern(w)).collect::<Result<Vec<_>, _>>();
        Ok(Self {
            requests: intern(&["tell", "walk", "talk", "describe", "help", "run", "take"])?,
            no_question: intern(&[
                "neither", "nor", "so", "as", "than", "what", "whatever", "how", "if", "whether", "not", "to", "i",
                "you", "we", "they", "he", "she", "it", "will", "would", "can", "could", "should",
            ])?,
            what_how_why: intern(&["what", "how", "why"])?,
            fact_words: intern(&["when", "where", "who", "which", "whose", "whom"])?,
            rules,
            ranks,
        })
    }

    /// The kind of question and the token it begins with; `None` where nothing is asked. `hits` are those of [`QuestionRules::rules`].
    ///
    /// A question mark makes a question of anything. Without one, punctuated text asks only by "tell me", "walk me through" and the like;
    /// unpunctuated text asks where an interrogative form begins.
    pub fn classify(
        &self,
        words: &[Token],
        question_mark: bool,
        punctuated: bool,
        hits: &[Hit],
    ) -> Option<(QuestionKind, usize)> {
        let best = hits
            .iter()
            .filter(|hit| !self.is_no_question(words, **hit))
            .min_by_key(|hit| (hit.first, self.rank(hit.owner), std::cmp::Reverse(hit.last)))
            .map(|hit| (GROUPS[self.rank(hit.owner)].1, hit.first));
        if question_mark {
            return Some(match best {
                // "You said Thursday, how would that work?" asks how; "Would you say how it works?" asks closed.
                Some(found) => found,
                None => (self.bare(words), 0),
            });
        }
        let (kind, at) = best?;
        if punctuated {
            let imperative =
                kind == QuestionKind::Open && self.requests.contains(&words[at].word) && at <= MAX_WORDS_BEFORE_REQUEST;
            return imperative.then_some((kind, at));
        }
        Some((kind, at))
    }

    /// An elliptic question ("And why Thursday?", "Who?"): the first question word decides.
    fn bare(&self, words: &[Token]) -> QuestionKind {
        words
            .iter()
            .find_map(|token| {
                if self.what_how_why.contains(&token.word) {
                    Some(QuestionKind::Open)
                } else if self.fact_words.contains(&token.word) {
                    Some(QuestionKind::Factual)
                } else {
                    None
                }
            })
            .filter(|_| words.len() <= 6)
            .unwrap_or(QuestionKind::Closed)
    }

    fn rank(&self, owner: u16) -> usize {
        self.ranks[usize::from(owner)]
    }

    /// "I don't do this" and "neither do I" invert nothing; behind an opening "so" or "what" only an elliptic end does not ask.
    fn is_no_question(&self, words: &[Token], hit: Hit) -> bool {
        let closed = GROUPS[self.rank(hit.owner)].0 == "q_closed";
        closed
            && hit.first > 0
            && self.no_question.contains(&words[hit.first - 1].word)
            && (hit.first > 1 || hit.last == words.len())
    }

    /// Splits unpunctuated sentences where a question begins in their midst.
    pub fn split(
        &self,
        patterns: &PatternSet,
        tokens: &[Token],
        spans: &mut Vec<SentenceSpan>,
        signatures: &mut Vec<Signature>,
        met: &mut Vec<u64>,
        hits: &mut Vec<Hit>,
    ) {
        let whole = std::mem::take(spans);
        for mut current in whole {
            let mut skip = 0;
            loop {
                let words = &tokens[current.first_token..current.last_token];
                let rest = &tokens[(current.first_token + skip).min(current.last_token)..current.last_token];
                hits.clear();
                patterns.find(Words::new(rest, signatures), self.rules.owners().start, met, |hit| {
                    self.rules.keep(hit, None, hits);
                });
                let next = self.classify(rest, false, false, hits).map(|(_, at)| at + skip);
                match next {
                    Some(at)
                        if at >= MIN_QUESTION_WORDS
                            && words.len() - at >= 2
                            && words[at].start > words[at - 1].start =>
                    {
                        let cut = current.first_token + at;
                        spans.push(SentenceSpan { end: tokens[cut - 1].end(), last_token: cut, ..current });
                        current = SentenceSpan { start: tokens[cut].start as usize, first_token: cut, ..current };
                        skip = MIN_QUESTION_WORDS;
                    }
                    Some(at) if at < MIN_QUESTION_WORDS => skip = at + MIN_QUESTION_WORDS,
                    _ => break,
                }
            }
            spans.push(current);
        }
    }
}
