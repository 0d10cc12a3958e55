//! The words that matter, read from the embedded tables into one hash table, so that a token costs one look-up.

use super::token::Token;
use crate::spelling::{Ascii, Spelling, spelling};
use rustc_hash::{FxBuildHasher, FxHashMap};

const LEXICON: &str = include_str!("../../data/sentiment/lexicon.tsv");
const MODIFIERS: &str = include_str!("../../data/sentiment/modifiers.tsv");

/// Number of a word that a rule or a phrase names; 0 for all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct WordId(u16);

impl WordId {
    pub(super) const NO: Self = Self(1);
    pub(super) const OR: Self = Self(2);
    pub(super) const NOR: Self = Self(3);
    pub(super) const NEVER: Self = Self(4);
    pub(super) const SO: Self = Self(5);
    pub(super) const THIS: Self = Self(6);
    pub(super) const WITHOUT: Self = Self(7);
    pub(super) const DOUBT: Self = Self(8);
    pub(super) const LEAST: Self = Self(9);
    pub(super) const AT: Self = Self(10);
    pub(super) const VERY: Self = Self(11);
    pub(super) const BUT: Self = Self(12);
    pub(super) const KIND: Self = Self(13);
    pub(super) const OF: Self = Self(14);
}

/// The words that VADER's rules name; those of phrases are numbered after them.
const RULE_WORDS: [(&str, WordId); 14] = [
    ("no", WordId::NO),
    ("or", WordId::OR),
    ("nor", WordId::NOR),
    ("never", WordId::NEVER),
    ("so", WordId::SO),
    ("this", WordId::THIS),
    ("without", WordId::WITHOUT),
    ("doubt", WordId::DOUBT),
    ("least", WordId::LEAST),
    ("at", WordId::AT),
    ("very", WordId::VERY),
    ("but", WordId::BUT),
    ("kind", WordId::KIND),
    ("of", WordId::OF),
];

/// What is known of a word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Word {
    /// Mean valence, −4..4; `None` for words outside the lexicon. A lexicon word may be 0.
    pub(super) valence: Option<f64>,
    /// What it adds to the strength of words after it: above 0 for "very", below for "hardly", 0 for most.
    pub(super) boost: f64,
    /// Whether it turns words after it around.
    pub(super) negates: bool,
    /// Which word it is, where a rule or a phrase asks.
    pub(super) id: WordId,
}

impl Word {
    /// Whether the lexicon has it.
    pub(super) fn is_affect(&self) -> bool {
        self.valence.is_some()
    }
}

const UNKNOWN: Word = Word { valence: None, boost: 0.0, negates: false, id: WordId(0) };
const NEGATING: Word = Word { negates: true, ..UNKNOWN };

/// Whether a word ends, or has anywhere in it, the "n't" of "don't".
fn contracts_not(word: &str) -> bool {
    word.as_bytes().windows(3).any(|w| w == b"n't")
}

/// The tables of VADER.
#[derive(Debug, Clone)]
pub(super) struct Lexicon {
    short: FxHashMap<Spelling, Word>,
    long: FxHashMap<&'static str, Word>,
    named: u16,
    /// Phrases whose valence is not that of their words.
    idioms: Vec<(Vec<WordId>, f64)>,
    /// Boosters of two words.
    pair_boosters: Vec<(Vec<WordId>, f64)>,
}

impl Lexicon {
    /// VADER's own, from the embedded tables.
    pub(super) fn vader() -> Self {
        let mut lexicon = Self {
            short: FxHashMap::with_capacity_and_hasher(8_192, FxBuildHasher),
            long: FxHashMap::default(),
            named: RULE_WORDS.len() as u16,
            idioms: Vec::new(),
            pair_boosters: Vec::new(),
        };
        for (text, id) in RULE_WORDS {
            lexicon.entry(text).id = id;
        }
        for (word, valence) in rows(LEXICON) {
            lexicon.entry(word).valence = Some(amount(valence));
        }
        for (kind, rest) in rows(MODIFIERS) {
            let (phrase, value) = rest.split_once('\t').unwrap_or((rest, ""));
            let is_phrase = phrase.contains(' ');
            match kind {
                "negation" => lexicon.entry(phrase).negates = true,
                "booster" if is_phrase => {
                    let ids = lexicon.name(phrase);
                    lexicon.pair_boosters.push((ids, amount(value)));
                }
                "booster" => lexicon.entry(phrase).boost = amount(value),
                // A single word never gets here in VADER's look-up by phrases of two and three.
                _ if is_phrase => {
                    let ids = lexicon.name(phrase);
                    lexicon.idioms.push((ids, amount(value)));
                }
                _ => {}
            }
        }
        lexicon
    }

    /// What is known of a word in lower case.
    pub(super) fn look_up(&self, lower_case: &str) -> &Word {
        let known = match spelling(lower_case) {
            Some(spelling) => self.short.get(&spelling),
            None => self.long.get(lower_case),
        };
        known.unwrap_or_else(|| if contracts_not(lower_case) { &NEGATING } else { &UNKNOWN })
    }

    /// What is known of an ASCII word of up to 16 bytes in lower case.
    pub(super) fn look_up_short(&self, lower_case: Ascii) -> &Word {
        let known = self.short.get(&lower_case.spelling());
        known.unwrap_or_else(|| if lower_case.contains_not() { &NEGATING } else { &UNKNOWN })
    }

    /// The word's entry, to be changed.
    pub(super) fn entry(&mut self, word: &'static str) -> &mut Word {
        let fresh = || if contracts_not(word) { NEGATING } else { UNKNOWN };
        match spelling(word) {
            Some(spelling) => self.short.entry(spelling).or_insert_with(fresh),
            None => self.long.entry(word).or_insert_with(fresh),
        }
    }

    /// Numbers the words of a phrase, so that it can be recognised.
    pub(super) fn name(&mut self, phrase: &'static str) -> Vec<WordId> {
        let mut ids = Vec::new();
        for text in phrase.split(' ') {
            let next = WordId(self.named + 1);
            let word = self.entry(text);
            let new = word.id == WordId::default();
            if new {
                word.id = next;
            }
            ids.push(word.id);
            self.named += u16::from(new);
        }
        ids
    }

    /// Valence of the tokens as an idiom.
    pub(super) fn idiom(&self, tokens: &[Token<'_>]) -> Option<f64> {
        phrase(&self.idioms, tokens)
    }

    /// Boost of two tokens such as "kind of"; 0 where they are none.
    pub(super) fn pair_boost(&self, tokens: &[Token<'_>]) -> f64 {
        phrase(&self.pair_boosters, tokens).unwrap_or(0.0)
    }
}

fn phrase(table: &[(Vec<WordId>, f64)], tokens: &[Token<'_>]) -> Option<f64> {
    if tokens.iter().any(|t| t.word.id == UNKNOWN.id) {
        return None;
    }
    let found = table.iter().find(|(ids, _)| ids.iter().eq(tokens.iter().map(|t| &t.word.id)))?;
    Some(found.1)
}

/// The rows of an embedded table: the first column and the rest.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    table.lines().filter(|line| !line.starts_with("# ")).filter_map(|line| line.split_once('\t'))
}

fn amount(text: &str) -> f64 {
    text.parse().expect("numbers in the embedded tables, which the tests read whole")
}
