//! Numbers that tell by their own shape and check digit what they are.

use super::context::clues_before;
use super::find::{Finder, fit};
use super::lexicon::Cue;
use super::runs::{Group, Run, run_at};
use super::tokens::{Shape, Stream, gap};
use super::{RedactKind, checks, contact, quantity};

/// Most digits of a number that is searched for a card number without any word about a card, by trying every part of it.
const MIXED_DIGITS: usize = 32;

/// Words between "IBAN" and one in small letters.
const IBAN_WORDS: usize = 4;

impl Finder<'_> {
    /// Finds the numbers that tell by themselves what they are.
    pub(super) fn find_by_shape(&mut self) {
        let mut at = 0;
        while at < self.stream.tokens.len() {
            let found = self.lettered(at).or_else(|| self.separated(at));
            if let Some((kind, last)) = found {
                self.take(at, last, kind);
                at = last + 1;
                continue;
            }
            let Some(run) = run_at(&self.stream, at) else {
                at += 1;
                continue;
            };
            // What is left of it may be another number by itself.
            if !self.residents(&run) && !self.cards(&run) {
                at = run.last() + 1;
            }
        }
        let mut at = 0;
        while at < self.stream.tokens.len() {
            let Some(run) = run_at(&self.stream, at) else {
                at += 1;
                continue;
            };
            for part in run.parts(&self.stream) {
                // "My number is 555, 867, 5309" is one number, "020 7946 0958, 555-867-5309" are two.
                if !self.written(&part) {
                    let listed = part.listed(&self.stream);
                    for part in listed.iter().filter(|_| listed.len() > 1) {
                        self.written(part);
                    }
                }
            }
            at = run.last() + 1;
        }
    }

    /// An IBAN or a national insurance number that begins at the token: kind and last token.
    fn lettered(&self, at: usize) -> Option<(RedactKind, usize)> {
        let token = &self.stream.tokens[at];
        let text = self.stream.text(at);
        let begins = match token.shape {
            Shape::Code => text.as_bytes()[..2.min(text.len())].iter().all(u8::is_ascii_alphabetic),
            Shape::Word if text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()) => true,
            // "Is" and "at" are countries as well, so that small letters need the word.
            Shape::Word | Shape::Letter => text.len() <= 2 && text.is_ascii() && self.after_iban(at),
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
            // The first letters are those of a country and have digits after them.
            let country = code
                .iter()
                .take(4)
                .enumerate()
                .all(|(at, c)| if at < 2 { c.is_ascii_alphabetic() } else { c.is_ascii_digit() });
            if !country {
                break;
            }
            if checks::iban(&code) {
                found = Some((RedactKind::BankAccount, at));
            } else if found.is_none() && checks::national_insurance(&code) {
                found = Some((RedactKind::IdNumber, at));
            }
            next = self.stream.next(at);
        }
        found
    }

    /// Whether "IBAN" stands at most some words before.
    fn after_iban(&self, at: usize) -> bool {
        let start = self.stream.range(self.stream.tokens[at].piece as usize).start;
        let near = (start..at).rev().take(IBAN_WORDS).take_while(|&at| self.stream.tokens[at].taken.is_none());
        near.into_iter().any(|at| self.stream.text(at).eq_ignore_ascii_case("iban"))
    }

    /// Four groups of a card number with what else stands between them, always the same: "4111/1111/1111/1111"; and a card number
    /// that letters touch: "card4111111111111111". Kind and last token.
    fn separated(&self, at: usize) -> Option<(RedactKind, usize)> {
        let stream = &self.stream;
        if stream.tokens[at].taken.is_some() {
            return None;
        }
        if stream.tokens[at].shape == Shape::Code {
            return holds_card(stream.text(at)).then_some((RedactKind::Card, at));
        }
        let number = |at: &usize| stream.tokens[*at].shape == Shape::Number && stream.tokens[*at].taken.is_none();
        let second = stream.next(at).filter(|at| number(at))?;
        let between = stream.tokens[second].before;
        if gap::joins(between) || !number(&at) || stream.text(at).len() != 4 {
            return None;
        }
        let (mut digits, mut last) = (String::from(stream.text(at)), at);
        while let Some(next) = stream.next(last).filter(|at| number(at) && stream.tokens[*at].before == between) {
            digits.push_str(stream.text(next));
            last = next;
            if digits.len() > 16 {
                return None;
            }
        }
        let digits: Vec<u8> = digits.bytes().map(|b| b - b'0').collect();
        let is_card = checks::is_network(&digits) && checks::luhn(&digits) && last - at <= 3;
        (is_card && !self.is_other(at)).then_some((RedactKind::Card, last))
    }

    /// Whether the nearest phrase before says that a number is of an order or the like.
    fn is_other(&self, at: usize) -> bool {
        let clues = clues_before(&self.stream, at);
        clues.iter().find(|clue| clue.cue != Cue::None).is_some_and(|clue| clue.cue == Cue::Other && clue.words <= 4)
    }

    /// Numbers of Chinese identity cards: 17 digits and a check digit that may be X. Says whether there were any.
    fn residents(&mut self, run: &Run) -> bool {
        let mut start = 0;
        let hits = self.hits.len();
        while start < run.groups.len() && run.digits.len() >= 17 {
            match self.resident_from(run, start) {
                Some(end) => {
                    self.take_groups(run, start, end, RedactKind::IdNumber);
                    start = end + 1;
                }
                None => start += 1,
            }
        }
        self.hits.len() > hits
    }

    fn resident_from(&self, run: &Run, start: usize) -> Option<usize> {
        let stream = &self.stream;
        let is_x = |at: usize| stream.text(at).ends_with(['x', 'X']);
        let at = run.groups[start].at;
        for (end, group) in run.groups.iter().enumerate().skip(start) {
            let digits = &run.digits[at..group.at + group.count];
            let ends_in_x = || match group.letters {
                0 => {
                    stream.next(group.last).is_some_and(|next| is_x(next) && stream.tokens[next].shape == Shape::Letter)
                }
                letters => letters == 1 && is_x(group.last),
            };
            match digits.len() {
                17 if ends_in_x() => return checks::resident(&[digits, &[10]].concat()).then_some(end),
                18 if group.letters == 0 => return checks::resident(digits).then_some(end),
                0..=17 if group.letters == 0 => {}
                _ => return None,
            }
        }
        None
    }

    /// Card numbers by their check digit: first those with length and beginning of a network, then others. Says whether there were any.
    fn cards(&mut self, run: &Run) -> bool {
        let hits = self.hits.len();
        if run.digits.len() < 13 {
            return false;
        }
        let whole = run.digits.len() <= MIXED_DIGITS;
        // Those in the usual groups first, lest a date before the number makes another of the same length with part of it.
        for any in [false, true].into_iter().take(1 + usize::from(whole)) {
            let mut start = 0;
            while start < run.groups.len() && (self.hits.len() == hits || !any) {
                match self.card_from(run, start, true, any) {
                    Some(end) => {
                        self.take_groups(run, start, end, RedactKind::Card);
                        start = end + 1;
                    }
                    None => start += 1,
                }
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
        let (mut found, mut asked) = (None, None);
        for (end, group) in run.groups.iter().enumerate().skip(start) {
            let digits = &run.digits[at..group.at + group.count];
            if digits.len() > 19 || group.letters > 0 || self.stream.tokens[group.first].taken.is_some() {
                break;
            }
            let fits = digits.len() >= 13 && checks::is_network(digits) == network && checks::luhn(digits);
            if !fits || checks::is_moment(digits) && self.is_one_word(run, start, end) {
                continue;
            }
            let all = end + 1 - start == run.groups.len();
            let piece = |at: usize| self.stream.tokens[run.groups[at].first].piece;
            let plain = if is_usual(run, start, end) || piece(start) == piece(end) && all {
                true
            } else if piece(start) == piece(end) {
                whole && !self.is_joined(run, start)
            } else {
                // Two numbers that follow each other make one with a right check digit one time in ten.
                let asked = *asked.get_or_insert_with(|| self.asked(run.groups[start].first));
                match asked {
                    Some(RedactKind::Card) => begins(&self.stream, run, start),
                    Some(_) => false,
                    None => begins(&self.stream, run, start) && begins(&self.stream, run, end + 1),
                }
            };
            if plain && (network || all) {
                found = Some(end);
            }
        }
        let end = found?;
        let follows = quantity::is_quantity(&self.stream, run, start, end) && !network;
        (!follows && !self.is_other(run.groups[start].first)).then_some(end)
    }

    /// Whether groups are written without spaces, and not as cards print them: "20241105-143000".
    fn is_one_word(&self, run: &Run, start: usize, end: usize) -> bool {
        let tight = |group: &Group| self.stream.tokens[group.first].before & gap::SPACE == 0;
        run.groups[start + 1..=end].iter().all(tight) && (start == end || !is_usual(run, start, end))
    }

    /// Whether a group is written to the one before it: the second part of "12-3456789".
    fn is_joined(&self, run: &Run, group: usize) -> bool {
        let before = self.stream.tokens[run.groups[group].first].before;
        group > 0 && before & gap::SPACE == 0 && before & gap::DASH != 0
    }

    /// The kind of number that the nearest phrase before a token asks for.
    fn asked(&self, token: usize) -> Option<RedactKind> {
        let clues = clues_before(&self.stream, token);
        clues.iter().find_map(|clue| if clue.cue == Cue::Card { Some(RedactKind::Card) } else { clue.cue.kind() })
    }

    /// Social security and telephone numbers as they are written. Says whether it was one.
    fn written(&mut self, run: &Run) -> bool {
        let stream = &self.stream;
        if run.letters() > 0 || !(7..=15).contains(&run.digits.len()) || run.groups.len() > 6 {
            return false;
        }
        let groups = &run.groups;
        let piece = stream.tokens[run.first()].piece;
        let is_written = groups.iter().all(|group| {
            stream.tokens[group.first].shape == Shape::Number && stream.tokens[group.first].piece == piece
        });
        let counts: Vec<usize> = groups.iter().map(|group| group.count).collect();
        if !is_written || quantity::is_quantity(stream, run, 0, groups.len() - 1) {
            return false;
        }
        let hits = self.hits.len();
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
        self.hits.len() > hits
    }
}

/// Whether a word of letters and digits holds a card number: "card4111111111111111".
fn holds_card(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).filter(|part| (14..=16).contains(&part.len())).any(|part| {
        let digits: Vec<u8> = part.bytes().map(|b| b - b'0').collect();
        checks::is_network(&digits) && checks::luhn(&digits)
    })
}

/// Whether a group begins where a stretch of speech or a part of a sentence does; the one after the last group does.
fn begins(stream: &Stream<'_>, run: &Run, group: usize) -> bool {
    let first = |group: usize| run.groups.get(group).map(|group| stream.tokens[group.first]);
    let (Some(before), Some(token)) = (group.checked_sub(1).and_then(first), first(group)) else { return true };
    before.piece != token.piece || token.before & (gap::COMMA | gap::DOT | gap::SENTENCE) != 0
}

/// Whether groups are as cards print them: four by four, 4-6-5, 4-6-4, or all in one.
fn is_usual(run: &Run, start: usize, end: usize) -> bool {
    let counts: Vec<usize> = run.groups[start..=end].iter().map(|group| group.count).collect();
    matches!(counts.as_slice(), [4, 4, 4, 4] | [4, 6, 4 | 5] | [14..=16])
}
