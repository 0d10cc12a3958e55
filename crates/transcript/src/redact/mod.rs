//! Replaces payment and identity numbers and, where asked for, other personal data by what they are: `[CARD]`.
//!
//! Numbers are found as they are written and as they are spoken, digit by digit, over several segments and with the other side's
//! "mm-hm" between. A number is replaced if its own shape and check digit say what it is, or if the words around it do: the question
//! before it, or "my PIN is". Prices, dates, times and quantities stay. The time is linear in the length of the text.
//!
//! ```
//! use transcript::redact::{RedactKinds, redact_text};
//!
//! let answer = redact_text("Sure, it's four one two.", Some("And the security code?"), RedactKinds::default());
//! assert_eq!(answer.text, "Sure, it's [CVV].");
//! assert_eq!(redact_text("It costs $412.", None, RedactKinds::ALL).text, "It costs $412.");
//! ```

mod address;
mod checks;
mod contact;
mod context;
mod find;
mod fold;
mod kinds;
mod lexicon;
mod lexicon_zh;
mod names;
mod quantity;
mod raw;
mod redactor;
mod runs;
mod shape;
mod tokens;

pub use kinds::{Counts, RedactKind, RedactKinds, UnknownKind};

pub use raw::found_in_raw;
pub use redactor::{Redactor, redact};

use find::{Finder, Hit};
use fold::Folded;
use names::Names;
use std::ops::Range;
use tokens::Stream;

/// How often numbers and addresses are searched for at most.
const ROUNDS: usize = 4;

/// A text after redaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The text with placeholders.
    pub text: String,
    /// The placeholders in order.
    pub spans: Vec<RedactedSpan>,
}

/// A placeholder and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedactedSpan {
    /// First byte in the new text.
    pub start: usize,
    /// Byte after the last in the new text.
    pub end: usize,
    /// What was there.
    pub kind: RedactKind,
    /// The bytes of the old text that it stands for.
    pub original: Range<usize>,
}

/// Redacts one line; `previous` is what the other side said before it.
pub fn redact_text(text: &str, previous: Option<&str>, kinds: RedactKinds) -> Redacted {
    redact_line(text, previous, kinds, &Names::default())
}

fn redact_line(text: &str, previous: Option<&str>, kinds: RedactKinds, names: &Names) -> Redacted {
    // So it is with most texts, which need not be read word by word then.
    if previous.is_none() && kinds.are_numbers() && !lexicon::may_hold_number(text) {
        return Redacted { text: text.to_owned(), spans: Vec::new() };
    }
    read_line(text, previous, kinds, names)
}

fn read_line(text: &str, previous: Option<&str>, kinds: RedactKinds, names: &Names) -> Redacted {
    let folded = (previous.and_then(Folded::of), Folded::of(text));
    let mut stream = Stream::default();
    if let Some(previous) = previous {
        stream.push(folded.0.as_ref().map_or(previous, |folded| &folded.text), Some(1));
    }
    let piece = stream.pieces.len();
    stream.push(folded.1.as_ref().map_or(text, |folded| &folded.text), Some(0));
    let mut hits = find_all(stream, kinds, names);
    hits.retain(|hit| hit.piece == piece);
    unfold(&mut hits, folded.1.as_ref(), text);
    replace(text, &hits)
}

/// All places of these kinds in order.
fn find_all(stream: Stream<'_>, kinds: RedactKinds, names: &Names) -> Vec<Hit> {
    let mut finder = Finder::new(stream);
    // First what is made of several words, so that a name in it does not leave the rest: "dana.whitlock@acme.com", "12 Whitlock Road".
    // All of these go before the numbers, which see the same text the next time.
    if kinds.has(RedactKind::Email) {
        contact::find_emails(&mut finder);
    }
    if kinds.has(RedactKind::Address) {
        address::find(&mut finder);
    }
    if kinds.has(RedactKind::Name) {
        names::find(&mut finder, names);
    }
    contact::find_emails(&mut finder);
    for _ in 0..ROUNDS {
        let hits = finder.hits.len();
        finder.stream.forget_taken_phrases();
        finder.find_numbers();
        if kinds.has(RedactKind::Address) {
            // Those that stood beside a number which is redacted now.
            address::find(&mut finder);
        }
        // What was found is no context any more for the rest, as if the text were redacted again.
        if finder.hits.len() == hits {
            break;
        }
    }
    let mut hits = finder.hits;
    hits.retain(|hit| kinds.has(hit.kind));
    hits.sort_by_key(|hit| (hit.piece, hit.start));
    hits
}

/// Says where places of a folded text stand in the text itself.
fn unfold(hits: &mut [Hit], folded: Option<&Folded>, text: &str) {
    let Some(folded) = folded else { return };
    for hit in hits {
        (hit.start, hit.end) = (folded.start(hit.start), folded.end(hit.end, text));
    }
}

/// Writes placeholders over the places, which are in order and apart.
fn replace(text: &str, hits: &[Hit]) -> Redacted {
    let mut new = String::with_capacity(text.len());
    let mut spans = Vec::with_capacity(hits.len());
    let mut copied = 0;
    for hit in hits {
        new.push_str(&text[copied..hit.start]);
        let start = new.len();
        new.push_str(hit.kind.placeholder());
        spans.push(RedactedSpan { start, end: new.len(), kind: hit.kind, original: hit.start..hit.end });
        copied = hit.end;
    }
    new.push_str(&text[copied..]);
    Redacted { text: new, spans }
}

#[cfg(test)]
mod tests;
