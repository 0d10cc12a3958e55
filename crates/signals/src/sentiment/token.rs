//! From a text to its tokens, cut as vaderSentiment cuts them.

use super::lexicon::{Lexicon, Word, rows};
use crate::spelling::Ascii;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

/// Emoji of one code point and the words that stand for them.
static EMOJI: LazyLock<FxHashMap<char, &'static str>> = LazyLock::new(|| {
    let table = rows(include_str!("../../data/sentiment/emoji.tsv"));
    table.map(|(emoji, words)| (emoji.chars().next().expect("an emoji in every row"), words)).collect()
});

/// A word of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Token<'a> {
    /// What is known of it.
    pub(super) word: &'a Word,
    /// Whether it is written in capitals.
    pub(super) caps: bool,
}

/// A text as the rules see it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tokens<'a> {
    pub(super) list: Vec<Token<'a>>,
    pub(super) exclamation_marks: u32,
    pub(super) question_marks: u32,
}

impl<'a> Tokens<'a> {
    /// Cuts a text at white space and takes the punctuation from the ends of a token, unless it is all or nearly all of it.
    pub(super) fn new(text: &str, lexicon: &'a Lexicon) -> Self {
        let text = &*plain(text);
        let mut tokens = Self { list: Vec::with_capacity(text.len() / 4 + 1), exclamation_marks: 0, question_marks: 0 };
        let bytes = text.as_bytes();
        let (mut start, mut at) = (0, 0);
        while at < bytes.len() {
            // Most bytes are letters, which are passed over many at a time; nothing of what follows is among them.
            let letters = Ascii::load(&bytes[at..]).before_signs();
            at += letters;
            if letters == Ascii::LONGEST {
                continue;
            }
            match bytes.get(at) {
                Some(b'!') => tokens.exclamation_marks += 1,
                Some(b'?') => tokens.question_marks += 1,
                Some(b' ' | b'\t'..=b'\r' | b'\x1c'..=b'\x1f') => {
                    if start < at {
                        tokens.push(text, start..at, lexicon);
                    }
                    start = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        if start < bytes.len() {
            tokens.push(text, start..bytes.len(), lexicon);
        }
        tokens
    }

    fn push(&mut self, text: &str, chunk: Range<usize>, lexicon: &'a Lexicon) {
        let stripped = strip(text, chunk.clone());
        // Two letters or fewer may be the rest of an emoticon such as ":D".
        let is_word = text[stripped.clone()].chars().nth(2).is_some();
        let span = if is_word { stripped } else { chunk };
        let token = &text[span.clone()];
        // The whole rest of the text, because it is quicker to take 16 bytes than to take as many as the word has.
        let ascii = Ascii::load(&text.as_bytes()[span.start..]).first(token.len());
        self.list.push(if token.len() <= Ascii::LONGEST && ascii.is_ascii() {
            Token { word: lexicon.look_up_short(ascii.to_lowercase()), caps: ascii.has_upper() && !ascii.has_lower() }
        } else {
            Token { word: lexicon.look_up(&token.to_lowercase()), caps: is_upper(token) }
        });
    }
}

/// Puts words in the places of emoji, with a space before but none after, as the package does, and a space for white space beyond ASCII.
fn plain(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len() * 2);
    let mut after_space = true;
    for c in text.chars() {
        if c.is_ascii() {
            plain.push(c);
            after_space = c == ' ';
        } else if let Some(words) = EMOJI.get(&c) {
            if !after_space {
                plain.push(' ');
            }
            plain.push_str(words);
            after_space = false;
        } else {
            plain.push(if c.is_whitespace() { ' ' } else { c });
            after_space = false;
        }
    }
    Cow::Owned(plain)
}

/// The range without ASCII punctuation at its ends; empty where there is nothing else.
fn strip(text: &str, span: Range<usize>) -> Range<usize> {
    let bytes = &text.as_bytes()[span.clone()];
    let is_inner = |b: &u8| !b.is_ascii_punctuation();
    let first = bytes.iter().position(is_inner).unwrap_or(0);
    let end = bytes.iter().rposition(is_inner).map_or(0, |last| last + 1);
    span.start + first..span.start + end
}

/// Whether a token has letters and all of them are capitals. A title-case letter such as "ǅ" is neither case in Rust, but changes when lowered.
fn is_upper(token: &str) -> bool {
    let is_small = |c: char| c.is_lowercase() || !c.is_uppercase() && !c.to_lowercase().eq([c]);
    !token.chars().any(is_small) && token.chars().any(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_are_spelled_out() {
        assert_eq!(plain("fine"), "fine");
        assert_eq!(plain("café 😁"), "café beaming face with smiling eyes");
        assert_eq!(plain("ok😁😁ok"), "ok beaming face with smiling eyes beaming face with smiling eyesok");
        assert_eq!(plain("so\u{a0}😁"), "so  beaming face with smiling eyes");
    }

    #[test]
    fn capitals_are_those_of_the_whole_token() {
        let caps = |text| Tokens::new(text, &Lexicon::vader()).list[0].caps;
        assert!(caps("GREAT") && caps("B2B") && caps("ÉTÉ") && caps("CONGRATULATIONS-TO-YOU"));
        assert!(!caps("Great") && !caps("123") && !caps("CONGRATULATIONS-to-YOU"));
        assert!(!is_upper("éTÉ") && !is_upper("ǅ") && !is_upper("日本"));
    }

    #[test]
    fn punctuation_goes_from_the_ends_of_words_only() {
        let stripped = |text: &'static str| &text[strip(text, 0..text.len())];
        assert_eq!(stripped("\"don't!\""), "don't");
        assert_eq!(stripped(":-)"), "");
        assert_eq!(stripped("“fine”."), "“fine”");
    }
}
