//! Numbers as they are written or spoken, digit by digit, also over several stretches of speech.

use super::lexicon::{BACK, Cue, DIGIT, FILLER, HUNDRED, OH, TEEN, TENS, TIMES};
use super::tokens::{Shape, Stream, gap};
use std::ops::RangeInclusive;

/// Fillers that may stand between two parts of a number.
const FILLERS: usize = 3;
/// Letters that may stand between two parts of a number.
const LETTERS: usize = 4;
/// Words of a stretch of speech that a listener says while a number is dictated.
const LISTENER_WORDS: usize = 10;
/// Words that may lead to the next part of a number in a new stretch of speech.
const LEAD_WORDS: usize = 6;
/// Stretches of speech that may stand between two parts of a number.
const BETWEEN: usize = 4;
/// Stretches of speech that one number is read over at most.
const MOST_PIECES: u32 = 24;
/// Digits after which a number does not go on in a new stretch of speech.
const MOST_DIGITS: usize = 64;
/// Most digits of a listener's echo.
const ECHO_DIGITS: usize = 20;
/// Fewest digits of a word that mixes letters and digits and is part of a number.
const CODE_DIGITS: usize = 3;
/// Digits that no quantity has.
const LONG_DIGITS: usize = 13;
/// Most characters of such a word.
const CODE_LENGTH: usize = 34;

/// The smallest part of a number that stands together: "4111", "forty two", "double four".
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    /// First token.
    pub(super) first: usize,
    /// Last token.
    pub(super) last: usize,
    /// Where its digits begin in [`Run::digits`].
    pub(super) at: usize,
    /// How many digits it has.
    pub(super) count: usize,
    /// How many letters it has.
    pub(super) letters: usize,
}

/// A number as far as it goes.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// Its parts in order.
    pub(super) groups: Vec<Group>,
    /// All digits, 0 to 9 each.
    pub(super) digits: Vec<u8>,
    /// Tokens of a listener who said some digits after the speaker.
    pub(super) echoes: Vec<RangeInclusive<usize>>,
}

impl Run {
    /// Letters of all parts.
    pub(super) fn letters(&self) -> usize {
        self.groups.iter().map(|group| group.letters).sum()
    }

    /// The parts that stand in one stretch of speech each.
    pub(super) fn parts(&self, stream: &Stream<'_>) -> Vec<Self> {
        let piece = |group: &Group| stream.tokens[group.first].piece;
        self.cut(|a, b| piece(a) == piece(b))
    }

    /// The parts between commas and sentences.
    pub(super) fn listed(&self, stream: &Stream<'_>) -> Vec<Self> {
        self.cut(|_, b| stream.tokens[b.first].before & (gap::COMMA | gap::SENTENCE) == 0)
    }

    fn cut(&self, together: impl Fn(&Group, &Group) -> bool) -> Vec<Self> {
        let part = |groups: &[Group]| {
            let (from, last) = (groups[0].at, groups[groups.len() - 1]);
            Self {
                groups: groups.iter().map(|group| Group { at: group.at - from, ..*group }).collect(),
                digits: self.digits[from..last.at + last.count].to_vec(),
                echoes: Vec::new(),
            }
        };
        self.groups.chunk_by(together).map(part).collect()
    }

    /// First token.
    pub(super) fn first(&self) -> usize {
        self.groups.first().map_or(0, |group| group.first)
    }

    /// Last token.
    pub(super) fn last(&self) -> usize {
        self.groups.last().map_or(0, |group| group.last)
    }
}

/// The number that begins at a token, if one does.
pub(super) fn run_at(stream: &Stream<'_>, at: usize) -> Option<Run> {
    let mut run = Run::default();
    let mut next = Some(at);
    let piece = stream.tokens[at].piece;
    while let Some(at) = next.filter(|&at| stream.tokens[at].piece - piece < MOST_PIECES) {
        let first = run.groups.is_empty();
        let Some(last) = push_atom(stream, at, first, &mut run) else { break };
        // The second half of "12/26" or "2:30" goes with nothing after it.
        if first && is_second_half(stream, at) {
            break;
        }
        next = next_part(stream, last, &mut run);
    }
    (!run.groups.is_empty()).then_some(run)
}

/// Whether a number is written to one before it, as the minutes to the hours.
pub(super) fn is_second_half(stream: &Stream<'_>, at: usize) -> bool {
    let before = stream.tokens[at].before;
    (before == gap::COLON || before == gap::SLASH)
        && stream.previous(at).is_some_and(|previous| {
            let previous = &stream.tokens[previous];
            previous.shape == Shape::Number && previous.taken.is_none()
        })
}

/// Adds the number that stands at a token, and says where it ends.
fn push_atom(stream: &Stream<'_>, at: usize, first: bool, run: &mut Run) -> Option<usize> {
    let token = stream.tokens.get(at)?;
    // "The last four" is no four.
    if token.taken.is_some() || token.cue != Cue::None {
        return None;
    }
    let begin = run.digits.len();
    let mut letters = 0;
    let last = match token.shape {
        Shape::Number => {
            run.digits.extend(stream.text(at).bytes().map(|b| b - b'0'));
            at
        }
        Shape::Code => {
            letters = code_letters(stream.text(at))?;
            run.digits.extend(stream.text(at).bytes().filter(u8::is_ascii_digit).map(|b| b - b'0'));
            at
        }
        Shape::Word | Shape::Letter => spoken(stream, at, first, &mut run.digits)?,
        Shape::Placeholder => return None,
    };
    run.groups.push(Group { first: at, last, at: begin, count: run.digits.len() - begin, letters });
    Some(last)
}

/// How many letters a word has that mixes letters and digits and can be part of a number: not "3rd", "5k" or "A4".
fn code_letters(text: &str) -> Option<usize> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let fits = text.is_ascii() && text.len() <= CODE_LENGTH && digits >= CODE_DIGITS;
    // What ends in a unit or an ordinal is a quantity.
    let letters_at_end = text.bytes().rev().take_while(u8::is_ascii_alphabetic).count();
    let is_quantity = digits + letters_at_end == text.len()
        && digits < LONG_DIGITS
        && ["k", "m", "am", "pm", "th", "st", "nd", "rd", "s", "gb", "mb", "kg", "km", "x"]
            .contains(&text[text.len() - letters_at_end.min(text.len())..].to_ascii_lowercase().as_str());
    (fits && !is_quantity).then(|| text.len() - digits)
}

/// Adds the digits of a spoken number, and says where it ends.
fn spoken(stream: &Stream<'_>, at: usize, first: bool, digits: &mut Vec<u8>) -> Option<usize> {
    let word = stream.tokens[at].word;
    let next = |at: usize| stream.next(at).filter(|&next| is_tight(stream, next));
    if word.is(DIGIT) {
        if let Some(hundred) = next(at).filter(|&next| stream.tokens[next].word.is(HUNDRED)) {
            return Some(hundreds(stream, hundred, word.value, digits));
        }
        digits.push(word.value);
        return Some(at);
    }
    if word.is(OH) {
        // "Oh, one more thing" begins no number.
        let beside = |next: usize| {
            let joined = gap::joins(stream.tokens[next].before) && stream.tokens[next].before & gap::COMMA == 0;
            joined && (stream.tokens[next].word.is(DIGIT | OH | TIMES) || stream.tokens[next].shape == Shape::Number)
        };
        if first && !stream.next(at).is_some_and(beside) {
            return None;
        }
        digits.push(0);
        return Some(at);
    }
    if word.is(TEEN) {
        digits.extend([1, word.value % 10]);
        return Some(at);
    }
    if word.is(TENS) {
        let unit = next(at).filter(|&next| stream.tokens[next].word.is(DIGIT) && stream.tokens[next].word.value > 0);
        digits.extend([word.value / 10, unit.map_or(0, |unit| stream.tokens[unit].word.value)]);
        return Some(unit.unwrap_or(at));
    }
    if word.is(TIMES) {
        let next = next(at)?;
        let digit = match stream.tokens[next].shape {
            Shape::Number if stream.text(next).len() == 1 => stream.text(next).as_bytes()[0] - b'0',
            Shape::Word | Shape::Letter if stream.tokens[next].word.is(DIGIT | OH) => stream.tokens[next].word.value,
            _ => return None,
        };
        digits.extend((0..word.value).map(|_| digit));
        return Some(next);
    }
    None
}

/// "four hundred", "four hundred and twelve"; but "eight hundred five five five" is 800 and more digits.
fn hundreds(stream: &Stream<'_>, hundred: usize, value: u8, digits: &mut Vec<u8>) -> usize {
    let tight = |at: usize| stream.next(at).filter(|&next| is_tight(stream, next));
    let and = tight(hundred).filter(|&next| stream.text(next).eq_ignore_ascii_case("and"));
    let rest = tight(and.unwrap_or(hundred)).filter(|&rest| stream.tokens[rest].word.is(DIGIT | TEEN | TENS));
    let mut below = Vec::new();
    let end = rest.and_then(|rest| spoken(stream, rest, false, &mut below));
    let goes_on = end.and_then(tight).is_some_and(|next| stream.tokens[next].word.is(DIGIT | OH | TIMES));
    digits.push(value);
    match end {
        Some(end) if below.len() <= 2 && (and.is_some() || !goes_on) => {
            digits.extend(std::iter::repeat_n(0, 2 - below.len()));
            digits.extend(below);
            end
        }
        _ => {
            digits.extend([0, 0]);
            hundred
        }
    }
}

fn is_tight(stream: &Stream<'_>, token: usize) -> bool {
    stream.tokens[token].before & !(gap::SPACE | gap::DASH) == 0 && stream.tokens[token].taken.is_none()
}

/// The token at which a number may go on after `last`: in the same stretch of speech or in a later one.
/// Letters and echoes between are noted in the run; they are taken back if nothing follows.
fn next_part(stream: &Stream<'_>, last: usize, run: &mut Run) -> Option<usize> {
    let mut at = last;
    let (mut fillers, mut letters) = (0, Vec::new());
    loop {
        let Some(next) = stream.next(at) else {
            let piece = stream.tokens[last].piece as usize;
            return if letters.is_empty() { next_piece(stream, piece, run) } else { None };
        };
        let token = &stream.tokens[next];
        if token.taken.is_some() || !gap::joins(token.before) {
            return None;
        }
        let mut probe = Run::default();
        if push_atom(stream, next, false, &mut probe).is_some() {
            let end = run.digits.len();
            run.groups.extend(letters.iter().map(|&at| Group { first: at, last: at, at: end, count: 0, letters: 1 }));
            return Some(next);
        }
        if token.word.is(FILLER) && fillers < FILLERS {
            fillers += 1;
        } else if token.shape == Shape::Letter && letters.len() < LETTERS && is_code_letter(stream.text(next)) {
            letters.push(next);
        } else {
            return None;
        }
        at = next;
    }
}

/// Whether a letter alone can be part of a number, which the words "a" and "I" are not.
fn is_code_letter(text: &str) -> bool {
    text.is_ascii() && !matches!(text, "a" | "I" | "i")
}

/// Where a number that was broken off at the end of a piece goes on.
fn next_piece(stream: &Stream<'_>, piece: usize, run: &mut Run) -> Option<usize> {
    let speaker = stream.pieces[piece].speaker;
    if run.digits.len() > MOST_DIGITS {
        return None;
    }
    if stream.pieces[piece].tail & (gap::PERCENT | gap::MONEY | gap::QUESTION) != 0 {
        return None;
    }
    let mut echoes = Vec::new();
    for piece in (piece + 1..stream.pieces.len()).take(BETWEEN) {
        let range = stream.range(piece);
        if stream.pieces[piece].speaker == speaker {
            let Some(lead) = range.clone().take(LEAD_WORDS + 1).find(|&at| !leads(stream, at)) else {
                if range.len() > LEAD_WORDS {
                    return None;
                }
                continue;
            };
            let mut probe = Run::default();
            if push_atom(stream, lead, false, &mut probe).is_some() {
                let joins = lead == range.start || gap::joins(stream.tokens[lead].before);
                let money = stream.tokens[lead].before & (gap::MONEY | gap::PLUS) != 0;
                if !joins || money {
                    return None;
                }
                run.echoes.append(&mut echoes);
                return Some(lead);
            }
            return None;
        }
        if range.len() > LISTENER_WORDS + ECHO_DIGITS {
            return None;
        }
        let said = listener(stream, range)?;
        if let Some((tokens, digits)) = said {
            if !run.digits.ends_with(&digits) {
                return None;
            }
            echoes.push(tokens);
        }
    }
    None
}

fn leads(stream: &Stream<'_>, at: usize) -> bool {
    let token = &stream.tokens[at];
    token.taken.is_none() && token.word.is(BACK | FILLER) && !token.word.is(DIGIT | OH)
}

/// What a listener says: nothing but "mm-hm" and the like, with the digits just heard at most. `None` if it is anything else.
#[expect(
    clippy::option_option,
    reason = "no listener, a listener without digits, and one with digits are three things"
)]
fn listener(stream: &Stream<'_>, range: std::ops::Range<usize>) -> Option<Option<(RangeInclusive<usize>, Vec<u8>)>> {
    let mut said = Run::default();
    let mut words = 0;
    let mut at = range.start;
    while at < range.end {
        if leads(stream, at) {
            words += 1;
            at += 1;
        } else {
            let first = said.groups.is_empty();
            at = push_atom(stream, at, first, &mut said)? + 1;
        }
        if words > LISTENER_WORDS || said.digits.len() > ECHO_DIGITS {
            return None;
        }
    }
    Some((!said.groups.is_empty()).then(|| (said.first()..=said.last(), said.digits)))
}

/// Whether a stretch of speech says nothing but that somebody listens.
pub(super) fn is_backchannel(stream: &Stream<'_>, piece: usize) -> bool {
    let range = stream.range(piece);
    range.len() <= LISTENER_WORDS && range.into_iter().all(|at| leads(stream, at))
}
