//! What is tried before a pattern: 64 bits that tell most words apart.

use crate::text::{Class, Token, UNKNOWN, WordId};

/// A set of words as 64 bits, which can say "surely not among them" by one instruction. Words share bits; the classes and the end
/// of the sentence have their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature(u64);

/// Bits for words: the first for all that no pattern mentions, the classes behind the last.
const WORD_BITS: u16 = 57;

impl Signature {
    /// Of no word.
    pub(super) const NONE: Self = Self(0);
    /// Of every word, and of the end.
    pub(super) const ANY: Self = Self(u64::MAX);
    /// Of the place behind the last word.
    pub(super) const END: Self = Self(1 << 63);

    pub(super) fn word(word: WordId) -> Self {
        if word == UNKNOWN { Self(1) } else { Self(1 << (1 + word % (WORD_BITS - 1))) }
    }

    pub(super) fn class(class: Class) -> Self {
        Self(u64::from(class.bits()) << WORD_BITS)
    }

    /// The words of both.
    #[must_use]
    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// False where no word is in both.
    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// How many words a pattern is told of ahead, by signature.
pub(super) const AHEAD: usize = 3;

/// The words of a sentence with their signatures.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    tokens: &'a [Token],
    /// One a word, and [`AHEAD`] of the end.
    signatures: &'a [Signature],
}

impl<'a> Words<'a> {
    /// Adds the signatures, which `buffer` holds.
    pub fn new(tokens: &'a [Token], buffer: &'a mut Vec<Signature>) -> Self {
        buffer.clear();
        buffer.extend(tokens.iter().map(|token| Signature::word(token.word).or(Signature::class(token.class))));
        buffer.extend([Signature::END; AHEAD]);
        Self { tokens, signatures: buffer }
    }

    /// The tokens.
    pub fn tokens(self) -> &'a [Token] {
        self.tokens
    }

    /// Number of words.
    pub fn len(self) -> usize {
        self.tokens.len()
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.tokens.is_empty()
    }

    /// The word at `at`, [`UNKNOWN`] behind the end.
    pub(super) fn word(self, at: usize) -> WordId {
        self.tokens.get(at).map_or(UNKNOWN, |token| token.word)
    }

    /// The signature of the word at `at`, which may be the place behind the last one.
    pub(super) fn signature(self, at: usize) -> Signature {
        self.signatures.get(at).copied().unwrap_or(Signature::END)
    }

    /// The signatures of the words from `at` on, up to the place behind the last one.
    pub(super) fn ahead(self, at: usize) -> &'a [Signature; AHEAD] {
        self.signatures[at..].first_chunk().expect("as many are behind the last word")
    }
}
