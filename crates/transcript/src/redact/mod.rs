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
mod kinds;
mod lexicon;
mod names;
mod quantity;
mod runs;
mod tokens;

pub use kinds::{Counts, RedactKind, RedactKinds, UnknownKind};

use crate::Transcript;
use find::{Finder, Hit};
use names::Names;
use rustc_hash::FxHashSet;
use std::ops::Range;
use std::sync::Arc;
use tokens::Stream;

/// Segments that are read together at least, and at most where no quiet place is found to cut.
const BLOCK: Range<usize> = 256..1 << 14;
/// Segments without numbers at which a call can be cut: nothing refers farther back.
const QUIET: usize = 12;

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
    let mut stream = Stream::default();
    if let Some(previous) = previous {
        stream.push(previous, Some(1));
    }
    let piece = stream.pieces.len();
    stream.push(text, Some(0));
    let mut hits = find_all(stream, kinds, names);
    hits.retain(|hit| hit.piece == piece);
    replace(text, &hits)
}

/// All places of these kinds in order.
fn find_all(stream: Stream<'_>, kinds: RedactKinds, names: &Names) -> Vec<Hit> {
    let mut finder = Finder::new(stream);
    if kinds.has(RedactKind::Name) {
        names::find(&mut finder, names);
    }
    if kinds.has(RedactKind::Address) {
        address::find(&mut finder);
    }
    finder.find_numbers();
    if kinds.has(RedactKind::Address) {
        // Those that stood beside a number which is redacted now.
        address::find(&mut finder);
    }
    let mut hits = finder.hits;
    hits.retain(|hit| kinds.has(hit.kind));
    hits.sort_by_key(|hit| (hit.piece, hit.start));
    hits
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

/// Redacts a whole call in place and counts what was replaced. Ids, times, speakers and order stay.
///
/// Topics, the title, warnings, and names, addresses and job titles of the participants are redacted as well; names stay unique.
pub fn redact(transcript: &mut Transcript, kinds: RedactKinds) -> Counts {
    let mut counts = Counts::default();
    if kinds.is_empty() {
        return counts;
    }
    let mut names = if kinds.has(RedactKind::Name) { Names::of(&transcript.participants) } else { Names::default() };
    let mut start = 0;
    while start < transcript.segments.len() {
        start = redact_block(transcript, start, kinds, &names, &mut counts);
    }
    redact_about(transcript, kinds, &mut names, &mut counts);
    counts
}

/// Redacts what is told about the call and its people.
fn redact_about(transcript: &mut Transcript, kinds: RedactKinds, names: &mut Names, counts: &mut Counts) {
    let mut line = |text: &mut String, names: &Names| {
        let redacted = redact_line(text, None, kinds, names);
        for span in &redacted.spans {
            counts.add(span.kind);
        }
        *text = redacted.text;
    };
    transcript.title.iter_mut().for_each(|title| line(title, names));
    transcript.warnings.iter_mut().for_each(|warning| line(&mut warning.message, names));
    // Segments share their topics, so one is read once where it goes on.
    let mut last: Option<(Arc<str>, Arc<str>)> = None;
    for topic in transcript.segments.iter_mut().filter_map(|segment| segment.topic.as_mut()) {
        let new = match &last {
            Some((old, new)) if old == topic => Arc::clone(new),
            _ => {
                let mut text = topic.to_string();
                line(&mut text, names);
                if text.as_str() == &**topic { Arc::clone(topic) } else { Arc::from(text) }
            }
        };
        last = Some((std::mem::replace(topic, Arc::clone(&new)), new));
    }
    names.anywhere = true;
    let mut taken: FxHashSet<String> = FxHashSet::default();
    for participant in &mut transcript.participants {
        let fields = [&mut participant.email, &mut participant.title, &mut participant.external_id];
        fields.into_iter().flatten().for_each(|field| line(field, names));
        line(&mut participant.name, names);
        let name = participant.name.clone();
        let mut number = 2;
        while !taken.insert(participant.name.clone()) {
            participant.name = format!("{name} ({number})");
            number += 1;
        }
    }
}

/// Redacts segments from `start` on and says where the next block starts.
fn redact_block(
    transcript: &mut Transcript,
    start: usize,
    kinds: RedactKinds,
    names: &Names,
    counts: &mut Counts,
) -> usize {
    let from = start.saturating_sub(QUIET);
    let mut stream = Stream::default();
    let (mut quiet, mut end) = (0, from);
    for segment in &transcript.segments[from..] {
        let numbers = stream.push(&segment.text, segment.speaker);
        end += 1;
        quiet = if numbers { 0 } else { quiet + 1 };
        let read = end.saturating_sub(start);
        if read >= BLOCK.start && quiet >= QUIET || read >= BLOCK.end {
            break;
        }
    }
    let mut hits = find_all(stream, kinds, names);
    hits.retain(|hit| from + hit.piece >= start);
    for hits in hits.chunk_by(|a, b| a.piece == b.piece) {
        let segment = &mut transcript.segments[from + hits[0].piece];
        segment.text = replace(&segment.text, hits).text;
        for hit in hits {
            counts.add(hit.kind);
        }
    }
    end
}

#[cfg(test)]
mod tests;
