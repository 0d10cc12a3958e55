//! Captions whose speakers stand in the words: `Name: `, `[Name]`, `>>` and `- ` before what they say. Zoom's `WebVTT` and `SubRip`.

use super::labels::{Labels, candidate};
use super::time::spread;
use super::{Builder, Found};
use crate::SpeakerIx;
use std::borrow::Cow;

/// A timed caption without markup.
#[derive(Debug)]
pub(crate) struct Caption<'a> {
    pub line: usize,
    pub start_ms: u64,
    pub end_ms: u64,
    /// The words; lines are separated by LF.
    pub text: Cow<'a, str>,
}

/// Words of a caption that one person says.
pub(crate) type Part = (Option<SpeakerIx>, String);

/// A run of words of one line between the marks of a change of speaker.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'a> {
    pub text: &'a str,
    /// Whether `>>` stands before it: somebody else begins.
    pub changed: bool,
    /// Whether a dash begins the line: in captions somebody else begins, in other text it may be a list.
    pub dashed: bool,
}

/// Adds all captions, split where the speaker changes; returns whether any speaker is named.
///
/// A caption without a name has an unknown speaker, except where the file marks changes by `>>`: there the last speaker goes on.
pub(crate) fn push(captions: &[Caption<'_>], builder: &mut Builder) -> bool {
    let lines = || captions.iter().flat_map(|caption| caption.text.lines());
    let spoken = lines().filter(|line| !line.trim().is_empty()).count();
    let labels = Labels::learn(lines().flat_map(pieces).filter_map(|piece| candidate(piece.text)), spoken);
    let marks_changes = lines().any(|line| line.trim_start().starts_with(">>"));
    let mut speaker = None;
    for caption in captions {
        if !marks_changes {
            speaker = None;
        }
        let mut parts: Vec<Part> = Vec::new();
        for piece in caption.text.lines().flat_map(pieces) {
            let changed = piece.changed || piece.dashed;
            let (name, text) = match labels.split(piece.text) {
                Some((name, text)) => (Some(name), text),
                None => (None, piece.text),
            };
            if let Some(name) = name {
                speaker = builder.speaker(name);
            } else if changed {
                speaker = None;
            }
            match parts.last_mut() {
                Some((_, words)) if name.is_none() && !changed => {
                    words.push(' ');
                    words.push_str(text);
                }
                _ => parts.push((speaker, text.to_owned())),
            }
        }
        push_parts(caption.line, (caption.start_ms, caption.end_ms), parts, builder);
    }
    !labels.is_empty()
}

/// Adds what is said in one caption.
pub(crate) fn push_parts(line: usize, (start_ms, end_ms): (u64, u64), mut parts: Vec<Part>, builder: &mut Builder) {
    if parts.len() > 1 {
        for found in share(start_ms, end_ms, parts) {
            builder.push(line, found);
        }
        return;
    }
    let (speaker, text) = parts.pop().unwrap_or_default();
    let (start_ms, end_ms) = (Some(start_ms), Some(end_ms));
    builder.push(line, Found { speaker, start_ms, end_ms, text, ..Found::default() });
}

/// What is said in one caption; several parts share its time by their words.
pub(crate) fn share(start_ms: u64, end_ms: u64, mut parts: Vec<Part>) -> Vec<Found> {
    if parts.len() > 1 {
        parts.retain(|(_, text)| !text.trim().is_empty());
    }
    if parts.len() < 2 {
        let (speaker, text) = parts.pop().unwrap_or_default();
        let (start_ms, end_ms) = (Some(start_ms), Some(end_ms));
        return vec![Found { speaker, start_ms, end_ms, text, ..Found::default() }];
    }
    let words: Vec<usize> = parts.iter().map(|(_, text)| text.split_whitespace().count()).collect();
    let shares = spread(start_ms, end_ms, &words).into_iter();
    let found = parts.into_iter().zip(shares).map(|((speaker, text), (start, end))| {
        let (start_ms, end_ms) = (Some(start), Some(end));
        Found { speaker, start_ms, end_ms, text, estimated: true, ..Found::default() }
    });
    found.collect()
}

/// Cuts a line at the marks of a change of speaker; no piece is empty.
pub(crate) fn pieces(line: &str) -> impl Iterator<Item = Piece<'_>> {
    let line = line.trim();
    let undashed = line.strip_prefix(['-', '–', '•']).filter(|rest| {
        // A dash before digits is a minus.
        rest.starts_with(|c: char| c.is_whitespace() || c.is_alphabetic())
    });
    let pieces = Marked { rest: undashed.unwrap_or(line), first: true };
    let pieces =
        pieces.enumerate().map(move |(i, text)| Piece { text, changed: i > 0, dashed: i == 0 && undashed.is_some() });
    pieces.filter(|piece| !piece.text.is_empty())
}

/// Like `split(">>")`, but made for lines that hardly ever have one; runs of `>` are one mark.
struct Marked<'a> {
    rest: &'a str,
    /// Whether the text before any mark is still to come.
    first: bool,
}

impl<'a> Iterator for Marked<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() && !self.first {
            return None;
        }
        self.first = false;
        let bytes = self.rest.as_bytes();
        let mark = memchr::memchr_iter(b'>', bytes).find(|at| bytes.get(at + 1) == Some(&b'>'));
        let (text, rest) = self.rest.split_at(mark.unwrap_or(bytes.len()));
        self.rest = rest.trim_start_matches('>');
        Some(text.trim())
    }
}
