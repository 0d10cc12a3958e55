//! Words and sentences of a segment, with their places in the text.
//!
//! Contractions are taken apart ("we'll" is `we will`, "can't" is `can not`), also as speech recognisers write them without an
//! apostrophe, so that a pattern is written once in full words. Both halves keep the place of the whole word.

use crate::dates::DATE_WORDS;
use crate::number;
use crate::spelling::{Ascii, Spelling, spelling};
use rustc_hash::FxHashMap;

/// A word known to the vocabulary; [`UNKNOWN`] for every other.
pub type WordId = u16;

/// The id of a word that no pattern mentions.
pub const UNKNOWN: WordId = 0;

/// What kind of word a token is, where that can be told from the word alone. A set of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Class(u8);

impl Class {
    /// A number in digits or words: "12", "1,200", "forty", "third".
    pub const NUMBER: Self = Self(1);
    /// A weekday, month, "today", "tomorrow".
    pub const DAY: Self = Self(2);
    /// Carries a currency sign: "$40", "€9.99".
    pub const MONEY: Self = Self(4);
    /// Carries a per cent sign: "12%".
    pub const PERCENT: Self = Self(8);
    /// Starts with a capital letter in the midst of a sentence.
    pub const CAPITAL: Self = Self(16);
    /// A clock time in digits: "10:30", "3pm".
    pub const CLOCK: Self = Self(32);
    /// May be part of a date. For [`crate::dates`] alone: patterns have no name for it.
    pub(crate) const DATE_WORD: Self = Self(64);

    /// Whether any bit of `other` is set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The six bits that patterns can name.
    pub(crate) fn bits(self) -> u8 {
        self.0 & !Self::DATE_WORD.0
    }

    /// The bits of both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// One word of a text. Small, because a long call has millions of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Byte offset of the first byte in the text.
    pub start: u32,
    /// Hash of the lower-cased word, for comparing words that no pattern mentions.
    pub hash: u32,
    /// The word, if a pattern mentions it.
    pub word: WordId,
    /// Length in bytes; see [`MAX_WORD`].
    len: u8,
    /// What kind of word it is.
    pub class: Class,
}

/// Longest word in bytes. What runs on without a break is cut there: no pattern is that long.
const MAX_WORD: usize = 250;

impl Token {
    /// Byte offset behind the last byte.
    pub fn end(&self) -> usize {
        self.start as usize + usize::from(self.len)
    }

    /// The word as written.
    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        &text[self.start as usize..self.end()]
    }
}

/// A run of tokens that forms a sentence, with its place in the text (bytes, without surrounding white space).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentenceSpan {
    /// Byte offset of the first byte in the text.
    pub start: usize,
    /// Byte offset behind the last byte, closing punctuation included.
    pub end: usize,
    /// Index of the first token.
    pub first_token: usize,
    /// Index behind the last token.
    pub last_token: usize,
    /// Whether the sentence ends in a question mark.
    pub question_mark: bool,
}

/// Hash of a lower-case word: FNV-1a, 32 bits, as published by Fowler, Noll and Vo. Stable across versions, because the weights of the
/// objection model are stored by it.
pub fn word_hash(word: &str) -> u32 {
    hash_bytes(word.bytes())
}

fn hash_bytes(bytes: impl Iterator<Item = u8>) -> u32 {
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The words that patterns mention, and those of which something is known by themselves: numbers, days, contractions.
#[derive(Debug)]
pub struct Vocabulary {
    /// By [`Spelling`], so that a look-up touches one place in memory; nearly all words.
    short: FxHashMap<Spelling, Word>,
    long: FxHashMap<Box<str>, Word>,
    /// Number of ids in use, [`UNKNOWN`] included.
    ids: usize,
}

/// What is known of a word.
#[derive(Debug, Clone, Copy)]
struct Word {
    hash: u32,
    id: WordId,
    class: Class,
    /// Whether it stands for two words.
    contraction: bool,
}

impl Word {
    /// A word that the vocabulary lacks.
    fn unknown(word: &str) -> Self {
        Self { id: UNKNOWN, hash: word_hash(word), class: Class::default(), contraction: false }
    }
}

/// More words than there are ids for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the trackers have more than {} different words", WordId::MAX)]
pub struct VocabularyFull;

impl Default for Vocabulary {
    fn default() -> Self {
        let mut vocabulary = Self { short: FxHashMap::default(), long: FxHashMap::default(), ids: 1 };
        for word in number::words() {
            vocabulary.entry(word).class = Class::NUMBER;
        }
        for word in DAYS {
            vocabulary.entry(word).class = Class::DAY;
        }
        for word in DATE_WORDS {
            let word = vocabulary.entry(word);
            word.class = word.class.with(Class::DATE_WORD);
        }
        for (word, ..) in CONTRACTIONS {
            vocabulary.entry(word).contraction = true;
        }
        vocabulary
    }
}

impl Vocabulary {
    /// Id of a lower-case word, added when it is new.
    ///
    /// # Errors
    /// When there is no id left.
    pub fn intern(&mut self, word: &str) -> Result<WordId, VocabularyFull> {
        let next = WordId::try_from(self.ids).map_err(|_| VocabularyFull)?;
        let known = self.entry(word);
        if known.id == UNKNOWN {
            known.id = next;
            self.ids += 1;
            return Ok(next);
        }
        Ok(known.id)
    }

    /// Id of a lower-case word, [`UNKNOWN`] where no pattern mentions it.
    pub fn get(&self, word: &str) -> WordId {
        self.find(word).map_or(UNKNOWN, |known| known.id)
    }

    fn entry(&mut self, word: &str) -> &mut Word {
        let fresh = || Word { class: digits_class(word), ..Word::unknown(word) };
        match spelling(word) {
            Some(key) => self.short.entry(key).or_insert_with(fresh),
            None => self.long.entry(word.into()).or_insert_with(fresh),
        }
    }

    fn find(&self, word: &str) -> Option<&Word> {
        match spelling(word) {
            Some(key) => self.short.get(&key),
            None => self.long.get(word),
        }
    }

    /// Adds the words of a text to `tokens`, in order.
    pub fn tokenize(&self, text: &str, tokens: &mut Vec<Token>) {
        // About five letters a word.
        tokens.reserve(text.len() / 5 + 4);
        let bytes = text.as_bytes();
        let mut lower = String::new();
        let mut at = 0;
        while at < bytes.len() {
            let plain = plain_word(&bytes[at..]);
            let Some(end) = plain.map(|(len, _)| at + len).or_else(|| word_end(text, at)) else {
                at += if bytes[at].is_ascii() { 1 } else { text[at..].chars().next().map_or(1, char::len_utf8) };
                continue;
            };
            let raw = &text[at..end];
            let known = if let Some((_, key)) = plain {
                self.short.get(&key)
            } else {
                lower_case(raw, &mut lower);
                self.find(&lower)
            };
            let mut class = Class::default();
            if !bytes[at].is_ascii_lowercase() && raw != "I" && is_capitalised(raw) && !opens_sentence(&text[..at]) {
                class = class.with(Class::CAPITAL);
            }
            if at > 0 && !matches!(bytes[at - 1], b' ' | b'a'..=b'z') && text[..at].ends_with(['$', '€', '£']) {
                class = class.with(Class::MONEY);
            }
            if bytes.get(end) == Some(&b'%') {
                class = class.with(Class::PERCENT);
            }
            let token = |word: Word| Token {
                start: at as u32,
                len: raw.len() as u8,
                word: word.id,
                hash: word.hash,
                class: class.with(word.class),
            };
            match known {
                Some(known) if !known.contraction => tokens.push(token(*known)),
                // A plain word that is not in the vocabulary is no contraction either.
                None if plain.is_some() => {
                    let hash = hash_bytes(raw.bytes().map(|letter| letter | 0x20));
                    tokens.push(token(Word { hash, ..Word::unknown("") }));
                }
                _ => {
                    if plain.is_some() {
                        lower_case(raw, &mut lower);
                    }
                    let (first, second) = expand(&lower).unwrap_or((&lower, ""));
                    for word in [first, second] {
                        if !word.is_empty() {
                            tokens.push(token(
                                self.find(word)
                                    .copied()
                                    .unwrap_or_else(|| Word { class: digits_class(word), ..Word::unknown(word) }),
                            ));
                        }
                    }
                }
            }
            at = end;
        }
    }
}

/// A word of up to 16 ASCII letters and nothing else, as most are: its length and its [`Spelling`] in lower case.
fn plain_word(bytes: &[u8]) -> Option<(usize, Spelling)> {
    let word = Ascii::load(bytes);
    let len = word.letters();
    let ends = bytes
        .get(len)
        .is_none_or(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'&' | b'\''));
    if len == 0 || !ends {
        return None;
    }
    Some((len, word.first(len).to_lowercase().spelling()))
}

/// Puts the word into `lower` in lower case, with straight apostrophes and none at the end.
fn lower_case(raw: &str, lower: &mut String) {
    lower.clear();
    if raw.is_ascii() {
        lower.push_str(raw);
        lower.make_ascii_lowercase();
    } else {
        for c in raw.chars() {
            match c {
                '’' | 'ʼ' | '‘' => lower.push('\''),
                c => lower.extend(c.to_lowercase()),
            }
        }
    }
    while lower.ends_with('\'') {
        lower.pop();
    }
}

/// Whether a word begins with a capital letter, which an apostrophe does not follow ("I'm").
fn is_capitalised(raw: &str) -> bool {
    let mut chars = raw.chars();
    match chars.next() {
        Some(c) if c.is_ascii() => c.is_ascii_uppercase() && !chars.as_str().starts_with(['\'', '’']),
        Some(c) => c.is_uppercase(),
        None => false,
    }
}

/// Whether a word behind `before` is written with a capital letter for its place alone.
fn opens_sentence(before: &str) -> bool {
    before
        .trim_end_matches([' ', '"', '“', '(', '\''])
        .chars()
        .next_back()
        .is_none_or(|c| matches!(c, '.' | '?' | '!' | '…' | ':' | '-' | '—' | '\n'))
}

/// End of the word that starts at `at`, or `None` where none starts there. Words are letters and digits, joined by single
/// apostrophes, hyphens between letters excluded ("follow-up" is two words), and `.,:` between digits ("1,200", "10:30").
fn word_end(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut end = at;
    while end < bytes.len() && end - at < MAX_WORD {
        let byte = bytes[end];
        if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'&' && end > at {
            end += 1;
        } else if byte == b' ' {
            break;
        } else if byte < 0x80 {
            let next_alnum = bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
            let after_digit = end > at && bytes[end - 1].is_ascii_digit();
            let next_digit = bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
            let joins = match byte {
                b'\'' => end > at && next_alnum,
                b'.' | b',' | b':' => after_digit && next_digit,
                _ => false,
            };
            if !joins {
                break;
            }
            end += 1;
        } else {
            let c = text[end..].chars().next()?;
            let joins = match c {
                '’' | 'ʼ' => end > at && text[end + c.len_utf8()..].starts_with(|n: char| n.is_alphanumeric()),
                c => c.is_alphanumeric(),
            };
            if !joins {
                break;
            }
            end += c.len_utf8();
        }
    }
    (end > at).then_some(end)
}

/// Contractions as speech recognisers and people in a hurry write them, and the two words they stand for.
const CONTRACTIONS: [(&str, &str, &str); 33] = [
    ("dont", "do", "not"),
    ("doesnt", "does", "not"),
    ("didnt", "did", "not"),
    ("isnt", "is", "not"),
    ("wasnt", "was", "not"),
    ("arent", "are", "not"),
    ("couldnt", "could", "not"),
    ("wouldnt", "would", "not"),
    ("shouldnt", "should", "not"),
    ("havent", "have", "not"),
    ("hasnt", "has", "not"),
    ("cant", "can", "not"),
    ("cannot", "can", "not"),
    ("wont", "will", "not"),
    ("im", "i", "am"),
    ("ive", "i", "have"),
    ("youre", "you", "are"),
    ("youve", "you", "have"),
    ("youll", "you", "will"),
    ("theyre", "they", "are"),
    ("weve", "we", "have"),
    ("thats", "that", "is"),
    ("whats", "what", "is"),
    ("theres", "there", "is"),
    ("lets", "let", "us"),
    ("gonna", "going", "to"),
    ("wanna", "want", "to"),
    ("gotta", "have", "to"),
    ("lemme", "let", "me"),
    ("gimme", "give", "me"),
    ("kinda", "kind", "of"),
    ("sorta", "sort", "of"),
    ("dunno", "not", "know"),
];

/// The two full words of a lower-case contraction with a straight apostrophe or none; the second is empty behind a possessive.
pub fn expand(word: &str) -> Option<(&str, &str)> {
    if !word.contains('\'') {
        let (_, first, second) = CONTRACTIONS.iter().find(|(contraction, ..)| *contraction == word)?;
        return Some((first, second));
    }
    if let Some(stem) = word.strip_suffix("n't") {
        return Some(match stem {
            "wo" => ("will", "not"),
            "ca" => ("can", "not"),
            "sha" => ("shall", "not"),
            stem => (stem, "not"),
        });
    }
    let (stem, rest) = word.split_once('\'')?;
    let second = match rest {
        "ll" => "will",
        "re" => "are",
        "ve" => "have",
        "m" => "am",
        "d" => "would",
        "s" if stem == "let" => "us",
        "s" if is_subject(stem) => "is",
        "s" => "",
        _ => return None,
    };
    Some((stem, second))
}

/// Words after which 's is "is" rather than a possessive.
fn is_subject(word: &str) -> bool {
    matches!(
        word,
        "it" | "that"
            | "this"
            | "he"
            | "she"
            | "what"
            | "who"
            | "where"
            | "how"
            | "when"
            | "why"
            | "there"
            | "here"
            | "which"
            | "everything"
            | "nothing"
            | "something"
            | "everyone"
            | "one"
    )
}

/// Class of a word that begins with a digit; none for all others.
fn digits_class(word: &str) -> Class {
    if !word.starts_with(|c: char| c.is_ascii_digit()) {
        return Class::default();
    }
    let clock = word.contains(':') || word.ends_with("pm") || word.ends_with("am");
    if clock { Class::CLOCK.with(Class::NUMBER) } else { Class::NUMBER }
}

/// Weekdays, months (but "may" and "march", which are mostly verbs) and relative days.
const DAYS: [&str; 32] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mondays",
    "tuesdays",
    "wednesdays",
    "thursdays",
    "fridays",
    "january",
    "february",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "tomorrow",
    "today",
    "tonight",
    "jan",
    "feb",
    "aug",
    "sept",
    "oct",
    "nov",
    "dec",
];

/// Splits a text into sentences at `.`, `?`, `!`, `…` and line ends. A full stop inside a number, behind an initial or behind a common abbreviation does not end one.
/// `spans` is cleared first.
pub fn sentences(text: &str, tokens: &[Token], spans: &mut Vec<SentenceSpan>) {
    spans.clear();
    let mut first = 0;
    let mut start = 0;
    for (index, token) in tokens.iter().enumerate() {
        let next_start = tokens.get(index + 1).map_or(text.len(), |next| next.start as usize);
        if index + 1 < tokens.len() && next_start <= token.end() {
            continue; // the first half of a contraction, or words joined by a hyphen
        }
        let between = &text[token.end()..next_start];
        if matches!(between, " " | ", " | "-") && index + 1 < tokens.len() {
            continue; // most words
        }
        let ends = index + 1 == tokens.len() || ends_sentence(between, token.text(text));
        if !ends {
            continue;
        }
        let closing = between.find(char::is_whitespace).unwrap_or(between.len());
        let end = if index + 1 == tokens.len() { text.trim_end().len() } else { token.end() + closing };
        let question_mark = between[..between.len().min(end.saturating_sub(token.end()))].contains('?');
        spans.push(SentenceSpan { start, end, first_token: first, last_token: index + 1, question_mark });
        first = index + 1;
        start = next_start - leading_punctuation(&text[end.max(token.end())..next_start]);
    }
}

/// Bytes of opening quotes, brackets and currency signs directly before the next word, which belong to it.
fn leading_punctuation(between: &str) -> usize {
    between.len() - between.trim_end_matches(['"', '“', '(', '[', '$', '€', '£', '\'', '‘', '#', '+', '-']).len()
}

fn ends_sentence(between: &str, word: &str) -> bool {
    if between.bytes().any(|byte| matches!(byte, b'?' | b'!' | b'\n')) {
        return true;
    }
    if !between.is_ascii() && between.contains('…') {
        return between.chars().any(char::is_whitespace);
    }
    match between.bytes().position(|byte| byte == b'.') {
        None => false,
        Some(at) => {
            let spaced = between[at..].contains(char::is_whitespace);
            let abbreviation = matches!(
                word,
                "Mr" | "Mrs" | "Ms" | "Dr" | "St" | "vs" | "etc" | "approx" | "No" | "Inc" | "Ltd" | "Co"
            ) || (word.len() == 1 && word != "I" && word.chars().all(char::is_uppercase));
            spaced && !abbreviation
        }
    }
}

#[cfg(test)]
mod tests;
