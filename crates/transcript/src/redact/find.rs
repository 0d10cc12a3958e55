//! Finds numbers and says of what kind they are.

use super::context::{Clue, clues_after, clues_before};
use super::lexicon::{Cue, FILLER};
use super::runs::{Run, run_at};
use super::tokens::{Shape, Stream, gap};
use super::{RedactKind, checks, contact, quantity};
use std::collections::VecDeque;

/// Stretches of speech after which a number that was read out is not expected to be read back.
const READ_BACK_PIECES: u32 = 8;
/// Numbers that are remembered in case they are read back.
const READ_BACK_NUMBERS: usize = 16;
/// Most digits of a number that is searched for a card number without any word about a card, by trying every part of it.
const MIXED_DIGITS: usize = 32;

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

    /// Finds mail addresses and numbers of every kind: first what is told by its own shape, then what only words around it tell.
    pub(super) fn find_numbers(&mut self) {
        contact::find_emails(self);
        self.find_by_shape();
        self.find_by_context();
    }

    /// Notes a place from one token to another of the same piece.
    pub(super) fn take(&mut self, first: usize, last: usize, kind: RedactKind) {
        for token in &mut self.stream.tokens[first..=last] {
            token.taken = Some(kind);
        }
        let (first, last) = (self.stream.tokens[first], self.stream.tokens[last]);
        let text = self.stream.pieces[first.piece as usize].text;
        let mut start = first.start as usize;
        if kind == RedactKind::Phone {
            start -= text[..start].bytes().rev().take_while(|b| matches!(b, b'+' | b'(')).take(2).count();
        }
        self.hits.push(Hit { piece: first.piece as usize, start, end: last.end as usize, kind });
    }

    fn find_by_shape(&mut self) {
        let mut at = 0;
        while at < self.stream.tokens.len() {
            if let Some(last) = self.lettered(at) {
                self.take(at, last.1, last.0);
                at = last.1 + 1;
                continue;
            }
            let Some(run) = run_at(&self.stream, at) else {
                at += 1;
                continue;
            };
            // What is left of it may be another number by itself.
            if !self.cards(&run) {
                at = run.last() + 1;
            }
        }
        let mut at = 0;
        while at < self.stream.tokens.len() {
            let Some(run) = run_at(&self.stream, at) else {
                at += 1;
                continue;
            };
            self.written(&run);
            at = run.last() + 1;
        }
    }

    /// An IBAN or a national insurance number that begins at the token: kind and last token.
    fn lettered(&self, at: usize) -> Option<(RedactKind, usize)> {
        let token = &self.stream.tokens[at];
        let text = self.stream.text(at);
        let begins = match token.shape {
            Shape::Code => text.as_bytes()[..2.min(text.len())].iter().all(u8::is_ascii_alphabetic),
            Shape::Word => text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()),
            _ => false,
        };
        if !begins || token.taken.is_some() {
            return None;
        }
        let mut code = Vec::new();
        let mut found = None;
        let mut next = Some(at);
        while let Some(at) = next {
            let token = &self.stream.tokens[at];
            let loose = !code.is_empty() && token.before & !(gap::SPACE | gap::DASH) != 0;
            if token.taken.is_some() || loose || code.len() + self.stream.text(at).len() > 34 {
                break;
            }
            code.extend(self.stream.text(at).bytes());
            if checks::iban(&code) {
                found = Some((RedactKind::BankAccount, at));
            } else if found.is_none() && checks::national_insurance(&code) {
                found = Some((RedactKind::IdNumber, at));
            }
            next = self.stream.next(at);
        }
        found
    }

    /// Card numbers by their check digit: first those with length and beginning of a network, then others. Says whether there were any.
    fn cards(&mut self, run: &Run) -> bool {
        let hits = self.hits.len();
        if run.digits.len() < 13 {
            return false;
        }
        let whole = run.digits.len() <= MIXED_DIGITS;
        let mut start = 0;
        while start < run.groups.len() {
            match self.card_from(run, start, true, whole) {
                Some(end) => {
                    self.take_groups(run, start, end, RedactKind::Card);
                    start = end + 1;
                }
                None => start += 1,
            }
        }
        if self.hits.len() == hits
            && run.digits.len() <= 19
            && let Some(end) = self.card_from(run, 0, false, whole)
        {
            self.take_groups(run, 0, end, RedactKind::Card);
        }
        self.hits.len() > hits
    }

    /// The last group of the card number that begins with a group.
    fn card_from(&self, run: &Run, start: usize, network: bool, whole: bool) -> Option<usize> {
        let at = run.groups[start].at;
        if !matches!(run.digits.get(at), Some(2..=6)) {
            return None;
        }
        let mut found = None;
        for (end, group) in run.groups.iter().enumerate().skip(start) {
            let digits = &run.digits[at..group.at + group.count];
            if digits.len() > 19 || group.letters > 0 || self.stream.tokens[group.first].taken.is_some() {
                break;
            }
            let fits = digits.len() >= 13 && checks::is_network(digits) == network && checks::luhn(digits);
            if fits {
                let all = end + 1 - start == run.groups.len();
                let plain = all || whole || is_usual(run, start, end);
                if (network && plain) || (!network && all) {
                    found = Some(end);
                }
            }
        }
        let end = found?;
        let clues = clues_before(&self.stream, run.groups[start].first);
        let other = clues.iter().find(|clue| clue.cue != Cue::None);
        let is_other = other.is_some_and(|clue| clue.cue == Cue::Other && clue.words <= 4);
        let follows = quantity::is_quantity(&self.stream, run, start, end) && !network;
        (!is_other && !follows).then_some(end)
    }

    /// Social security and telephone numbers as they are written.
    fn written(&mut self, run: &Run) {
        let stream = &self.stream;
        if run.letters() > 0 || !(7..=15).contains(&run.digits.len()) || run.groups.len() > 6 {
            return;
        }
        let groups = &run.groups;
        let piece = stream.tokens[run.first()].piece;
        let is_written = groups.iter().all(|group| {
            stream.tokens[group.first].shape == Shape::Number && stream.tokens[group.first].piece == piece
        });
        let counts: Vec<usize> = groups.iter().map(|group| group.count).collect();
        if !is_written || quantity::is_quantity(stream, run, 0, groups.len() - 1) {
            return;
        }
        let gaps: Vec<u16> = groups[1..].iter().map(|group| stream.tokens[group.first].before).collect();
        let same_gap = gaps.windows(2).all(|pair| pair[0] == pair[1]) && matches!(gaps.first(), Some(1..=2 | 8));
        if counts == [3, 2, 4] && same_gap && checks::social_security(&run.digits) {
            self.take_groups(run, 0, groups.len() - 1, RedactKind::IdNumber);
        } else if contact::is_phone(stream, run, &counts) {
            let clues = clues_before(stream, run.first());
            let nearest = clues.iter().find_map(|clue| fit(&self.stream, run, *clue));
            let other = clues.first().is_some_and(|clue| clue.cue == Cue::Other && clue.words <= 4);
            let is_phone = nearest.is_none_or(|(kind, _)| matches!(kind, RedactKind::Phone | RedactKind::Card));
            if is_phone && !other {
                self.take_groups(run, 0, groups.len() - 1, RedactKind::Phone);
            }
        }
    }

    fn find_by_context(&mut self) {
        let mut at = 0;
        while at < self.stream.tokens.len() {
            let Some(run) = run_at(&self.stream, at) else {
                at += 1;
                continue;
            };
            at = match self.judge(&run) {
                Some((kind, start, end)) => {
                    let last = self.take_groups(&run, start, end, kind);
                    last + 1
                }
                None => run.last() + 1,
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
        if run.digits.len() == 3 && run.letters() == 0 && self.follows_card(run.first()) {
            return Some((RedactKind::Cvv, 0, last));
        }
        let piece = self.stream.tokens[run.first()].piece;
        let again = self.secrets.iter().rev().find(|secret| {
            let near = piece.saturating_sub(secret.piece) <= READ_BACK_PIECES;
            let least = if secret.kind == RedactKind::Cvv { 3 } else { 4 };
            near && run.digits.len() >= least
                && run.digits.len() <= secret.digits.len()
                && secret.digits.windows(run.digits.len()).any(|part| part == run.digits)
        })?;
        Some((again.kind, 0, last))
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
            let expiry = ["expiry", "expires", "expiration", "exp", "date", "is"];
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
    fn take_groups(&mut self, run: &Run, start: usize, end: usize, kind: RedactKind) -> usize {
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
            self.secrets.push_back(Secret { kind, digits: digits.to_vec(), piece: piece(last) });
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

/// Whether groups are as cards print them: four by four, 4-6-5, 4-6-4, or all in one.
fn is_usual(run: &Run, start: usize, end: usize) -> bool {
    let counts: Vec<usize> = run.groups[start..=end].iter().map(|group| group.count).collect();
    matches!(counts.as_slice(), [4, 4, 4, 4] | [4, 6, 4 | 5] | [14..=16])
}

/// The kind that a clue makes of a number, and the last group of it.
fn fit(stream: &Stream<'_>, run: &Run, clue: Clue) -> Option<(RedactKind, usize)> {
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
        Cue::None | Cue::Other | Cue::LastFour => None,
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
