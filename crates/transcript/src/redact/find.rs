//! Finds numbers and says of what kind they are.

use super::context::{Clue, clues_after, clues_before, is_near_card};
use super::lexicon::{Cue, FILLER};
use super::runs::{Run, run_at};
use super::tokens::{Shape, Stream, gap};
use super::{RedactKind, quantity};
use std::collections::VecDeque;

/// Stretches of speech after which a number that was read out is not expected to be read back.
const READ_BACK_PIECES: u32 = 8;
/// Numbers that are remembered in case they are read back.
const READ_BACK_NUMBERS: usize = 16;

/// A place that is to be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    /// The stretch of speech.
    pub(super) piece: usize,
    /// First byte.
    pub(super) start: usize,
    /// Byte after the last.
    pub(super) end: usize,
    /// What it is.
    pub(super) kind: RedactKind,
}

/// A number that somebody may read back.
struct Secret {
    kind: RedactKind,
    digits: Vec<u8>,
    piece: u32,
    last: usize,
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Finder<'a> {
    pub(super) stream: Stream<'a>,
    pub(super) hits: Vec<Hit>,
    secrets: VecDeque<Secret>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(stream: Stream<'a>) -> Self {
        Self { stream, ..Self::default() }
    }

    /// Finds numbers of every kind: first what is told by its own shape, then what only words around it tell.
    pub(super) fn find_numbers(&mut self) {
        self.find_by_shape();
        self.find_by_context();
    }

    /// Notes a place from one token to another of the same piece.
    pub(super) fn take(&mut self, first: usize, last: usize, kind: RedactKind) {
        for (at, token) in self.stream.tokens[first..=last].iter_mut().enumerate() {
            token.taken = Some(kind);
            token.inner = at > 0;
        }
        let (first, last) = (self.stream.tokens[first], self.stream.tokens[last]);
        let text = self.stream.pieces[first.piece as usize].text;
        let mut start = first.start as usize;
        if kind == RedactKind::Phone {
            start -= text[..start].bytes().rev().take_while(|b| matches!(b, b'+' | b'(')).take(2).count();
        }
        self.hits.push(Hit { piece: first.piece as usize, start, end: last.end as usize, kind });
    }

    /// Finds the numbers that the words around them tell.
    pub(super) fn find_by_context(&mut self) {
        let mut at = 0;
        while at < self.stream.tokens.len() {
            let Some(run) = run_at(&self.stream, at) else {
                at += 1;
                continue;
            };
            if let Some((kind, start, end)) = self.judge(&run) {
                at = self.take_groups(&run, start, end, kind) + 1;
                continue;
            }
            // Two numbers that follow each other, one in each stretch of speech, look like one.
            let part = run.parts(&self.stream).swap_remove(0);
            let found = if part.last() == run.last() { None } else { self.judge(&part) };
            at = match found {
                Some((kind, start, end)) => self.take_groups(&part, start, end, kind) + 1,
                None => part.last() + 1,
            };
        }
    }

    /// What the words around a number say that it is: kind, first and last group.
    fn judge(&self, run: &Run) -> Option<(RedactKind, usize, usize)> {
        if run.digits.len() < 3 {
            return None;
        }
        let last = run.groups.len() - 1;
        if let Some((kind, end)) = self.by_words_before(run) {
            return Some((kind, 0, end));
        }
        for clue in clues_after(&self.stream, run.last()) {
            let Some((kind, end)) = fit(&self.stream, run, clue) else { continue };
            if end == last && !quantity::is_quantity(&self.stream, run, 0, last) {
                return Some((kind, 0, last));
            }
        }
        if quantity::is_quantity(&self.stream, run, 0, last) {
            return None;
        }
        if run.letters() == 0
            && let Some(start) = after_expiry(run)
            && self.follows_card(run.first())
        {
            return Some((RedactKind::Cvv, start, last));
        }
        let piece = self.stream.tokens[run.first()].piece;
        let again = self.secrets.iter().rev().find(|secret| {
            let near = secret.last < run.first() && piece - secret.piece <= READ_BACK_PIECES;
            let least = if secret.kind == RedactKind::Cvv { 3 } else { 4 };
            near && run.digits.len() >= least
                && run.digits.len() <= secret.digits.len()
                && secret.digits.windows(run.digits.len()).any(|part| part == run.digits)
        })?;
        // What the nearest phrase asks for says more than that the digits were heard before.
        let named = clues_before(&self.stream, run.first()).first().and_then(|clue| clue.cue.kind());
        Some((named.unwrap_or(again.kind), 0, last))
    }

    fn by_words_before(&self, run: &Run) -> Option<(RedactKind, usize)> {
        let mut last_four = false;
        for clue in clues_before(&self.stream, run.first()) {
            match clue.cue {
                Cue::Other if clue.words <= 4 || clue.asked => return None,
                Cue::LastFour => last_four = true,
                Cue::Card | Cue::CardNumber | Cue::Bank | Cue::Phone if last_four => return None,
                _ => {}
            }
            let Some((kind, end)) = fit(&self.stream, run, clue) else { continue };
            let digits: usize = run.groups[..=end].iter().map(|group| group.count).sum();
            if digits >= 12 || !quantity::is_quantity(&self.stream, run, 0, end) {
                return Some((kind, end));
            }
        }
        None
    }

    /// Whether nothing but an expiry date stands between a card number and this token.
    fn follows_card(&self, token: usize) -> bool {
        let mut at = token;
        for _ in 0..6 {
            let Some(previous) = self.stream.previous(at) else { return false };
            at = previous;
            let token = &self.stream.tokens[at];
            if let Some(kind) = token.taken {
                return kind == RedactKind::Card;
            }
            let expiry =
                ["expiry", "expires", "expiration", "expiring", "exp", "valid", "thru", "date", "is", "the", "code"];
            let known = token.word.is(FILLER)
                || token.shape == Shape::Number
                || expiry.iter().any(|word| self.stream.text(at).eq_ignore_ascii_case(word));
            if !known {
                return false;
            }
        }
        false
    }

    /// Notes the places of some groups of a number, one in each stretch of speech, with what listeners repeated; says the last token.
    pub(super) fn take_groups(&mut self, run: &Run, start: usize, end: usize, kind: RedactKind) -> usize {
        let groups = &run.groups[start..=end];
        let piece = |token: usize| self.stream.tokens[token].piece;
        let mut places: Vec<(usize, usize)> = Vec::new();
        for group in groups {
            match places.last_mut() {
                Some((_, last)) if piece(*last) == piece(group.first) => *last = group.last,
                _ => places.push((group.first, group.last)),
            }
        }
        let (first, last) = (groups[0].first, groups[groups.len() - 1].last);
        places.extend(
            run.echoes.iter().filter(|e| first < *e.start() && *e.end() < last).map(|e| (*e.start(), *e.end())),
        );
        if matches!(kind, RedactKind::IdNumber | RedactKind::BankAccount) {
            for (first, last) in &mut places {
                (*first, *last) = self.with_letters(*first, *last);
            }
        }
        if kind == RedactKind::Phone
            && let Some((_, last)) = places.last_mut()
        {
            *last = self.with_extension(*last);
        }
        let digits = &run.digits[groups[0].at..run.groups[end].at + run.groups[end].count];
        if digits.len() <= 34 {
            self.secrets.push_back(Secret { kind, digits: digits.to_vec(), piece: piece(last), last });
            if self.secrets.len() > READ_BACK_NUMBERS {
                self.secrets.pop_front();
            }
        }
        let mut end = last;
        for (first, last) in places {
            self.take(first, last, kind);
            end = end.max(last);
        }
        end
    }

    /// Adds the extension to a telephone number: "x12", "extension 12".
    fn with_extension(&self, last: usize) -> usize {
        let stream = &self.stream;
        let number = |at: &usize| stream.tokens[*at].shape == Shape::Number && stream.tokens[*at].taken.is_none();
        let Some(next) = stream.next(last) else { return last };
        if stream.tokens[next].before == gap::EXTENSION && number(&next) {
            return next;
        }
        let word = ["ext", "extension"].iter().any(|word| stream.text(next).eq_ignore_ascii_case(word));
        stream.next(next).filter(|at| word && number(at)).unwrap_or(last)
    }

    /// Adds letters that stand beside a number: "A B 1 2 3 4 5 6 C".
    fn with_letters(&self, mut first: usize, mut last: usize) -> (usize, usize) {
        let stream = &self.stream;
        let fits = |at: usize| {
            let text = stream.text(at);
            let letter = stream.tokens[at].shape == Shape::Letter && !matches!(text, "a" | "I" | "i");
            let pair = text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
            stream.tokens[at].taken.is_none() && text.is_ascii() && (letter || pair)
        };
        let close = |at: usize| stream.tokens[at].before & !(gap::SPACE | gap::DASH) == 0;
        for _ in 0..4 {
            if let Some(previous) = stream.previous(first).filter(|&at| fits(at) && close(first)) {
                first = previous;
            }
            if let Some(next) = stream.next(last).filter(|&at| fits(at) && close(at)) {
                last = next;
            }
        }
        (first, last)
    }
}

/// The first group of the three digits that stand alone or after an expiry date: "412", "12 27 412", "12 2027 412".
fn after_expiry(run: &Run) -> Option<usize> {
    let code = |at: usize| run.digits.len() == at + 3;
    let month = matches!(run.digits.as_slice(), [0, 1..=9, ..] | [1, 0..=2, ..]);
    let start = if code(0) {
        0
    } else if month && (code(4) || code(6)) {
        run.digits.len() - 3
    } else {
        return None;
    };
    run.groups.iter().position(|group| group.at == start)
}

/// The kind that a clue makes of a number, and the last group of it.
pub(super) fn fit(stream: &Stream<'_>, run: &Run, clue: Clue) -> Option<(RedactKind, usize)> {
    let last = run.groups.len() - 1;
    let (digits, letters) = (run.digits.len(), run.letters());
    let whole = |kind, fits: bool| fits.then_some((kind, last));
    match clue.cue {
        Cue::Card => whole(RedactKind::Card, letters == 0 && (12..=19).contains(&digits)),
        Cue::CardNumber => {
            let least = if clue.asked { 4 } else { 8 };
            whole(RedactKind::Card, letters == 0 && (least..=19).contains(&digits))
        }
        Cue::Cvv => Some((RedactKind::Cvv, part(stream, run, 3, 4, clue)?)),
        Cue::Code if is_near_card(stream, run.first()) => Some((RedactKind::Cvv, part(stream, run, 3, 4, clue)?)),
        Cue::Pin => Some((RedactKind::Pin, part(stream, run, 4, 8, clue)?)),
        Cue::Bank => match whole(RedactKind::BankAccount, digits >= 5 && digits + letters <= 34) {
            None => Some((RedactKind::BankAccount, part(stream, run, 6, 18, clue)?)),
            found => found,
        },
        Cue::Social if digits == 4 => whole(RedactKind::IdNumber, clue.asked || clue.words <= 4),
        Cue::Id | Cue::Social => match whole(RedactKind::IdNumber, digits >= 5 && digits + letters <= 20) {
            None => Some((RedactKind::IdNumber, part(stream, run, 6, 14, clue)?)),
            found => found,
        },
        Cue::Phone => whole(RedactKind::Phone, letters == 0 && (7..=15).contains(&digits)),
        Cue::None | Cue::Other | Cue::LastFour | Cue::Code => None,
    }
}

/// The last group of a number of `least` to `most` digits at the beginning of a run: all of it, or as far as a pause.
fn part(stream: &Stream<'_>, run: &Run, least: usize, most: usize, clue: Clue) -> Option<usize> {
    if clue.sentences > 0 && !clue.asked && clue.words > 3 || run.letters() > 0 {
        return None;
    }
    if (least..=most).contains(&run.digits.len()) {
        return Some(run.groups.len() - 1);
    }
    let mut count = 0;
    for (index, pair) in run.groups.windows(2).enumerate() {
        count += pair[0].count;
        let pause = gap::COMMA | gap::DOT | gap::SENTENCE;
        let (here, next) = (pair[0].last, pair[1].first);
        let is_pause = stream.tokens[next].before & pause != 0
            || next != here + 1
            || stream.tokens[next].piece != stream.tokens[here].piece;
        if count > most || is_pause && count < least {
            return None;
        }
        if is_pause {
            return Some(index);
        }
    }
    None
}
