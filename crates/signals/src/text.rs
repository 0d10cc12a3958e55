//! Words and sentences of a segment, with their places in the text.
//!
//! Contractions are taken apart ("we'll" is `we will`, "can't" is `can not`), also as speech recognisers write them without an
//! apostrophe, so that a pattern is written once in full words. Both halves keep the place of the whole word.

use rustc_hash::FxHashMap;

/// A word known to the vocabulary; [`UNKNOWN`] for every other.
pub type WordId = u32;

/// The id of a word that no pattern mentions.
pub const UNKNOWN: WordId = 0;

/// What kind of word a token is, where that can be told from the word alone. A set of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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

    /// Whether any bit of `other` is set.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The bits, of which six are in use.
    pub(crate) fn bits(self) -> u8 {
        self.0
    }

    fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// One word of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Byte offset of the first byte in the text.
    pub start: u32,
    /// Byte offset behind the last byte.
    pub end: u32,
    /// The word, if a pattern mentions it.
    pub word: WordId,
    /// Hash of the lower-cased word, for comparing words that no pattern mentions.
    pub hash: u32,
    /// What kind of word it is.
    pub class: Class,
}

impl Token {
    /// The word as written.
    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        &text[self.start as usize..self.end as usize]
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
    word.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The words that patterns mention.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// By [`inline`] spelling, so that a look-up touches one place in memory; nearly all words.
    short: FxHashMap<u128, Word>,
    long: FxHashMap<Box<str>, Word>,
}

/// A word of up to 16 bytes, none of them zero, as a number.
fn inline(word: &str) -> Option<u128> {
    let mut bytes = [0; 16];
    bytes.get_mut(..word.len())?.copy_from_slice(word.as_bytes());
    Some(u128::from_le_bytes(bytes))
}

/// What is known of a word.
#[derive(Debug, Clone, Copy)]
struct Word {
    id: WordId,
    hash: u32,
    class: Class,
    /// Whether it stands for two words.
    contraction: bool,
}

impl Word {
    fn unknown(word: &str) -> Self {
        Self { id: UNKNOWN, hash: word_hash(word), class: class_of(word), contraction: false }
    }
}

impl Vocabulary {
    /// Id of a lower-case word, added when it is new.
    pub fn intern(&mut self, word: &str) -> WordId {
        if let Some(known) = self.find(word) {
            return known.id;
        }
        let id = self.size() as WordId;
        let known = Word { id, contraction: expand(word).is_some(), ..Word::unknown(word) };
        match inline(word) {
            Some(key) => self.short.insert(key, known),
            None => self.long.insert(word.into(), known),
        };
        id
    }

    /// Id of a lower-case word, [`UNKNOWN`] where no pattern mentions it.
    pub fn get(&self, word: &str) -> WordId {
        self.find(word).map_or(UNKNOWN, |known| known.id)
    }

    /// Number of ids in use, [`UNKNOWN`] included.
    pub fn size(&self) -> usize {
        self.short.len() + self.long.len() + 1
    }

    fn find(&self, word: &str) -> Option<&Word> {
        match inline(word) {
            Some(key) => self.short.get(&key),
            None => self.long.get(word),
        }
    }

    /// The words of a text in order. `tokens` is cleared first.
    pub fn tokenize(&self, text: &str, tokens: &mut Vec<Token>) {
        tokens.clear();
        // About five letters a word.
        tokens.reserve(text.len() / 5 + 4);
        let bytes = text.as_bytes();
        let mut lower = String::with_capacity(24);
        let mut at = 0;
        while at < bytes.len() {
            let Some(end) = word_end(text, at) else {
                at += if bytes[at].is_ascii() { 1 } else { text[at..].chars().next().map_or(1, char::len_utf8) };
                continue;
            };
            let raw = &text[at..end];
            let capital = lower_case(raw, &mut lower);
            let mut class =
                if capital && raw != "I" && !opens_sentence(&text[..at]) { Class::CAPITAL } else { Class::default() };
            if at > 0 && !matches!(bytes[at - 1], b' ' | b'a'..=b'z') && text[..at].ends_with(['$', '€', '£']) {
                class = class.with(Class::MONEY);
            }
            if bytes.get(end) == Some(&b'%') {
                class = class.with(Class::PERCENT);
            }
            let token = |word: Word| Token {
                start: at as u32,
                end: end as u32,
                word: word.id,
                hash: word.hash,
                class: class.with(word.class),
            };
            match self.find(&lower) {
                Some(known) if !known.contraction => tokens.push(token(*known)),
                _ => {
                    let (first, second) = expand(&lower).unwrap_or((&lower, ""));
                    for word in [first, second] {
                        if !word.is_empty() {
                            tokens.push(token(self.find(word).copied().unwrap_or_else(|| Word::unknown(word))));
                        }
                    }
                }
            }
            at = end;
        }
    }
}

/// Puts the word into `lower` in lower case, with straight apostrophes and none at the end. Whether it begins with a capital letter, which
/// an apostrophe does not follow ("I'm").
fn lower_case(raw: &str, lower: &mut String) -> bool {
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
    while end < bytes.len() {
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

/// The two full words of a lower-case contraction with a straight apostrophe or none; the second is empty behind a possessive.
pub fn expand(word: &str) -> Option<(&str, &str)> {
    if !word.contains('\'') {
        return Some(match word {
            "dont" => ("do", "not"),
            "doesnt" => ("does", "not"),
            "didnt" => ("did", "not"),
            "isnt" => ("is", "not"),
            "wasnt" => ("was", "not"),
            "arent" => ("are", "not"),
            "couldnt" => ("could", "not"),
            "wouldnt" => ("would", "not"),
            "shouldnt" => ("should", "not"),
            "havent" => ("have", "not"),
            "hasnt" => ("has", "not"),
            "cant" | "cannot" => ("can", "not"),
            "wont" => ("will", "not"),
            "im" => ("i", "am"),
            "ive" => ("i", "have"),
            "youre" => ("you", "are"),
            "youve" => ("you", "have"),
            "youll" => ("you", "will"),
            "theyre" => ("they", "are"),
            "weve" => ("we", "have"),
            "thats" => ("that", "is"),
            "whats" => ("what", "is"),
            "theres" => ("there", "is"),
            "lets" => ("let", "us"),
            "gonna" => ("going", "to"),
            "wanna" => ("want", "to"),
            "gotta" => ("have", "to"),
            "lemme" => ("let", "me"),
            "gimme" => ("give", "me"),
            "kinda" => ("kind", "of"),
            "sorta" => ("sort", "of"),
            "dunno" => ("not", "know"),
            _ => return None,
        });
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

fn class_of(word: &str) -> Class {
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        let clock = word.contains(':') || word.ends_with("pm") || word.ends_with("am");
        return if clock { Class::CLOCK.with(Class::NUMBER) } else { Class::NUMBER };
    }
    if is_day_word(word) {
        Class::DAY
    } else if crate::number::word_value(word).is_some() {
        Class::NUMBER
    } else {
        Class::default()
    }
}

/// Weekdays, months (but "may" and "march", which are mostly verbs) and relative days.
fn is_day_word(word: &str) -> bool {
    matches!(
        word,
        "monday"
            | "tuesday"
            | "wednesday"
            | "thursday"
            | "friday"
            | "saturday"
            | "sunday"
            | "mondays"
            | "tuesdays"
            | "wednesdays"
            | "thursdays"
            | "fridays"
            | "january"
            | "february"
            | "april"
            | "june"
            | "july"
            | "august"
            | "september"
            | "october"
            | "november"
            | "december"
            | "tomorrow"
            | "today"
            | "tonight"
            | "jan"
            | "feb"
            | "aug"
            | "sept"
            | "oct"
            | "nov"
            | "dec"
    )
}

/// Splits a text into sentences at `.`, `?`, `!`, `…` and line ends. A full stop inside a number, behind an initial or behind a common abbreviation does not end one.
pub fn sentences(text: &str, tokens: &[Token]) -> Vec<SentenceSpan> {
    let mut spans = Vec::new();
    let mut first = 0;
    let mut start = 0;
    for (index, token) in tokens.iter().enumerate() {
        let next_start = tokens.get(index + 1).map_or(text.len(), |next| next.start as usize);
        if index + 1 < tokens.len() && next_start <= token.end as usize {
            continue; // the first half of a contraction, or words joined by a hyphen
        }
        let between = &text[token.end as usize..next_start];
        if between == " " && index + 1 < tokens.len() {
            continue; // most words
        }
        let ends = index + 1 == tokens.len() || ends_sentence(between, token.text(text));
        if !ends {
            continue;
        }
        let closing = between.find(char::is_whitespace).unwrap_or(between.len());
        let end = if index + 1 == tokens.len() { text.trim_end().len() } else { token.end as usize + closing };
        let question_mark = between[..between.len().min(end.saturating_sub(token.end as usize))].contains('?');
        spans.push(SentenceSpan { start, end, first_token: first, last_token: index + 1, question_mark });
        first = index + 1;
        start = next_start - leading_punctuation(&text[end.max(token.end as usize)..next_start]);
    }
    spans
}

/// Bytes of opening quotes, brackets and currency signs directly before the next word, which belong to it.
fn leading_punctuation(between: &str) -> usize {
    between.len() - between.trim_end_matches(['"', '“', '(', '[', '$', '€', '£', '\'', '‘', '#', '+', '-']).len()
}

fn ends_sentence(between: &str, word: &str) -> bool {
    if between.contains(['?', '!', '\n']) {
        return true;
    }
    if between.contains('…') {
        return between.chars().any(char::is_whitespace);
    }
    match between.find('.') {
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
