//! VADER for spoken conversation: its rules, with the words of a business call read as they are meant there.

use super::lexicon::{Lexicon, Word, WordId, rows};
use super::token::{Token, Tokens};
use super::vader::{but_factor, compound, emphasis, valences};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::LazyLock;

const PHRASES: &str = include_str!("../../data/sentiment/spoken.tsv");

/// Stands for any negation in the table's phrases.
const ANY_NEGATION: &str = "<not>";
/// What the table's boosters add, as most of VADER's do.
const BOOST: f64 = 0.293;
/// A passage ends with the sentence in which it reaches this many words: about where one compound begins to saturate.
const PASSAGE_WORDS: usize = 25;
/// A passage ends here even if no sentence does, as in unpunctuated text.
const LONGEST_PASSAGE: usize = 50;

static SPOKEN: LazyLock<Spoken> = LazyLock::new(Spoken::new);

/// Sentiment of a stretch of speech, −1 (most negative) to 1; 0 for a text without a word.
///
/// VADER's compound with three changes: the phrases of `data/sentiment/spoken.tsv` are read as one word each and with their meaning in
/// a business call (courtesy, topics, complaints, "still not working", "that worked"); hesitations and articles are left out,
/// so that a negation reaches over them; and a long text is the mean of its passages, weighted by their words, so that it does not run
/// into ±1. Needs neither punctuation nor capitals. Figures beside VADER's: [module](super).
pub fn spoken(text: &str) -> f64 {
    let (mut sum, mut words) = (0.0, 0.0);
    for passage in passages(&straight_quotes(text)) {
        let mut tokens = Tokens::new(passage, &SPOKEN.lexicon);
        let weight = tokens.list.len() as f64;
        SPOKEN.read_phrases(&mut tokens.list);
        let mut valences = valences(&tokens.list, &SPOKEN.lexicon);
        if let Some(but) = tokens.list.iter().position(|t| t.word.id == WordId::BUT) {
            valences.iter_mut().enumerate().for_each(|(i, valence)| *valence *= but_factor(i, but));
        }
        sum += weight * compound(&valences, emphasis(&tokens));
        words += weight;
    }
    if words == 0.0 { 0.0 } else { sum / words }
}

/// VADER's lexicon and what is different in speech.
struct Spoken {
    lexicon: Lexicon,
    /// By the first word, the longest first.
    phrases: FxHashMap<WordId, Vec<Phrase>>,
    any_negation: WordId,
}

/// A word, or several that are read as one.
struct Phrase {
    rest: Vec<WordId>,
    /// What it says; `None` where it is left out.
    meaning: Option<Word>,
}

impl Spoken {
    fn new() -> Self {
        let mut lexicon = Lexicon::vader();
        let any_negation = lexicon.name(ANY_NEGATION)[0];
        let mut phrases: FxHashMap<WordId, Vec<Phrase>> = FxHashMap::default();
        for (phrase, columns) in rows(PHRASES) {
            let ids = lexicon.name(phrase);
            let outcome = columns.split('\t').next().unwrap_or_default();
            let neutral = Word { valence: None, boost: 0.0, ..*lexicon.look_up(phrase) };
            let meaning = match outcome {
                "filler" => None,
                "neutral" => Some(neutral),
                "booster" => Some(Word { boost: BOOST, ..neutral }),
                "negation" => Some(Word { negates: true, ..neutral }),
                valence => {
                    let valence = valence.parse().expect("an outcome in every row, which the tests read whole");
                    Some(Word { valence: Some(valence), ..neutral })
                }
            };
            phrases.entry(ids[0]).or_default().push(Phrase { rest: ids[1..].to_vec(), meaning });
        }
        for list in phrases.values_mut() {
            list.sort_by_key(|phrase| Reverse(phrase.rest.len()));
        }
        Self { lexicon, phrases, any_negation }
    }

    /// Puts one token for each phrase, or none.
    fn read_phrases<'a>(&'a self, tokens: &mut Vec<Token<'a>>) {
        let (mut at, mut kept) = (0, 0);
        while at < tokens.len() {
            let mut token = tokens[at];
            let phrase = self.longest_phrase(&tokens[at..]);
            at += 1 + phrase.map_or(0, |phrase| phrase.rest.len());
            if let Some(phrase) = phrase {
                let Some(meaning) = &phrase.meaning else { continue };
                token.word = meaning;
            }
            tokens[kept] = token;
            kept += 1;
        }
        tokens.truncate(kept);
    }

    /// The longest phrase with which the tokens begin; of equal ones that which names its first word.
    fn longest_phrase(&self, tokens: &[Token<'_>]) -> Option<&Phrase> {
        let (first, rest) = tokens.split_first()?;
        let fits = |id: WordId, token: &Token<'_>| id == token.word.id || id == self.any_negation && token.word.negates;
        let longest = |first: WordId| {
            self.phrases.get(&first)?.iter().find(|phrase| {
                rest.len() >= phrase.rest.len() && phrase.rest.iter().zip(rest).all(|(&id, token)| fits(id, token))
            })
        };
        let named = if first.word.id == WordId::default() { None } else { longest(first.word.id) };
        let negated = if first.word.negates { longest(self.any_negation) } else { None };
        [negated, named].into_iter().flatten().max_by_key(|phrase| phrase.rest.len())
    }
}

/// The text with typewriter quotes, as the lexicon has them in "don't".
fn straight_quotes(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(['\u{2018}', '\u{2019}'], "'").replace(['\u{201c}', '\u{201d}'], "\""))
}

/// Cuts a text into passages of whole sentences, as far as it shows any.
fn passages(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (passage, after) = rest.split_at(passage_len(rest));
        rest = after;
        (!passage.is_empty()).then_some(passage)
    })
}

/// Length of the first passage in bytes.
fn passage_len(text: &str) -> usize {
    let (mut end, mut words) = (0, 0);
    for word in text.split_inclusive(char::is_whitespace) {
        end += word.len();
        let word = word.trim_end();
        words += usize::from(!word.is_empty());
        let ends_sentence = word.trim_end_matches(['"', '\'', ')']).ends_with(['.', '?', '!', '…']);
        if words >= LONGEST_PASSAGE || words >= PASSAGE_WORDS && ends_sentence {
            break;
        }
    }
    end
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what says nothing scores exactly nothing")]
mod tests {
    use super::super::vader;
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_table_is_sound() {
        let mut seen = HashSet::new();
        let table = PHRASES.lines().filter(|line| !line.starts_with("# "));
        for line in table {
            let [phrase, outcome, why] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("three columns in {line:?}");
            };
            assert!(seen.insert(phrase), "{phrase:?} stands twice");
            assert!(!phrase.is_empty() && phrase == phrase.to_lowercase() && phrase.split(' ').all(|w| !w.is_empty()));
            assert!(!why.is_empty(), "{phrase:?} has no reason");
            let known = ["filler", "neutral", "booster", "negation"].contains(&outcome);
            assert!(known || outcome.parse::<f64>().is_ok_and(|v| (-4.0..=4.0).contains(&v)), "{line:?}");
        }
    }

    /// No phrase is hidden by a rule of the tokens or by another phrase: each, said alone, is read as its outcome.
    #[test]
    fn every_phrase_is_read() {
        for (phrase, columns) in rows(PHRASES) {
            let said = phrase.replace(ANY_NEGATION, "not");
            let mut tokens = Tokens::new(&said, &SPOKEN.lexicon);
            SPOKEN.read_phrases(&mut tokens.list);
            let valences: Vec<_> = tokens.list.iter().map(|t| t.word.valence).collect();
            match columns.split('\t').next().unwrap() {
                "filler" => assert_eq!(valences, [], "{phrase}"),
                "neutral" | "booster" | "negation" => assert_eq!(valences, [None], "{phrase}"),
                valence => assert_eq!(valences, [valence.parse().ok()], "{phrase}"),
            }
        }
    }

    #[test]
    fn courtesy_is_no_mood() {
        for text in [
            "Thank you for calling Northwind, how can I help you?",
            "Have a great day",
            "you're welcome",
            "I'd be, like, sharing my screen on the shared drive",
        ] {
            assert!(vader(text).compound > 0.3, "VADER is no example for {text:?}");
            assert_eq!(spoken(text), 0.0, "{text:?}");
        }
    }

    #[test]
    fn complaints_and_relief_are_heard() {
        for text in [
            "it's still not working",
            "this is the third time I call about it",
            "we've been on hold for forty minutes",
            "we're fed up",
            "the router isn’t responding",
            "I'm not, um, happy with it",
            "I don't think it was a good start",
        ] {
            assert!(spoken(text) < -0.3, "{text:?}: {}", spoken(text));
        }
        for text in ["okay that worked", "the export works now", "we can print without any issues", "that's perfect"] {
            assert!(spoken(text) > 0.25, "{text:?}: {}", spoken(text));
        }
    }

    #[test]
    fn the_longest_phrase_wins() {
        assert_eq!(spoken("thank you for calling"), 0.0);
        assert!(spoken("thank you") > 0.0);
        assert!(spoken("still not working") < spoken("not working"));
        assert!(
            spoken("I like it") > 0.0 && spoken("we don't like it") < 0.0 && spoken("it was like three weeks") == 0.0
        );
    }

    #[test]
    fn punctuation_and_capitals_are_not_needed() {
        let written = "I'm really frustrated. My updates keep failing, and it's still not working.";
        let heard = "i'm really frustrated my updates keep failing and it's still not working";
        assert!((spoken(written) - spoken(heard)).abs() < 1e-9);
    }

    #[test]
    fn long_texts_do_not_saturate() {
        let sentence = "The team was good and the demo went well today. ";
        let one = spoken(sentence);
        let many = spoken(&sentence.repeat(60));
        assert!(vader(&sentence.repeat(60)).compound > 0.99);
        assert!(many > one && many < 0.95, "{one} {many}");
        let mixed = sentence.repeat(30) + &"The second week was bad and we are fed up. ".repeat(30);
        assert!(spoken(&mixed).abs() < 0.4, "{}", spoken(&mixed));
    }

    #[test]
    fn passages_are_whole_sentences_and_lose_nothing() {
        let sentence = "one two three four five six seven eight nine ten. ";
        let text = sentence.repeat(7);
        let cut: Vec<_> = passages(&text).collect();
        assert_eq!(cut.concat(), text);
        assert_eq!(cut.iter().map(|p| p.split_whitespace().count()).collect::<Vec<_>>(), [30, 30, 10]);
        let unpunctuated = "word ".repeat(120);
        let words: Vec<_> = passages(&unpunctuated).map(|p| p.split_whitespace().count()).collect();
        assert_eq!(words, [50, 50, 20]);
        assert_eq!(passages("").count(), 0);
    }
}
