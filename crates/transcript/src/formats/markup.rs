//! The text of a cue: tags and character references, by the W3C WebVTT cue text tokenizer. `SubRip` shares it.

use super::builder::tidy;
use std::borrow::Cow;

/// How strictly `<` is taken for the start of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As W3C says: always, and up to the end of the cue if no `>` follows; those words are lost.
    W3c,
    /// Only where it looks like a tag and is closed: "costs < 5 a month" in a transcript is speech.
    Speech,
}

/// Words of a cue under one voice tag.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Span<'a> {
    /// The name in `<v Name>`; `None` outside of voice tags.
    pub voice: Option<Cow<'a, str>>,
    /// The words without markup; line breaks are kept.
    pub text: Cow<'a, str>,
}

/// Character references understood beside `&#…;`.
const REFERENCES: &[(&str, &str)] = &[
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("nbsp", "\u{A0}"),
    ("lrm", "\u{200E}"),
    ("rlm", "\u{200F}"),
    ("quot", "\""),
    ("apos", "'"),
    ("hellip", "…"),
    ("mdash", "—"),
    ("ndash", "–"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("euro", "€"),
    ("pound", "£"),
];

/// One token of cue text.
enum Token<'a> {
    Text(Cow<'a, str>),
    /// What stands between `<` and `>`.
    Tag(&'a str),
}

/// Iterator over the tokens of raw cue text.
struct Tokens<'a> {
    rest: &'a str,
    mode: Mode,
    /// Whether no `>` is left, so that it is not sought again and again.
    all_closed: bool,
}

impl<'a> Tokens<'a> {
    fn new(rest: &'a str, mode: Mode) -> Self {
        Self { rest, mode, all_closed: false }
    }

    /// Length of the tag that `rest`, which begins with `<`, begins with; `None` if it begins with none.
    fn tag_length(&mut self) -> Option<usize> {
        let text = self.rest.as_bytes();
        let after = text.get(1).copied().unwrap_or_default();
        if self.mode == Mode::Speech && !(after.is_ascii_alphanumeric() || matches!(after, b'/' | b'>')) {
            return None;
        }
        let closed = if self.all_closed { None } else { memchr::memchr(b'>', text).map(|at| at + 1) };
        self.all_closed = closed.is_none();
        closed.or((self.mode == Mode::W3c).then_some(text.len()))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        match self.rest.as_bytes().first()? {
            b'&' => {
                let (decoded, length) = reference(self.rest);
                self.rest = &self.rest[length..];
                Some(Token::Text(decoded))
            }
            b'<' if let Some(length) = self.tag_length() => {
                let tag = self.rest[1..length].trim_end_matches('>');
                self.rest = &self.rest[length..];
                Some(Token::Tag(tag))
            }
            _ => {
                // A `<` that begins no tag is text.
                let after_first = memchr::memchr2(b'<', b'&', &self.rest.as_bytes()[1..]);
                let (text, rest) = self.rest.split_at(after_first.map_or(self.rest.len(), |at| at + 1));
                self.rest = rest;
                Some(Token::Text(Cow::Borrowed(text)))
            }
        }
    }
}

/// The words of raw cue text without markup; line breaks are kept.
pub(crate) fn plain(raw: &str, mode: Mode) -> Cow<'_, str> {
    let mut text = Cow::Borrowed("");
    for token in Tokens::new(raw, mode) {
        if let Token::Text(words) = token {
            append(&mut text, words);
        }
    }
    text
}

/// Splits raw cue text into spans, one for each stretch under the same voice; no span is empty unless it has a voice.
pub(crate) fn spans(raw: &str, mode: Mode) -> Vec<Span<'_>> {
    let mut spans = Vec::new();
    let mut span = Span::default();
    for token in Tokens::new(raw, mode) {
        match token {
            Token::Text(words) => append(&mut span.text, words),
            Token::Tag(tag) => {
                if let Some(name) = voice_change(tag) {
                    let voice = (!name.is_empty()).then_some(name);
                    let done = std::mem::replace(&mut span, Span { voice, text: Cow::Borrowed("") });
                    if !done.text.is_empty() {
                        spans.push(done);
                    }
                }
            }
        }
    }
    if !span.text.is_empty() || span.voice.is_some() {
        spans.push(span);
    }
    spans
}

/// Appends without copying where there was nothing yet.
fn append<'a>(text: &mut Cow<'a, str>, words: Cow<'a, str>) {
    if text.is_empty() {
        *text = words;
    } else {
        text.to_mut().push_str(&words);
    }
}

/// The name of the new voice if the tag begins one (`v.loud Ann`), "" if it ends one (`/v`); `None` for any other tag.
fn voice_change(tag: &str) -> Option<Cow<'_, str>> {
    if tag.trim_end() == "/v" {
        return Some(Cow::Borrowed(""));
    }
    let after = tag.strip_prefix('v')?;
    let annotation = match after.chars().next() {
        None => "",
        Some(c) if c.is_whitespace() => after,
        Some('.') => after.split_once(char::is_whitespace).map_or("", |(_, annotation)| annotation),
        Some(_) => return None,
    };
    Some(match decode_references(annotation.trim()) {
        Cow::Borrowed(name) => tidy(name),
        Cow::Owned(name) => Cow::Owned(tidy(&name).into_owned()),
    })
}

/// Replaces character references; a lone `&` stays.
fn decode_references(text: &str) -> Cow<'_, str> {
    let mut decoded = Cow::Borrowed("");
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        let (value, length) = reference(&rest[at..]);
        append(&mut decoded, Cow::Borrowed(&rest[..at]));
        append(&mut decoded, value);
        rest = &rest[at + length..];
    }
    append(&mut decoded, Cow::Borrowed(rest));
    decoded
}

/// Decodes the reference at the start of `text`, which begins with `&`: what it stands for and its length in bytes.
fn reference(text: &str) -> (Cow<'static, str>, usize) {
    let name_length = text.bytes().skip(1).take(10).take_while(|b| b.is_ascii_alphanumeric() || *b == b'#').count();
    let name = &text[1..=name_length];
    if text[1 + name_length..].starts_with(';') {
        if let Some((_, value)) = REFERENCES.iter().find(|(known, _)| *known == name) {
            return (Cow::Borrowed(value), name_length + 2);
        }
        let code = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        });
        if let Some(c) = code.and_then(char::from_u32).filter(|c| *c != '\0') {
            return (Cow::Owned(c.to_string()), name_length + 2);
        }
    }
    (Cow::Borrowed("&"), 1)
}

/// Escapes what would be markup in cue text.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|b| matches!(b, b'&' | b'<' | b'>')) {
        Cow::Owned(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
    } else {
        Cow::Borrowed(text)
    }
}
